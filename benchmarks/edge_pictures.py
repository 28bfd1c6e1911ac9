"""Edges side by side: hair, fur, mesh and glass, as mattekit and rembg cut them out.

Photographs are the repository's own; mesh and glass are drawn, because no free photograph of
them is at hand, over a real background out of focus, and so have a known truth. All contenders
get the same upright sRGB files and the same network; results stand on magenta, which shows every
remainder of the old background.

    python benchmarks/edge_pictures.py --rembg-python ~/venvs/rembg/bin/python
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

import common
from common import Worker
from mattekit import codecs, matting

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "pictures" / "edges.webp"
MAGENTA = (255, 0, 255)
#: Side of a crop as it is shown, and of the drawn pictures.
SHOWN, DRAWN = 240, 640
#: The drawn pictures are drawn this much larger.
FINE = 4

Floats = NDArray[np.float32]


class Case(NamedTuple):
    """One row: what it shows, its picture, and the part that is shown (left, top, side)."""

    name: str
    picture: Image.Image
    left: int
    top: int
    side: int
    trimap: Image.Image | None = None


def photograph(name: str) -> Image.Image:
    """Return one of the sample pictures, upright and in sRGB."""
    from PIL import ImageCms

    photo = codecs.decode(ROOT / "sample_images" / name)
    image = Image.fromarray(np.asarray(photo.color, np.uint8))
    if profile := photo.metadata.icc_profile:
        import io

        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
        assert converted is not None
        image = converted
    return image


def background() -> Floats:
    """Return leaves out of focus, ``(DRAWN, DRAWN, 3)`` in [0, 1]."""
    leaves = photograph("raccoon.jpg").crop((60, 430, 390, 760)).resize((DRAWN, DRAWN))
    blurred = leaves.filter(ImageFilter.GaussianBlur(6))
    return np.asarray(blurred, np.float32) / np.float32(255)


def mixed(layers: list[tuple[Image.Image, tuple[int, int, int]]]) -> Image.Image:
    """Return the background under some coats of paint, each a grey picture and a colour."""
    result = background()
    for cover, color in layers:
        small = cover.resize((DRAWN, DRAWN), Image.Resampling.BOX)
        alpha = np.asarray(small, np.float32)[..., None] / np.float32(255)
        result = alpha * np.float32(color) / np.float32(255) + (1 - alpha) * result
    grain = np.random.default_rng(0).normal(0, 1.5 / 255, result.shape)
    return Image.fromarray(np.clip((result + grain) * 255 + 0.5, 0, 255).astype(np.uint8))


def sheet() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (DRAWN * FINE, DRAWN * FINE))
    return image, ImageDraw.Draw(image)


def scaled(*values: float) -> list[float]:
    return [value * FINE for value in values]


def racket() -> Image.Image:
    """Draw a tennis racket: strings of two pixels, with the background between them."""
    strings, pen = sheet()
    for at in range(150, 500, 18):
        pen.line(scaled(at, 40, at, 420), 255, 2 * FINE)
        pen.line(scaled(150, at - 110, 490, at - 110), 255, 2 * FINE)
    hole, pen = sheet()
    pen.ellipse(scaled(170, 50, 470, 410), 255)
    strings = Image.composite(strings, Image.new("L", strings.size), hole)
    frame, pen = sheet()
    pen.ellipse(scaled(160, 40, 480, 420), outline=255, width=18 * FINE)
    pen.polygon(scaled(302, 405, 338, 405, 334, 630, 306, 630), 255)
    return mixed([(strings, (238, 232, 205)), (frame, (196, 40, 36))])


def glass() -> Image.Image:
    """Draw a wineglass: clear, a little green, with a bright rim and a light on it."""
    body, pen = sheet()
    pen.ellipse(scaled(190, 60, 450, 400), 56)
    pen.rectangle(scaled(190, 0, 450, 130), 0)
    pen.polygon(scaled(200, 130, 440, 130, 449, 240, 191, 240), 56)
    rim, pen = sheet()
    pen.arc(scaled(190, 60, 450, 400), -5, 185, 210, 6 * FINE)
    pen.line(scaled(200, 130, 191, 240), 210, 6 * FINE)
    pen.line(scaled(440, 130, 449, 240), 210, 6 * FINE)
    pen.ellipse(scaled(198, 118, 442, 142), outline=190, width=4 * FINE)
    pen.rectangle(scaled(313, 396, 327, 585), 200)
    pen.ellipse(scaled(230, 570, 410, 610), 170)
    light, pen = sheet()
    pen.polygon(scaled(230, 180, 252, 180, 258, 300, 238, 280), 200)
    light = light.filter(ImageFilter.GaussianBlur(4 * FINE))
    return mixed([(body, (214, 236, 224)), (rim, (232, 240, 236)), (light, (255, 255, 255))])


def racket_trimap() -> Image.Image:
    """Return what a user might draw: the frame, the handle and one string each way are known."""
    image, pen = sheet()
    pen.ellipse(scaled(154, 34, 486, 426), 128)
    pen.polygon(scaled(296, 400, 344, 400, 340, 639, 300, 639), 128)
    pen.ellipse(scaled(164, 44, 476, 416), outline=255, width=10 * FINE)
    pen.polygon(scaled(306, 410, 334, 410, 330, 626, 310, 626), 255)
    pen.line(scaled(312, 60, 312, 400), 255, FINE)
    pen.line(scaled(180, 238, 460, 238), 255, FINE)
    return image.resize((DRAWN, DRAWN), Image.Resampling.NEAREST)


def cases() -> list[Case]:
    return [
        Case("hair", photograph("astronaut.jpg"), 205, 0, 150),
        Case("fur", photograph("raccoon.jpg"), 760, 70, 240),
        Case("mesh", racket(), 150, 170, 260, racket_trimap()),
        Case("glass", glass(), 170, 110, 300),
    ]


def over_magenta(path: Path) -> Image.Image:
    """Return a cut-out on magenta."""
    with Image.open(path) as opened:
        cutout = opened.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", cutout.size, MAGENTA), cutout).convert("RGB")


def from_trimap(case: Case) -> Image.Image:
    """Return what `matting.solve` makes of a picture's trimap, on magenta; white without one."""
    if case.trimap is None:
        return Image.new("RGB", case.picture.size, "white")
    color = np.asarray(case.picture)
    alpha = matting.solve(color, np.asarray(case.trimap))
    front = matting.foreground(color, alpha)
    weight = alpha[..., None]
    mixed = weight * front + (1 - weight) * np.float32(MAGENTA)
    return Image.fromarray((mixed + np.float32(0.5)).astype(np.uint8))


