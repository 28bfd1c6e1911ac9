"""Pictures made of real objects and grounds, whose alpha and colours are known to the last pixel.

Objects are cut out of training pairs that were held back, those with the cleanest masks, a little
inside of the mask, so that nothing of their old background comes along; or they are drawn as
polygons and ovals. Hair is drawn: tapered, bent strands in colours of the object. Grounds are parts
of other pairs in which no subject lies. All of it goes through a lens (blur), a sensor (noise) and
a camera (JPEG).

A number makes a picture, always the same one.
"""

from __future__ import annotations

import io
import itertools
import re
import tarfile
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

__all__ = ["KINDS", "Composite", "Pairs", "make"]

KINDS = ("hard", "hair")

Floats = NDArray[np.float32]
Random = np.random.Generator

#: Pairs named after what ImageNet calls an animal.
ANIMAL = re.compile(r"duts_n0(1|2[0-4])")
#: Hair and outlines are drawn this much larger.
FINE = 3
#: Longer side of a picture.
SIDES = (560, 880)


class Pair(NamedTuple):
    color: Image.Image
    mask: Image.Image


class Composite(NamedTuple):
    """A picture and what it is made of."""

    encoded: bytes  # JPEG
    alpha: Floats  # (H, W) in [0, 1]
    front: Floats  # (H, W, 3) the subject over black, in [0, 1]


class Pairs:
    """The training pairs that were held back.

    Parameters
    ----------
    folder : Path
        With ``train-*.tar``.
    names : path
        A list of the pairs' names, one a line.
    """

    def __init__(self, folder: Path, names: Path) -> None:
        wanted = set(names.read_text("utf-8").split())
        self._files: dict[str, dict[str, bytes]] = {}
        for path in sorted(folder.glob("train-0*.tar")):
            with tarfile.open(path) as archive:
                for member in archive:
                    name, _, suffix = member.name.rpartition(".")
                    held = archive.extractfile(member) if name in wanted else None
                    if held is not None:
                        self._files.setdefault(name, {})[suffix] = held.read()
        every = sorted(self._files)
        self.objects = [name for name in every if clean(self.mask(name))]
        self.animals = [name for name in self.objects if ANIMAL.match(name)]
        self.grounds = [name for name in every if free_box(self.mask(name)) is not None]

    def mask(self, name: str) -> Image.Image:
        """Return what is true about a pair."""
        return Image.open(io.BytesIO(self._files[name]["png"])).convert("L")

    def pair(self, name: str) -> Pair:
        """Return a pair."""
        color = Image.open(io.BytesIO(self._files[name]["webp"])).convert("RGB")
        return Pair(color, self.mask(name))


def clean(mask: Image.Image) -> bool:
    """Whether a mask is one thing with a short, sharp outline, inside of its picture."""
    from scipy import ndimage

    level = np.asarray(mask) / 255
    inside = level >= 0.5
    area = inside.mean()
    if not 0.06 <= area <= 0.5:
        return False
    labels, _ = ndimage.label(inside)
    if np.bincount(labels[inside]).max() < 0.99 * inside.sum():
        return False
    outline = np.count_nonzero(inside[1:] != inside[:-1])
    outline += np.count_nonzero(inside[:, 1:] != inside[:, :-1])
    soft = np.count_nonzero((level > 0.1) & (level < 0.9))
    rim = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
    return bool(outline**2 < 70 * inside.sum() and soft < 1.5 * outline and rim.mean() < 0.03)


def free_box(mask: Image.Image) -> tuple[int, int, int, int] | None:
    """Return the largest part of a picture beside its subject; None where it is too small."""
    taken = np.asarray(mask.filter(ImageFilter.MaxFilter(9))) > 12
    box = Image.fromarray(taken).getbbox()
    width, height = mask.size
    if box is None:
        return None
    left, top, right, bottom = box
    sides = [
        (0, 0, left, height),
        (right, 0, width, height),
        (0, 0, width, top),
        (0, bottom, width, height),
    ]
    best = max(sides, key=lambda part: (part[2] - part[0]) * (part[3] - part[1]))
    return best if min(best[2] - best[0], best[3] - best[1]) >= 100 else None


