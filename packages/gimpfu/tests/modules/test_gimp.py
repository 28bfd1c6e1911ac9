"""The module gimp."""

from __future__ import annotations

from typing import Any

import pytest

from front import layer


def test_what_a_backend_refuses_is_an_error_that_plug_ins_catch(loaded: Any) -> None:
    with pytest.raises(loaded.gimp.error, match=r"^no such thing$"):
        loaded.gimp.register_save_handler("file-nothing", "x", "")


def test_progress_and_messages_reach_gimp(loaded: Any) -> None:
    gimp = loaded.gimp
    gimp.progress_init("Working")
    gimp.progress_update(0.5)
    gimp.message(5)
    gimp.displays_flush()
    assert loaded.fake.shown == ["Working", 0.5, "5", "flush"]


def test_data_lies_in_gimp(loaded: Any) -> None:
    gimp = loaded.gimp
    gimp.set_data("key", "é")
    assert gimp.get_data("key") == b"\xe9"
    with pytest.raises(gimp.error):
        gimp.get_data("other")


def test_numbers_become_objects(loaded: Any) -> None:
    made = layer(loaded)
    assert loaded.gimp._id2drawable(made.ID) == made
    assert loaded.gimp._id2image(1) == loaded.gimp.Image.of(1)
    assert loaded.gimp._id2drawable(-1) is None
