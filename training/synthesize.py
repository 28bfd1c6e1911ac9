"""Procedural pictures for what the training pairs lack, with exact mattes.

Five families, all drawn from nothing but a seed:

``thin``
    strands of hair, grass, twigs with leaves, meshes, nets, rings and wheels. Only colour and
    matte are meant; training always puts them onto another ground (flag `data.COMPOSITE`).
``graphic``
    flat logos: shapes, outlines, lettering. Composited likewise; kind ``graphic``.
``plant``
    whole plants and flowers in front of nothing, with gaps between the leaves.
``foliage``
    dense pot plants, shrubs, bunches of flowers and small trees, often larger than the frame.
``nothing``
    textures, gradients, noise and plain grounds: the matte is empty.

Run ``python -m training.synthesize --out STORE [--each 900] [--seed 1]``.
"""

from __future__ import annotations

import argparse
import colorsys
import logging
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from training.data import COMPOSITE, SIDE, U8, Writer, save_meta
from training.kinds import KINDS, UNKNOWN

log = logging.getLogger(__name__)

Rng = np.random.Generator
Color = tuple[int, int, int]

_SCALE = 2  # drawn at twice the size, then averaged: soft, exact edges
_BIG = SIDE * _SCALE


def _rgb(h: float, s: float, v: float) -> Color:
    r, g, b = colorsys.hsv_to_rgb(h % 1.0, min(max(s, 0), 1), min(max(v, 0), 1))
    return int(r * 255), int(g * 255), int(b * 255)


def _any_color(rng: Rng) -> Color:
    return _rgb(rng.random(), rng.random(), rng.uniform(0.05, 1))


def _vary(rng: Rng, c: Color, by: float = 25) -> Color:
    r, g, b = (int(np.clip(v + rng.normal(0, by), 0, 255)) for v in c)
    return r, g, b


def smooth_noise(rng: Rng, side: int, cells: int) -> npt.NDArray[np.float32]:
    """Return side x side smooth noise of about ``cells`` cells, roughly -1..1, float32."""
    grid = rng.normal(0, 0.5, (cells, cells)).astype(np.float32)
    return np.asarray(Image.fromarray(grid).resize((side, side), Image.Resampling.BICUBIC))


class _Canvas:
    """Colour and matte drawn together at twice the final size."""

    def __init__(self, base: Color) -> None:
        self.rgb = Image.new("RGB", (_BIG, _BIG), base)
        self.alpha = Image.new("L", (_BIG, _BIG), 0)
        self._rgb, self._alpha = ImageDraw.Draw(self.rgb), ImageDraw.Draw(self.alpha)

    def line(self, points: list[tuple[float, float]], c: Color, width: float) -> None:
        w = max(1, round(width))
        self._rgb.line(points, c, w + 2, "curve")  # colour reaches beyond the matte's soft edge
        self._alpha.line(points, 255, w, "curve")

    def polygon(self, points: list[tuple[float, float]], c: Color, opaque: int = 255) -> None:
        self._rgb.polygon(points, c, c, width=2)
        self._alpha.polygon(points, opaque)

    def ellipse(self, box: tuple[float, float, float, float], c: Color, width: int = 0) -> None:
        """Disc, or ring of the given width."""
        if width:
            self._rgb.ellipse(box, None, c, width + 2)
            self._alpha.ellipse(box, None, 255, width)
        else:
            self._rgb.ellipse(box, c)
            self._alpha.ellipse(box, 255)

    def shape(self, mask: Image.Image, c: Color) -> None:
        self.rgb.paste(c, mask=mask.filter(ImageFilter.MaxFilter(3)))
        self.alpha.paste(255, mask=mask)

    def cut(self, mask: Image.Image) -> None:
        self.alpha.paste(0, mask=mask)

    def done(self, rng: Rng, shading: float = 25) -> tuple[U8, U8]:
        small = (SIDE, SIDE)
        rgb = np.asarray(self.rgb.resize(small, Image.Resampling.BOX)).astype(np.float32)
        if shading:
            shade = smooth_noise(rng, SIDE, int(rng.integers(3, 9)))
            rgb += np.float32(shading) * shade[..., None] + rng.normal(0, 3, rgb.shape).astype(
                np.float32
            )
        alpha = np.asarray(self.alpha.resize(small, Image.Resampling.BOX))
        return rgb.clip(0, 255).astype(np.uint8), alpha


