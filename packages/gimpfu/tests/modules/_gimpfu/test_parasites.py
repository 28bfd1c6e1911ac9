"""Data attached to images and items."""

from __future__ import annotations

from typing import Any

import pytest


def test_what_a_parasite_says_of_itself(loaded: Any) -> None:
    one = loaded.gimp.Parasite("name", 3, "dätä")
    assert (one.name, one.flags, one.data) == ("name", 3, b"d\xe4t\xe4")
    assert one.is_persistent
    assert one.is_undoable
    assert one.has_flag(2)
    assert not one.has_flag(4)
    assert one.is_type("name")
    assert repr(one) == "<gimp.Parasite name>"
    assert one.copy() == one
    assert len({one, one.copy()}) == 1
    assert one != loaded.gimp.Parasite("name", 0, b"")
    assert one != "name"


@pytest.fixture
def holder(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Something that has parasites, and a GIMP that keeps them."""
    from _gimpfu import calls, parasites

    kept: dict[str, Any] = {}

    def call(name: str, holder: Any, *rest: Any) -> Any:
        verb = name.removeprefix("gimp-thing-")
        if verb == "get-parasite":
            if rest[0] not in kept:
                raise loaded.gimp.error("no such parasite")
            return kept[rest[0]]
        if verb == "get-parasite-list":
            return len(kept), tuple(kept)
        if verb == "attach-parasite":
            kept[rest[0].name] = rest[0]
        elif verb == "detach-parasite":
            del kept[rest[0]]
        return None

    class Thing(parasites.HasParasites):
        _parasites = "gimp-thing"

    monkeypatch.setattr(calls, "call", call)
    return Thing()


def test_they_come_and_go(loaded: Any, holder: Any) -> None:
    assert holder.parasite_find("p") is None
    holder.attach_new_parasite("p", 1, "data")
    assert holder.parasite_find("p") == loaded.gimp.Parasite("p", 1, b"data")
    assert holder.parasite_list() == ["p"]
    holder.parasite_detach("p")
    assert holder.parasite_list() == []