def cropped(case: Case, picture: Image.Image) -> Image.Image:
    box = (case.left, case.top, case.left + case.side, case.top + case.side)
    return picture.crop(box).resize((SHOWN, SHOWN), Image.Resampling.BICUBIC)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rembg-python", metavar="PATH", help="an interpreter that has rembg")
    parser.add_argument("--model", type=Path, help="by default u2netp-fp32.onnx of the test data")
    parser.add_argument("--target", type=Path, default=TARGET, help="a picture")
    arguments = parser.parse_args()
    model = arguments.model or common.data_folder() / "models" / "u2netp-fp32.onnx"
    rows = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours = stack.enter_context(Worker("worker_mattekit.py"))
        contenders = [(ours, {"refine": "balanced"}), (ours, {"refine": "best"})]
        if arguments.rembg_python:
            rembg = stack.enter_context(Worker("worker_rembg.py", arguments.rembg_python))
            contenders += [(rembg, {}), (rembg, {"matting": True})]
        for worker in {id(worker): worker for worker, _ in contenders}.values():
            worker.call("load", model=str(model))
        for case in cases():
            file, result = folder / f"{case.name}.png", folder / "result.png"
            case.picture.save(file)
            row = [cropped(case, case.picture)]
            for worker, keywords in contenders:
                worker.call("cut", path=str(file), target=str(result), **keywords)
                row.append(cropped(case, over_magenta(result)))
            row.append(cropped(case, from_trimap(case)))
            rows.append(row)
    gap = 6
    size = [count * (SHOWN + gap) - gap for count in (len(rows[0]), len(rows))]
    page = Image.new("RGB", (size[0], size[1]), "white")
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            page.paste(picture, (x * (SHOWN + gap), y * (SHOWN + gap)))
    page.save(arguments.target, quality=85, method=6)


if __name__ == "__main__":
    main()