def _curve(
    rng: Rng, x: float, y: float, angle: float, length: float, bend: float, n: int = 14
) -> list[tuple[float, float]]:
    """Points of a line that starts at (x, y) and bends randomly by about ``bend`` radians."""
    points = [(x, y)]
    turn = rng.normal(0, bend)
    for _ in range(n):
        angle += turn / n + rng.normal(0, bend / n / 1.5)
        x, y = x + math.cos(angle) * length / n, y + math.sin(angle) * length / n
        points.append((x, y))
    return points


def _leaf(
    rng: Rng, x: float, y: float, angle: float, length: float, plump: float
) -> list[tuple[float, float]]:
    """Outline of a leaf (or petal) from its stalk at (x, y)."""
    t = np.linspace(0, 1, 9)
    half = plump * length * np.sin(np.pi * t ** rng.uniform(0.6, 1.3))
    bow = rng.normal(0, 0.12) * length * np.sin(np.pi * t)
    along = t * length
    c, s = math.cos(angle), math.sin(angle)
    up = [
        (x + c * a - s * (b + h), y + s * a + c * (b + h))
        for a, b, h in zip(along, bow, half, strict=True)
    ]
    lo = [
        (x + c * a - s * (b - h), y + s * a + c * (b - h))
        for a, b, h in zip(along, bow, half, strict=True)
    ]
    return up + lo[::-1]


def hair(rng: Rng) -> tuple[U8, U8]:
    """Return a head, ball or bundle with strands standing off it: (RGB, matte)."""
    base = _rgb(rng.uniform(0, 0.14), rng.uniform(0, 0.8), rng.uniform(0.05, 0.95))
    if rng.random() < 0.25:
        base = _any_color(rng)
    canvas = _Canvas(base)
    cx, cy = _BIG * rng.uniform(0.35, 0.65), _BIG * rng.uniform(0.35, 0.7)
    rx, ry = _BIG * rng.uniform(0.1, 0.27, 2)
    long = _BIG * rng.uniform(0.05, 0.35)
    bend, fine = rng.uniform(0.1, 1.8), rng.uniform(1, 3.2)
    lean = rng.uniform(-math.pi, math.pi)
    gather = rng.uniform(0, 0.9)
    for _ in range(int(rng.integers(150, 700))):
        a = rng.uniform(-math.pi, math.pi)
        x, y = cx + rx * 0.9 * math.cos(a), cy + ry * 0.9 * math.sin(a)
        to = math.atan2(
            (1 - gather) * math.sin(a) + gather * math.sin(lean),
            (1 - gather) * math.cos(a) + gather * math.cos(lean),
        )
        points = _curve(rng, x, y, to + rng.normal(0, 0.35), long * rng.uniform(0.3, 1.2), bend)
        canvas.line(points, _vary(rng, base, 18), fine * rng.uniform(0.6, 1.4))
    canvas.ellipse((cx - rx, cy - ry, cx + rx, cy + ry), _vary(rng, base, 30))
    if rng.random() < 0.6:  # shoulders: the subject is cut by the lower edge
        w, skin = rx * rng.uniform(0.9, 2.2), _any_color(rng)
        body = (cx - w, cy + ry * 0.7, cx + w, _BIG * 1.6)
        canvas.ellipse(body, skin)
    return canvas.done(rng)


