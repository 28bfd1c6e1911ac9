"""The one declaration of what file managers offer."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mattekit.formats import format_of
from mattekit.options import Options
from mattekit_desktop.actions import ACTIONS, MEDIA_TYPES, SUFFIXES, command


def test_actions_are_ones_that_mattekit_can_do() -> None:
    assert len({action.name for action in ACTIONS}) == len(ACTIONS)
    for action in ACTIONS:
        Options.parse({**action.options, "format": format_of(f"a{action.suffix}")})
    assert "image/jpeg" in MEDIA_TYPES
    assert ".tif" in SUFFIXES


def test_no_console_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python.exe"
    tail = ["-m", "mattekit_desktop", ACTIONS[0].name]
    assert command(str(python), ACTIONS[0]) == [str(python), *tail]
    monkeypatch.setattr(sys, "platform", "win32")
    assert command(str(python), ACTIONS[0]) == [str(python), *tail]
    (tmp_path / "pythonw.exe").touch()
    assert command(str(python), ACTIONS[0]) == [str(tmp_path / "pythonw.exe"), *tail]
