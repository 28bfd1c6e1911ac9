"""What `from gimpfu import *` brings."""

from __future__ import annotations

from typing import Any


def test_star(loaded: Any) -> None:
    space: dict[str, Any] = {}
    exec("from gimpfu import *", space)
    wanted = "gimp pdb gimpcolor gettext math register main fail error CancelError N_ RGB PF_INT"
    assert set(wanted.split()) <= set(space)
    assert "_" not in space
    assert not {"Any", "Dict", "Type", "backend", "annotations"} & set(space)


def test_marked_texts_stay_as_they_are(loaded: Any) -> None:
    assert loaded.gimpfu.N_("Blur") == "Blur"
    assert loaded.gimpfu._("no such text") == "no such text"
