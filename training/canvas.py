"""What procedural pictures are drawn with: colour and matte together, curves, signs, noise."""

from __future__ import annotations

import colorsys
import math

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from training.data import SIDE, U8

Rng = np.random.Generator
Color = tuple[int, int, int]
Points = list[tuple[float, float]]

SCALE = 2  # drawn at twice the size, then averaged: soft, exact edges
BIG = SIDE * SCALE


def hsv(h: float, s: float, v: float) -> Color:
    """Return a colour of hue, saturation and value, 0..1 each."""
    r, g, b = colorsys.hsv_to_rgb(h % 1.0, min(max(s, 0), 1), min(max(v, 0), 1))
    return int(r * 255), int(g * 255), int(b * 255)


def any_color(rng: Rng) -> Color:
    """Return any colour but nearly black ones."""
    return hsv(rng.random(), rng.random(), rng.uniform(0.05, 1))


def vary(rng: Rng, c: Color, by: float = 25) -> Color:
    """Return a colour close to ``c``."""
    r, g, b = (int(np.clip(v + rng.normal(0, by), 0, 255)) for v in c)
    return r, g, b


def smooth_noise(rng: Rng, side: int, cells: int) -> npt.NDArray[np.float32]:
    """Return side x side smooth noise of about ``cells`` cells, roughly -1..1, float32."""
    grid = rng.normal(0, 0.5, (cells, cells)).astype(np.float32)
    return np.asarray(Image.fromarray(grid).resize((side, side), Image.Resampling.BICUBIC))


class Canvas:
    """Colour and matte drawn together at twice the final size."""

    def __init__(self, base: Color) -> None:
        self.rgb = Image.new("RGB", (BIG, BIG), base)
        self.alpha = Image.new("L", (BIG, BIG), 0)
        self._rgb, self._alpha = ImageDraw.Draw(self.rgb), ImageDraw.Draw(self.alpha)

    def line(self, points: Points, c: Color, width: float) -> None:
        """Draw a line."""
        w = max(1, round(width))
        self._rgb.line(points, c, w + 2, "curve")  # colour reaches beyond the matte's soft edge
        self._alpha.line(points, 255, w, "curve")

    def polygon(self, points: Points, c: Color, opaque: int = 255) -> None:
        """Draw a polygon, all of it as opaque as said (0..255)."""
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
        """Paint where a mask (at twice the final size) is."""
        self.rgb.paste(c, mask=mask.filter(ImageFilter.MaxFilter(3)))
        self.alpha.paste(255, mask=mask)

    def cut(self, mask: Image.Image) -> None:
        """Take the matte away where a mask is."""
        self.alpha.paste(0, mask=mask)

    def done(self, rng: Rng, shading: float = 25) -> tuple[U8, U8]:
        """Return colour, shaded by soft light, and matte at the final size."""
        small = (SIDE, SIDE)
        rgb = np.asarray(self.rgb.resize(small, Image.Resampling.BOX)).astype(np.float32)
        if shading:
            shade = smooth_noise(rng, SIDE, int(rng.integers(3, 9)))
            rgb += np.float32(shading) * shade[..., None] + rng.normal(0, 3, rgb.shape).astype(
                np.float32
            )
        alpha = np.asarray(self.alpha.resize(small, Image.Resampling.BOX))
        return rgb.clip(0, 255).astype(np.uint8), alpha


def curve(
    rng: Rng, x: float, y: float, angle: float, length: float, bend: float, n: int = 14
) -> Points:
    """Points of a line that starts at (x, y) and bends randomly by about ``bend`` radians."""
    points = [(x, y)]
    turn = rng.normal(0, bend)
    for _ in range(n):
        angle += turn / n + rng.normal(0, bend / n / 1.5)
        x, y = x + math.cos(angle) * length / n, y + math.sin(angle) * length / n
        points.append((x, y))
    return points


def shaded(c: Color, light: float) -> Color:
    """Return ``c`` times ``light``."""
    r, g, b = (int(min(max(v * light, 0), 255)) for v in c)
    return r, g, b


# fmt: off
WORDS = [
    "Atelier", "Nord", "Bold", "Cafe", "Delta", "Echo", "Fox", "Garden", "House", "Iris",
    "Jazz", "Kite", "Lumen", "Maple", "Nova", "Orbit", "Pixel", "Quartz", "River", "Studio",
    "Tempo", "Urban", "Vista", "Wave", "Xenon", "Yard", "Zen", "and", "of", "the", "&",
    "Co.", "1984", "2026", "Books", "Bikes", "Music", "Bread", "Films", "Fresh", "Open",
    "Sale", "New", "Shop", "Coffee", "Tea", "Repair", "Kitchen", "Harbour",
]
# fmt: on


def font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return Pillow's own font at a size in pixels."""
    return ImageFont.load_default(max(8, size))


def glyph(rng: Rng, x: float, y: float, r: float) -> Image.Image:
    """Mask (at twice the final size) of one abstract sign, often an outline with holes."""
    mask = Image.new("L", (BIG, BIG), 0)
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
        draw.text((x, y), letter, 255, font(2 * r), anchor="mm")
    if rng.random() < 0.45:  # outline only, now and then with something drawn inside
        inner = mask.resize((int(BIG * 0.86),) * 2, Image.Resampling.BILINEAR)
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
