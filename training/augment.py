"""Turns stored pictures into training batches, entirely with tensor operations.

Everything runs on the device of the incoming tensor: the same code feeds a CPU run and a GPU run.
All random numbers come from a NumPy generator and from `torch.manual_seed`, both seeded per step,
so that a resumed run sees what an uninterrupted one would have seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from training.data import COMPOSITE, SIDE, Entry
from training.kinds import KINDS, UNKNOWN

Rng = np.random.Generator
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Augmentation:
    """Probabilities of the augmentations (defaults: most of a run)."""

    whole: float = 0.45
    """The whole picture as inference sees it."""
    letterbox: float = 0.6
    """Of those, with its proportions kept and padding around it; the others are stretched."""
    near: float = 0.2
    """A window around the subject, down to 0.3 of the picture: it fills or leaves the frame."""
    again: float = 0.0
    """The subject with context around it, stretched: what inference looks at a second time."""
    ground_only: float = 0.05
    """A strip beside the subject: nothing to find."""
    composite: float = 0.15
    """A photograph's subject pasted onto another ground."""
    two: float = 0.2
    """A second subject, of those composites."""
    cast: float = 0.0
    """A shadow in the subject's shape, thrown across the ground, of the pasted ones."""
    mirrored: float = 0.0
    """The subject mirrored on a shiny ground under it, of the pasted ones."""
    jpeg: float = 0.2
    noise: float = 0.15
    blur: float = 0.15
    coarse: float = 0.06
    """Resampled from half the resolution."""
    gray: float = 0.05


SETTLING = Augmentation(whole=0.75, letterbox=0.4, near=0.12, composite=0.06)
"""For the end of a run: mostly whole pictures, as inference sees them."""

LOOKS = Augmentation(
    whole=0.5,
    letterbox=0.1,
    near=0.05,
    again=0.25,
    ground_only=0.04,
    composite=0.08,
    cast=0.15,
    mirrored=0.1,
)
"""What inference sees: whole pictures, stretched, and second looks at subjects seen small."""

WHOLE_LOOKS = Augmentation(
    whole=0.72, letterbox=0.1, near=0.04, again=0.16, ground_only=0.04, composite=0.04, cast=0.15
)
"""For the end of a run on `LOOKS`: mostly whole pictures."""

RECIPES = {
    "first": Augmentation(),
    "settling": SETTLING,
    "looks": LOOKS,
    "whole looks": WHOLE_LOOKS,
}
"""Recipes by name."""


def _some(rng: Rng, n: int, p: float) -> npt.NDArray[np.bool_]:
    return rng.random(n) < p