def _blossom(rng: Rng, canvas: _Canvas, x: float, y: float, size: float) -> None:
    petals, plump = int(rng.integers(4, 17)), rng.uniform(0.14, 0.4)
    c = _rgb(rng.uniform(-0.2, 0.2), rng.uniform(0.1, 1), rng.uniform(0.6, 1))
    start = rng.uniform(0, math.pi)
    for layer in range(int(rng.integers(1, 4))):
        for i in range(petals):
            a = start + layer * 0.3 + 2 * math.pi * i / petals + rng.normal(0, 0.08)
            long = size * (1 - 0.25 * layer) * rng.uniform(0.85, 1.1)
            canvas.polygon(_leaf(rng, x, y, a, long, plump), _vary(rng, c, 14))
    r = size * rng.uniform(0.1, 0.35)
    canvas.ellipse((x - r, y - r, x + r, y + r), _rgb(rng.uniform(0.05, 0.2), 0.8, 0.8))


def plant(rng: Rng) -> tuple[U8, U8]:
    """Return a plant, a bush or close-up flowers: (RGB, matte)."""
    green = _rgb(rng.uniform(0.13, 0.42), rng.uniform(0.2, 0.9), rng.uniform(0.2, 0.8))
    canvas = _Canvas(green)
    if rng.random() < 0.35:  # close-up: a few blossoms fill the frame
        for _ in range(int(rng.integers(1, 5))):
            x, y = _BIG * rng.uniform(0.1, 0.9, 2)
            size = _BIG * rng.uniform(0.15, 0.55)
            stalk = _curve(rng, x, y, math.pi / 2, _BIG * 1.2, 0.4)
            canvas.line(stalk, _vary(rng, green), rng.uniform(6, 22))
            _blossom(rng, canvas, x, y, size)
        return canvas.done(rng, 35)
    x0, y0 = _BIG * rng.uniform(0.35, 0.65), _BIG * rng.uniform(0.75, 1.05)
    pot = rng.random() < 0.35
    spread, long = rng.uniform(0.2, 1.1), _BIG * rng.uniform(0.35, 0.9)
    leaf, plump = _BIG * rng.uniform(0.03, 0.2), rng.uniform(0.1, 0.4)
    wood = _rgb(rng.uniform(0.05, 0.3), 0.5, rng.uniform(0.2, 0.6))
    flowers = rng.random() < 0.4
    for _ in range(int(rng.integers(3, 16))):
        a = -math.pi / 2 + rng.normal(0, spread)
        points = _curve(rng, x0, y0, a, long * rng.uniform(0.5, 1.1), rng.uniform(0.2, 1))
        canvas.line(points, wood, rng.uniform(2, 12))
        for p in points[2 : -1 : int(rng.integers(1, 4))]:
            if rng.random() < 0.85:
                side = a + rng.choice((-1, 1)) * rng.uniform(0.3, 1.3)
                outline = _leaf(rng, *p, side, leaf * rng.uniform(0.5, 1.4), plump)
                canvas.polygon(outline, _vary(rng, green, 22))
        if flowers and rng.random() < 0.6:
            _blossom(rng, canvas, *points[-1], leaf * rng.uniform(0.4, 1.2))
    if pot:
        w, h = _BIG * rng.uniform(0.08, 0.2), _BIG * rng.uniform(0.12, 0.3)
        y1 = min(y0 + h, _BIG * 0.98)
        canvas.polygon(
            [(x0 - w, y0), (x0 + w, y0), (x0 + w * 0.75, y1), (x0 - w * 0.75, y1)],
            _any_color(rng),
        )
    return canvas.done(rng, 35)


def _shaded(c: Color, light: float) -> Color:
    """Return ``c`` times ``light``."""
    r, g, b = (int(min(max(v * light, 0), 255)) for v in c)
    return r, g, b


def _veined(rng: Rng, canvas: _Canvas, outline: list[tuple[float, float]], c: Color) -> None:
    """Draw a leaf of which one half lies in the light, with its midrib."""
    n = len(outline) // 2
    middle = [
        ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        for a, b in zip(outline[:n], outline[: n - 1 : -1], strict=True)
    ]
    canvas.polygon(outline, c)
    canvas.polygon(outline[:n] + middle[::-1], _shaded(c, rng.uniform(0.7, 1.3)))
    canvas.line(middle, _shaded(c, rng.uniform(0.8, 1.4)), 2)


