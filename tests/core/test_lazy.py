"""Packages whose names are imported when they are first used."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

LAZY = (
    *("mattekit", "mattekit_batch", "mattekit_client", "mattekit_imageio", "mattekit_server"),
    "mattekit_bridge",  # by itself: it stands alone
)


@pytest.mark.parametrize("package", LAZY)
def test_every_name_is_there_and_dir_lists_it(package: str) -> None:
    pytest.importorskip("av")
    module = importlib.import_module(package)
    for name in module.__all__:
        assert getattr(module, name) is not None
    assert set(module.__all__) <= set(dir(module))


@pytest.mark.parametrize("package", LAZY)
def test_other_names_are_not(package: str) -> None:
    module = importlib.import_module(package)
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        _ = module.nothing


@pytest.mark.parametrize("package", LAZY[1:])
def test_importing_it_imports_nothing_of_it(package: str) -> None:
    code = (
        f"import sys, {package}\n"
        f"print(*[name for name in sys.modules if name.startswith('{package}.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_name_is_looked_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "lazy_example"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from mattekit.lazy import lazy_names\n"
        "__all__ = ['value']\n"
        "__getattr__, __dir__ = lazy_names(__name__, {'value': 'home'})\n"
    )
    (package / "home.py").write_text("value = object()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    example = importlib.import_module("lazy_example")
    assert "lazy_example.home" not in sys.modules
    assert dir(example) == ["value"]
    first = example.value
    assert vars(example)["value"] is first
    for name in ("lazy_example", "lazy_example.home"):
        monkeypatch.delitem(sys.modules, name)
