"""Procedural pictures for what the training pairs lack, with exact mattes.

Families, all drawn from nothing but a seed:

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
``glass``, ``furniture``, ``jewellery``, ``goods``, ``paper``
    see `training.things`.

Run ``python -m training.synthesize --out STORE [--each 900] [--seed 1]``.
"""

from __future__ import annotations

import argparse
import logging
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from training import things
from training.canvas import (
    BIG,
    WORDS,
    Canvas,
    Color,
    Points,
    Rng,
    any_color,
    curve,
    font,
    glyph,
    hsv,
    shaded,
    smooth_noise,
    vary,
)
from training.data import COMPOSITE, SIDE, U8, Writer, save_meta
from training.kinds import KINDS, UNKNOWN

log = logging.getLogger(__name__)


def _leaf(rng: Rng, x: float, y: float, angle: float, length: float, plump: float) -> Points:
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
    base = hsv(rng.uniform(0, 0.14), rng.uniform(0, 0.8), rng.uniform(0.05, 0.95))
    if rng.random() < 0.25:
        base = any_color(rng)
    canvas = Canvas(base)
    cx, cy = BIG * rng.uniform(0.35, 0.65), BIG * rng.uniform(0.35, 0.7)
    rx, ry = BIG * rng.uniform(0.1, 0.27, 2)
    long = BIG * rng.uniform(0.05, 0.35)
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
        points = curve(rng, x, y, to + rng.normal(0, 0.35), long * rng.uniform(0.3, 1.2), bend)
        canvas.line(points, vary(rng, base, 18), fine * rng.uniform(0.6, 1.4))
    canvas.ellipse((cx - rx, cy - ry, cx + rx, cy + ry), vary(rng, base, 30))
    if rng.random() < 0.6:  # shoulders: the subject is cut by the lower edge
        w, skin = rx * rng.uniform(0.9, 2.2), any_color(rng)
        body = (cx - w, cy + ry * 0.7, cx + w, BIG * 1.6)
        canvas.ellipse(body, skin)
    return canvas.done(rng)


def _blossom(rng: Rng, canvas: Canvas, x: float, y: float, size: float) -> None:
    petals, plump = int(rng.integers(4, 17)), rng.uniform(0.14, 0.4)
    c = hsv(rng.uniform(-0.2, 0.2), rng.uniform(0.1, 1), rng.uniform(0.6, 1))
    start = rng.uniform(0, math.pi)
    for layer in range(int(rng.integers(1, 4))):
        for i in range(petals):
            a = start + layer * 0.3 + 2 * math.pi * i / petals + rng.normal(0, 0.08)
            long = size * (1 - 0.25 * layer) * rng.uniform(0.85, 1.1)
            canvas.polygon(_leaf(rng, x, y, a, long, plump), vary(rng, c, 14))
    r = size * rng.uniform(0.1, 0.35)
    canvas.ellipse((x - r, y - r, x + r, y + r), hsv(rng.uniform(0.05, 0.2), 0.8, 0.8))


def plant(rng: Rng) -> tuple[U8, U8]:
    """Return a plant, a bush or close-up flowers: (RGB, matte)."""
    green = hsv(rng.uniform(0.13, 0.42), rng.uniform(0.2, 0.9), rng.uniform(0.2, 0.8))
    canvas = Canvas(green)
    if rng.random() < 0.35:  # close-up: a few blossoms fill the frame
        for _ in range(int(rng.integers(1, 5))):
            x, y = BIG * rng.uniform(0.1, 0.9, 2)
            size = BIG * rng.uniform(0.15, 0.55)
            stalk = curve(rng, x, y, math.pi / 2, BIG * 1.2, 0.4)
            canvas.line(stalk, vary(rng, green), rng.uniform(6, 22))
            _blossom(rng, canvas, x, y, size)
        return canvas.done(rng, 35)
    x0, y0 = BIG * rng.uniform(0.35, 0.65), BIG * rng.uniform(0.75, 1.05)
    pot = rng.random() < 0.35
    spread, long = rng.uniform(0.2, 1.1), BIG * rng.uniform(0.35, 0.9)
    leaf, plump = BIG * rng.uniform(0.03, 0.2), rng.uniform(0.1, 0.4)
    wood = hsv(rng.uniform(0.05, 0.3), 0.5, rng.uniform(0.2, 0.6))
    flowers = rng.random() < 0.4
    for _ in range(int(rng.integers(3, 16))):
        a = -math.pi / 2 + rng.normal(0, spread)
        points = curve(rng, x0, y0, a, long * rng.uniform(0.5, 1.1), rng.uniform(0.2, 1))
        canvas.line(points, wood, rng.uniform(2, 12))
        for p in points[2 : -1 : int(rng.integers(1, 4))]:
            if rng.random() < 0.85:
                side = a + rng.choice((-1, 1)) * rng.uniform(0.3, 1.3)
                outline = _leaf(rng, *p, side, leaf * rng.uniform(0.5, 1.4), plump)
                canvas.polygon(outline, vary(rng, green, 22))
        if flowers and rng.random() < 0.6:
            _blossom(rng, canvas, *points[-1], leaf * rng.uniform(0.4, 1.2))
    if pot:
        w, h = BIG * rng.uniform(0.08, 0.2), BIG * rng.uniform(0.12, 0.3)
        y1 = min(y0 + h, BIG * 0.98)
        canvas.polygon(
            [(x0 - w, y0), (x0 + w, y0), (x0 + w * 0.75, y1), (x0 - w * 0.75, y1)],
            any_color(rng),
        )
    return canvas.done(rng, 35)