def _pot(rng: Rng, canvas: _Canvas, x: float, y: float, half: float) -> None:
    """Draw a pot, basket or vase whose opening is at (x, y); often the frame cuts it off."""
    c = _rgb(rng.uniform(0, 0.1), rng.uniform(0.3, 0.8), rng.uniform(0.3, 0.9))
    if rng.random() < 0.4:
        c = _any_color(rng)
    high, foot = half * rng.uniform(0.9, 2.6), rng.uniform(0.55, 1.05)
    low = half * foot
    sides = np.linspace(-1, 1, 12)  # upright strips: the light comes from one side
    bright = 1 + rng.uniform(-0.5, 0.5) * sides - rng.uniform(0, 0.3) * sides**2
    for a, b, light in zip(sides[:-1], sides[1:], bright, strict=False):
        strip = [(x + a * half, y), (x + b * half, y), (x + b * low, y + high)]
        canvas.polygon([*strip, (x + a * low, y + high)], _shaded(c, light))
        if foot < 1:
            rim = [(x + a * half * 1.08, y), (x + b * half * 1.08, y)]
            lower = y + high * 0.16
            rim += [(x + b * half * 1.08, lower), (x + a * half * 1.08, lower)]
            canvas.polygon(rim, _shaded(c, light * 1.1))


def bush(rng: Rng) -> tuple[U8, U8]:
    """Return a dense pot plant, shrub or bunch of flowers, often larger than the frame."""
    hue = rng.uniform(0.13, 0.42) if rng.random() < 0.8 else rng.random()
    green = _rgb(hue, rng.uniform(0.25, 0.95), rng.uniform(0.3, 0.85))
    canvas = _Canvas(_shaded(green, 0.4))
    cx, cy = _BIG * rng.uniform(0.3, 0.7), _BIG * rng.uniform(0.25, 0.6)
    rx, ry = _BIG * rng.uniform(0.22, 0.6, 2)
    leaf, plump = _BIG * rng.uniform(0.04, 0.24), rng.uniform(0.06, 0.4)
    if rng.random() < 0.8:
        below = cy + ry * rng.uniform(0.5, 0.95)
        if rng.random() < 0.65:
            _pot(rng, canvas, cx, below, rx * rng.uniform(0.3, 0.75))
        else:
            for _ in range(int(rng.integers(1, 6))):
                stalk = _curve(rng, cx, cy, math.pi / 2, _BIG, 0.2)
                canvas.line(stalk, _vary(rng, _shaded(green, 0.6)), rng.uniform(6, 40))
    droop, wild = rng.uniform(-0.4, 0.9), rng.uniform(0.2, 0.8)
    hang = rng.uniform(0, 0.6)
    cover = rng.uniform(2, 7) * rx * ry / (leaf * leaf * (plump + 0.05))
    count = int(np.clip(cover, 100, 2200))
    if rng.random() < 0.6:  # so dense that nothing is seen through its middle
        q = rng.uniform(0.4, 0.85)
        t = np.linspace(0, 2 * math.pi, 40, endpoint=False)
        r = q * (1 + 0.12 * rng.normal(size=40))
        rim = zip(cx + rx * r * np.cos(t), cy + ry * r * np.sin(t), strict=True)
        canvas.polygon(list(rim), _shaded(green, rng.uniform(0.15, 0.5)))
    depth = np.sort(rng.random(count))  # from the dark inside to the lit outside
    blossoms = rng.random() < 0.45
    petal = _BIG * rng.uniform(0.03, 0.12)
    for d in depth:
        a, far = rng.uniform(-math.pi, math.pi), rng.random() ** 0.7
        x, y = cx + rx * far * math.cos(a), cy + ry * far * math.sin(a)
        to = math.atan2(y - cy - hang * ry * (1 - far), x - cx) + rng.normal(0, wild)
        outline = _leaf(rng, x, y, to + droop * math.cos(to), leaf * rng.uniform(0.5, 1.3), plump)
        light = (0.35 + 0.75 * d) * (1.1 - 0.35 * (y - cy) / ry)
        if blossoms and d > 0.75 and rng.random() < 0.06:
            _blossom(rng, canvas, x, y, petal * rng.uniform(0.6, 1.3))
        else:
            _veined(rng, canvas, outline, _vary(rng, _shaded(green, light), 14))
    return canvas.done(rng, 35)


