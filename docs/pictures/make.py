"""Make the pictures of the documentation, with the program itself.

Run it from the root of the repository: ``python docs/pictures/make.py``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

import mattekit
from mattekit import codecs

ROOT = Path(__file__).resolve().parents[2]
SHOWN = ("astronaut.jpg", "cat.jpg", "dahlia.jpg", "raccoon.jpg")
HEIGHT = 240


def checkerboard(size: tuple[int, int], cell: int = 12) -> Image.Image:
    """Return the pattern that stands for transparency."""
    x, y = np.arange(size[0]) // cell, np.arange(size[1])[:, None] // cell
    return Image.fromarray(np.where((x + y) % 2, 255, 214).astype(np.uint8)).convert("RGB")


def before_after() -> Image.Image:
    """Return photographs above their cut-outs."""
    columns = []
    for name in SHOWN:
        photo = codecs.decode(ROOT / "sample_images" / name)
        before = Image.fromarray(np.asarray(photo.color, np.uint8))
        subject = mattekit.remove_background(photo).to_pil()
        after = checkerboard(before.size)
        after.paste(subject, mask=subject)
        columns.append([ImageOps.contain(picture, (10_000, HEIGHT)) for picture in (before, after)])
    width = sum(column[0].width for column in columns) + 8 * (len(columns) - 1)
    sheet = Image.new("RGB", (width, 2 * HEIGHT + 8), "white")
    left = 0
    for before, after in columns:
        sheet.paste(before, (left, 0))
        sheet.paste(after, (left, HEIGHT + 8))
        left += before.width + 8
    return sheet


if __name__ == "__main__":
    before_after().save(Path(__file__).with_name("before-after.webp"), quality=85, method=6)