def _veined(rng: Rng, canvas: Canvas, outline: Points, c: Color) -> None:
    """Draw a leaf of which one half lies in the light, with its midrib."""
    n = len(outline) // 2
    middle = [
        ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        for a, b in zip(outline[:n], outline[: n - 1 : -1], strict=True)
    ]
    canvas.polygon(outline, c)
    canvas.polygon(outline[:n] + middle[::-1], shaded(c, rng.uniform(0.7, 1.3)))
    canvas.line(middle, shaded(c, rng.uniform(0.8, 1.4)), 2)


def _pot(rng: Rng, canvas: Canvas, x: float, y: float, half: float) -> None:
    """Draw a pot, basket or vase whose opening is at (x, y); often the frame cuts it off."""
    c = hsv(rng.uniform(0, 0.1), rng.uniform(0.3, 0.8), rng.uniform(0.3, 0.9))
    if rng.random() < 0.4:
        c = any_color(rng)
    high, foot = half * rng.uniform(0.9, 2.6), rng.uniform(0.55, 1.05)
    low = half * foot
    sides = np.linspace(-1, 1, 12)  # upright strips: the light comes from one side
    bright = 1 + rng.uniform(-0.5, 0.5) * sides - rng.uniform(0, 0.3) * sides**2
    for a, b, light in zip(sides[:-1], sides[1:], bright, strict=False):
        strip = [(x + a * half, y), (x + b * half, y), (x + b * low, y + high)]
        canvas.polygon([*strip, (x + a * low, y + high)], shaded(c, light))
        if foot < 1:
            rim = [(x + a * half * 1.08, y), (x + b * half * 1.08, y)]
            lower = y + high * 0.16
            rim += [(x + b * half * 1.08, lower), (x + a * half * 1.08, lower)]
            canvas.polygon(rim, shaded(c, light * 1.1))


def bush(rng: Rng) -> tuple[U8, U8]:
    """Return a dense pot plant, shrub or bunch of flowers, often larger than the frame."""
    hue = rng.uniform(0.13, 0.42) if rng.random() < 0.8 else rng.random()
    green = hsv(hue, rng.uniform(0.25, 0.95), rng.uniform(0.3, 0.85))
    canvas = Canvas(shaded(green, 0.4))
    cx, cy = BIG * rng.uniform(0.3, 0.7), BIG * rng.uniform(0.25, 0.6)
    rx, ry = BIG * rng.uniform(0.22, 0.6, 2)
    leaf, plump = BIG * rng.uniform(0.04, 0.24), rng.uniform(0.06, 0.4)
    if rng.random() < 0.8:
        below = cy + ry * rng.uniform(0.5, 0.95)
        if rng.random() < 0.65:
            _pot(rng, canvas, cx, below, rx * rng.uniform(0.3, 0.75))
        else:
            for _ in range(int(rng.integers(1, 6))):
                stalk = curve(rng, cx, cy, math.pi / 2, BIG, 0.2)
                canvas.line(stalk, vary(rng, shaded(green, 0.6)), rng.uniform(6, 40))
    droop, wild = rng.uniform(-0.4, 0.9), rng.uniform(0.2, 0.8)
    hang = rng.uniform(0, 0.6)
    cover = rng.uniform(2, 7) * rx * ry / (leaf * leaf * (plump + 0.05))
    count = int(np.clip(cover, 100, 2200))
    if rng.random() < 0.6:  # so dense that nothing is seen through its middle
        q = rng.uniform(0.4, 0.85)
        t = np.linspace(0, 2 * math.pi, 40, endpoint=False)
        r = q * (1 + 0.12 * rng.normal(size=40))
        rim = zip(cx + rx * r * np.cos(t), cy + ry * r * np.sin(t), strict=True)
        canvas.polygon(list(rim), shaded(green, rng.uniform(0.15, 0.5)))
    depth = np.sort(rng.random(count))  # from the dark inside to the lit outside
    blossoms = rng.random() < 0.45
    petal = BIG * rng.uniform(0.03, 0.12)
    for d in depth:
        a, far = rng.uniform(-math.pi, math.pi), rng.random() ** 0.7
        x, y = cx + rx * far * math.cos(a), cy + ry * far * math.sin(a)
        to = math.atan2(y - cy - hang * ry * (1 - far), x - cx) + rng.normal(0, wild)
        outline = _leaf(rng, x, y, to + droop * math.cos(to), leaf * rng.uniform(0.5, 1.3), plump)
        light = (0.35 + 0.75 * d) * (1.1 - 0.35 * (y - cy) / ry)
        if blossoms and d > 0.75 and rng.random() < 0.06:
            _blossom(rng, canvas, x, y, petal * rng.uniform(0.6, 1.3))
        else:
            _veined(rng, canvas, outline, vary(rng, shaded(green, light), 14))
    return canvas.done(rng, 35)