def tree(rng: Rng) -> tuple[U8, U8]:
    """Return a small tree: a trunk that forks into twigs with tufts of leaves and gaps."""
    wood = _rgb(rng.uniform(0.03, 0.12), rng.uniform(0.1, 0.6), rng.uniform(0.15, 0.6))
    hue = rng.uniform(0.13, 0.4) if rng.random() < 0.8 else rng.random()
    green = _rgb(hue, rng.uniform(0.2, 0.9), rng.uniform(0.2, 0.8))
    canvas = _Canvas(wood)
    x0, y0 = _BIG * rng.uniform(0.35, 0.65), _BIG * rng.uniform(0.85, 1.05)
    leaf, plump = _BIG * rng.uniform(0.012, 0.06), rng.uniform(0.25, 0.5)
    tufts: list[tuple[float, float]] = []
    bend, fork = rng.uniform(0.3, 1.2), rng.uniform(0.35, 0.8)

    def branch(x: float, y: float, angle: float, long: float, thick: float, level: int) -> None:
        points = _curve(rng, x, y, angle, long, bend, 7)
        for i in range(len(points) - 1):
            width = max(thick * (1 - 0.35 * i / 7), 1.5)
            canvas.line(points[i : i + 2], _vary(rng, wood, 12), width)
        tufts.extend(points[3:] if level < 2 else [])
        if level:
            for _ in range(int(rng.integers(2, 4))):
                start = points[int(rng.integers(4, 8))]
                turn = angle + rng.normal(0, fork)
                branch(*start, turn, long * rng.uniform(0.55, 0.85), thick * 0.55, level - 1)

    branch(
        x0, y0, -math.pi / 2 + rng.normal(0, 0.25),
        _BIG * rng.uniform(0.15, 0.35), _BIG * rng.uniform(0.03, 0.14), 4,
    )  # fmt: skip
    per = float(rng.uniform(1, 6))
    for x, y in tufts[:1200]:
        for _ in range(int(rng.poisson(per))):
            px, py = x + rng.normal(0, leaf), y + rng.normal(0, leaf)
            outline = _leaf(rng, px, py, rng.uniform(-math.pi, math.pi), leaf, plump)
            canvas.polygon(outline, _vary(rng, _shaded(green, rng.uniform(0.4, 1.3)), 14))
    if rng.random() < 0.5:  # roots and soil
        w = _BIG * rng.uniform(0.1, 0.35)
        canvas.ellipse((x0 - w, y0 - w * 0.4, x0 + w, y0 + w), _vary(rng, _shaded(wood, 0.6)))
    elif rng.random() < 0.5:
        _pot(rng, canvas, x0, y0 - _BIG * 0.1, _BIG * rng.uniform(0.08, 0.25))
    return canvas.done(rng, 30)


