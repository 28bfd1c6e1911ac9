"""A contact sheet of edges: crops at 100 % over white, black and magenta, before and after.

    mattekit batch pictures before    # another state of the code
    mattekit batch pictures after     # this one
    python benchmarks/edge_sheet.py pictures before after --out sheet.png

Cut-outs are matched with pictures by name. Of each picture those parts are shown in which the two
differ most; with one folder of cut-outs, those with the most soft or outlined pixels.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps

GROUNDS = ((255, 255, 255), (0, 0, 0), (255, 0, 255))
#: Height of a picture's name above its crops, and room between pictures, in pixels.
TITLE, GAP = 14, 6

Plane = NDArray[np.float32]


def read(path: Path, mode: str) -> NDArray[np.uint8]:
    """Return an upright picture."""
    with Image.open(path) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert(mode))


def interest(cutouts: list[NDArray[np.uint8]]) -> Plane:
    """Return how much each pixel is worth looking at."""
    planes = [cutout[..., 3].astype(np.float32) / np.float32(255) for cutout in cutouts]
    slopes = [np.hypot(*np.gradient(plane)) for plane in planes]
    worth = 0.05 * sum(slopes)
    if len(planes) > 1:
        worth = worth + np.abs(planes[-1] - planes[0])
    return np.asarray(worth, np.float32)


def crop_corners(worth: Plane, side: int, count: int) -> list[tuple[int, int]]:
    """Return the corners (top, left) of the squares that are worth most, apart from each other."""
    height, width = worth.shape
    sums = np.pad(worth.astype(np.float64).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    tall, wide = min(side, height), min(side, width)
    total = sums[tall:, wide:] - sums[:-tall, wide:] - sums[tall:, :-wide] + sums[:-tall, :-wide]
    found = []
    for _ in range(count):
        top, left = (int(at) for at in np.unravel_index(total.argmax(), total.shape))
        found.append((top, left))
        total[max(0, top - side) : top + side, max(0, left - side) : left + side] = -1
    return found


def row(name: str, picture: Path, cutouts: list[Path], side: int, count: int) -> Image.Image:
    """Return a picture's crops: itself, then each cut-out over each ground."""
    color, cuts = read(picture, "RGB"), [read(path, "RGBA") for path in cutouts]
    tiles = 1 + len(GROUNDS) * len(cuts)
    sheet = Image.new("RGB", (tiles * side, TITLE + count * side + GAP), (96, 96, 96))
    ImageDraw.Draw(sheet).text((4, 1), name, fill=(255, 255, 255))
    for index, (top, left) in enumerate(crop_corners(interest(cuts), side, count)):
        part = np.s_[top : top + side, left : left + side]
        shown = [Image.fromarray(color[part])]
        for ground in GROUNDS:
            for cut in cuts:
                image = Image.fromarray(cut[part])
                shown.append(Image.alpha_composite(Image.new("RGBA", image.size, ground), image))
        for column, tile in enumerate(shown):
            sheet.paste(tile.convert("RGB"), (column * side, TITLE + index * side))
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("pictures", type=Path, help="folder of pictures")
    parser.add_argument("cutouts", type=Path, nargs="+", help="folders of cut-outs, oldest first")
    parser.add_argument("--out", type=Path, required=True, help="the sheet, PNG or WebP")
    parser.add_argument("--side", type=int, default=160, help="of a crop, in pixels")
    parser.add_argument("--crops", type=int, default=2, help="of each picture")
    parser.add_argument("--columns", type=int, default=1, help="pictures beside each other")
    parser.add_argument("--only", nargs="+", help="names of pictures")
    arguments = parser.parse_args()
    rows = []
    for picture in sorted(arguments.pictures.iterdir()):
        cutouts = [folder / f"{picture.stem}.png" for folder in arguments.cutouts]
        if all(path.is_file() for path in cutouts) and picture.stem in (
            arguments.only or [picture.stem]
        ):
            rows.append(row(picture.stem, picture, cutouts, arguments.side, arguments.crops))
    if not rows:
        parser.error("no picture has a cut-out of its name in every folder")
    columns = arguments.columns
    width, height = rows[0].size
    sheet = Image.new("RGB", (columns * width, -(-len(rows) // columns) * height))
    for index, one in enumerate(rows):
        sheet.paste(one, (index % columns * width, index // columns * height))
    sheet.save(arguments.out, quality=90)


if __name__ == "__main__":
    main()
