"""Pictures of several subjects of which one is wanted, for training with hints.

A scene is a photograph, whose own subject stays or is one among others, and subjects cut out of
other pictures, pasted in front of it or behind it: side by side, of similar size, as people stand
in a street. What is shown of it is a window around the wanted one, stretched to a square as the
product does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from training import detail
from training.data import COMPOSITE, PEOPLE, U8, Entry, Store
from training.kinds import KINDS

Rng = np.random.Generator
F32 = npt.NDArray[np.float32]
Window = tuple[float, float, float, float]

PERSON = KINDS.index("person")


@dataclass
class Scene:
    """What one training picture shows (side S): RGB, the wanted matte, that of other subjects."""

    rgb: U8
    wanted: F32
    others: F32
    focus: bool
    """A window onto a part of the wanted subject: where it goes on is known from its last matte."""
    detail: bool = False
    """A window along its edge, to which detail is to be added."""


@dataclass
class _Layer:
    """A subject in the photograph's pixels: RGBA of its own and where that stands."""

    picture: Image.Image
    box: Window
    front: bool


@dataclass(frozen=True)
class Shares:
    """How often what happens."""

    several: float = 0.54
    """Other subjects are pasted into a photograph."""
    parts: float = 0.16
    """A photograph whose matte has several parts, of which one is wanted."""
    drawn: float = 0.1
    """A drawn subject (hair, mesh, leaves) is pasted into a photograph, and wanted."""
    people: float = 0.78
    """Of the pasted ones."""
    whole: float = 0.26
    focus: float = 0.2
    detail: float = 0.0
    """Windows along the edge of one subject, photographed or drawn (`training.detail`)."""