def views(
    entries: Sequence[Entry], pasted: npt.NDArray[np.bool_], recipe: Augmentation, rng: Rng
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Choose what part of each picture to show.

    Returns the extent (n x 2, 1 = the whole width, height), the centre (n x 2, 0..1) and which
    pictures are letterboxed (n).
    """
    n = len(entries)
    boxed = _some(rng, n, recipe.letterbox)
    extent = rng.uniform(0.6, 1.08, (n, 1)) * np.exp(rng.uniform(-0.12, 0.12, (n, 2)))
    center = 0.5 + (1 - extent) * rng.uniform(-0.5, 0.5, (n, 2))
    how = rng.random(n)
    for i, e in enumerate(entries):
        if how[i] < recipe.whole:
            extent[i], center[i] = 1, 0.5
            if boxed[i]:
                extent[i] = max(e.width, e.height) / np.array((e.width, e.height))
            continue
        boxed[i] = False
        if e.box is None:
            continue
        x0, y0, x1, y1 = e.box
        size = np.array((x1 - x0, y1 - y0))
        middle = np.array((x0 + x1, y0 + y1)) / 2
        inside = x0 > 0.01 and y0 > 0.01 and x1 < 0.99 and y1 < 0.99
        if pasted[i]:
            if inside and how[i] < 0.75:  # whole subject, from small to filling the frame
                grow = max(size) * rng.uniform(1.0, 2.2)
                extent[i] = np.clip(grow * np.exp(rng.uniform(-0.1, 0.1, 2)), 0.25, 2.0)
                room = np.maximum(extent[i] - size, 0) / 2
                center[i] = middle + room * rng.uniform(-1, 1, 2)
        elif how[i] < recipe.whole + recipe.near:
            extent[i] = np.clip(size * rng.uniform(0.6, 1.25), 0.3, 1)
            extent[i] *= np.exp(rng.uniform(-0.1, 0.1, 2))
            center[i] = middle + size * rng.uniform(-0.2, 0.2, 2)
            half = extent[i] / 2
            center[i] = np.clip(center[i], np.minimum(half, 0.5), np.maximum(1 - half, 0.5))
        elif how[i] < recipe.whole + recipe.near + recipe.again:
            around = np.array(((x0, y0), (x1, y1)))
            around += np.array(((-1,), (1,))) * size * rng.uniform(0.02, 0.4, (2, 2))
            low, high = np.clip(around, 0, 1)
            extent[i], center[i] = high - low, (low + high) / 2
        elif how[i] > 1 - recipe.ground_only:
            strips = ((0, 0, x0, 1), (x1, 0, 1, 1), (0, 0, 1, y0), (0, y1, 1, 1))
            a, b, c, d = max(strips, key=lambda s: (s[2] - s[0]) * (s[3] - s[1]))
            if min(c - a, d - b) > 0.3:
                extent[i] = (c - a) * 0.96, (d - b) * 0.96
                center[i] = (a + c) / 2, (b + d) / 2
    return extent, center, boxed


def warp(
    pixels: Tensor,
    size: Tensor,
    side: int,
    extent: Floats,
    center: Floats,
    boxed: npt.NDArray[np.bool_],
    rng: Rng,
) -> tuple[Tensor, Tensor]:
    """Resample every picture once: crop or border, aspect, shift, flip and a small rotation.

    ``pixels`` is n x 4 x SIDE x SIDE float, ``size`` n x 2 (width, height of each picture in it).
    Returns n x 4 x side x side and a mask (n x 1 x side x side) of what lies outside the picture.
    """
    n, device = len(pixels), pixels.device

    def tensor(a: Floats) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(a)).float().to(device)

    angle = tensor(rng.uniform(-0.2, 0.2, n) * _some(rng, n, 0.25) * ~boxed)
    flip = tensor(np.where(_some(rng, n, 0.5), -1.0, 1.0))
    t = (torch.arange(side, device=device) + 0.5) / side - 0.5
    gy, gx = torch.meshgrid(t, t, indexing="ij")
    gx, gy = gx[None] * flip[:, None, None], gy[None].expand(n, -1, -1)
    c, s = angle.cos()[:, None, None], angle.sin()[:, None, None]
    grid = torch.stack((c * gx - s * gy, s * gx + c * gy), -1)
    grid = grid * tensor(extent)[:, None, None] + tensor(center)[:, None, None]
    outside = ((grid < 0) | (grid > 1)).any(-1)[:, None]
    size = size[:, None, None].float()
    grid = torch.minimum((grid * size).clamp(min=0.5), size - 0.5)
    return F.grid_sample(pixels, grid * 2 / SIDE - 1, align_corners=False), outside


def fill(rgb: Tensor, weight: Tensor) -> Tensor:
    """Extend colours from where ``weight`` is 1 into where it is 0 (pull-push pyramid)."""
    side = rgb.shape[-1]
    if side % 2 or side <= 8:
        total = weight.sum((2, 3), keepdim=True)
        mean = (rgb * weight).sum((2, 3), keepdim=True) / (total + 1e-3)
        return weight * rgb + (1 - weight) * mean
    small = F.avg_pool2d(weight, 2)
    colors = F.avg_pool2d(rgb * weight, 2) / (small + 1e-4)
    below = fill(colors, (small * 2).clamp(max=1))
    up = F.interpolate(below, scale_factor=2, mode="bilinear", align_corners=False)
    return weight * rgb + (1 - weight) * up


def grounds(n: int, pictures: Tensor, graphic: Tensor, rng: Rng) -> Tensor:
    """Make n grounds: plain, graded, cloudy, or other pictures (sharp or blurred), 0..255.

    ``pictures`` (n x 3 x S x S) are grounds of other pictures, their subjects painted over;
    ``graphic`` (n bool) marks flat graphics, which mostly get plain grounds.
    """
    side, device = pictures.shape[-1], pictures.device

    def tensor(a: npt.NDArray[np.floating]) -> Tensor:
        return torch.from_numpy(a).float().to(device)

    first = rng.uniform(0, 255, (n, 3))
    studio = _some(rng, n, 0.45)
    light = np.where(_some(rng, n, 0.75), rng.uniform(215, 255, n), rng.uniform(0, 130, n))
    first[studio] = light[studio, None] + rng.normal(0, 4, (studio.sum(), 3))
    white = _some(rng, n, 0.12)
    first[white] = 255
    second = first + rng.normal(0, 30, (n, 3))
    wild = _some(rng, n, 0.25)
    second[wild] = rng.uniform(0, 255, (wild.sum(), 3))
    flat = white | _some(rng, n, 0.4)
    second[flat] = first[flat]

    t = (torch.arange(side, device=device) + 0.5) / side - 0.5
    gy, gx = torch.meshgrid(t, t, indexing="ij")
    angle = rng.uniform(0, 2 * np.pi, n)
    dx, dy = tensor(np.cos(angle))[:, None, None], tensor(np.sin(angle))[:, None, None]
    linear = gx * dx + gy * dy + 0.5
    radial = (torch.hypot(gx - 0.3 * dx, gy - 0.3 * dy) * 1.4).clamp(max=1)
    round_ = torch.from_numpy(_some(rng, n, 0.5)).to(device)[:, None, None]
    mix = torch.where(round_, radial, linear).clamp(0, 1)[:, None]
    a, b = tensor(first)[:, :, None, None], tensor(second)[:, :, None, None]
    out = a + (b - a) * mix

    cloudy = tensor(rng.uniform(5, 50, n) * _some(rng, n, 0.2) * ~white)
    cells = int(rng.integers(3, 12))
    noise = torch.randn(n, 3, cells, cells, device=device)
    noise = noise.mean(1, keepdim=True) + 0.4 * noise
    noise = F.interpolate(noise, size=(side, side), mode="bicubic", align_corners=False)
    out = out + cloudy[:, None, None, None] * noise

    soft = F.interpolate(F.avg_pool2d(pictures, 16, 16), size=(side, side), mode="bilinear")
    kind = torch.from_numpy(rng.random(n)).to(device)
    kind = torch.where(graphic, kind * 1.6, kind)[:, None, None, None]
    out = torch.where(kind < 0.45, pictures, torch.where(kind < 0.6, soft, out))
    return out.clamp(0, 255)


def shadow(ground: Tensor, mask: Tensor, rng: Rng) -> Tensor:
    """Darken the ground under and beside some of the subjects."""
    n, side = len(mask), mask.shape[-1]
    small = F.avg_pool2d(mask, 8)
    k = 3 if rng.random() < 0.5 else 5
    small = F.avg_pool2d(small, k, 1, k // 2)
    dx, dy = (int(v) for v in rng.integers((-3, 0), (4, 4)))
    small = torch.roll(small, (dy, dx), (2, 3))
    soft = F.interpolate(small, size=(side, side), mode="bilinear", align_corners=False)
    deep = rng.uniform(0.1, 0.6, n) * _some(rng, n, 0.4)
    return ground * (1 - torch.from_numpy(deep).float().to(mask.device)[:, None, None, None] * soft)


def thrown(ground: Tensor, subject: Tensor, mask: Tensor, recipe: Augmentation, rng: Rng) -> Tensor:
    """Throw shadows of some subjects across their grounds, and mirror some below: no subject."""
    n, side, device = len(mask), mask.shape[-1], mask.device
    which = rng.random(n)
    cast, shiny = which < recipe.cast, which >= 1 - recipe.mirrored
    if not (cast | shiny).any():
        return ground

    def tensor(a: npt.NDArray[np.floating] | npt.NDArray[np.bool_]) -> Tensor:
        return torch.from_numpy(a).float().to(device)[:, None, None]

    at = (torch.arange(side, device=device) + 0.5) * 2 / side - 1
    rows = mask[:, 0].amax(2) > 0.5
    foot = torch.where(rows, at, -1.0).amax(1)[:, None, None]
    # Sheared and as long or short as the light is low or high; upside down in the mirror.
    shear = tensor(rng.uniform(-1.6, 1.6, n) * cast)
    long = tensor(np.where(cast, rng.uniform(1, 3.5, n), -1.0))
    below = at[None, :, None] - foot
    grid = torch.stack(
        (at[None, None] + shear * below, (foot + long * below) + 0 * at[None, None]), -1
    )
    placed = F.grid_sample(torch.cat((subject * mask, mask), 1), grid, align_corners=False)
    shape = placed[:, 3:]
    k = 3 + 2 * int(rng.integers(0, 4))
    soft = F.avg_pool2d(shape, k, 1, k // 2)
    dark = ground * (1 - (tensor(rng.uniform(0.15, 0.65, n) * cast)[:, None]) * soft)
    fade = (1 - below / tensor(rng.uniform(0.2, 1.2, n))).clamp(0, 1) * (below > 0)
    weight = (tensor(rng.uniform(0.12, 0.5, n) * shiny) * fade)[:, None]
    return dark * (1 - weight * shape) + placed[:, :3] * weight


def paste(
    rgb: Tensor,
    mask: Tensor,
    drawn: Tensor,
    flat: Tensor,
    pictures: Tensor,
    recipe: Augmentation,
    rng: Rng,
) -> tuple[Tensor, Tensor, Tensor]:
    """Put each subject onto another ground; returns RGB, matte and which hold two subjects.

    ``drawn`` and ``flat`` (n bool) mark procedural subjects and, among them, flat graphics.
    """
    n, device = len(rgb), rgb.device
    core = 1 - F.max_pool2d(1 - (mask > 0.9).float(), 3, 1, 1)
    subject = fill(rgb, torch.maximum(core, 0.02 * mask))
    # Where the matte is exact (drawn pictures) the colours are right already.
    exact = drawn[:, None, None, None]
    subject = torch.where(exact, rgb, torch.where(core > 0, rgb, subject))
    ground = shadow(grounds(n, pictures, flat, rng), mask, rng)
    ground = thrown(ground, subject, mask, recipe, rng)
    out, alpha = subject * mask + ground * (1 - mask), mask
    two = torch.from_numpy(_some(rng, n, recipe.two)).to(device) & ~drawn
    if n > 1 and bool(two.any()):
        # Another subject of the batch, smaller and beside the first (in front of it at times).
        scale = torch.from_numpy(rng.uniform(1.3, 2.5, n)).float().to(device)
        shift = torch.from_numpy(rng.uniform(-0.9, 0.9, (n, 2))).float().to(device)
        theta = torch.zeros(n, 2, 3, device=device)
        theta[:, 0, 0] = theta[:, 1, 1] = scale
        theta[:, :, 2] = shift * scale[:, None] * 0.7
        other = torch.cat((subject, mask), 1).roll(1, 0)
        grid = F.affine_grid(theta, list(other.shape), align_corners=False)
        other = F.grid_sample(other, grid, align_corners=False)
        front = other[:, 3:] * two[:, None, None, None]
        out = other[:, :3] * front + out * (1 - front)
        alpha = 1 - (1 - alpha) * (1 - front)
        return out, alpha, two
    return out, alpha, torch.zeros(n, dtype=torch.bool, device=device)


def jitter_color(x: Tensor, recipe: Augmentation, rng: Rng) -> Tensor:
    """Vary exposure, contrast, saturation, white balance and sharpness, and add noise."""
    n, device = len(x), x.device

    def factor(lo: float, hi: float, p: float) -> Tensor:
        a = np.where(_some(rng, n, p), rng.uniform(lo, hi, n), 1.0)
        return torch.from_numpy(a).float().to(device)[:, None, None, None]

    x = x * factor(0.65, 1.35, 0.7)
    mean = x.mean((1, 2, 3), keepdim=True)
    x = mean + (x - mean) * factor(0.65, 1.35, 0.7)
    gray = x.mean(1, keepdim=True)
    dull = torch.from_numpy(_some(rng, n, recipe.gray)).to(device)[:, None, None, None]
    x = gray + (x - gray) * torch.where(dull, 0.0, factor(0.5, 1.5, 0.7))
    cast = rng.normal(0, 7, (n, 3)) * _some(rng, n, 0.7)[:, None]
    x = x + torch.from_numpy(cast).float().to(device)[:, :, None, None]
    soft = np.flatnonzero(_some(rng, n, recipe.blur))
    if len(soft):
        at = torch.from_numpy(soft).to(device)
        x[at] = F.avg_pool2d(x[at], 3, 1, 1, count_include_pad=False)
    if rng.random() < recipe.coarse * n:
        i = int(rng.integers(n))
        half = F.avg_pool2d(x[i : i + 1], 2)
        again = F.interpolate(half, scale_factor=2, mode="bilinear", align_corners=False)
        x = torch.cat((x[:i], again, x[i + 1 :]))
    noisy = np.flatnonzero(_some(rng, n, recipe.noise))
    if len(noisy):
        at = torch.from_numpy(noisy).to(device)
        sigma = torch.from_numpy(rng.uniform(1, 14, len(noisy))).float().to(device)
        x[at] += torch.randn_like(x[at]) * sigma[:, None, None, None]
    return x.clamp(0, 255)


_LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)


def jpeg(x: Tensor, quality: Floats) -> Tensor:
    """Quantise 8 x 8 blocks as JPEG does (n x 3 x S x S, 0..255, S a multiple of 8)."""
    n, _, side, _ = x.shape
    device = x.device
    k = torch.arange(8, device=device, dtype=torch.float32)
    dct = torch.cos((2 * k[None] + 1) * k[:, None] * torch.pi / 16) / 2
    dct[0] /= 2**0.5
    to_ycc = torch.tensor(
        ((0.299, 0.587, 0.114), (-0.1687, -0.3313, 0.5), (0.5, -0.4187, -0.0813)), device=device
    )
    ycc = torch.einsum("ij,njhw->nihw", to_ycc, x - 128)
    blocks = ycc.reshape(n, 3, side // 8, 8, side // 8, 8).permute(0, 1, 2, 4, 3, 5)
    scale = np.where(quality < 50, 50 / quality, 2 - quality / 50)
    luma = torch.tensor(_LUMA, device=device, dtype=torch.float32)
    step = torch.stack((luma, luma.clamp(17, 99) * 1.2, luma.clamp(17, 99) * 1.2))
    step = step[None] * torch.from_numpy(scale).float().to(device)[:, None, None, None]
    step = step.clamp(min=1)[:, :, None, None]
    blocks = torch.round(dct @ blocks @ dct.T / step) * step
    ycc = (dct.T @ blocks @ dct).permute(0, 1, 2, 4, 3, 5).reshape(n, 3, side, side)
    rgb = torch.einsum("ij,njhw->nihw", torch.linalg.inv(to_ycc), ycc) + 128
    return rgb.clamp(0, 255)


def spoil(rgb: Tensor, recipe: Augmentation, rng: Rng) -> Tensor:
    """Vary colours, blur, add noise and press as JPEG (n x 3 x S x S, 0..255)."""
    rgb = jitter_color(rgb, recipe, rng)
    pressed = np.flatnonzero(_some(rng, len(rgb), recipe.jpeg))
    if len(pressed):
        at = torch.from_numpy(pressed).to(rgb.device)
        rgb[at] = jpeg(rgb[at], rng.uniform(20, 90, len(pressed)))
    return rgb


def batch(
    pixels: Tensor, entries: Sequence[Entry], side: int, recipe: Augmentation, rng: Rng
) -> tuple[Tensor, Tensor, Tensor]:
    """Augment one batch.

    Parameters
    ----------
    pixels
        n x SIDE x SIDE x 4 uint8 (RGB + matte), as stored, on the device to work on.
    entries
        The n pictures' entries.
    side
        Side of the result, a multiple of 32.

    Returns
    -------
    x
        n x 3 x side x side float32, -1..1, channels last.
    mask
        n x 1 x side x side float32, 0..1.
    kinds
        n int64, -1 where unknown.
    """
    n, device = len(entries), pixels.device
    always = np.array([bool(e.flags & COMPOSITE) for e in entries])
    found = np.array([e.box is not None for e in entries])
    pasted = always | (found & _some(rng, n, recipe.composite))
    extent, center, boxed = views(entries, pasted, recipe, rng)
    size = torch.tensor([(e.width, e.height) for e in entries], device=device)
    x, outside = warp(pixels.permute(0, 3, 1, 2).float(), size, side, extent, center, boxed, rng)
    rgb, mask = x[:, :3], (x[:, 3:] / 255).clamp(0, 1)
    labels = torch.tensor([e.label for e in entries], device=device)

    put = np.flatnonzero(pasted)
    real = np.flatnonzero(~always)
    two = torch.zeros(n, dtype=torch.bool, device=device)
    if len(put) and len(real):
        lent = torch.from_numpy(rng.choice(real, len(put))).to(device)
        at = torch.from_numpy(put).to(device)
        behind = F.max_pool2d(mask[lent], 5, 1, 2)
        ground = fill(rgb[lent], (behind < 0.05).float())
        drawn = torch.from_numpy(always[put]).to(device)
        flat = drawn & (labels[at] == KINDS.index("graphic"))
        alone = mask[at] * ~outside[at]
        new, alpha, both = paste(rgb[at], alone, drawn, flat, ground, recipe, rng)
        rgb, mask = rgb.index_copy(0, at, new), mask.index_copy(0, at, alpha)
        two = two.index_copy(0, at, both)
        outside = outside.index_copy(0, at, torch.zeros_like(outside[at]))
    border = torch.from_numpy(rng.uniform(0, 255, (n, 3))).float().to(device)[:, :, None, None]
    rgb = torch.where(outside, border, rgb)
    mask = torch.where(outside, 0.0, mask)

    rgb = spoil(rgb, recipe, rng)
    # As inference pads: 0 after normalisation, whatever was done to the picture itself.
    padded = outside & torch.from_numpy(boxed).to(device)[:, None, None, None]
    rgb = torch.where(padded, 127.5, rgb)
    gone = (mask.mean((1, 2, 3)) < 0.004) | two
    labels = torch.where(gone, UNKNOWN, labels)
    x = (rgb / 127.5 - 1).contiguous(memory_format=torch.channels_last)
    return x, mask, labels
