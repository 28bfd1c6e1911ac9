"""Parts of the ground's color inside flat graphics: each is kept or opened, and kept whole."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import mattekit
from mattekit.codecs import decode
from mattekit.imaging.labels import label
from mattekit.matting import Matte, color_key, foreground
from mattekit.matting.enclosed import enclosed_ground
from support.graphics import GRAPHICS, Sheet, fonts
from support.tiers import tiered

MAGENTA = (255, 0, 255)
#: Inks so pale that the first tenths of their edges are within what one color may vary.
PALE = {"pale_ink"}
GROUNDS = [
    {},
    {"ground": (235, 225, 200)},
    {"ground": (30, 40, 70)},
    {"ground": (250, 250, 250), "grade": 4},
]


#: Signs, faces, flags, buttons, line art, rings and lettering: what decides differs from one to the
#: next. The others are drawn like these, and tested in the slow tier.
USUAL = {
    *("prohibition", "smiley", "snowman", "flag", "badge_to_the_edge", "envelope", "chain"),
    *("headline", "pale_ink"),
}
#: With noise of JPEG: a face, a flag, line art and lettering.
USUAL_JPEG = {"smiley", "flag_with_disc", "snowman", "letter_o"}


def alpha_of(source, **options):
    photo = decode(source)
    box = photo.size.box
    nothing = np.zeros((8, 8), np.float32)
    alpha = color_key(photo, Matte(nothing, box, box, np.zeros((8, 8, 3), np.uint8)), **options)
    assert alpha is not None, "not taken for a flat graphic"
    return photo, alpha


def wrong_parts(graphic, alpha):
    """Return the areas of the enclosed parts that are not what they should be."""
    ground = np.abs(graphic.image - graphic.ground).max(-1) <= 5
    labels, count = label(ground)
    area = np.bincount(labels.ravel(), minlength=count + 1)
    means = [
        np.bincount(labels.ravel(), plane.ravel(), count + 1) / np.maximum(area, 1)
        for plane in (graphic.alpha, alpha)
    ]
    wrong = (np.abs(means[0] - means[1]) > 0.5) & (area >= 4)
    return area[1:][wrong[1:]].tolist()


@pytest.mark.parametrize("name", ["snowman", "smiley", "letter_o"])
def test_on_a_vivid_ground_its_color_inside_is_the_ground(drawn, name):
    """A bottle of one ink on orange: nobody's label is of that orange."""
    graphic = drawn(name, ground=(245, 128, 51))
    _, alpha = alpha_of(Image.fromarray(graphic.image))
    labels, count = label((graphic.image == np.array([245, 128, 51], np.uint8)).all(-1))
    area = np.bincount(labels.ravel(), minlength=count + 1)
    mean = np.bincount(labels.ravel(), alpha.ravel(), count + 1) / np.maximum(area, 1)
    assert (area[1:] >= 4).sum() > 1
    assert (mean[1:][area[1:] >= 4] < 0.05).all()


@pytest.fixture(scope="module")
def drawn():
    cache = {}

    def get(name, **values):
        key = (name, *sorted(values.items()))
        if key not in cache:
            cache[key] = GRAPHICS[name](**values)
        return cache[key]

    return get


def test_there_are_enough_of_them():
    assert len(GRAPHICS) >= 50


@pytest.mark.parametrize("name", tiered(GRAPHICS, USUAL))
def test_a_graphic_is_exact(name, drawn):
    graphic = drawn(name)
    photo, alpha = alpha_of(graphic.image)
    assert wrong_parts(graphic, alpha) == []
    assert (alpha[graphic.solid] == 1).all(), "nibbled"
    assert np.abs(alpha - graphic.alpha).mean() < 5e-4 * (2 if name in PALE else 1)
    weight = alpha[..., None]
    over = foreground(photo.color, alpha) * weight + (1 - weight) * np.float32(MAGENTA)
    off = np.abs(over - graphic.over(MAGENTA)).max(-1)
    assert off.mean() < 0.2
    assert (off > 32).mean() < (3e-3 if name in PALE else 3e-4)


@pytest.mark.parametrize("ground", GROUNDS[1:], ids=["cream", "navy", "graded"])
@pytest.mark.parametrize("name", tiered(list(GRAPHICS)[::3], {"target"}))
def test_on_other_grounds(name, ground, drawn):
    graphic = drawn(name, **ground)
    _, alpha = alpha_of(graphic.image)
    assert wrong_parts(graphic, alpha) == []
    assert (alpha[graphic.solid] == 1).all(), "nibbled"
    assert np.abs(alpha - graphic.alpha).mean() < 2e-3