def lattice(rng: Rng) -> tuple[U8, U8]:
    """Return a mesh, rack, basket or wheel with open holes: (RGB, matte)."""
    c = _any_color(rng) if rng.random() < 0.5 else _rgb(0, 0, rng.uniform(0.1, 0.9))
    canvas = _Canvas(c)
    thick = rng.uniform(3, 14)
    if rng.random() < 0.45:  # wheel or ring
        cx, cy = _BIG * rng.uniform(0.35, 0.65, 2)
        r = _BIG * rng.uniform(0.18, 0.42)
        canvas.ellipse((cx - r, cy - r, cx + r, cy + r), c, int(thick * rng.uniform(1, 5)))
        if rng.random() < 0.7:
            spokes = int(rng.integers(3, 25))
            for i in range(spokes):
                a = 2 * math.pi * i / spokes
                end = (cx + r * math.cos(a), cy + r * math.sin(a))
                canvas.line([(cx, cy), end], _vary(rng, c, 12), thick)
            hub = r * rng.uniform(0.08, 0.3)
            canvas.ellipse((cx - hub, cy - hub, cx + hub, cy + hub), _vary(rng, c))
        return canvas.done(rng, 40)
    x0, y0 = _BIG * rng.uniform(0.08, 0.35, 2)
    x1, y1 = _BIG * rng.uniform(0.6, 0.95, 2)
    lean = rng.normal(0, 0.15) * (x1 - x0)
    nx, ny = (int(v) for v in rng.integers(2, 16, 2))
    diagonal = rng.random() < 0.4
    for i in range(nx + 1):
        x = x0 + (x1 - x0) * i / nx
        canvas.line([(x + lean, y0), (x, y1)], _vary(rng, c, 12), thick)
        if diagonal and i < nx:
            canvas.line([(x + lean, y0), (x + (x1 - x0) / nx, y1)], _vary(rng, c, 12), thick)
    for j in range(ny + 1):
        y = y0 + (y1 - y0) * j / ny
        left = lean * (1 - j / ny)
        canvas.line([(x0 + left, y), (x1 + left, y)], _vary(rng, c, 12), thick)
    if rng.random() < 0.5:  # a solid part, and things that stick out
        canvas.polygon([(x0, y1), (x1, y1), (x1, y1 + 60), (x0, y1 + 60)], _any_color(rng))
    for _ in range(int(rng.integers(0, 6))):
        x = rng.uniform(x0, x1)
        points = [(x, y1), (x + rng.normal(0, 60), y0 - rng.uniform(10, 120))]
        canvas.line(points, _any_color(rng), rng.uniform(6, 26))
    return canvas.done(rng, 40)


# fmt: off
_WORDS = [
    "Atelier", "Nord", "Bold", "Cafe", "Delta", "Echo", "Fox", "Garden", "House", "Iris",
    "Jazz", "Kite", "Lumen", "Maple", "Nova", "Orbit", "Pixel", "Quartz", "River", "Studio",
    "Tempo", "Urban", "Vista", "Wave", "Xenon", "Yard", "Zen", "and", "of", "the", "&",
    "Co.", "1984", "2026", "Books", "Bikes", "Music", "Bread", "Films", "Fresh", "Open",
    "Sale", "New", "Shop", "Coffee", "Tea", "Repair", "Kitchen", "Harbour",
]
# fmt: on


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(max(8, size))


def _glyph(rng: Rng, x: float, y: float, r: float) -> Image.Image:
    """Mask (at twice the final size) of one abstract sign, often an outline with holes."""
    mask = Image.new("L", (_BIG, _BIG), 0)
    draw = ImageDraw.Draw(mask)
    kind = int(rng.integers(0, 5))
    if kind == 0:
        draw.ellipse((x - r, y - r * rng.uniform(0.5, 1), x + r, y + r), 255)
    elif kind == 1:
        n, deep = int(rng.integers(3, 12)), rng.uniform(0.35, 1)
        points = []
        for i in range(2 * n):
            a, q = math.pi * i / n - math.pi / 2, r * (deep if i % 2 else 1)
            points.append((x + q * math.cos(a), y + q * math.sin(a)))
        draw.polygon(points, 255)
    elif kind == 2:
        q = r * rng.uniform(0.5, 1)
        draw.rounded_rectangle((x - r, y - q, x + r, y + q), rng.uniform(0, 0.6) * q, 255)
    elif kind == 3:  # a closed smooth blob
        n = int(rng.integers(5, 10))
        radii = r * rng.uniform(0.45, 1, n)
        t = np.linspace(0, 1, 80, endpoint=False)
        q = np.interp(t * n, np.arange(n + 1), np.append(radii, radii[0]))
        turn = 2 * np.pi * t
        draw.polygon(list(zip(x + q * np.cos(turn), y + q * np.sin(turn), strict=True)), 255)
    else:
        letter = str(rng.choice(list("ABCDEGHJKMNPQRSWZ&@#8")))
        draw.text((x, y), letter, 255, _font(2 * r), anchor="mm")
    if rng.random() < 0.45:  # outline only, now and then with something drawn inside
        inner = mask.resize((int(_BIG * 0.86),) * 2, Image.Resampling.BILINEAR)
        hole = Image.new("L", mask.size, 0)
        hole.paste(inner, (round(x * 0.14), round(y * 0.14)))
        mask.paste(0, mask=hole)
        draw = ImageDraw.Draw(mask)
        for _ in range(int(rng.integers(0, 5))):
            a, b = rng.uniform(0, 2 * math.pi, 2)
            p, q = rng.uniform(0.1, 0.7, 2) * r
            ends = [x + p * math.cos(a), y + p * math.sin(a), x + q * math.cos(b)]
            draw.line([*ends, y + q * math.sin(b)], 255, int(rng.integers(3, 12)))
    turned: Image.Image = mask.rotate(rng.uniform(-40, 40), center=(x, y))
    return turned


