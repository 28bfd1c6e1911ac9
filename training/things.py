"""Painters of made things: glass, furniture, jewellery, goods, paper.

``glass``
    bottles, glasses, bulbs and jars; the matte is what they keep of the light that falls through
    them (1 less transmission), highlights and metal are opaque.
``chair``, ``bicycle``
    legs, rungs and spokes with open holes between them.
``chain``, ``ring``
    links, beads, pearls and stones.
``pack``
    boxes, cans and bags with signs and lettering, which belong to the subject.
``document``, ``window``
    a sheet of text seen at an angle; a program's window.

Every painter returns (RGB, matte), at the size of `training.data.SIDE`.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

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
    vary,
)
from training.data import SIDE, U8

Floats = npt.NDArray[np.float32]


def _profile(rng: Rng, rows: int) -> npt.NDArray[np.float64]:
    """Return half widths, 0..1, of something turned on a wheel, from its top to its foot."""
    kind = int(rng.integers(0, 5))
    t = np.linspace(0, 1, rows)
    neck, foot = rng.uniform(0.15, 0.45), rng.uniform(0.4, 1)
    if kind == 0:  # bottle
        shoulder = rng.uniform(0.2, 0.5)
        knots = [0, shoulder * 0.6, shoulder, 0.95, 1]
        widths = [neck, neck, 1, 1, 0.9]
    elif kind == 1:  # stemmed glass
        bowl = rng.uniform(0.35, 0.6)
        stem = rng.uniform(0.04, 0.1)
        knots = [0, bowl * 0.5, bowl, bowl + 0.06, 0.92, 1]
        widths = [rng.uniform(0.6, 1), 1, 0.35, stem, stem, foot]
    elif kind == 2:  # tumbler, jar
        knots, widths = [0, 0.05, 0.95, 1], [0.95, 1, foot, foot * 0.9]
    elif kind == 3:  # bulb, its cap below
        knots = [0, 0.06, 0.2, 0.4, 0.62, 0.78, 1]
        widths = [0, 0.55, 0.92, 1, 0.6, 0.36, 0.32]
    else:  # vase, decanter
        knots = [0, 0.25, 0.6, 0.85, 1]
        widths = [neck * 1.3, neck, 1, rng.uniform(0.5, 1), foot]
    smooth = np.interp(t, knots, widths)
    kernel = np.hanning(rows // 24 * 2 + 3)
    padded = np.pad(smooth, len(kernel) // 2, "edge")
    return np.convolve(padded, kernel / kernel.sum(), "valid")


def glass(rng: Rng) -> tuple[U8, U8]:
    """Return something of glass, at times with a liquid in it."""
    high = int(BIG * rng.uniform(0.45, 0.9))
    wide = high * rng.uniform(0.15, 0.4)
    top = int((BIG - high) * rng.uniform(0.2, 0.8))
    cx = BIG * rng.uniform(0.35, 0.65)
    half = np.zeros(BIG)
    half[top : top + high] = _profile(rng, high) * wide
    y, x = np.mgrid[0:BIG, 0:BIG].astype(np.float32)
    width = np.maximum(half, 1e-3)[:, None].astype(np.float32)
    u = (x - np.float32(cx)) / width  # -1..1 across
    inside = ((np.abs(u) <= 1) & (half[:, None] > 1)).astype(np.float32)
    # Walls are seen along their length at the rim: there is more glass there, and more reflection.
    rim = np.abs(u).clip(0, 1) ** np.float32(rng.uniform(3, 9))
    thin, thick = rng.uniform(0.12, 0.6), rng.uniform(0.6, 0.95)
    alpha = (thin + (thick - thin) * rim).astype(np.float32)
    tint = hsv(
        rng.random(), rng.uniform(0, 0.35) if rng.random() < 0.7 else 0.8, rng.uniform(0.4, 1)
    )
    rgb = np.ones((BIG, BIG, 3), np.float32) * np.array(tint, np.float32)
    rgb *= 1 - 0.45 * rim[..., None]
    if rng.random() < 0.5:  # a liquid, clear or not, with its surface
        level = top + high * rng.uniform(0.15, 0.7)
        below = (y > level) & (np.abs(u) < 0.93)
        dense = np.float32(rng.uniform(0.3, 1))
        liquid = np.array(any_color(rng), np.float32)
        alpha = np.where(below, np.maximum(alpha, dense), alpha)
        rgb = np.where(below[..., None], liquid * (0.8 + 0.3 * rim[..., None]), rgb)
        surface = np.abs(y - level) < 3
        alpha = np.where(surface, np.maximum(alpha, 0.8), alpha)
    for _ in range(int(rng.integers(1, 4))):  # windows and lamps mirrored in it
        at, broad = rng.uniform(-0.8, 0.8), rng.uniform(0.02, 0.1)
        span = top + high * np.sort(rng.uniform(0.02, 0.98, 2))
        strip = np.exp(-(((u - at) / broad) ** 2)) * ((y > span[0]) & (y < span[1]))
        strip = (strip * rng.uniform(0.4, 1)).astype(np.float32)
        alpha = alpha + (1 - alpha) * strip
        rgb = rgb + (250 - rgb) * strip[..., None]
    if rng.random() < 0.4:  # a cap, cork, label or socket
        a, b = ((0, 0.12), (0.45, 0.8), (0.8, 1))[int(rng.integers(0, 3))]
        band = (y > top + high * a) & (y < top + high * b)
        light = np.cos(u.clip(-1, 1) * 1.2)[..., None]
        rgb = np.where(band[..., None], np.array(any_color(rng), np.float32) * light, rgb)
        alpha = np.where(band, 1, alpha)
    return _averaged(rgb, alpha * inside)


def _averaged(rgb: Floats, alpha: npt.NDArray[np.floating]) -> tuple[U8, U8]:
    """Return colours and matte at the final size."""
    cell = BIG // SIDE

    def mean(a: npt.NDArray[np.floating]) -> U8:
        blocks = a.reshape(SIDE, cell, SIDE, cell, -1).mean((1, 3))
        return np.asarray(blocks.round().clip(0, 255).astype(np.uint8))

    return mean(rgb), mean(alpha[..., None] * 255)[..., 0]


def chair(rng: Rng) -> tuple[U8, U8]:
    """Return a chair, stool or table: seat, legs, rungs and a back with gaps."""
    wood = hsv(rng.uniform(0, 0.12), rng.uniform(0, 0.7), rng.uniform(0.1, 0.9))
    if rng.random() < 0.3:
        wood = any_color(rng)
    canvas = Canvas(wood)
    left, right = BIG * rng.uniform(0.15, 0.35), BIG * rng.uniform(0.6, 0.85)
    seat, floor = BIG * rng.uniform(0.4, 0.62), BIG * rng.uniform(0.8, 0.97)
    deep = (right - left) * rng.uniform(0.15, 0.5)  # of the seat, drawn aslant
    lean = rng.uniform(-0.5, 0.5) * deep
    thick = rng.uniform(6, 26)
    legs = [(left, seat), (right, seat), (left + lean, seat - deep * 0.5)]
    legs.append((right + lean, seat - deep * 0.5))
    splay = rng.uniform(-0.1, 0.18) * (right - left)
    feet = []
    for i, (x, y) in enumerate(legs):
        out = -splay if i % 2 == 0 else splay
        foot = (x + out, floor - (deep * 0.4 if i > 1 else 0))
        canvas.line([(x, y), foot], vary(rng, shaded(wood, 0.7 if i > 1 else 1), 10), thick)
        feet.append(foot)
    for a, b in ((0, 1), (0, 2), (1, 3), (2, 3)):
        if rng.random() < 0.5:
            t = rng.uniform(0.3, 0.8)
            ends = [
                (
                    legs[i][0] + t * (feet[i][0] - legs[i][0]),
                    legs[i][1] + t * (feet[i][1] - legs[i][1]),
                )
                for i in (a, b)
            ]
            canvas.line(ends, vary(rng, wood, 10), thick * 0.7)
    if rng.random() < 0.75:  # a back
        up = BIG * rng.uniform(0.06, 0.25)
        tops = [(x + rng.uniform(-10, 10), max(up, 8)) for x, _ in legs[2:]]
        for (x, y), end in zip(legs[2:], tops, strict=True):
            canvas.line([(x, y), end], vary(rng, wood, 10), thick)
        bars, across = int(rng.integers(0, 9)), rng.random() < 0.4
        for i in range(bars):
            t = (i + 1) / (bars + 1)
            if across:
                ends = [
                    (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]))
                    for a, b in zip(tops, legs[2:], strict=True)
                ]
            else:
                ends = [
                    (p[0][0] + t * (p[1][0] - p[0][0]), p[0][1] + t * (p[1][1] - p[0][1]))
                    for p in (tops, legs[2:])
                ]
            canvas.line(ends, vary(rng, wood, 12), thick * rng.uniform(0.3, 0.9))
        canvas.line(tops, vary(rng, wood, 10), thick * rng.uniform(1, 3))
    board = [legs[0], legs[1], legs[3], legs[2]]
    cloth = any_color(rng) if rng.random() < 0.4 else vary(rng, wood, 14)
    canvas.polygon(board, cloth)
    edge = thick * rng.uniform(0.6, 1.6)
    front = [legs[0], legs[1], (right, seat + edge), (left, seat + edge)]
    canvas.polygon(front, shaded(cloth, 0.75))
    return canvas.done(rng, 35)


def _wheel(rng: Rng, canvas: Canvas, x: float, y: float, r: float) -> None:
    tyre, metal = hsv(0, 0, rng.uniform(0.05, 0.3)), hsv(0.6, 0.05, rng.uniform(0.4, 0.95))
    canvas.ellipse((x - r, y - r, x + r, y + r), tyre, max(3, int(r * rng.uniform(0.04, 0.16))))
    count, turn = int(rng.integers(8, 33)), rng.uniform(0, 1)
    for i in range(count):
        a = 2 * math.pi * (i + turn) / count
        end = (x + 0.93 * r * math.cos(a), y + 0.93 * r * math.sin(a))
        canvas.line([(x, y), end], vary(rng, metal, 12), rng.uniform(1, 3))
    hub = r * rng.uniform(0.05, 0.14)
    canvas.ellipse((x - hub, y - hub, x + hub, y + hub), metal)


def bicycle(rng: Rng) -> tuple[U8, U8]:
    """Return a bicycle or a cart: wheels of spokes, a frame of tubes."""
    paint = any_color(rng)
    canvas = Canvas(paint)
    r = BIG * rng.uniform(0.15, 0.22)
    floor = BIG * rng.uniform(0.75, 0.95)
    back, front = BIG * rng.uniform(0.2, 0.28), BIG * rng.uniform(0.72, 0.8)
    hub, tube = floor - r, rng.uniform(5, 13)
    for x in (back, front):
        _wheel(rng, canvas, x, hub, r)
    pedals = ((back + front) / 2 - 0.1 * r, hub + rng.uniform(0, 0.2) * r)
    saddle = (back + 0.25 * (front - back), hub - r * rng.uniform(1.0, 1.5))
    head = (front - 0.35 * r, hub - r * rng.uniform(1.0, 1.5))
    lower = (front - 0.28 * r, head[1] + 0.3 * r)
    for a, b in (
        ((back, hub), pedals), (pedals, saddle), ((back, hub), saddle), (pedals, lower),
        (saddle, head), (head, (front, hub)),
    ):  # fmt: skip
        canvas.line([a, b], vary(rng, paint, 10), tube)
    stem = (head[0] - 0.05 * r, head[1] - rng.uniform(0.15, 0.4) * r)
    canvas.line([head, stem], shaded(paint, 0.6), tube * 0.8)
    bar = curve(rng, *stem, rng.uniform(-0.6, 0.6), r * rng.uniform(0.3, 0.7), 0.8, 6)
    canvas.line(bar, hsv(0, 0, 0.25), tube)
    post = (saddle[0], saddle[1] - rng.uniform(0.05, 0.25) * r)
    canvas.line([saddle, post], hsv(0, 0, 0.6), tube * 0.7)
    w = r * rng.uniform(0.22, 0.4)
    canvas.ellipse(
        (post[0] - w, post[1] - w * 0.35, post[0] + w, post[1] + w * 0.2), hsv(0, 0, 0.15)
    )
    gear = r * rng.uniform(0.12, 0.24)
    canvas.ellipse(
        (pedals[0] - gear, pedals[1] - gear, pedals[0] + gear, pedals[1] + gear), hsv(0, 0, 0.4), 5
    )
    if rng.random() < 0.35:  # a basket
        y0 = head[1] - rng.uniform(0, 0.2) * r
        for i in range(7):
            x = head[0] + (0.1 + 0.12 * i) * r
            canvas.line([(x, y0), (x, y0 + 0.6 * r)], hsv(0.08, 0.4, 0.5), 4)
            canvas.line(
                [(head[0] + 0.1 * r, y0 + 0.1 * i * r), (head[0] + 0.82 * r, y0 + 0.1 * i * r)],
                hsv(0.08, 0.4, 0.5),
                4,
            )
    return canvas.done(rng, 30)


def _metal(rng: Rng) -> Color:
    hue, saturation = ((0.12, 0.65), (0.05, 0.45), (0.6, 0.05))[int(rng.integers(0, 3))]
    return hsv(hue, saturation, rng.uniform(0.55, 0.95))


def chain(rng: Rng) -> tuple[U8, U8]:
    """Return a chain, necklace or string of beads, at times with something hanging on it."""
    metal = _metal(rng) if rng.random() < 0.8 else any_color(rng)
    canvas = Canvas(shaded(metal, 0.7))
    n = int(rng.integers(24, 110))
    t = np.linspace(0, 1, n)
    if rng.random() < 0.5:  # hanging, as on a neck or a stand
        x = BIG * (0.5 + rng.uniform(0.15, 0.4) * np.cos(math.pi * t))
        y = BIG * (rng.uniform(0.05, 0.3) + rng.uniform(0.2, 0.6) * np.sin(math.pi * t))
        points = list(zip(x.tolist(), y.tolist(), strict=True))
    else:
        start = BIG * rng.uniform(0.25, 0.6, 2)
        points = curve(
            rng, *start, rng.uniform(-3, 3), BIG * rng.uniform(0.8, 2.2), rng.uniform(2, 9), n
        )
    beads = rng.random() < 0.4
    step = math.dist(points[n // 2], points[n // 2 - 1])
    r = max(4.0, step * rng.uniform(0.5, 0.9))
    for i, ((ax, ay), (bx, by)) in enumerate(itertools.pairwise(points)):
        x, y = (ax + bx) / 2, (ay + by) / 2
        c = vary(rng, shaded(metal, rng.uniform(0.6, 1.25)), 10)
        if beads:
            canvas.ellipse((x - r, y - r, x + r, y + r), c)
            q = r * 0.3
            canvas.ellipse(
                (x - r * 0.5 - q, y - r * 0.5 - q, x - r * 0.5 + q, y - r * 0.5 + q), shaded(c, 1.6)
            )
        elif i % 2:
            canvas.line([(ax, ay), (bx, by)], c, max(2, r * 0.45))
        else:
            canvas.ellipse((x - r, y - r, x + r, y + r), c, max(2, int(r * 0.4)))
    if rng.random() < 0.5:
        x, y = max(points, key=lambda p: p[1])
        s = BIG * rng.uniform(0.03, 0.12)
        mask = glyph(rng, x, min(y + s, BIG - s), s)
        canvas.shape(mask, any_color(rng))
    return canvas.done(rng, 30)


def ring(rng: Rng) -> tuple[U8, U8]:
    """Return a ring, bangle or pair of earrings with stones; nothing is in its middle."""
    metal = _metal(rng)
    canvas = Canvas(metal)
    pair = rng.random() < 0.3
    for i in range(2 if pair else 1):
        r = BIG * rng.uniform(0.1, 0.17 if pair else 0.36)
        flat = rng.uniform(0.3, 1)
        x = BIG * (0.3 + 0.4 * i if pair else rng.uniform(0.4, 0.6))
        y = BIG * rng.uniform(0.45, 0.6)
        width = max(4, int(r * rng.uniform(0.06, 0.3)))
        canvas.ellipse((x - r, y - r * flat, x + r, y + r * flat), shaded(metal, 0.8), width)
        inset = width * 0.3
        canvas.ellipse(
            (x - r + inset, y - r * flat + inset, x + r - inset, y + r * flat - inset),
            shaded(metal, 1.3), max(2, int(width * 0.3)),
        )  # fmt: skip
        stones = int(rng.integers(0, 8))
        for k in range(stones):
            a = -math.pi / 2 + (k - (stones - 1) / 2) * 0.3
            s = r * rng.uniform(0.08, 0.3)
            px, py, c = x + r * math.cos(a), y + r * flat * math.sin(a), any_color(rng)
            corners = int(rng.integers(5, 10))
            rim: Points = [
                (
                    px + s * math.cos(2 * math.pi * j / corners),
                    py + s * math.sin(2 * math.pi * j / corners),
                )
                for j in range(corners)
            ]
            for p, q in zip(rim, rim[1:] + rim[:1], strict=True):
                canvas.polygon([(px, py), p, q], shaded(c, rng.uniform(0.5, 1.7)))
    return canvas.done(rng, 20)


def _quad(face: Image.Image, corners: Points) -> tuple[Image.Image, Image.Image]:
    """Put a picture onto four corners, clockwise from its upper left: (RGB, mask)."""
    w, h = face.size
    source = ((0, 0), (w, 0), (w, h), (0, h))
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    c = np.linalg.solve(np.array(rows, float), np.array(values, float)).tolist()
    how = Image.Transform.PERSPECTIVE
    rgb = face.transform((BIG, BIG), how, c, Image.Resampling.BILINEAR)
    mask = Image.new("L", (BIG, BIG), 0)
    ImageDraw.Draw(mask).polygon(corners, 255)
    return rgb, mask


def _printed(rng: Rng, size: tuple[int, int]) -> Image.Image:
    """Return the front of a pack: a ground, signs and lettering."""
    face = Image.new("RGB", size, any_color(rng))
    draw = ImageDraw.Draw(face)
    w, h = size
    if rng.random() < 0.5:
        y0, y1 = np.sort(rng.uniform(0, h, 2)).tolist()
        draw.rectangle((0, y0, w, y1), any_color(rng))
    for _ in range(int(rng.integers(0, 3))):
        r = rng.uniform(0.08, 0.3) * w
        sign = glyph(rng, BIG / 2, BIG / 2, r).crop(
            (
                BIG // 2 - int(r * 1.5),
                BIG // 2 - int(r * 1.5),
                BIG // 2 + int(r * 1.5),
                BIG // 2 + int(r * 1.5),
            )
        )
        at = int(rng.uniform(0, w * 0.6)), int(rng.uniform(0, h * 0.7))
        face.paste(any_color(rng), at, sign)
    for _ in range(int(rng.integers(1, 4))):
        text = " ".join(map(str, rng.choice(WORDS, int(rng.integers(1, 3)))))
        at = (w / 2, rng.uniform(0.1, 0.9) * h)
        draw.text(at, text, any_color(rng), font(rng.uniform(0.06, 0.2) * w), anchor="mm")
    return face


def pack(rng: Rng) -> tuple[U8, U8]:
    """Return a box, a can or a bag with print on it."""
    canvas = Canvas(any_color(rng))
    w, h = BIG * rng.uniform(0.22, 0.5), BIG * rng.uniform(0.3, 0.7)
    x, y = (BIG - w) * rng.uniform(0.3, 0.6), (BIG - h) * rng.uniform(0.4, 0.8)
    face = _printed(rng, (int(w), int(h)))
    if rng.random() < 0.4:  # a can: the print runs around it, lids are ellipses
        lid = w * rng.uniform(0.06, 0.16)
        corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
        rgb, mask = _quad(face, corners)
        ends = Image.new("L", (BIG, BIG), 0)
        draw = ImageDraw.Draw(ends)
        draw.ellipse((x, y + h - lid, x + w, y + h + lid), 255)
        canvas.shape(ends, shaded(any_color(rng), 0.6))
        light = np.cos(np.linspace(-1.3, 1.3, int(w))) ** 0.7
        across = np.interp(np.arange(BIG), x + np.arange(len(light)), light).astype(np.float32)
        lit = (np.asarray(rgb) * across[None, :, None]).astype(np.uint8)
        canvas.rgb.paste(Image.fromarray(lit), mask=mask)
        canvas.alpha.paste(255, mask=mask)
        canvas.ellipse((x, y - lid, x + w, y + lid), hsv(0, 0, rng.uniform(0.5, 0.95)))
        return canvas.done(rng, 15)
    turn, tilt = rng.uniform(0.05, 0.35) * w, rng.uniform(0.04, 0.2) * h
    front = [(x, y), (x + w, y + tilt * 0.3), (x + w, y + h), (x, y + h - tilt * 0.3)]
    rgb, mask = _quad(face, front)
    canvas.rgb.paste(rgb, mask=mask)
    canvas.alpha.paste(255, mask=mask)
    c = any_color(rng)
    side = [front[1], (x + w + turn, y - tilt * 0.4), (x + w + turn, y + h - tilt), front[2]]
    lid_ = [front[0], front[1], side[1], (x + turn, y - tilt * 0.7)]
    canvas.polygon(side, shaded(c, 0.6))
    canvas.polygon(lid_, shaded(c, 1.2))
    return canvas.done(rng, 20)


def _lines(rng: Rng, face: Image.Image, box: tuple[float, float, float, float], c: Color) -> None:
    """Fill a box with what looks like lines of text."""
    draw = ImageDraw.Draw(face)
    x0, y, x1, y1 = box
    size = rng.uniform(0.018, 0.045) * face.width
    while y + size < y1:
        words = " ".join(map(str, rng.choice(WORDS, int(rng.integers(3, 14)))))
        while draw.textlength(words, font(size)) > x1 - x0 and " " in words:
            words = words.rpartition(" ")[0]
        draw.text((x0, y), words, c, font(size))
        y += max(size, 8) * rng.uniform(1.25, 1.9)


def document(rng: Rng) -> tuple[U8, U8]:
    """Return a sheet of paper, a card or an open book, seen at an angle."""
    w = int(BIG * rng.uniform(0.4, 0.75))
    h = int(w * (1.41 if rng.random() < 0.6 else rng.uniform(0.5, 1.2)))
    white = hsv(rng.uniform(0.05, 0.6), rng.uniform(0, 0.12), rng.uniform(0.75, 1))
    face = Image.new("RGB", (w, h), white)
    _lines(rng, face, (w * 0.08, h * 0.08, w * 0.92, h * 0.92), hsv(0, 0, rng.uniform(0, 0.3)))
    if rng.random() < 0.4:
        ImageDraw.Draw(face).rectangle((w * 0.1, h * 0.1, w * 0.6, h * 0.35), any_color(rng))
    angle, grow = rng.uniform(-0.5, 0.5), min(1.0, 0.85 * BIG / h)
    corners: Points = []
    for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        near = 1 + 0.18 * v * rng.random()
        dx, dy = u * w / 2 * grow * near, v * h / 2 * grow
        corners.append(
            (
                BIG / 2 + dx * math.cos(angle) - dy * math.sin(angle) + rng.normal(0, 6),
                BIG / 2 + dx * math.sin(angle) + dy * math.cos(angle) + rng.normal(0, 6),
            )
        )
    canvas = Canvas(white)
    rgb, mask = _quad(face, corners)
    canvas.rgb.paste(rgb, mask=mask)
    canvas.alpha.paste(255, mask=mask)
    return canvas.done(rng, 18)


def window(rng: Rng) -> tuple[U8, U8]:
    """Return a program's window, its corners round, as screenshots show it on a desk top."""
    w, h = int(BIG * rng.uniform(0.5, 0.85)), int(BIG * rng.uniform(0.35, 0.75))
    dark = rng.random() < 0.4
    ground = hsv(
        rng.random(), rng.uniform(0, 0.2), rng.uniform(0.08, 0.25) if dark else rng.uniform(0.9, 1)
    )
    ink = hsv(0, 0, 0.85 if dark else 0.15)
    face = Image.new("RGB", (w, h), ground)
    draw = ImageDraw.Draw(face)
    bar = h * rng.uniform(0.05, 0.12)
    draw.rectangle((0, 0, w, bar), shaded(ground, 1.5 if dark else 0.9))
    for i in range(3):
        draw.ellipse((bar * (0.3 + i), bar * 0.3, bar * (0.7 + i), bar * 0.7), any_color(rng))
    aside = w * rng.uniform(0.12, 0.3) if rng.random() < 0.6 else 0
    draw.rectangle((0, bar, aside, h), shaded(ground, 1.3 if dark else 0.95))
    for _ in range(int(rng.integers(0, 5))):
        x, y = rng.uniform(aside, w * 0.8), rng.uniform(bar, h * 0.8)
        end = x + rng.uniform(20, w * 0.4), y + rng.uniform(16, h * 0.4)
        draw.rounded_rectangle((x, y, *end), 6, any_color(rng))
    if rng.random() < 0.8:
        _lines(rng, face, (aside + w * 0.04, bar * 1.5, w * 0.95, h * 0.95), ink)
    canvas = Canvas(ground)
    mask = Image.new("L", (BIG, BIG), 0)
    x, y = int((BIG - w) * rng.uniform(0.2, 0.8)), int((BIG - h) * rng.uniform(0.2, 0.8))
    ImageDraw.Draw(mask).rounded_rectangle((x, y, x + w - 1, y + h - 1), rng.uniform(0, 24), 255)
    canvas.rgb.paste(face, (x, y))
    canvas.alpha.paste(255, mask=mask)
    return canvas.done(rng, 0)