class Scenes:
    """Makes scenes out of the training pictures (never the held-back ones).

    Parameters
    ----------
    store, pool
        Photographs, and drawn subjects (`training.synthesize`).
    index
        Which of the store's pictures may be used.
    """

    def __init__(
        self, store: Store, pool: Store | None, index: npt.NDArray[np.int64], shares: Shares
    ) -> None:
        self.store, self.pool, self.index, self.shares = store, pool, index, shares
        entries = store.entries
        found = [i for i in index if entries[i].box is not None]
        self.found = np.array(found)
        self.people = np.array(
            [i for i in found if entries[i].label == PERSON or entries[i].name.startswith(PEOPLE)]
        )
        self.drawn = np.array(
            [
                i
                for i, e in enumerate(pool.entries if pool else ())
                if e.flags & COMPOSITE and e.box is not None
            ],
            np.int64,
        )
        self.figures = np.array([i for i in self.people if _upright(entries[i])], np.int64)
        halves = ((i, store.picture(int(i))[1][::2, ::2]) for i in found)
        self.manifold = np.array([i for i, matte in halves if len(parts(matte)) > 1], np.int64)

    def draw(self, side: int, rng: Rng) -> Scene:
        """Return one scene."""
        for _ in range(20):
            scene = self._draw(side, rng)
            if scene is not None and scene.wanted.mean() > 0.004:
                return scene
        raise RuntimeError("no scene shows its wanted subject: are the mattes empty?")

    def _draw(self, side: int, rng: Rng) -> Scene | None:
        s = self.shares
        # No number is drawn that a recipe without it has not drawn.
        if s.detail and rng.random() < s.detail:
            return self._edge(side, rng)
        how = rng.random()
        if how < s.parts and len(self.manifold):
            rgb, matte = self.store.picture(int(rng.choice(self.manifold)))
            components = parts(matte)
            wanted = components[int(rng.integers(len(components)))]
            return self._shown(rgb, wanted, matte - wanted, [], -1, side, rng)
        count = 0
        if how < s.parts + s.several:
            count = int(rng.choice(5, p=(0.25, 0.3, 0.25, 0.12, 0.08))) + 1
        elif how < s.parts + s.several + s.drawn and len(self.drawn):
            count = 1
        drawn = count == 1 and how >= s.parts + s.several
        people = rng.random() < s.people
        base = self.people if people and len(self.people) and rng.random() < 0.5 else self.found
        rgb, matte = self.store.picture(int(rng.choice(base)))
        if not count:
            return self._shown(rgb, matte, np.zeros_like(matte), [], -1, side, rng)
        layers = self._layers(count, rgb, people, drawn, rng)
        self._arrange(layers, rgb.shape[1], rng)
        wanted = int(rng.integers(-1, count)) if not drawn and rng.random() < 0.8 else count - 1
        return self._shown(rgb, matte, np.zeros_like(matte), layers, wanted, side, rng)

    def _edge(self, side: int, rng: Rng) -> Scene | None:
        rgb, matte = self.store.picture(int(rng.choice(self.found)))
        layers, drawn = [], len(self.drawn) > 0 and rng.random() < 0.7
        if drawn:
            layers = self._layers(1, rgb, False, True, rng)
        nothing = np.zeros_like(matte)
        return self._shown(rgb, matte, nothing, layers, len(layers) - 1, side, rng, edge=True)

    def _layers(self, count: int, rgb: U8, people: bool, drawn: bool, rng: Rng) -> list[_Layer]:
        """Cut subjects out of other pictures; at times one stands there twice."""
        store = self.pool if drawn and self.pool else self.store
        pick = self.drawn if drawn else self.people if people and len(self.people) else self.found
        if people and not drawn and len(self.figures) and rng.random() < 0.6:
            pick = self.figures
        light = float(rgb.mean()) if rng.random() < 0.5 else None
        high = (0.25, 0.65) if rng.random() < 0.5 else (0.35, 0.95)
        chosen = [int(i) for i in rng.choice(pick, count)]
        for i in range(1, count):
            if rng.random() < 0.12:
                chosen[i] = chosen[i - 1]
        return [_layer_of(store, i, rgb.shape[0], high, drawn, light, rng) for i in chosen]

    def _arrange(self, layers: list[_Layer], width: int, rng: Rng) -> None:
        """Put them side by side, of about the same height, close or overlapping."""
        first = layers[0].box[3] - layers[0].box[1]
        alike = rng.random() < 0.75
        x = width * rng.uniform(-0.05, 0.6)
        near, far = (0.25, 0.7) if rng.random() < 0.4 else (0.5, 1.3)
        for layer in layers:
            _, y0, w, y1 = layer.box
            scale = first / (y1 - y0) * np.exp(rng.normal(0, 0.12)) if alike else 1.0
            w, h = w * scale, (y1 - y0) * scale
            if w > width * 0.9:
                w, h = width * 0.9, h * width * 0.9 / w
            x = x if x + 0.5 * w < width else rng.uniform(-0.2 * w, width - 0.6 * w)
            layer.box = (x, y1 - h, x + w, y1)
            x += w * rng.uniform(near, far)

    def _shown(
        self,
        rgb: U8,
        matte: U8,
        others: U8,
        layers: list[_Layer],
        wanted: int,
        side: int,
        rng: Rng,
        *,
        edge: bool = False,
    ) -> Scene | None:
        h, w = matte.shape
        if wanted < 0:
            rows, cols = (np.flatnonzero((matte > 127).any(axis)) for axis in (1, 0))
            if not len(rows):
                return None
            box: Window = (cols[0], rows[0], cols[-1] + 1, rows[-1] + 1)
        else:
            a, b, c, d = layers[wanted].box
            box = (max(a, 0), max(b, 0), min(c, w), min(d, h))
        if edge:
            alpha = matte if wanted < 0 else np.asarray(layers[wanted].picture)[..., 3]
            place = (0, 0, w, h) if wanted < 0 else layers[wanted].box
            window, focus = detail.window(alpha, place, w, h, rng), True
        else:
            window, focus = self._window(box, w, h, rng)
        flip = bool(rng.random() < 0.5)
        scene = _seen(Image.fromarray(rgb), window, side)
        own = _seen(Image.fromarray(matte), window, side) / np.float32(255)
        rest = _seen(Image.fromarray(others), window, side) / np.float32(255)
        color = scene.astype(np.float32)
        # From the back to the front: those behind the photograph's own subject, it, the others.
        own_left, mine = own.copy(), np.zeros_like(own)
        base_color = color.copy()
        taken = np.maximum(own, rest)
        order = sorted(range(len(layers)), key=lambda i: layers[i].front)
        for i in order:
            cut = _pasted(layers[i], window, side)
            a = cut[..., 3] / np.float32(255)
            if not layers[i].front:
                a = a * (1 - taken)
            color += a[..., None] * (cut[..., :3] - color)
            mine *= 1 - a
            own_left *= 1 - a if layers[i].front else np.float32(1)
            rest *= 1 - a
            if i == wanted:
                mine = a
            else:
                rest = np.maximum(rest, a)
        if layers and not all(layer.front for layer in layers):
            # A pasted one behind leaves the photograph's own subject untouched.
            back = own_left[..., None]
            color = np.where(back > 0, color * (1 - back) + base_color * back, color)
        if wanted < 0:
            mine = own_left
        else:
            rest = np.maximum(rest, own_left * (1 - mine))
        whole = mine.sum()
        if whole < 0.35 * (own.sum() if wanted < 0 else 1):
            return None
        out = Scene(np.clip(color, 0, 255).astype(np.uint8), mine, rest, focus, edge)
        if flip:
            planes = (np.ascontiguousarray(p[:, ::-1]) for p in (out.rgb, mine, rest))
            out = Scene(*planes, focus, edge)
        return out

    def _window(self, box: Window, w: int, h: int, rng: Rng) -> tuple[Window, bool]:
        """Choose what to show: all, the subject with what is around it, or a part of it."""
        x0, y0, x1, y1 = box
        bw, bh = max(x1 - x0, 8), max(y1 - y0, 8)
        how = rng.random()
        if how < self.shares.whole and max(bw / w, bh / h) > 0.2:
            return (0, 0, w, h), False
        if how > 1 - self.shares.focus:
            span = max(bw, bh) * rng.uniform(0.35, 0.95)
            sw, sh = np.clip(span * np.exp(rng.uniform(-0.3, 0.3, 2)), 72, (w, h))
            cx, cy = rng.uniform(x0, x1), rng.uniform(y0, y1)
            left = float(np.clip(cx - sw / 2, 0, w - sw))
            top = float(np.clip(cy - sh / 2, 0, h - sh))
            return (left, top, left + sw, top + sh), True
        most = 0.25 if rng.random() < 0.5 else 1.0
        more = rng.uniform(0.02, most, 4) * (bw, bw, bh, bh)
        left, right = max(x0 - more[0], 0), min(x1 + more[1], w)
        top, bottom = max(y0 - more[2], 0), min(y1 + more[3], h)
        if right - left < 72:
            left = float(np.clip((left + right) / 2 - 36, 0, max(w - 72, 0)))
            right = min(left + 72, w)
        if bottom - top < 72:
            top = float(np.clip((top + bottom) / 2 - 36, 0, max(h - 72, 0)))
            bottom = min(top + 72, h)
        return (left, top, right, bottom), False


