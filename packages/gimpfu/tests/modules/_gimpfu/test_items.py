"""Layers, channels, paths as objects."""

from __future__ import annotations

import pickle
from typing import Any

from front import layer


def test_identity(loaded: Any) -> None:
    one = layer(loaded)
    again = loaded.gimp._id2drawable(one.ID)
    assert one == again
    assert len({one, again}) == 1
    assert one != loaded.gimp.Image(1, 1)
    assert pickle.loads(pickle.dumps(one)) == one
    assert one.mask is None
    one.name = "other"
    assert repr(one) == "<gimp.Layer 'other'>"
