"""Procedures are called with objects, and answer with objects."""

from __future__ import annotations

from typing import Any

from front import registered


def test_what_a_failing_plug_in_leaves_open_is_closed(loaded: Any) -> None:
    calls = []
    table = loaded.fake._procedures
    for verb in ("start", "end"):
        name = f"gimp-image-undo-group-{verb}"
        table[name] = ([("IMAGE", "image")], [], lambda _, i, verb=verb: calls.append((verb, i)))

    def function() -> None:
        image = loaded.gimp.Image(1, 1)
        image.undo_group_start()
        image.undo_group_start()
        image.undo_group_end()
        raise ValueError(image.ID)

    registered(loaded, "f", [], [], function)
    outcome = loaded.fake.run("python-fu-f", 1)
    number = int(outcome.message.split()[1])
    assert [verb for verb, i in calls if i == number] == ["start", "start", "end", "end"]
