"""How the compiled loops are built."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

BUILD = Path(__file__).parents[2] / "hatch_build.py"


@pytest.mark.parametrize(
    ("named", "expected"),
    [("gcc -m64", ["gcc", "-m64"]), ("./bin/cc -m64", ["{here}/bin/cc", "-m64"])],
)
def test_a_compiler_is_named_from_where_it_was_called(
    named: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CC", named)
    command = runpy.run_path(str(BUILD))["compiler"]()
    assert command == [word.format(here=tmp_path) for word in expected]
