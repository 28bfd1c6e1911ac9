"""Make the gallery: every option on a sample picture, by the program itself.

Run it from the root of the repository: ``python docs/gallery/make.py``. Each sheet is a table of
options as they are typed on the command line and what comes out.
"""

from __future__ import annotations

import dataclasses
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from mattekit import codecs, pipeline
from mattekit.options import Options

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
SAMPLES = ROOT / "sample_images"
CELL, CAPTION, GAP = (300, 224), 22, 8


class Shown(NamedTuple):
    """A picture and the options that it is cut out with."""

    file: str
    options: dict[str, Any]
    kind: str = ""  # in place of the one that the model finds
    note: str = ""  # what to see, in place of the options


def _face(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((150, 50, 1050, 950), fill=(250, 200, 40))
    for x in (400, 800):
        draw.ellipse((x - 80, 280, x + 80, 480), fill="white")
        draw.ellipse((x - 20, 360, x + 40, 440), fill=(40, 30, 20))
    draw.chord((380, 460, 820, 800), 10, 170, fill="white")


def _snowman(draw: ImageDraw.ImageDraw) -> None:
    for x, y, r in ((600, 290, 190), (600, 650, 270)):
        draw.ellipse((x - r, y - r, x + r, y + r), fill="white", outline="black", width=18)
    draw.rectangle((440, 30, 760, 140), fill=(150, 30, 40))
    for x in (540, 660):
        draw.ellipse((x - 18, 240, x + 18, 276), fill="black")
    draw.polygon([(600, 290), (600, 330), (740, 330)], fill=(250, 130, 20))


def _sign(draw: ImageDraw.ImageDraw) -> None:
    draw.ellipse((150, 60, 1050, 960), fill=(190, 20, 30))
    draw.text((600, 510), "BOARD", "white", ImageFont.load_default(230), "mm")


def _lettering(draw: ImageDraw.ImageDraw) -> None:
    font = ImageFont.load_default(260)
    draw.text((600, 200), "Boards", (20, 80, 150), font, "mm", stroke_width=6)
    draw.text((600, 470), "& gadgets", (20, 80, 150), ImageFont.load_default(190), "mm")
    draw.ellipse((380, 640, 620, 880), outline=(220, 130, 20), width=44)
    draw.ellipse((580, 640, 820, 880), outline=(90, 150, 60), width=44)


#: Drawings by name, made at the size of the paper and halved.
DRAWN: dict[str, Callable[[ImageDraw.ImageDraw], None]] = {
    "face": _face,
    "snowman": _snowman,
    "sign": _sign,
    "lettering": _lettering,
}


def drawing(name: str) -> Image.Image:
    """Return one of the drawings on white."""
    paper = Image.new("RGB", (1200, 1000), "white")
    DRAWN[name](ImageDraw.Draw(paper))
    return paper.reduce(2)


#: The subject fills the cell.
CLOSE = {"crop": "true", "crop_margin": "4%"}
#: What corrects the two dogs.
DOGS = {name: f"{ROOT}/docs/pictures/dogs-{name}.png" for name in ("keep", "remove")}

SHEETS: dict[str, list[Shown | None]] = {
    "difficult": [
        Shown("large/otter.jpg", CLOSE, note="wet fur: right; grass at the tail stays"),
        Shown("large/osprey.jpg", CLOSE, note="plumage among twigs: right; the perch is cut"),
        Shown(
            "large/dandelion.jpg", CLOSE, note="seeds against the sun: soft, the blurred ones stay"
        ),
        Shown("large/drum.jpg", CLOSE, note="two things that lie on each other: both"),
        Shown(
            "large/wine.jpg", CLOSE, note="glass, out of focus: WRONG, half the things are missing"
        ),
        Shown("large/spacewalk.jpg", CLOSE, note="a crowded ground: WRONG at the lower rim"),
        Shown("large/bee.jpg", CLOSE, note="the petals are taken for background: as you like it"),
        Shown("large/dogs.jpg", CLOSE, note="the curtain is taken for a dog: WRONG"),
        Shown("large/dogs.jpg", CLOSE | DOGS, note="the same with two strokes: right"),
    ],
    "subject": [
        Shown("raccoon.jpg", {}),
        Shown("raccoon.jpg", {"channels": "alpha"}),
        Shown("coffee.png", {"roi": "0% 0% 55% 100%"}),
        Shown("astronaut.jpg", {"refine": "fast"}),
        Shown("astronaut.jpg", {"refine": "balanced"}),
        Shown("astronaut.jpg", {"decontaminate": "false"}),
    ],
    "frame": [
        Shown("coffee.png", {}),
        Shown("coffee.png", {"crop": "true"}),
        Shown("coffee.png", {"crop": "true", "crop_margin": "10%"}),
        Shown("coffee.png", {"crop": "true", "crop_margin": "60px 10px 20px 120px"}),
        Shown("coffee.png", {"scale": "50%"}),
        Shown("coffee.png", {"scale": "100%"}),
        Shown("coffee.png", {"position": "0%"}),
        Shown("coffee.png", {"position": "100% 0%"}),
        Shown("coffee.png", {"scale": "40%", "position": "20% 90%"}),
    ],
    "background": [
        Shown("raccoon.jpg", {"bg_color": "white"}),
        Shown("raccoon.jpg", {"bg_color": "81d4fa"}),
        Shown("raccoon.jpg", {"bg_color": "81d4fa77"}),
        Shown("raccoon.jpg", {"bg_image": "sample_images/rocket.jpg"}),
        Shown("raccoon.jpg", {"bg_blur": "2%"}),
        Shown("raccoon.jpg", {"bg_blur": "8%"}),
        Shown("astronaut.jpg", {"bg_blur": "3%"}),
        Shown("astronaut.jpg", {"bg_blur": "3%", "scale": "50%", "position": "0% 100%"}),
        Shown("astronaut.jpg", {"bg_image": "sample_images/dahlia.jpg", "scale": "80%"}),
    ],
    "graphics": [
        Shown(name, options)
        for name in DRAWN
        for options in ({}, {"enclosed": "keep"}, {"enclosed": "remove"})
    ],
    "shadow": [
        Shown("coffee.png", {"shadow_type": "drop"}, "product"),
        Shown("coffee.png", {"shadow_type": "3D"}, "product"),
        Shown("coffee.png", {"shadow_type": "car"}, "product"),
        Shown("coffee.png", {"shadow_type": "drop", "shadow_opacity": "90"}, "product"),
        Shown("coffee.png", {"shadow_type": "drop", "bg_color": "f2d7b6"}, "product"),
        Shown("coffee.png", {"shadow_type": "3D", "crop": "true", "crop_margin": "5%"}, "product"),
    ],
}


def checkerboard(size: tuple[int, int], cell: int = 8) -> Image.Image:
    """Return the pattern that stands for transparency."""
    x, y = np.arange(size[0]) // cell, np.arange(size[1])[:, None] // cell
    return Image.fromarray(np.where((x + y) % 2, 255, 226).astype(np.uint8)).convert("RGB")


def picture_of(shown: Shown) -> Image.Image:
    """Return what the options make of the picture, read back from the file that they give."""
    photo = codecs.decode(drawing(shown.file) if shown.file in DRAWN else SAMPLES / shown.file)
    options = Options.parse(shown.options)
    if options.bg_image is not None:
        options = options.replace(bg_image=ROOT / str(options.bg_image))
    matte = pipeline.segment(photo, options)
    if shown.kind:
        matte = dataclasses.replace(matte, kind=shown.kind)
    cutout = pipeline.complete(photo, matte, options)
    data = cutout.encode(format=options.format, channels=options.channels).data
    seen = Image.open(io.BytesIO(data)).convert("RGBA")
    seen = ImageOps.contain(seen, CELL)
    board = checkerboard(seen.size)
    board.paste(seen, mask=seen)
    return board


def caption_of(options: dict[str, Any]) -> str:
    """Return options as they are typed on the command line."""
    words = []
    for name, value in options.items():
        text = str(value)
        flag = f"--{name.replace('_', '-')}"
        if text == "true":
            words.append(flag)
        elif text == "false":
            words.append(f"--no-{name.replace('_', '-')}")
        else:
            words.append(f'{flag} "{text}"' if " " in text else f"{flag} {text}")
    return " ".join(words) or "(no options)"


def sheet(cells: list[Shown | None], columns: int = 3) -> Image.Image:
    """Return a contact sheet."""
    width, height = CELL[0] + GAP, CELL[1] + CAPTION + GAP
    rows = -(-len(cells) // columns)
    page = Image.new("RGB", (columns * width + GAP, rows * height + GAP), (250, 250, 250))
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(11)
    for index, shown in enumerate(cells):
        if shown is None:
            continue
        left, top = GAP + index % columns * width, GAP + index // columns * height
        picture = picture_of(shown)
        page.paste(picture, (left + (CELL[0] - picture.width) // 2, top))
        draw.text(
            (left, top + CELL[1] + 4), shown.note or caption_of(shown.options), (40, 40, 40), font
        )
    return page


if __name__ == "__main__":
    for name in sys.argv[1:] or SHEETS:
        sheet(SHEETS[name]).save(HERE / f"{name}.webp", quality=92, method=6)