def graphic(rng: Rng) -> tuple[U8, U8]:
    """Return a flat logo or sign, often with lettering: (RGB, matte)."""
    canvas = _Canvas(_any_color(rng))
    palette = [_any_color(rng) for _ in range(int(rng.integers(1, 4)))]
    canvas.rgb.paste(palette[0], (0, 0, _BIG, _BIG))
    signs = int(rng.integers(0, 4))
    lines = int(rng.integers(0 if signs else 1, 5))
    top = 0.62 if lines else 0.9
    for i in range(signs):
        r = _BIG * rng.uniform(0.08, 0.3)
        x = _BIG * (0.5 + rng.normal(0, 0.12))
        y = _BIG * rng.uniform(0.15, top)
        mask = _glyph(rng, x, y, r)
        if i and rng.random() < 0.25:
            canvas.cut(mask)
        else:
            canvas.shape(mask, palette[int(rng.integers(len(palette)))])
    size = _BIG * rng.uniform(0.04, 0.14)
    y = _BIG * (rng.uniform(0.5, 0.75) if signs else rng.uniform(0.15, 0.5))
    for _ in range(lines):
        text = " ".join(str(w) for w in rng.choice(_WORDS, int(rng.integers(1, 5))))
        mask = Image.new("L", (_BIG, _BIG), 0)
        bold = int(rng.integers(0, 3))
        ImageDraw.Draw(mask).text(
            (_BIG / 2, y), text, 255, _font(size), anchor="mm", stroke_width=bold
        )
        canvas.shape(mask, palette[int(rng.integers(len(palette)))])
        y += size * 1.35
    return canvas.done(rng, 0 if rng.random() < 0.7 else 20)


