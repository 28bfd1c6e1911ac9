"""What the outlines of a drawing enclose is subject, on grounds of any kind, and openings stay."""

from __future__ import annotations

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from mattekit import pipeline
from mattekit.geometry import Box
from mattekit.matting.matte import Matte
from mattekit.matting.outlines import fill_outlines
from support.graphics import Sheet

SIDE = 512
INK, SKIN, SHIRT = (20, 10, 30), (250, 225, 200), (60, 90, 200)
SQUARE, PANE = (slice(60, 200), slice(60, 200)), (slice(70, 190), slice(70, 190))
WHOLE = Box(0, 0, SIDE, SIDE)


def ramp(rows: int, columns: int) -> np.ndarray:
    """Return a ground that changes from one colour to another, (rows, columns, 3) in 0..255."""
    down = np.linspace(0, 1, rows)[:, None, None]
    return (1 - down) * (190, 130, 240) + down * (240, 190, 160) + np.zeros((1, columns, 1))


def floor(rows: int, columns: int) -> np.ndarray:
    """Return a wall above a floor."""
    low = (np.arange(rows) > 0.6 * rows)[:, None, None]
    return np.where(low, (120, 190, 120), (190, 70, 70)) + np.zeros((1, columns, 1))


def confetti(rows: int, columns: int) -> np.ndarray:
    """Return a ground of patches of all colours."""
    patches = np.random.default_rng(5).integers(0, 256, (24, 24, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(patches).resize((columns, rows)), np.float64)


GROUNDS = (ramp, floor, confetti)


def lines_only(pane: object, ground=ramp) -> Matte:
    """Return what a network makes of a drawn frame: the lines, and nothing between them."""
    alpha = np.zeros((256, 256), np.float32)
    alpha[SQUARE], alpha[PANE] = 1, 0
    colors = ground(256, 256)
    inside = colors[PANE].copy()
    colors[SQUARE] = INK
    colors[PANE] = inside if pane is None else pane
    guide = colors.astype(np.uint8)
    return Matte(alpha, WHOLE, WHOLE, guide, kind="graphic", partial="uncertainty")


@pytest.mark.parametrize("ground", GROUNDS)
def test_what_a_line_encloses_is_filled(ground) -> None:
    before = lines_only(SKIN, ground)
    alpha = fill_outlines(before).alpha
    assert (alpha[SQUARE] == 1).all()
    assert alpha.sum() == alpha[SQUARE].size


@pytest.mark.parametrize("ground", GROUNDS)
def test_an_opening_stays_open(ground) -> None:
    before = lines_only(None, ground)
    assert fill_outlines(before) is before


def test_half_there_between_lines_is_filled_too() -> None:
    before = lines_only(SKIN)
    before.alpha[PANE] = 0.6
    assert (fill_outlines(before).alpha[SQUARE] == 1).all()


def test_a_line_with_a_way_out_encloses_nothing() -> None:
    before = lines_only(SKIN)
    before.alpha[100:130, 180:210] = 0
    assert fill_outlines(before) is before


@pytest.mark.parametrize("ground", GROUNDS)
def test_a_small_gap_in_a_line_closes(ground) -> None:
    before = lines_only(SKIN, ground)
    before.alpha[100:104, 180:210] = 0
    alpha = fill_outlines(before).alpha
    assert (alpha[PANE] == 1).all()
    assert not alpha[:60].any()
    assert not alpha[:, 201:].any()
    # Where the ground is seen it is a way out.
    before = lines_only(None, ground)
    before.alpha[100:104, 180:210] = 0
    assert fill_outlines(before) is before


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("top", [1, 2, 3])
def test_what_comes_near_to_the_border_encloses_nothing_there(ground, top) -> None:
    colors = ground(256, 256)
    alpha = np.zeros((256, 256), np.float32)
    alpha[top:200, 2:254] = 1
    colors[top:200, 2:254] = SKIN
    before = Matte(
        alpha, WHOLE, WHOLE, colors.astype(np.uint8), kind="graphic", partial="uncertainty"
    )
    assert fill_outlines(before) is before


def test_photographs_glass_and_nothing_stay() -> None:
    before = lines_only(SKIN)
    for other in (
        dataclasses.replace(before, kind="person"),
        dataclasses.replace(before, partial="transparency"),
        dataclasses.replace(before, found=False),
    ):
        assert fill_outlines(other) is other


def figure() -> tuple[np.ndarray, np.ndarray]:
    """Return a drawn person's colours times alpha in 0..255, and alpha."""
    s = Sheet(size=(SIDE, SIDE))
    spikes = [
        (256 + r * np.cos(t), 190 + r * np.sin(t))
        for t, r in zip(np.linspace(np.pi, 2 * np.pi, 13), [80, 125] * 6 + [80], strict=True)
    ]
    for grown, skin, shirt, hair in ((6, INK, INK, INK), (0, SKIN, SHIRT, (150, 70, 120))):
        s.shape([(215 - grown, 230), (297 + grown, 230), (320 + grown, 400 + grown),
                 (192 - grown, 400 + grown)], shirt)  # fmt: skip
        s.line([(225, 260), (150, 300), (205, 350)], 22 + 2 * grown, skin)
        s.line([(287, 260), (360, 230)], 22 + 2 * grown, skin)
        s.disc(256, 190, 78 + grown, skin)
        middle = np.array([256, 170])
        s.shape([tuple(middle + (np.array(p) - middle) * (1 + grown / 80)) for p in spikes], hair)
    s.disc(230, 200, 9, INK)
    s.disc(282, 200, 9, INK)
    drawn = s.done()
    return drawn.premultiplied, drawn.alpha


@pytest.mark.slow
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("fmt", ["png", "jpeg"])
def test_line_art_keeps_its_fills_and_its_outline(ground, fmt) -> None:
    colors, expected = figure()
    image = colors + (1 - expected[..., None]) * ground(SIDE, SIDE)
    file = io.BytesIO()
    Image.fromarray(np.clip(image + 0.5, 0, 255).astype(np.uint8)).save(file, fmt, quality=92)
    cutout = pipeline.remove_background(file.getvalue())
    alpha = cutout.alpha / np.float32(255)
    assert cutout.kind == "graphic"
    union = ((alpha >= 0.5) | (expected >= 0.5)).sum()
    assert ((alpha >= 0.5) & (expected >= 0.5)).sum() >= 0.97 * union
    # Closed: all along the drawn outline, which is three pixels wide at least.
    assert (alpha[expected == 1] >= 0.5).mean() >= 0.99
