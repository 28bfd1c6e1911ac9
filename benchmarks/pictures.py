"""Large pictures for benchmarks, made from real photographs, the same ones every time.

Nobody may redistribute 25-megapixel photographs of the development set, so they are made: a real
photograph is scaled up with Lanczos, sharpened, and given the grain that a sensor would have had
at that size. Scaled alone it would be smoother than any camera's picture and flatter every encoder.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["GRAIN", "large_jpeg", "large_photograph"]

#: Standard deviation of the grain in grey levels.
GRAIN = 2.5


def large_photograph(path: str | Path, megapixels: float, seed: int = 0) -> Image.Image:
    """Return an RGB picture of about that many million pixels, of the proportions of `path`."""
    from PIL import Image, ImageFilter

    with Image.open(path) as opened:
        small = opened.convert("RGB")
    scale = (megapixels * 1e6 / (small.width * small.height)) ** 0.5
    size = (round(small.width * scale), round(small.height * scale))
    large = small.resize(size, Image.Resampling.LANCZOS)
    if scale > 1:
        large = large.filter(ImageFilter.UnsharpMask(radius=min(scale, 3), percent=60, threshold=0))
        _add_grain(large, seed)
    return large


def _add_grain(picture: Image.Image, seed: int) -> None:
    """Add correlated luminance grain and weaker colour grain, strip by strip, in place."""
    from PIL import Image

    generator = np.random.default_rng(seed)
    rows = 256
    for top in range(0, picture.height, rows):
        box = (0, top, picture.width, min(top + rows, picture.height))
        pixels = np.asarray(picture.crop(box)).astype(np.float32)
        noise = generator.standard_normal((*pixels.shape[:2], 4), np.float32)
        # A sensor's noise is smoothed by demosaicing: neighbours are alike.
        luminance = noise[..., 0] + 0.5 * (
            np.roll(noise[..., 0], 1, 1) + np.roll(noise[..., 0], 1, 0)
        )
        pixels += GRAIN * (luminance[..., None] / 1.22 + 0.4 * noise[..., 1:])
        picture.paste(Image.fromarray(np.clip(pixels + 0.5, 0, 255).astype(np.uint8)), box)


def large_jpeg(
    path: str | Path, megapixels: float, folder: str | Path, *, quality: int = 90, **options: Any
) -> Path:
    """Return the path of that picture as a JPEG file (4:2:0), made where `folder` lacks it."""
    source = Path(path)
    digest = hashlib.sha256(f"{source.read_bytes().hex()}{megapixels}{quality}{GRAIN}".encode())
    target = Path(folder) / f"{source.stem}-{megapixels:g}mp-{digest.hexdigest()[:8]}.jpg"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        picture = large_photograph(source, megapixels, **options)
        partial = target.with_suffix(".part")
        picture.save(partial, "JPEG", quality=quality, subsampling="4:2:0", dpi=(300, 300))
        partial.replace(target)
    return target
