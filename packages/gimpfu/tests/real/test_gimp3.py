"""gimpfu on GIMP 3: its whole API, and GIMP 2.10's own plug-ins, unchanged to the first line."""

from __future__ import annotations

import pytest
from realkit import stock
from realkit.gimp2 import PLUGINS
from realkit.gimp3 import checks_in, equipped3

pytestmark = pytest.mark.install

API = PLUGINS / "api_checks.py"
STOCK = PLUGINS / "stock_checks.py"
HABITS = PLUGINS / "habit_checks.py"
COVERAGE = PLUGINS / "coverage_checks.py"
NAMES = ("foggify", "clothify", "shadow_bevel", "histogram-export", "palette-offset")
NAMES += ("palette-to-gradient", "palette-sort", "gradients-save-as-css", "whirlpinch")
NAMES += ("py-slice", "colorxhtml")


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return equipped3(tmp_path_factory.mktemp("api3")).answers(API)


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    gimp = equipped3(tmp_path_factory.mktemp("stock3"))
    for name in NAMES:
        # Some of them are in GIMP 3 too; a profile's plug-in wins over GIMP's of the same name.
        gimp.add(stock.folder() / f"{name}.py")
    return gimp.answers(STOCK)


@pytest.fixture(scope="session")
def habits(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    gimp = equipped3(tmp_path_factory.mktemp("habits3"))
    for name in ("habits", "as_class"):
        gimp.add(PLUGINS / f"{name}.py")
    return gimp.answers(HABITS)


@pytest.fixture(scope="session")
def coverage(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return equipped3(tmp_path_factory.mktemp("coverage3")).answers(COVERAGE)


@pytest.mark.parametrize("check", checks_in(API))
def test_api(api: dict[str, str], check: str) -> None:
    assert api[check] == "ok", api[check]


@pytest.mark.parametrize("check", checks_in(STOCK))
def test_stock_plug_in(stocked: dict[str, str], check: str) -> None:
    assert stocked[check] == "ok", stocked[check]


@pytest.mark.parametrize("check", checks_in(HABITS))
def test_habit(habits: dict[str, str], check: str) -> None:
    assert habits[check] == "ok", habits[check]


@pytest.mark.parametrize("check", checks_in(COVERAGE))
def test_procedures(coverage: dict[str, str], check: str) -> None:
    assert coverage[check] == "ok", coverage[check]
