"""One picture, top to bottom: everything that is done to it, in this order, is called here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mattekit import codecs, compositing, cropping, matting
from mattekit.correction import correct
from mattekit.cutout import Cutout
from mattekit.geometry import Box, Point
from mattekit.hints import read_hints, read_mask
from mattekit.options import Options, takes_options
from mattekit.photo import Photo
from mattekit.runtime import Runtime
from mattekit.steps import postprocess
from mattekit.tasks import stage

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mattekit.option_values import OptionValues

__all__ = [
    "complete",
    "complete_each",
    "compose",
    "refine_mask",
    "remove_background",
    "remove_background_each",
    "segment",
]


@takes_options
def remove_background(
    image: codecs.Source,
    options: Options | None = None,
    *,
    runtime: Runtime | None = None,
    **values: Unpack[OptionValues],
) -> Cutout:
    """Remove the background of a picture.

    Parameters
    ----------
    image : path, bytes, binary file, (H, W[, C]) ndarray, PIL.Image.Image or Photo
        The picture. Arrays are uint8 or uint16; grey, RGB or RGBA.
    options : Options, optional
        Checked options.
    runtime : Runtime, optional
        Where models run; by default the one that the whole process shares.
    **values
        Options by name, as text or Python values; they win over `options`.

    Returns
    -------
    Cutout
        The subject. `Cutout.found` is false where there is none.

    Raises
    ------
    OptionError, InputError, ModelError, ProviderError
        See `mattekit.errors`.
    """
    opts = Options.of(options, values)
    photo = codecs.decode(image)
    return complete(photo, segment(photo, opts, runtime), opts, spend=photo is not image)


@takes_options
def remove_background_each(
    image: codecs.Source,
    options: Options | None = None,
    *,
    runtime: Runtime | None = None,
    **values: Unpack[OptionValues],
) -> tuple[Cutout, ...]:
    """Cut out each subject of a picture by itself.

    Parameters
    ----------
    image : path, bytes, binary file, (H, W[, C]) ndarray, PIL.Image.Image or Photo
        The picture.
    options : Options, optional
        Checked options. Each subject has its own crop, shadow and background; a number or a point
        as `subjects` chooses among them first.
    runtime : Runtime, optional
        Where models run; by default the one that the whole process shares.
    **values
        Options by name, as text or Python values; they win over `options`.

    Returns
    -------
    tuple of Cutout
        The largest first; empty where there is none. Subjects that touch are one: see
        `Cutout.parts`.

    Raises
    ------
    OptionError, InputError, ModelError, ProviderError
        See `mattekit.errors`.
    """
    opts = Options.of(options, values)
    photo = codecs.decode(image)
    return complete_each(photo, segment(photo, opts, runtime), opts, spend=photo is not image)


@takes_options
def refine_mask(  # type: ignore[misc] # `mask` is an option as well
    image: codecs.Source,
    mask: codecs.Source,
    options: Options | None = None,
    *,
    runtime: Runtime | None = None,
    **values: Unpack[OptionValues],
) -> Cutout:
    """Cut a subject out whose mask is there already: from a layer, a selection, another program.

    The same as `remove_background` with the option `mask`. The mask's edge is looked for in the
    picture, near the mask's own; in a trimap only what is grey is estimated. No network runs.

    Parameters
    ----------
    image : path, bytes, binary file, (H, W[, C]) ndarray, PIL.Image.Image or Photo
        The picture.
    mask : path, bytes, binary file, (H, W) ndarray, PIL.Image.Image or Photo
        As large as the picture: 0 background, the maximum subject. Arrays may also be of bool, or
        of floats from 0 to 1.
    options : Options, optional
        Checked options.
    runtime : Runtime, optional
        Where the network runs that looks again where hints ask for it.
    **values
        Options by name, as text or Python values; they win over `options`.

    Returns
    -------
    Cutout
        `Cutout.found` is false where the mask is all background.

    Raises
    ------
    OptionError, InputError
        The mask does not fit the picture, or cannot be read; see `mattekit.errors`.
    """
    opts = Options.of_mask(options, mask, values)
    return remove_background(image, opts, runtime=runtime)


def segment(
    photo: Photo,
    options: Options,
    runtime: Runtime | None = None,
    *,
    zoom_box: Callable[[Box, Box], Box] = matting.zoom_box,
) -> matting.Matte:
    """Let a network say, coarsely, where the subject is: the first half.

    A mask that was given takes the network's place; hints correct what either says.
    """
    runtime = runtime or Runtime.shared()
    hints = read_hints(options, photo)
    if options.mask is not None:
        levels = read_mask(options.mask, photo.size)
        matte = matting.matte_from_mask(photo, levels, roi=options.roi)
    else:
        session = runtime.session(options.model, device=options.device, kind=options.type)
        first = matting.segment(photo, session, roi=options.roi)
        matte = matting.restrict(photo, first, session, options.type)
        matte = matting.select(matte, photo.size, options.subjects)
        # What was left out would be seen again.
        whole = matte is first
        if options.zoom:
            matte = matting.zoom_in(photo, session, matte, zoom_box, seen=first.alpha)
            if isinstance(options.subjects, Point):
                # What touched from afar may not do so from near.
                matte = matting.select(matte, photo.size, options.subjects)
        if options.zoom and options.refine == "best" and whole:
            matte = matting.look_closer(photo, session, matte)
        matte = matting.fill_outlines(matting.decide(matting.named(matte, options.type)))
    if hints is not None:
        matte = correct(photo, matte, hints, options, runtime)
    # What a mask or hints say has no other name.
    return matting.named(matte, options.type)


def complete(
    photo: Photo,
    matte: matting.Matte,
    options: Options,
    *,
    always: bool = False,
    before: matting.Extraction | None = None,
    spend: bool = False,
) -> Cutout:
    """Make the finished cut-out of a photo and its matte; `always`: without a subject too.

    `before` is what `matting.uncorrected` returned for the same arguments, where that is known.
    `spend` says that the photo is nobody else's: its colours may be overwritten, which saves a
    second picture.
    """
    scaled, cutout = _extracted(photo, matte, options, before, spend)
    return _finished(cutout, scaled, photo, options, always=always)


def complete_each(
    photo: Photo, matte: matting.Matte, options: Options, *, spend: bool = False
) -> tuple[Cutout, ...]:
    """Make a finished cut-out of each subject by itself, the largest first; `spend` as above."""
    scaled, cutout = _extracted(photo, matte, options, spend=spend)
    # By itself, none is a layer among others.
    options = options.replace(subjects="all")
    parts = cutout.parts()
    return tuple(_finished(part.replace(name="Cut-out"), scaled, photo, options) for part in parts)


def _extracted(
    photo: Photo,
    matte: matting.Matte,
    options: Options,
    before: matting.Extraction | None = None,
    spend: bool = False,
) -> tuple[Photo, Cutout]:
    """Return the photo, at the size of the result where it can be, and its subject."""
    # A blurred background is made of the photo's own colours.
    spend = spend and not options.bg_blur
    scaled = cropping.prescale(photo, options) if matte.found else photo
    if scaled is not photo:
        matte, before = matting.rescale(matte, photo.size, scaled), None
    cutout = matting.extract(
        scaled, matte, options, original=photo.size, before=before, spend=spend
    )
    return scaled, cutout


def _finished(
    cutout: Cutout, scaled: Photo, photo: Photo, options: Options, *, always: bool = False
) -> Cutout:
    if cutout.found or always:
        cutout = compose(cutout, scaled, options)
    if scaled is not photo:
        cutout = cropping.with_original_size(cutout, photo.size, options)
    return postprocess(cutout, options)


@stage("compose")
def compose(cutout: Cutout, photo: Photo, options: Options) -> Cutout:
    """Frame a subject and put its shadow and a background behind it."""
    shadow = compositing.plan_shadow(cutout, options)
    room = shadow.room(cutout) if shadow is not None and options.crop else None
    framed = cropping.frame(cutout, options, room=room)
    return compositing.composite(framed, photo, shadow, options)
