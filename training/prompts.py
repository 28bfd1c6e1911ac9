"""What a training picture's user asks: the last matte, and marks that say what is wrong with it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.clicks import Click, add_disk, click_in, next_click, stroke
from training.scenes import Scene
from training.spoilt import spoil

Rng = np.random.Generator
F32 = npt.NDArray[np.float32]

LAST, KEEP, REMOVE = range(3)
"""Planes of the hints."""

NEAR_ENOUGH = 0.8
"""IoU from which a mask alone says which subject is meant; below, something must be marked."""


def overlap(a: F32, b: F32) -> float:
    """Return the IoU of two mattes cut at 0.5."""
    p, q = a > 0.5, b > 0.5
    return float((p & q).sum() / max((p | q).sum(), 1))


def add_click(hints: F32, click: Click | None, scale: int = 1) -> None:
    """Draw a click, found in a map ``scale`` times as small, into hints (3 x S x S, in place)."""
    if click is None:
        return
    half = (scale - 1) / 2
    y, x = click.y * scale + half, click.x * scale + half
    mine, other = (KEEP, REMOVE) if click.keep else (REMOVE, KEEP)
    add_disk(hints[mine], y, x)
    hints[other][hints[mine] > 0] = 0


def first_hints(scene: Scene, rng: Rng) -> F32:
    """Return hints (3 x S x S float32) for a scene: a last matte or none, and marks.

    There is always enough in them to know what is wanted.
    """
    wanted = scene.wanted
    hints = np.zeros((3, *wanted.shape), np.float32)
    how = rng.random()
    none = 0.12 if scene.focus else 0.4
    if how < none:
        pass
    elif how < none + 0.16:  # an automatic matte takes all that stands out, or another
        all_ = np.maximum(wanted, scene.others)
        hints[LAST] = all_ if rng.random() < 0.7 else scene.others
        if rng.random() < 0.4:
            hints[LAST] = spoil(hints[LAST], rng)
    elif how < none + 0.2:
        hints[LAST] = wanted
    else:
        hints[LAST] = spoil(wanted, rng)
        if rng.random() < 0.12:
            hints[LAST] = np.maximum(hints[LAST], scene.others)
    _mark(hints, scene, rng)
    return hints


def _mark(hints: F32, scene: Scene, rng: Rng) -> None:
    last = hints[LAST]
    empty = not (last > 0.5).any()
    clear = not empty and overlap(last, scene.wanted) >= NEAR_ENOUGH
    least = 0 if clear else 1
    count = least if rng.random() < 0.6 else least + int(rng.integers(1, 4))
    inside, outside = scene.wanted[::2, ::2] > 0.5, scene.wanted[::2, ::2] < 0.1
    strokes = rng.random() < 0.18
    for i in range(count):
        got = hints[LAST][::2, ::2] > 0.5
        if i == 0 and empty:
            region, keep = inside, True
        else:
            missing, wrong = inside & ~got, outside & got
            keep = bool(rng.random() < missing.sum() / max(missing.sum() + wrong.sum(), 1))
            region = missing if keep else wrong
            if empty or rng.random() < 0.15:  # beside what is wrong, or nothing is known to be
                keep = bool(rng.random() < 0.5)
                region = inside if keep else outside
                other = scene.others[::2, ::2] > 0.5
                if not keep and other.any() and rng.random() < 0.8:
                    region = other & outside
        if strokes:
            line = stroke(ndimage.binary_erosion(region), rng)
            line = line.repeat(2, 0).repeat(2, 1)
            hints[KEEP][line], hints[REMOVE][line] = float(keep), float(not keep)
        elif i == 0 and not empty and not clear:
            add_click(hints, next_click(inside, got, rng), 2)
        elif region.any():
            add_click(hints, click_in(region, keep, rng), 2)
    if least and not hints[KEEP:].any():
        click = next_click(inside, hints[LAST][::2, ::2] > 0.5)
        add_click(hints, click or click_in(inside, True, rng), 2)


def asked_again(hints: F32, wanted: F32, answer: F32, rng: Rng) -> F32:
    """Return the hints after an answer (S x S) was seen: it is the last matte, one click more."""
    again = hints.copy()
    again[LAST] = answer
    click = next_click(wanted[::2, ::2] > 0.5, answer[::2, ::2] > 0.5, rng)
    add_click(again, click, 2)
    return again