def tree(rng: Rng) -> tuple[U8, U8]:
    """Return a small tree: a trunk that forks into twigs with tufts of leaves and gaps."""
    wood = hsv(rng.uniform(0.03, 0.12), rng.uniform(0.1, 0.6), rng.uniform(0.15, 0.6))
    hue = rng.uniform(0.13, 0.4) if rng.random() < 0.8 else rng.random()
    green = hsv(hue, rng.uniform(0.2, 0.9), rng.uniform(0.2, 0.8))
    canvas = Canvas(wood)
    x0, y0 = BIG * rng.uniform(0.35, 0.65), BIG * rng.uniform(0.85, 1.05)
    leaf, plump = BIG * rng.uniform(0.012, 0.06), rng.uniform(0.25, 0.5)
    tufts: Points = []
    bend, fork = rng.uniform(0.3, 1.2), rng.uniform(0.35, 0.8)

    def branch(x: float, y: float, angle: float, long: float, thick: float, level: int) -> None:
        points = curve(rng, x, y, angle, long, bend, 7)
        for i in range(len(points) - 1):
            width = max(thick * (1 - 0.35 * i / 7), 1.5)
            canvas.line(points[i : i + 2], vary(rng, wood, 12), width)
        tufts.extend(points[3:] if level < 2 else [])
        if level:
            for _ in range(int(rng.integers(2, 4))):
                start = points[int(rng.integers(4, 8))]
                turn = angle + rng.normal(0, fork)
                branch(*start, turn, long * rng.uniform(0.55, 0.85), thick * 0.55, level - 1)

    branch(
        x0, y0, -math.pi / 2 + rng.normal(0, 0.25),
        BIG * rng.uniform(0.15, 0.35), BIG * rng.uniform(0.03, 0.14), 4,
    )  # fmt: skip
    per = float(rng.uniform(1, 6))
    for x, y in tufts[:1200]:
        for _ in range(int(rng.poisson(per))):
            px, py = x + rng.normal(0, leaf), y + rng.normal(0, leaf)
            outline = _leaf(rng, px, py, rng.uniform(-math.pi, math.pi), leaf, plump)
            canvas.polygon(outline, vary(rng, shaded(green, rng.uniform(0.4, 1.3)), 14))
    if rng.random() < 0.5:  # roots and soil
        w = BIG * rng.uniform(0.1, 0.35)
        canvas.ellipse((x0 - w, y0 - w * 0.4, x0 + w, y0 + w), vary(rng, shaded(wood, 0.6)))
    elif rng.random() < 0.5:
        _pot(rng, canvas, x0, y0 - BIG * 0.1, BIG * rng.uniform(0.08, 0.25))
    return canvas.done(rng, 30)


