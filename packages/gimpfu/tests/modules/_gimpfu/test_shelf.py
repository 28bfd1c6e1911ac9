"""What a plug-in keeps for its next run."""

from __future__ import annotations

from typing import Any

import pytest

from front import layer


def test_what_was_kept_comes_back(loaded: Any) -> None:
    one = layer(loaded)
    shelf = loaded.gimpshelf.shelf
    shelf["k"] = [one, loaded.gimpcolor.RGB(1, 2, 3)]
    assert shelf["k"] == [one, loaded.gimpcolor.RGB(1, 2, 3)]
    del shelf["k"]
    assert "k" not in shelf
    with pytest.raises(KeyError):
        shelf["k"]
