"""Make the pictures of the documentation, with the program itself.

Run it from the root of the repository: ``python docs/pictures/make.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from PIL import Image

import mattekit
from mattekit import codecs
from mattekit.geometry import Box
from mattekit.imaging.samples import eight_bits

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
HEIGHT = 250


class Shown(NamedTuple):
    """A part of a photograph, the ground that its subject is put on, and what corrects it."""

    file: str
    part: Box
    ground: str
    keep: str = ""
    remove: str = ""


SHOWN = (
    Shown("coffee.png", Box(40, 0, 370, 267), "b8dde6"),
    Shown("dahlia.jpg", Box(158, 45, 458, 402), "c9d6f2"),
    Shown(
        "large/dogs.jpg", Box(560, 660, 1560, 2160), "ffd38a", "dogs-keep.png", "dogs-remove.png"
    ),
    Shown("large/fig.jpg", Box(300, 80, 2572, 1740), "cfe3c0"),
    Shown("astronaut.jpg", Box(0, 0, 400, 512), "d9d2ee"),
    Shown("large/osprey.jpg", Box(900, 360, 1960, 1960), "f3cdbb"),
)


def columns(shown: Shown) -> tuple[Image.Image, Image.Image]:
    """Return the photograph, with what corrects it, and its subject on another ground."""
    photo = codecs.decode(ROOT / "sample_images" / shown.file)
    before = Image.fromarray(eight_bits(photo.color))
    hints = {name: file for name in ("keep", "remove") if (file := getattr(shown, name))}
    subject = mattekit.remove_background(
        photo, **{name: [str(HERE / file)] for name, file in hints.items()}
    ).to_pil()
    after = Image.new("RGB", before.size, f"#{shown.ground}")
    after.paste(subject, mask=subject)
    for name, color in (("keep", (30, 170, 80)), ("remove", (230, 40, 60))):
        if name in hints:
            strokes = Image.open(HERE / hints[name]).convert("L").point(lambda value: value * 0.8)
            before.paste(color, mask=strokes)
    left, top, right, bottom = shown.part
    size = (round(HEIGHT * (right - left) / (bottom - top)), HEIGHT)
    return (
        before.resize(size, Image.Resampling.LANCZOS, shown.part),
        after.resize(size, Image.Resampling.LANCZOS, shown.part),
    )


def before_after() -> Image.Image:
    """Return photographs above their subjects on other grounds."""
    pairs = [columns(shown) for shown in SHOWN]
    width = sum(before.width for before, _ in pairs) + 8 * (len(pairs) - 1)
    sheet = Image.new("RGB", (width, 2 * HEIGHT + 8), "white")
    left = 0
    for before, after in pairs:
        sheet.paste(before, (left, 0))
        sheet.paste(after, (left, HEIGHT + 8))
        left += before.width + 8
    return sheet


if __name__ == "__main__":
    before_after().save(HERE / "before-after.webp", quality=85, method=6)
