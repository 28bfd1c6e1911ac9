"""The whole API, tried by a plug-in inside the real GIMP 2.10."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from realkit.gimp2 import PLUGINS, equipped

SOURCE = PLUGINS / "api_checks.py"
CHECKS = [
    node.name
    for node in ast.parse(SOURCE.read_text("utf-8")).body
    if isinstance(node, ast.FunctionDef) and node.name.startswith("check_")
]


@pytest.fixture(scope="session")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("api")
    gimp = equipped(home)
    gimp.add(SOURCE)
    path = home / "answers"
    said = gimp.run(f'(python-fu-api-checks 1 "{path}")')
    assert path.exists(), said
    found: dict[str, str] = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("check_"):
            name, _, rest = line.partition(" ")
            found[name] = rest
        else:
            found[name] += "\n" + line
    return found


@pytest.mark.install
@pytest.mark.parametrize("check", CHECKS)
def test_in_gimp_2(answers: dict[str, str], check: str) -> None:
    assert answers[check] == "ok", answers[check]


def test_there_are_checks() -> None:
    assert len(CHECKS) > 30
    assert Path(SOURCE).read_text().startswith("#!/usr/bin/env python3")