def make(pairs: Pairs, kind: str, number: int) -> Composite:
    """Return one picture.

    Parameters
    ----------
    pairs : Pairs
    kind : {"hard", "hair"}
    number : int
    """
    rng = np.random.default_rng([KINDS.index(kind), number])
    if kind == "hard" and number % 4 == 3:
        front, alpha = drawn(pairs, rng)
    else:
        front, alpha = photographed(pairs, pairs.animals if kind == "hair" else pairs.objects, rng)
    if kind == "hair":
        front, alpha = hairy(front, alpha, rng)
    height, width = alpha.shape
    back = ground(pairs, (width, height), rng)
    blur = float(rng.choice([0, 0.4, 0.7, 1.0, 1.4]))
    weight = alpha[..., None]
    front = blurred(front * weight, blur)
    alpha = np.clip(blurred(alpha, blur), 0, 1)
    back = blurred(back, blur)
    image = front + (1 - alpha[..., None]) * back
    image = image + rng.normal(0, rng.choice([0, 1, 2, 4]) / 255, image.shape)
    buffer = io.BytesIO()
    quality = int(rng.integers(75, 97))
    levels = np.clip(image * 255 + 0.5, 0, 255).astype(np.uint8)
    Image.fromarray(levels).save(buffer, "JPEG", quality=quality)
    return Composite(buffer.getvalue(), alpha, front)


def blurred(planes: Floats, sigma: float) -> Floats:
    if not sigma:
        return planes
    from scipy import ndimage

    reach = (sigma, sigma, 0)[: planes.ndim]
    return np.asarray(ndimage.gaussian_filter(planes, reach, mode="nearest"), np.float32)


def floats(image: Image.Image) -> Floats:
    return np.asarray(image, np.float32) / np.float32(255)


def photographed(pairs: Pairs, names: list[str], rng: Random) -> tuple[Floats, Floats]:
    """Return colours and alpha of an object out of a photograph."""
    color, mask = pairs.pair(names[rng.integers(len(names))])
    scale = rng.integers(*SIDES) / max(color.size)
    size = round(color.width * scale), round(color.height * scale)
    sharp = mask.point(lambda level: 255 * (level >= 128)).filter(ImageFilter.MinFilter(5))
    smooth = sharp.filter(ImageFilter.GaussianBlur(1.2))
    large = smooth.resize((FINE * size[0], FINE * size[1]), Image.Resampling.BICUBIC)
    large = large.point(lambda level: 255 * (level >= 128))
    alpha = large.resize(size, Image.Resampling.BOX)
    return floats(color.resize(size, Image.Resampling.LANCZOS)), floats(alpha)


def drawn(pairs: Pairs, rng: Random) -> tuple[Floats, Floats]:
    """Return colours and alpha of a drawn thing: corners, ovals, bars, often with a hole."""
    width, height = (int(side) for side in rng.integers(*SIDES, 2))
    image = Image.new("L", (FINE * width, FINE * height))
    pen = ImageDraw.Draw(image)
    middle = np.array([width, height]) * rng.uniform(0.4, 0.6, 2)
    radius = min(width, height) * rng.uniform(0.25, 0.38)

    def corners(count: int, inner: float, size: float) -> list[tuple[float, float]]:
        turn = rng.uniform(0, 2 * np.pi)
        lengths = size * np.where(np.arange(count) % 2, inner, 1) * rng.uniform(0.8, 1.1, count)
        angles = turn + np.arange(count) * 2 * np.pi / count
        points = middle + np.stack([np.cos(angles), np.sin(angles)], -1) * lengths[:, None]
        return [(x * FINE, y * FINE) for x, y in points]

    def oval(size: float) -> list[float]:
        reach = size * np.array([1, rng.uniform(0.6, 1)])
        return [float(each) * FINE for each in (*(middle - reach), *(middle + reach))]

    shape = rng.integers(4)
    if shape == 0:
        pen.polygon(corners(int(rng.integers(4, 9)), 1, radius), 255)
    elif shape == 1:
        pen.polygon(corners(2 * int(rng.integers(4, 8)), 0.6, radius), 255)
    elif shape == 2:
        pen.ellipse(oval(radius), 255)
    else:
        # A tray with legs.
        left, top = middle - radius
        right, low = middle + radius
        thick = rng.uniform(0.08, 0.2) * radius
        pen.rectangle([FINE * float(v) for v in (left, top, right, top + 4 * thick)], 255)
        for at in (left, right - thick, (left + right - thick) / 2):
            pen.rectangle([FINE * float(v) for v in (at, top, at + thick, low)], 255)
    if shape < 3 and rng.random() < 0.4:
        pen.ellipse(oval(radius * rng.uniform(0.2, 0.45)), 0)
    alpha = floats(image.resize((width, height), Image.Resampling.BOX))
    if rng.random() < 0.5:
        color = ground(pairs, (width, height), rng)
    else:
        light = np.linspace(rng.uniform(0.7, 1), 1, height)[:, None, None]
        color = np.broadcast_to(rng.uniform(0.05, 0.95, 3) * light, (height, width, 3))
    return np.asarray(color, np.float32), alpha


