"""Alpha in the unknown part of a trimap: colour samples, held together by the matting Laplacian."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels
from mattekit.errors import OptionError
from mattekit.geometry import Box, Size
from mattekit.imaging.labels import bounding_box
from mattekit.imaging.resize import block_mean, block_reduce
from mattekit.imaging.samples import Pixels
from mattekit.matting.color_model import Small, cells, fitted
from mattekit.matting.laplacian import REACH, SMALLEST, chebyshev, iteration_room
from mattekit.matting.planes import Solvable, as_planes, at_half, sample_positions, upsample
from mattekit.matting.sampling import sample_pairs
from mattekit.matting.tiling import bands, pad_box, tiles
from mattekit.threads import for_each

__all__ = [
    "EFFORTS",
    "HAZE",
    "Effort",
    "Evidence",
    "Known",
    "close",
    "solve",
    "solve_plane",
    "solving_step",
    "tile_refiner",
]

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

#: Side of the squares in which L is applied.
_TILE: Final = 256
#: Variance of colour that counts as noise.
_NOISE: Final = 1e-5
#: Weight of a sample that explains its pixel perfectly, against 9 for the Laplacian.
_TRUST: Final = 0.05
#: Distance of colours at which that weight has fallen to 1/e.
_MISS: Final = 5 / 255
#: Difference of foreground and background below which samples say little.
_ALIKE: Final = 0.1
#: The least that a pixel counts for at half the size.
_SMALLEST: Final = 1e-6
#: Below this weight a pixel starts from what the coarser solution says.
_UNCERTAIN: Final = 0.005
#: Alpha closer to 0 or 1 than the first is taken for it; between the two it is spread.
HAZE: Final = (0.05, 0.15)


@dataclasses.dataclass(frozen=True)
class Effort:
    """How much work goes into a solution.

    Attributes
    ----------
    area : int
        Pixels of the largest picture that is solved as a whole; larger ones are solved at such a
        size and followed up to their own.
    rounds : tuple of int
        Rounds of sampling at that size, at half of it, and so on.
    steps : tuple of int
        Steps with the Laplacian at that size, at half of it, and so on.
    last : int
        Steps with the Laplacian at full size, where that is larger.
    """

    area: int
    rounds: tuple[int, ...]
    steps: tuple[int, ...]
    last: int


EFFORTS: Final = {
    "balanced": Effort(200_000, (1, 3), (2, 4), 0),
    "best": Effort(1_500_000, (1, 5), (5, 6), 6),
}


class Evidence(NamedTuple):
    """What counts beside the Laplacian, whose weight is 9.

    The planes are overwritten by `solve_plane`: more of that size would cost more than the work.
    Each weight and distance is one number, or two: at hard edges and at soft ones.

    Attributes
    ----------
    sample : float or tuple of float
        The weight of a sample that explains its pixel perfectly.
    miss : float or tuple of float
        The distance of colours at which that weight has fallen to 1/e.
    prior : (h, w) ndarray of float32 in [0, 1], optional
        What is believed about alpha beforehand.
    trust : float or tuple of float
        The weight of that belief.
    softness : (h, w) ndarray of float32 in [0, 1], optional
        Of edges, 0 is hard; what lies between the two numbers does so in logarithms.
    certainty : float
        How many times its weight a belief of 0 or 1 at a hard edge counts besides.
    """

    sample: float | tuple[float, float] = _TRUST
    miss: float | tuple[float, float] = _MISS
    prior: Floats | None = None
    trust: float | tuple[float, float] = 0.0
    softness: Floats | None = None
    certainty: float = 0.0


def solve(color: Pixels, trimap: NDArray[np.uint8], *, quality: str = "best") -> Floats:
    """Estimate alpha where a trimap leaves it open.

    Each unknown pixel looks for the pair of known colours that it may be mixed from; the matting
    Laplacian then makes alpha follow the picture where the samples disagree. Large pictures are
    solved at a smaller size first; at full size only tiles with unknown pixels are touched.

    Parameters
    ----------
    color : (H, W, 3) ndarray of uint8 or uint16
        The picture.
    trimap : (H, W) ndarray of uint8
        0 is background, 255 foreground, all else unknown.
    quality : {"balanced", "best"}

    Returns
    -------
    (H, W) ndarray of float32 in [0, 1]
        0 and 1 where the trimap says so.

    Raises
    ------
    OptionError
        The trimap has another size than the picture, or leaves something open without naming both
        foreground and background.
    """
    grammar = "an (H, W) array of uint8 with known foreground (255) and background (0)"
    if trimap.shape != color.shape[:2] or trimap.dtype != np.uint8:
        given = f"{trimap.dtype} array of shape {trimap.shape}"
        raise OptionError("trimap", given, grammar, f"the picture has {color.shape[:2]}")
    trimap = np.ascontiguousarray(trimap)
    result: Floats = (trimap == 255).astype(np.float32)
    unknown = (trimap != 0) & (trimap != 255)
    if not unknown.any():
        return result
    for value, name in ((255, "foreground"), (0, "background")):
        if not (trimap == value).any():
            raise OptionError("trimap", f"one without {name}", grammar, f"no {name} is known")
    effort = EFFORTS[quality]
    whole = Size(trimap.shape[1], trimap.shape[0]).box
    step = solving_step(whole.size, effort.area)
    image = as_planes(color, step)
    front, back = (block_reduce(trimap == value, step, np.minimum) for value in (255, 0))
    if not front.any() or not back.any():
        # What is known is finer than the size at which the picture is solved.
        front, back = (_mostly(trimap == value, step) for value in (255, 0))
        back &= ~front
    alpha = solve_plane(image, front, back, effort)
    if step == 1:
        result[unknown] = alpha[unknown]
        return result
    height, width = alpha.shape
    covered = Box(0, 0, width * step, height * step)
    small = fitted(image, alpha, block_reduce(unknown, step, np.maximum), covered)
    known = Known(full=trimap)
    fill = tile_refiner(color, small, result, _TILE, effort.last, known)
    for_each(fill, list(bands(whole, _TILE)))
    return result


def solving_step(size: Size, area: int) -> int:
    """Return the side of the blocks whose means are solved for, 1 where all pixels are."""
    step = 1
    while size.area > area * step * step:
        step += 1
    return step


def _mostly(mask: Mask, step: int) -> Mask:
    share = block_mean(mask.view(np.uint8) * np.uint8(255), step)
    return np.asarray(share >= min(128, int(share.max())))


def solve_plane(
    image: Floats,
    front: Mask,
    back: Mask,
    effort: Effort,
    evidence: Evidence | None = None,
) -> Floats:
    """Solve a picture as a whole.

    Parameters
    ----------
    image : (3, h, w) ndarray of float32 in [0, 1]
    front, back : (h, w) ndarray of bool
        Known foreground and background, each with at least one pixel.
    effort : Effort
    evidence : Evidence, optional

    Returns
    -------
    (h, w) ndarray of float32 in [0, 1]
    """
    evidence = evidence or Evidence()
    whole, half = Solvable(image, front, back), None
    if max(len(effort.rounds), len(effort.steps)) > 1:
        half = at_half(whole)
    pairs = sample_pairs(image, front, back, rounds=effort.rounds, half=half)
    softness, prior = evidence.softness, evidence.prior
    alpha = np.empty(front.shape, np.float32) if prior is None else prior
    weight = np.empty(front.shape, np.float32) if softness is None else softness

    def scale(value: float | tuple[float, float]) -> tuple[float, float]:
        """Return it at hard edges, and the logarithm of how much more it is at soft ones."""
        if not isinstance(value, tuple):
            return value, 0.0
        hard, soft = value
        return hard, math.log(soft / hard)

    kernels.call(
        *("weigh_pairs", np.ascontiguousarray(image), *alpha.shape),
        *(pairs.pixels, pairs.front, pairs.back, pairs.alpha, pairs.distance, len(pairs.pixels)),
        *(softness, prior, np.ascontiguousarray(front)),
        *(*scale(evidence.sample), *scale(evidence.miss), *scale(evidence.trust)),
        *(_ALIKE**2, evidence.certainty, alpha, weight),
    )
    del pairs
    smaller = _closed_smaller(whole, alpha, weight, effort.steps, half)
    del half
    alpha = _followed(whole, alpha, weight, effort.steps[0], smaller, out=alpha)
    # A haze nobody sees, but everybody pays.
    least, end = HAZE
    kernels.call("snap_to_extremes", alpha, alpha.size, end, least / (end - least))
    return alpha


def close(whole: Solvable, target: Floats, weight: Floats, steps: tuple[int, ...]) -> Floats:
    """Make alpha follow the picture, from coarse to fine.

    Parameters
    ----------
    whole : Solvable
        The picture, and where alpha is known.
    target, weight : (h, w) ndarray of float32
        What alpha should be, and how much that counts.
    steps : tuple of int
        Steps with the Laplacian at full size, at half, and so on.
    """
    smaller = _closed_smaller(whole, target, weight, steps, None)
    return _followed(whole, target, weight, steps[0], smaller)


def _closed_smaller(
    whole: Solvable,
    target: Floats,
    weight: Floats,
    steps: tuple[int, ...],
    half: Solvable | None,
) -> Floats | None:
    """Return what `close` makes of it at half the size; None where that is not asked for.

    `half` is the picture and what is known at that size, where somebody has it.
    """
    height, width = target.shape
    if len(steps) < 2 or min(height, width) < 16:
        return None
    half = half or at_half(whole)
    small, heavy = np.empty((2, *half.front.shape), np.float32)
    room = np.empty(4 * width, np.float32)
    source = np.ascontiguousarray(target), np.ascontiguousarray(weight), height, width
    known = half.front, half.back
    kernels.call("halve_weighted", *source, _SMALLEST, *known, room, small, heavy)
    return close(half, small, heavy, steps[1:])


def _followed(
    whole: Solvable,
    target: Floats,
    weight: Floats,
    steps: int,
    smaller: Floats | None,
    out: Floats | None = None,
) -> Floats:
    """Take steps with the Laplacian, from the target or from what half the size says.

    The target itself may be `out`.
    """
    free = ~(whole.front | whole.back)
    result = target.copy()
    size = Size(free.shape[1], free.shape[0])
    apron = REACH * steps

    def follow(tile: Box) -> None:
        found = bounding_box(free[tile.slices])
        if found is None:
            return
        inner = found.moved(tile.left, tile.top)
        outer = pad_box(inner, apron, size.box)
        start = target[outer.slices]
        if smaller is not None:
            source = 0, 0, size.width / 2, size.height / 2
            coarse = upsample(smaller[None], size, source, outer)[0]
            seen = (start, weight[outer.slices], free[outer.slices])
            pointers = [number for plane in seen for number in kernels.rows(plane)]
            kernels.call("lean_on", *pointers, *coarse.shape, _UNCERTAIN, coarse)
            start = coarse
        if min(outer.size) < 3:
            part = inner.moved(-outer.left, -outer.top)
            result[inner.slices] = start[part.slices]
            return
        chebyshev(
            whole.image,
            start,
            target,
            weight,
            free,
            steps,
            epsilon=_NOISE,
            outer=outer,
            inner=inner,
            out=result,
        )

    for_each(follow, list(tiles(size.box, _TILE)))
    return np.clip(result, 0, 1, out=result if out is None else out)


class Known(NamedTuple):
    """What is certain: 0 is background, 255 foreground, all else unknown.

    Attributes
    ----------
    full : (H, W) ndarray of uint8, optional
        For each pixel of the picture; where it is given it alone counts.
    trimap : (h, w) ndarray of uint8, optional
        For each pixel of the smaller size.
    hard : (h, w) ndarray of bool, optional
        Where alpha only rises towards the subject, at the smaller size.
    rise : int
        For how many pixels of the picture it does.
    haze : tuple of float
        Alpha closer to 0 or 1 than the first is taken for it, between the two it is spread.
    """

    full: NDArray[np.uint8] | None = None
    trimap: NDArray[np.uint8] | None = None
    hard: Mask | None = None
    rise: int = 0
    haze: tuple[float, float] = (0.0, 1.0)


def tile_refiner(
    color: Pixels, small: Small, alpha: Floats | Pixels, side: int, steps: int, known: Known
) -> Callable[[Box], None]:
    """Return a function that fills a part of alpha at full size, tile by tile.

    What is known is 1 or left as it is; the rest comes from colours first, then from steps with the
    Laplacian, and rises towards the subject where edges are hard.

    Parameters
    ----------
    color : (H, W, 3) ndarray of uint8 or uint16
    small : Small
        The solution at a smaller size.
    alpha : (H, W) ndarray of float32, uint8 or uint16
        Is filled.
    side : int
        Of a tile.
    steps : int
        Steps with the Laplacian.
    known : Known
    """
    height, width = small.alpha.shape
    limit = small.box.intersection(Size(color.shape[1], color.shape[0]).box)
    fx, fy = width / small.box.width, height / small.box.height
    rows, down = sample_positions(0, limit.height * fy, limit.height, height)
    columns, across = sample_positions(0, limit.width * fx, limit.width, width)
    cell_rows = cells(small.box.height, height)[: limit.height]
    cell_columns = cells(small.box.width, width)[: limit.width]
    apron = 2 * (known.rise + REACH * steps)
    tall, wide = min(limit.height, side + apron), min(limit.width, side + apron)
    area = tall * wide
    # Alpha, what it should be, how much that counts, colours, what is unknown, and runs of a row.
    planes = 6 * area + (area + 3) // 4 + 4 * (width + 1) + 6 * wide
    edges = np.searchsorted(cell_columns, np.arange(width + 1)).astype(np.int32)
    size = planes + iteration_room(tall, wide)
    least, end = known.haze

    def fill(part: Box) -> None:
        with kernels.room(size) as memory:
            kernels.call(
                "refine_tiles",
                *kernels.rows(color),
                color.itemsize,
                1 / np.iinfo(color.dtype).max,
                *part,
                side,
                *limit,
                known.full,
                0 if known.full is None else known.full.strides[0],
                known.trimap,
                known.hard,
                small.model,
                height,
                width,
                cell_rows,
                cell_columns,
                edges,
                rows,
                down,
                columns,
                across,
                steps,
                _NOISE,
                SMALLEST,
                _TRUST,
                end,
                least / (end - least),
                known.rise,
                memory,
                *kernels.rows(alpha),
                alpha.itemsize,
            )

    return fill