def _upright(entry: Entry) -> bool:
    """Return whether a whole person stands in the picture: tall, and not cut off below."""
    assert entry.box is not None
    x0, y0, x1, y1 = entry.box
    return (y1 - y0) * entry.height > 1.6 * (x1 - x0) * entry.width and y1 < 0.985


def _layer_of(
    store: Store,
    index: int,
    height: int,
    high: tuple[float, float],
    drawn: bool,
    light: float | None,
    rng: Rng,
) -> _Layer:
    """Cut a subject out and stand it somewhere in a photograph of that height.

    ``high`` is the range of its own height as a share of that; ``light`` the mean its colours are
    drawn to, so that light does not tell subjects apart.
    """
    rgb, matte = store.picture(index)
    box = store.entries[index].box
    assert box is not None
    h, w = matte.shape
    x0, y0 = int(box[0] * w), int(box[1] * h)
    x1, y1 = int(np.ceil(box[2] * w)), int(np.ceil(box[3] * h))
    alpha = matte[y0:y1, x0:x1].astype(np.float32)
    if not drawn:  # its rim holds the colours of the ground it stood in
        alpha = np.clip(alpha * 1.8 - 0.8 * 255, 0, 255)
    gain = np.clip(rng.normal(1, 0.12) + rng.normal(0, 0.03, 3), 0.6, 1.5)
    color = rgb[y0:y1, x0:x1].astype(np.float32)
    if light is not None:
        own = float((color.mean(-1) * alpha).sum() / max(alpha.sum(), 1))
        gain = gain * np.clip(light / max(own, 1), 0.5, 2) ** 0.6
    cut = Image.fromarray(np.dstack((np.clip(color * gain, 0, 255), alpha)).astype(np.uint8))
    if rng.random() < 0.5:
        cut = cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    tall = height * rng.uniform(*high)
    foot = height * rng.uniform(0.7, 1.05)
    if y1 >= h - 2:  # cut off by its own frame: it is by ours, too
        foot = height * rng.uniform(1.0, 1.1)
    width = tall * cut.width / cut.height * np.exp(rng.uniform(-0.1, 0.1))
    return _Layer(cut, (0, foot - tall, width, foot), bool(rng.random() < 0.65))


def parts(matte: U8) -> list[U8]:
    """Return the matte's parts that are subjects of their own: apart, and of similar size."""
    labels, count = ndimage.label(matte > 100)
    if count < 2:
        return [matte]
    sizes = np.bincount(labels.ravel())[1:]
    large = np.flatnonzero(sizes > max(0.15 * sizes.max(), 0.005 * matte.size)) + 1
    if len(large) < 2:
        return [matte]
    out = []
    for i in large:
        near = ndimage.binary_dilation(labels == i, iterations=2)
        out.append(np.where(near, matte, 0).astype(np.uint8))
    return out


def _seen(picture: Image.Image, window: Window, side: int) -> npt.NDArray[np.uint8]:
    return np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR, window))


def _pasted(layer: _Layer, window: Window, side: int) -> F32:
    """Return a subject (S x S x 4, 0..255) as the window shows it, transparent beside it."""
    x0, y0, x1, y1 = layer.box
    a, b, c, d = window
    kx, ky = side / (c - a), side / (d - b)
    # The subject's corners in the window, then the pixels of it that the window shows.
    left, top = round((x0 - a) * kx), round((y0 - b) * ky)
    wide, high = max(round((x1 - x0) * kx), 1), max(round((y1 - y0) * ky), 1)
    out = np.zeros((side, side, 4), np.float32)
    x, y = max(left, 0), max(top, 0)
    right, bottom = min(left + wide, side), min(top + high, side)
    if right <= x or bottom <= y:
        return out
    sx, sy = layer.picture.width / wide, layer.picture.height / high
    box = ((x - left) * sx, (y - top) * sy, (right - left) * sx, (bottom - top) * sy)
    small = layer.picture.resize((right - x, bottom - y), Image.Resampling.BILINEAR, box)
    out[y:bottom, x:right] = np.asarray(small)
    return out
