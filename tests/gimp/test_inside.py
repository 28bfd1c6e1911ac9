"""What runs inside GIMP, without one: forms, rectangles, pixels, the worker's versions."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mattekit_gimp
from mattekit.options import OPTIONS
from mattekit_bridge import Picture
from mattekit_gimp.plugin import forms, pixels
from mattekit_gimp.plugin.forms import Form
from mattekit_hosts.declarations import declaration

INSIDE = Path(mattekit_gimp.__file__).parent / "plugin"
DECLARED = [declaration(option) for option in OPTIONS.values()]
IN_GIMP = {"gimp", "gimpfu", "gimpenums", "mattekit_bridge", "mattekit_gimp"}


def test_nothing_but_the_standard_library_and_an_old_python():
    for path in INSIDE.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 8))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                top = name.partition(".")[0]
                assert top in IN_GIMP or top in sys.stdlib_module_names, (path, name)
                assert top != "mattekit_gimp" or name.startswith("mattekit_gimp.plugin"), path


# -- forms -------------------------------------------------------------------------------------


def test_every_option_can_be_asked_for_and_means_its_default():
    form = Form(DECLARED)
    given_back = form.values([parameter[3] for parameter in form.parameters()])
    for name, option in OPTIONS.items():
        if option.default_text:
            assert option.parse(given_back[name]) == option.default, name


def test_parameters_are_what_gimpfu_takes():
    form = Form.of(DECLARED, ["type", "refine", "specks", "semitransparency", "quality", "model"])
    kind, refine, specks, toggle, quality, model = form.parameters()
    assert kind[:4] == (1013, "type", "Kind of subject:", 0)
    assert kind[4][:2] == ("Auto", "Person")
    assert refine[:2] == (1008, "refine")
    assert refine[3:] == (
        "balanced", (("Fast", "fast"), ("Balanced", "balanced"), ("Best", "best")),
    )  # fmt: skip
    assert specks == (1001, "specks", "Remove specks (%):", 0.0, (0, 100, 0.1))
    assert toggle == (1000, "semitransparency", "Semi-transparency", True)
    assert quality == (1002, "quality", "Quality:", 90, (1, 100, 1))
    assert model == (4, "model", "Model:", "auto")


def test_values_are_what_the_worker_takes():
    form = Form.of(DECLARED, ["type", "refine", "specks", "semitransparency", "model"])
    values = form.values([1, "best", 2.5, 0, ""])
    assert values == {
        "type": "person", "refine": "best", "specks": "2.5%", "semitransparency": "false",
        "model": "auto",
    }  # fmt: skip


def test_a_number_that_stands_for_nothing():
    with pytest.raises(ValueError, match=r"Kind of subject 8: expected one of 0 auto, 1 person"):
        Form.of(DECLARED, ["type"]).values([8])


def test_words_of_an_option():
    assert forms.words(DECLARED[0])[:2] == ["auto", "person"]


# -- pixels ------------------------------------------------------------------------------------


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
