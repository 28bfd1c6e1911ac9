"""Make the pictures of pillow.md, imageio.md and scikit-image.md, with the programs themselves.

Run it from the root of the repository: ``python docs/pictures/plugins.py``.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from mattekit_imageio import cutout_frames
from mattekit_imageio.motion import optical_flow, warp
from mattekit_pillow import CropToSubject, DropShadow, OverBackground, RemoveBackground

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

from make import checkerboard  # noqa: E402

from clips import clip  # noqa: E402

HEIGHT = 180


def save(pictures: list[Image.Image], name: str, height: int = HEIGHT) -> None:
    """Write pictures side by side."""
    fitted = [ImageOps.contain(picture, (10_000, height)) for picture in pictures]
    sheet = Image.new(
        "RGB", (sum(p.width for p in fitted) + 6 * (len(fitted) - 1), height), "white"
    )
    left = 0
    for picture in fitted:
        sheet.paste(picture, (left, (height - picture.height) // 2))
        left += picture.width + 6
    sheet.save(HERE / f"{name}.webp", quality=80, method=6)


def shown(image: Image.Image) -> Image.Image:
    """Return an image with transparency over a checkerboard."""
    board = checkerboard(image.size)
    board.paste(image, mask=image.getchannel("A"))
    return board


def pillow() -> None:
    with Image.open(ROOT / "sample_images" / "astronaut.jpg") as file:
        photo = ImageOps.exif_transpose(file)
    subject = photo.filter(RemoveBackground())
    shadow = subject.filter(CropToSubject("12%")).filter(DropShadow(60))
    pictures = [photo, shown(subject), shown(shadow), shadow.filter(OverBackground("#ffd9a0"))]
    save([picture.convert("RGB") for picture in pictures], "pillow")


def steady() -> None:
    frames = list(clip(24, (180, 180), "astronaut.jpg"))[:14]
    gap = np.full((180, 4), 128, np.uint8)
    rows = []
    for temporal in (0.0, 0.8):
        mattes = list(cutout_frames(frames, temporal=temporal, channels="alpha"))
        changes = []
        for (before, last), (now, matte) in pairwise(zip(frames, mattes, strict=True)):
            expected = warp(last[None].astype(np.float32), optical_flow(before, now))[0]
            changes.append(np.abs(matte - expected))
        change = 255 - np.clip(6 * np.mean(changes[2:], 0), 0, 255).astype(np.uint8)
        shown = [cell for matte in mattes[-3:] for cell in (matte, gap)]
        rows.append(np.hstack([*shown, change]))
    save([Image.fromarray(np.vstack(rows)).convert("RGB")], "steady", 360)


def scikit_image() -> None:
    target = HERE / "scikit-image.png"
    script = ROOT / "docs" / "examples" / "scikit_image.py"
    subprocess.run([sys.executable, script, target], cwd=ROOT, check=True)
    with Image.open(target) as picture:
        save([picture.convert("RGB")], "scikit-image", HEIGHT)
    target.unlink()


if __name__ == "__main__":
    pillow()
    steady()
    scikit_image()