def lattice(rng: Rng) -> tuple[U8, U8]:
    """Return a mesh, rack, basket or wheel with open holes: (RGB, matte)."""
    c = any_color(rng) if rng.random() < 0.5 else hsv(0, 0, rng.uniform(0.1, 0.9))
    canvas = Canvas(c)
    thick = rng.uniform(3, 14)
    if rng.random() < 0.45:  # wheel or ring
        cx, cy = BIG * rng.uniform(0.35, 0.65, 2)
        r = BIG * rng.uniform(0.18, 0.42)
        canvas.ellipse((cx - r, cy - r, cx + r, cy + r), c, int(thick * rng.uniform(1, 5)))
        if rng.random() < 0.7:
            spokes = int(rng.integers(3, 25))
            for i in range(spokes):
                a = 2 * math.pi * i / spokes
                end = (cx + r * math.cos(a), cy + r * math.sin(a))
                canvas.line([(cx, cy), end], vary(rng, c, 12), thick)
            hub = r * rng.uniform(0.08, 0.3)
            canvas.ellipse((cx - hub, cy - hub, cx + hub, cy + hub), vary(rng, c))
        return canvas.done(rng, 40)
    x0, y0 = BIG * rng.uniform(0.08, 0.35, 2)
    x1, y1 = BIG * rng.uniform(0.6, 0.95, 2)
    lean = rng.normal(0, 0.15) * (x1 - x0)
    nx, ny = (int(v) for v in rng.integers(2, 16, 2))
    diagonal = rng.random() < 0.4
    for i in range(nx + 1):
        x = x0 + (x1 - x0) * i / nx
        canvas.line([(x + lean, y0), (x, y1)], vary(rng, c, 12), thick)
        if diagonal and i < nx:
            canvas.line([(x + lean, y0), (x + (x1 - x0) / nx, y1)], vary(rng, c, 12), thick)
    for j in range(ny + 1):
        y = y0 + (y1 - y0) * j / ny
        left = lean * (1 - j / ny)
        canvas.line([(x0 + left, y), (x1 + left, y)], vary(rng, c, 12), thick)
    if rng.random() < 0.5:  # a solid part, and things that stick out
        canvas.polygon([(x0, y1), (x1, y1), (x1, y1 + 60), (x0, y1 + 60)], any_color(rng))
    for _ in range(int(rng.integers(0, 6))):
        x = rng.uniform(x0, x1)
        points = [(x, y1), (x + rng.normal(0, 60), y0 - rng.uniform(10, 120))]
        canvas.line(points, any_color(rng), rng.uniform(6, 26))
    return canvas.done(rng, 40)


def graphic(rng: Rng) -> tuple[U8, U8]:
    """Return a flat logo or sign, often with lettering: (RGB, matte)."""
    canvas = Canvas(any_color(rng))
    palette = [any_color(rng) for _ in range(int(rng.integers(1, 4)))]
    canvas.rgb.paste(palette[0], (0, 0, BIG, BIG))
    signs = int(rng.integers(0, 4))
    lines = int(rng.integers(0 if signs else 1, 5))
    top = 0.62 if lines else 0.9
    for i in range(signs):
        r = BIG * rng.uniform(0.08, 0.3)
        x = BIG * (0.5 + rng.normal(0, 0.12))
        y = BIG * rng.uniform(0.15, top)
        mask = glyph(rng, x, y, r)
        if i and rng.random() < 0.25:
            canvas.cut(mask)
        else:
            canvas.shape(mask, palette[int(rng.integers(len(palette)))])
    size = BIG * rng.uniform(0.04, 0.14)
    y = BIG * (rng.uniform(0.5, 0.75) if signs else rng.uniform(0.15, 0.5))
    for _ in range(lines):
        text = " ".join(str(w) for w in rng.choice(WORDS, int(rng.integers(1, 5))))
        mask = Image.new("L", (BIG, BIG), 0)
        bold = int(rng.integers(0, 3))
        ImageDraw.Draw(mask).text(
            (BIG / 2, y), text, 255, font(size), anchor="mm", stroke_width=bold
        )
        canvas.shape(mask, palette[int(rng.integers(len(palette)))])
        y += size * 1.35
    return canvas.done(rng, 0 if rng.random() < 0.7 else 20)


def nothing(rng: Rng) -> tuple[U8, U8]:
    """Return a picture without any subject: (RGB, empty matte)."""
    kind = int(rng.integers(0, 10))
    a, b = np.array(any_color(rng), np.float64), np.array(any_color(rng), np.float64)
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
        canvas = Canvas(hsv(rng.random(), rng.random(), 0.4))
        c = any_color(rng)
        for _ in range(1500):
            px, py = rng.uniform(0, BIG, 2)
            points = curve(rng, px, py, -t + rng.normal(0, 0.4), rng.uniform(15, 60), 0.5, 3)
            canvas.line(points, vary(rng, c), rng.uniform(1, 5))
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
    "glass": ((things.glass,), KINDS.index("other"), COMPOSITE, 1),
    "furniture": ((things.chair, things.bicycle), UNKNOWN, COMPOSITE, 1),
    "jewellery": ((things.chain, things.ring), KINDS.index("other"), COMPOSITE, 1),
    "goods": ((things.pack,), KINDS.index("other"), COMPOSITE, 1),
    "paper": ((things.document, things.window), UNKNOWN, COMPOSITE, 1),
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