@pytest.mark.parametrize(
    ("name", "quality"),
    tiered(
        [(name, 95 if k % 2 else 75) for k, name in enumerate(GRAPHICS) if name not in PALE],
        USUAL_JPEG,
    ),
)
def test_as_jpeg(name, quality, drawn):
    graphic = drawn(name)
    _, alpha = alpha_of(graphic.as_jpeg(quality))
    assert wrong_parts(graphic, alpha) == []
    assert np.abs(alpha - graphic.alpha).mean() < 0.006
    assert np.count_nonzero(alpha[graphic.solid] < 0.75) <= 1e-3 * graphic.solid.sum()


@pytest.mark.parametrize("font", fonts()[1:], ids=lambda path: path.rsplit("/")[-1])
@pytest.mark.parametrize("size", tiered([18, 48, 90], {48}))
def test_counters_are_open_in_other_fonts(font, size):
    sheet = Sheet()
    for k in range(3):
        sheet.text(256, 80 + 1.6 * size * k, "Board age 80"[: 700 // size], size, "black", font)
    graphic = sheet.done()
    _, alpha = alpha_of(graphic.image)
    assert wrong_parts(graphic, alpha) == []
    assert (alpha[graphic.solid] == 1).all(), "nibbled"


@pytest.mark.parametrize(
    "name", tiered(["smiley", "flag", "snowman", "ring", "headline", "badge"], {"smiley", "ring"})
)
@pytest.mark.parametrize(("says", "expected"), [("keep", 1), ("remove", 0)])
def test_either_reading_can_be_asked_for(name, says, expected, drawn):
    graphic = drawn(name)
    _, alpha = alpha_of(graphic.image, enclosed=says)
    labels, _ = label(np.abs(graphic.image - graphic.ground).max(-1) <= 5)
    outside = labels[0, 0]
    inner = (labels > 0) & (labels != outside)
    assert inner.any()
    assert (alpha[inner] == expected).all()
    assert (alpha[labels == outside] == 0).all()


@pytest.mark.parametrize(
    "name", tiered(["smiley", "snowman", "badge_to_the_edge", "small_text"], {"smiley"})
)
def test_the_whole_way(name, drawn):
    graphic = drawn(name)
    file = io.BytesIO()
    Image.fromarray(graphic.image).save(file, "PNG")
    cutout = mattekit.remove_background(file.getvalue())
    assert cutout.kind == "graphic"
    assert np.abs(cutout.alpha / 255 - graphic.alpha).mean() < 1e-3
    kept = mattekit.remove_background(file.getvalue(), enclosed="keep").alpha
    assert (kept >= cutout.alpha).all()
    opened = mattekit.remove_background(file.getvalue(), enclosed="remove").alpha
    assert (opened <= cutout.alpha).all()


@pytest.mark.slow
def test_all_that_holes_closes_is_closed_in_line_art(drawn):
    graphic = drawn("snowman")
    alpha = mattekit.remove_background(graphic.image, enclosed="remove", holes="100%").alpha
    assert (alpha[graphic.alpha == 1] == 255).all()


# -- what decides ------------------------------------------------------------------------------


def frame(thickness, side=120):
    """A square frame in the middle of a picture; true is ground."""
    ground = np.ones((200, 200), bool)
    low, high = 100 - side // 2, 100 + side // 2
    ground[low:high, low:high] = False
    ground[low + thickness : high - thickness, low + thickness : high - thickness] = True
    return ground


@pytest.mark.parametrize(("thickness", "kept"), [(1, True), (8, True), (24, False), (56, True)])
def test_outline_stroke_and_mass(thickness, kept):
    found = enclosed_ground(frame(thickness), "auto")
    assert (found is not None and found[100, 100]) == kept


def test_a_line_of_one_slanting_pixel_parts_its_sides():
    rows, columns = np.indices((64, 64))
    ground = np.abs(rows - 32) + np.abs(columns - 32) != 20
    found = enclosed_ground(ground, "keep")
    assert found is not None
    assert found.sum() == (np.abs(rows - 32) + np.abs(columns - 32) < 20).sum()


def test_what_is_not_quite_the_grounds_color_belongs_to_the_graphic():
    ground = frame(24)
    levels = np.where(ground[..., None], 255, 0).repeat(3, 2).astype(np.uint8)
    assert enclosed_ground(ground, "auto", levels) is None
    levels[80:120, 80:120] = 252
    levels[60:140, 60:140][ground[60:140, 60:140]] = 252
    found = enclosed_ground(ground, "auto", levels)
    assert found is not None
    assert found[100, 100]


def test_nothing_enclosed_is_nothing():
    assert enclosed_ground(np.ones((20, 20), bool), "keep") is None
    assert enclosed_ground(np.zeros((20, 20), bool), "keep") is None
    assert enclosed_ground(frame(8), "remove") is None
