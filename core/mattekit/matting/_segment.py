"""From a photo to a coarse matte: the network's view, its run, and what its answer means."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit import kernels
from mattekit.errors import ModelCardError
from mattekit.geometry import Box, Region, Size
from mattekit.imaging.color import convert
from mattekit.imaging.resize import downsample
from mattekit.matting.calibration import confidence
from mattekit.matting.matte import Matte
from mattekit.matting.naming import kind_of
from mattekit.models.card import InputSpec, ModelCard, OutputSpec
from mattekit.photo import Photo
from mattekit.runtime.session import Session, Tensor
from mattekit.tasks import stage

__all__ = ["activated", "segment", "segment_box"]

#: Context around a roi that the network sees, as a share of the roi's sides.
_CONTEXT = 0.1
#: A subject must exceed `OutputSpec.found_at` on this share of the matte.
_LEAST_AREA = 0.0005
#: Below this range of values a prediction says nothing.
_LEAST_RANGE = 1e-3
#: With this share of fully transparent pixels a photo counts as cut out already.
_CUT_OUT_ALREADY = 0.1


class _NetworkView(NamedTuple):
    """What the network sees of a photo, and where."""

    colors: NDArray[np.uint8]  # (h, w, 3) sRGB, opaque, without padding
    guide: NDArray[np.uint8]  # the same as the photo has it
    canvas: Size  # the network's input
    place: Box  # where `colors` lie on the canvas


@stage("segment")
def segment(photo: Photo, session: Session, *, roi: Region | None = None) -> Matte:
    """Let a network find the subject.

    The network sees the roi with some context around it, scaled as its card says. Its answer is
    freed of padding. Where a photo has transparency the network sees it over a neutral colour.

    A subject counts as found where the answer, before any stretching, exceeds
    `OutputSpec.found_at` on at least one 2000th of its area, is not constant, and is not mere
    noise: neighbouring pixels agree.

    Parameters
    ----------
    photo : Photo
        The picture.
    session : Session
        A loaded network.
    roi : Region, optional
        Where the subject may lie; by default anywhere.

    Returns
    -------
    Matte
        At the network's resolution.

    Raises
    ------
    OptionError
        The roi does not fit the picture or holds no pixel.
    ModelCardError
        The network answered with something that its card does not describe.
    """
    whole = photo.size.box
    inside = whole if roi is None else roi.box(photo.size)
    box = whole if inside == whole else _with_context(inside, whole)
    matte = segment_box(photo, session, box, inside)
    own = photo.alpha
    if not matte.found and own is not None and _is_cut_out(downsample(own, box, matte.size)):
        # The photo's own transparency already says what the subject is.
        matte = dataclasses.replace(matte, alpha=np.ones_like(matte.alpha), found=True)
    return matte


def segment_box(photo: Photo, session: Session, box: Box, roi: Box, *, rated: bool = True) -> Matte:
    """Return the matte of one part of a photo, which is all that the network sees.

    Parameters
    ----------
    photo : Photo
    session : Session
    box : Box
        The part, within the photo and not empty.
    roi : Box
        Where the subject may lie.
    rated : bool
        Whether the matte says how likely it is right.

    Raises
    ------
    ModelCardError
        As `segment`.
    """
    card = session.card
    if card.task != "segment":
        raise ModelCardError(card.name, "it corrects mattes and finds no subjects. Name another.")
    view = _view(photo, box, card.input)
    raw, kinds = session.run(_batch([view], card.input))
    alpha, found = _judge(_crop(activated(raw, card)[0], view), card.output)
    scores = _scores(kinds, card.output)
    sure = confidence(alpha, card.output.calibration, scores) if found and rated else None
    return Matte(
        alpha, box, roi, view.guide, found, sure, kind_of(scores), scores, card.output.partial
    )


def _with_context(roi: Box, whole: Box) -> Box:
    dx, dy = round(roi.width * _CONTEXT), round(roi.height * _CONTEXT)
    return roi.padded(dx, dy, dx, dy).intersection(whole)


def _input_size(size: Size, spec: InputSpec) -> tuple[Size, Size]:
    """Return the canvas of a network for a picture of `size`, and the picture's size on it."""
    if spec.size is not None:
        canvas = spec.size
        if spec.fit == "stretch":
            return canvas, canvas
        return canvas, _fit(size, canvas)
    scaled = size.scaled(spec.longest / max(size))
    step = spec.multiple_of
    canvas = Size(-(-scaled.width // step) * step, -(-scaled.height // step) * step)
    return canvas, canvas if spec.fit == "stretch" else scaled


def _fit(size: Size, frame: Size) -> Size:
    factor = min(frame.width / size.width, frame.height / size.height)
    scaled = size.scaled(factor)
    return Size(min(scaled.width, frame.width), min(scaled.height, frame.height))


def _view(photo: Photo, box: Box, spec: InputSpec) -> _NetworkView:
    canvas, size = _input_size(box.size, spec)
    guide = downsample(photo.color, box, size)
    colors = convert(guide, photo.metadata.icc_profile, None)
    alpha = None if photo.alpha is None else downsample(photo.alpha, box, size)
    if alpha is not None:
        colors = _over_neutral(colors, alpha)
    left, top = (canvas.width - size.width) // 2, (canvas.height - size.height) // 2
    return _NetworkView(colors, guide, canvas, size.box.moved(left, top))


def _over_neutral(colors: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Put colours over white, or over grey where they are light themselves."""
    weight = alpha[..., None].astype(np.float32) / 255
    total = float(weight.sum())
    light = total > 0 and float((colors * weight).sum()) / (3 * total) > 190
    ground = np.float32(110 if light else 255)
    return np.asarray(colors * weight + ground * (1 - weight) + 0.5).astype(np.uint8)


def _batch(views: list[_NetworkView], spec: InputSpec) -> Tensor:
    """Normalise views and stack them as the network wants them; padding is the mean colour."""
    canvas = views[0].canvas
    batch = np.zeros((len(views), 3, canvas.height, canvas.width), np.float32)
    mean, std = np.asarray(spec.mean, np.float32), np.asarray(spec.std, np.float32)
    for index, view in enumerate(views):
        divisor = {"255": 255.0, "max": float(max(1, view.colors.max()))}.get(
            str(spec.divide)
        ) or float(spec.divide)
        planes = np.empty((3, *view.colors.shape[:2]), np.float32)
        colors = kernels.in_rows(view.colors)
        kernels.call("planes_8", *kernels.rows(colors), *colors.shape[:2], 1 / divisor, planes)
        planes -= mean[:, None, None]
        rows, columns = view.place.slices
        np.divide(planes, std[:, None, None], out=batch[index, :, rows, columns])
    if spec.channels == "BGR":
        batch = batch[:, ::-1]
    if spec.layout == "NHWC":
        batch = batch.transpose(0, 2, 3, 1)
    return np.ascontiguousarray(batch)


def activated(raw: NDArray[np.float32], card: ModelCard) -> NDArray[np.float32]:
    """Return the mattes of a batch as ``(N, h, w)``, activated but not stretched."""
    spec = card.output
    if raw.ndim == 3:
        raw = raw[:, None]
    elif raw.ndim == 4 and card.input.layout == "NHWC":
        raw = raw.transpose(0, 3, 1, 2)
    if raw.ndim != 4 or not -raw.shape[1] <= spec.channel < raw.shape[1]:
        raise ModelCardError(
            card.name,
            f"the network's matte has the shape {raw.shape}; the card names channel "
            f"{spec.channel} of {card.input.layout}. Correct [output] in the card.",
        )
    if spec.activation == "softmax":
        odds = np.exp(raw - raw.max(1, keepdims=True))
        return np.asarray(odds[:, spec.channel] / odds.sum(1), np.float32)
    planes = raw[:, spec.channel].astype(np.float32, copy=False)
    if spec.activation == "sigmoid":
        with np.errstate(over="ignore"):
            planes = np.asarray(1 / (1 + np.exp(-planes)), np.float32)
    return planes


def _crop(plane: NDArray[np.float32], view: _NetworkView) -> NDArray[np.float32]:
    """Cut the padding off; the network may answer at another scale than its input's."""
    height, width = plane.shape
    fx, fy = width / view.canvas.width, height / view.canvas.height
    place = view.place
    if fx == fy == 1:
        return plane[place.slices]
    from mattekit.imaging.resize import resize_plane

    edges = (place.left * fx, place.top * fy, place.right * fx, place.bottom * fy)
    return resize_plane(plane, place.size, edges)


def _judge(plane: NDArray[np.float32], spec: OutputSpec) -> tuple[NDArray[np.float32], bool]:
    """Return the matte in [0, 1] and whether there is a subject."""
    described = np.empty(6)
    source = np.ascontiguousarray(plane), *plane.shape
    kernels.call("describe_plane", *source, spec.found_at, described)
    low, high, above, variance, *steps = described.tolist()
    found = high - low >= _LEAST_RANGE and above / plane.size >= _LEAST_AREA
    if not found or not _coherent(variance, steps, plane.shape):
        return np.zeros(plane.shape, np.float32), False
    alpha = (plane - low) / (high - low) if spec.stretch else np.clip(plane, 0, 1)
    return np.ascontiguousarray(alpha, np.float32), True


def _coherent(variance: float, steps: list[float], shape: tuple[int, ...]) -> bool:
    """Whether neighbours resemble each other more than pixels that have nothing to do with them.

    Half the mean square difference of neighbours is the variance itself where pixels are
    independent, and a small part of it where there are shapes. `steps` are the sums of such squares
    along columns and along rows.
    """
    means = [
        total / (count * (across - 1))
        for total, across, count in zip(steps, shape, reversed(shape), strict=True)
        if across > 1
    ]
    return not means or sum(means) / len(means) / 2 < 0.5 * variance


def _is_cut_out(alpha: NDArray[np.uint8]) -> bool:
    return bool(np.count_nonzero(alpha == 0) >= _CUT_OUT_ALREADY * alpha.size and alpha.any())


def _scores(kinds: NDArray[np.float32] | None, spec: OutputSpec) -> dict[str, float]:
    if kinds is None or not spec.kind_names:
        return {}
    return dict(zip(spec.kind_names, map(float, np.asarray(kinds)[0].ravel()), strict=False))