def ground(pairs: Pairs, size: tuple[int, int], rng: Random) -> Floats:
    """Return a real background of a size, mirrored at its borders where it is too small."""
    color, mask = pairs.pair(pairs.grounds[rng.integers(len(pairs.grounds))])
    part = color.crop(free_box(mask))
    scale = max(rng.uniform(1, 2.2), 0.45 * max(size) / max(part.size))
    part = part.resize((round(part.width * scale), round(part.height * scale)))
    part = part.filter(ImageFilter.GaussianBlur(float(rng.choice([0, 0, 1, 3]))))
    small = floats(part)
    rows, columns = (
        _mirrored(length, count)
        for length, count in ((size[1], part.height), (size[0], part.width))
    )
    return np.asarray(small[rows][:, columns])


def _mirrored(length: int, count: int) -> NDArray[np.intp]:
    at = np.arange(length) % (2 * count)
    return np.asarray(np.minimum(at, 2 * count - 1 - at))


def hairy(front: Floats, alpha: Floats, rng: Random) -> tuple[Floats, Floats]:
    """Return colours and alpha of a thing on whose outline hair or fur grows."""
    from scipy import ndimage

    height, width = alpha.shape
    side = float(np.sqrt(alpha.sum()))
    smooth = ndimage.gaussian_filter(alpha, 0.02 * side)
    down, across = np.gradient(smooth)
    rows, columns = np.nonzero((alpha > 0.5) & ~ndimage.binary_erosion(alpha > 0.5))
    # Some of the outline is bald.
    start, share = rng.random(), rng.uniform(0.5, 1)
    angle = np.arctan2(rows - rows.mean(), columns - columns.mean()) / (2 * np.pi)
    grows = (angle - start) % 1 < share
    rows, columns = rows[grows], columns[grows]
    fur = rng.random() < 0.5
    count = int(len(rows) * (rng.uniform(0.5, 1.2) if fur else rng.uniform(0.15, 0.5)))
    length = side * (rng.uniform(0.02, 0.05) if fur else rng.uniform(0.06, 0.16))
    thick = rng.uniform(1.0, 2.2) if fur else rng.uniform(0.7, 1.8)
    wind = rng.normal(0, 0.5, 2)
    size = FINE * width, FINE * height
    cover, paint = Image.new("L", size), Image.new("RGB", size)
    pens = ImageDraw.Draw(cover), ImageDraw.Draw(paint)
    ink = front * alpha[..., None]
    ink = (
        ndimage.uniform_filter(ink, (9, 9, 0))
        / np.maximum(ndimage.uniform_filter(alpha, 9), 1e-3)[..., None]
    )
    for chosen in rng.integers(len(rows), size=count).tolist():
        y, x = int(rows[chosen]), int(columns[chosen])
        way = -np.array([across[y, x], down[y, x]])
        way = way / max(float(np.hypot(*way)), 1e-6) + rng.normal(0, 0.35, 2) + 0.4 * wind
        way /= max(float(np.hypot(*way)), 1e-6)
        bend = rng.normal(0, 0.9) * np.array([-way[1], way[0]])
        reach = length * rng.lognormal(0, 0.35)
        t = np.linspace(-0.1, 1, 13)[:, None]
        points = np.array([x, y]) + reach * (t * way + t * np.abs(t) * (0.5 * bend + 0.3 * wind))
        color = tuple(int(v) for v in np.clip(255 * ink[y, x] * rng.normal(1, 0.15), 0, 255))
        full = FINE * thick * rng.uniform(0.6, 1.3)
        for at, (one, two) in enumerate(itertools.pairwise(points)):
            line = [float(v) * FINE for v in (*one, *two)]
            pen_width = max(1, round(full * (1 - at / 14)))
            pens[0].line(line, 255, pen_width)
            pens[1].line(line, color, pen_width)
    strands = floats(cover.resize((width, height), Image.Resampling.BOX))
    # Colours of a picture that is black beside the strands are those of the strands over black.
    colors = floats(paint.resize((width, height), Image.Resampling.BOX))
    weight = strands[..., None]
    below = (1 - weight) * alpha[..., None]
    total = strands + (1 - strands) * alpha
    mixed = (colors + below * front) / np.maximum(total, 1e-4)[..., None]
    return np.asarray(mixed, np.float32), np.asarray(total, np.float32)


@lru_cache(1)
def read(data: Path) -> Pairs:
    """Return the pairs of a data folder."""
    names = Path(__file__).resolve().parent.parent / "training" / "validation.txt"
    return Pairs(data / "training", names)