def nothing(rng: Rng) -> tuple[U8, U8]:
    """Return a picture without any subject: (RGB, empty matte)."""
    kind = int(rng.integers(0, 10))
    a, b = np.array(_any_color(rng), np.float64), np.array(_any_color(rng), np.float64)
    if rng.random() < 0.5:  # quiet: two close colours
        b = a + rng.normal(0, 25, 3)
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE - 0.5
    t = rng.uniform(0, math.pi)
    u, v = x * math.cos(t) + y * math.sin(t), y * math.cos(t) - x * math.sin(t)
    n = float(rng.uniform(2, 45))
    if kind == 0:
        mix = np.zeros_like(u)
    elif kind == 1:
        mix = u + 0.5
    elif kind == 2:
        mix = np.hypot(x - rng.normal(0, 0.3), y - rng.normal(0, 0.3)) * rng.uniform(0.6, 1.6)
    elif kind == 3:
        mix = np.floor(u * n) % 2 if rng.random() < 0.5 else 0.5 + 0.5 * np.sin(u * n * 6)
    elif kind == 4:
        mix = (np.floor(u * n) + np.floor(v * n)) % 2
    elif kind == 5:  # clouds, marble, plaster
        mix = sum((smooth_noise(rng, SIDE, 2**k + 2) / 1.6 ** (k - 1) for k in range(1, 8)), 0 * u)
        mix = mix * rng.uniform(0.4, 1.2) + 0.5
    elif kind == 6:  # wood, brushed metal, cloth
        grain = smooth_noise(rng, SIDE, int(rng.integers(20, 160)))
        wide = np.asarray(Image.fromarray(grain[:, : SIDE // 12]).resize((SIDE, SIDE)))
        mix = wide if rng.random() < 0.5 else wide.T
        mix = mix * rng.uniform(0.3, 1) + 0.5
    elif kind == 7:  # bricks and tiles
        row = np.floor(v * n)
        shift = u * n / 2 + 0.5 * (row % 2) * rng.integers(0, 2)
        line = rng.uniform(0.04, 0.15)
        mix = ((v * n - row < line) | (shift - np.floor(shift) < line / 2)).astype(np.float32)
    elif kind == 8:  # dots
        du, dv = u * n - np.round(u * n), v * n - np.round(v * n)
        mix = (np.hypot(du, dv) < rng.uniform(0.1, 0.45)).astype(np.float32)
    else:  # grass, fur, carpet: strokes everywhere
        canvas = _Canvas(_rgb(rng.random(), rng.random(), 0.4))
        c = _any_color(rng)
        for _ in range(1500):
            px, py = rng.uniform(0, _BIG, 2)
            points = _curve(rng, px, py, -t + rng.normal(0, 0.4), rng.uniform(15, 60), 0.5, 3)
            canvas.line(points, _vary(rng, c), rng.uniform(1, 5))
        drawn, alpha = canvas.done(rng)
        return drawn, np.zeros_like(alpha)
    rgb = a + (b - a) * np.asarray(mix, np.float32)[..., None]
    rgb = rgb + rng.uniform(0, 40) * smooth_noise(rng, SIDE, int(rng.integers(2, 7)))[..., None]
    rgb = rgb + rng.normal(0, rng.choice((0, 3, 12, 30)), rgb.shape)
    if rng.random() < 0.4:  # light falling off
        rgb = rgb * (1 - rng.uniform(0.2, 0.7) * np.hypot(x, y)[..., None])
    return rgb.clip(0, 255).astype(np.uint8), np.zeros((SIDE, SIDE), np.uint8)


FAMILIES: dict[str, tuple[tuple[Callable[[Rng], tuple[U8, U8]], ...], int, int, int]] = {
    "thin": ((hair, lattice), UNKNOWN, COMPOSITE, 1),
    "plant": ((plant,), KINDS.index("other"), COMPOSITE, 1),
    "graphic": ((graphic,), KINDS.index("graphic"), COMPOSITE, 1),
    "nothing": ((nothing,), UNKNOWN, 0, 1),
    "foliage": ((bush, tree), KINDS.index("other"), COMPOSITE, 2),
}
"""Painters, label, flags and share of each family."""


def build(store: Path, each: int, seed: int) -> int:
    """Draw ``each`` pictures of every family, times its share, and return their number."""
    store.mkdir(parents=True, exist_ok=True)
    (store / "pixels.u8").unlink(missing_ok=True)
    total = each * sum(share for *_, share in FAMILIES.values())
    writer = Writer(store / "pixels.u8", total)
    for family, (painters, label, flags, share) in FAMILIES.items():
        for i in range(each * share):
            rng = np.random.default_rng([seed, list(FAMILIES).index(family), i])
            rgb, matte = painters[i % len(painters)](rng)
            writer.add(f"{family}_{i:05d}", rgb, matte, label, flags)
        log.info("%s: %d pictures", family, each * share)
    writer.flush()
    save_meta(writer.entries, store)
    return len(writer.entries)


def main() -> None:
    """Draw the procedural pictures."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the store")
    parser.add_argument("--each", type=int, default=900, help="pictures per family")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    build(args.out, args.each, args.seed)


if __name__ == "__main__":
    main()
