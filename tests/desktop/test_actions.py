"""The one declaration of what file managers offer."""

from __future__ import annotations

from mattekit.formats import format_of
from mattekit.options import Options
from mattekit_desktop.actions import ACTIONS, MEDIA_TYPES, SUFFIXES, command


def test_actions_are_ones_that_mattekit_can_do() -> None:
    assert len({action.name for action in ACTIONS}) == len(ACTIONS)
    for action in ACTIONS:
        Options.parse({**action.options, "format": format_of(f"a{action.suffix}")})
    assert "image/jpeg" in MEDIA_TYPES
    assert ".tif" in SUFFIXES


def test_what_is_run_names_the_action() -> None:
    for action in ACTIONS:
        assert command("/a/python", action)[-3:] == ["-m", "mattekit_desktop", action.name]
