"""Pixels between GIMP and the worker."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattekit_bridge import Picture
from mattekit_gimp.plugin import pixels


class Drawable:
    """A drawable that is an array in native byte order."""

    def __init__(self, stored, array, *, gray=False, indexed=False, alpha=False):
        self.pixel_format, self.array = stored, array
        self.height, self.width = array.shape[:2]
        self.is_gray, self.is_indexed, self.has_alpha = gray, indexed, alpha
        self.formats = []

    def get_rect(self, x, y, width, height, format):
        self.formats.append(format)
        return self.array[y : y + height, x : x + width].tobytes()

    def set_rect(self, x, y, width, height, data, format):
        self.formats.append(format)
        part = self.array[y : y + height, x : x + width]
        part[...] = np.frombuffer(data, part.dtype).reshape(part.shape)


@pytest.mark.parametrize(
    ("stored", "gray", "indexed", "alpha", "wanted", "deep"),
    [
        ("R'G'B' u8", False, False, False, "R'G'B' u8", False),
        ("R'G'B' u8-space-0.9642,1.0000", False, False, False, "R'G'B' u8", False),
        ("R~G~B~A u8", False, False, True, "R~G~B~A u8", False),
        ("RGB u8", False, False, False, "R~G~B~ u16", True),
        ("RGBA float", False, False, True, "R~G~B~A u16", True),
        ("R'G'B' half", False, False, False, "R'G'B' u16", True),
        ("Y' u8", True, False, False, "Y' u8", False),
        ("YA u16", True, False, True, "Y~A u16", True),
        ("babl-indexed-00017", False, True, True, "R'G'B'A u8", False),
    ],
)
def test_layers_are_read_as_files_would_hold_them(stored, gray, indexed, alpha, wanted, deep):
    channels = (1 if gray else 3) + alpha
    array = np.random.default_rng(1).integers(0, 60000, (5, 4, channels))
    array = array.astype(np.uint16 if deep else np.uint8)
    layer = Drawable(stored, array, gray=gray, indexed=indexed, alpha=alpha)
    picture = pixels.read(layer)
    assert layer.formats == [wanted]
    assert picture[:4] == (4, 5, channels, 65535 if deep else 255)
    assert picture.samples == array.astype(">u2" if deep else "u1").tobytes()


@pytest.mark.parametrize("deep", [False, True])
@given(x=st.integers(-8, 12), y=st.integers(-8, 12))
def test_alpha_lands_where_the_layer_lies(deep, x, y):
    dtype = np.uint16 if deep else np.uint8
    alpha = np.arange(1, 31, dtype=dtype).reshape(5, 6) * (2000 if deep else 8)
    big = np.dtype(dtype).newbyteorder(">")
    picture = Picture(6, 5, 1, 65535 if deep else 255, alpha.astype(big).tobytes())
    canvas = Drawable("Y u16", np.zeros((9, 7), dtype))
    pixels.write_alpha(canvas, picture, x, y)
    expected = np.zeros((40, 40), dtype)
    expected[16 + y : 21 + y, 16 + x : 22 + x] = alpha
    assert (canvas.array == expected[16:25, 16:23]).all()
    assert set(canvas.formats) <= {"Y u16" if deep else "Y u8"}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_layers_own_alpha_does_not_count_twice(dtype):
    top = np.iinfo(dtype).max
    rng = np.random.default_rng(2)
    own = rng.integers(0, top + 1, (20, 30)).astype(dtype)
    own[:8], own[8:12] = top, 0
    subject = rng.integers(0, top + 1, own.shape).astype(dtype)
    product = ((own.astype(np.uint64) * subject + top // 2) // top).astype(dtype)
    sent = np.stack([own] * 4, -1)
    big = np.dtype(dtype).newbyteorder(">")
    result = pixels.divided(
        Picture(30, 20, 1, top, product.astype(big).tobytes()),
        Picture(30, 20, 4, top, sent.astype(big).tobytes()),
    )
    back = np.frombuffer(result.samples, big).reshape(own.shape).astype(int)
    seen = (back * own.astype(np.int64) + top // 2) // top
    assert (back[:8] == subject[:8]).all()
    assert np.abs(seen - product).max() <= 1
