"""One picture, top to bottom: this file is the product in one screen."""

from __future__ import annotations

import dataclasses

from mattekit import codecs, compositing, cropping, hooks, matting
from mattekit.cutout import Cutout
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.runtime import Runtime

__all__ = ["cut_out", "develop", "finish", "look", "remove_background"]


def remove_background(
    image: codecs.Source,
    options: Options | None = None,
    *,
    runtime: Runtime | None = None,
    **values: object,
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

    Examples
    --------
    >>> import mattekit
    >>> cutout = mattekit.remove_background("photo.jpg", crop=True)  # doctest: +SKIP
    >>> cutout.save("subject.png")  # doctest: +SKIP
    """
    opts = (options or Options()).replace(**values)
    photo = codecs.decode(image)
    matte = look(photo, opts, runtime or Runtime.shared())
    small = cropping.reduced(photo, opts) if matte.found else photo
    if small is photo:
        return finish(develop(photo, matte, opts), photo, opts)
    cutout = develop(
        small, dataclasses.replace(matte, box=small.size.box, roi=small.size.box), opts
    )
    _, most = cropping.area_limit(cutout, opts)
    return cropping.related(finish(cutout, small, opts), photo.size, most)


def cut_out(photo: Photo, options: Options, runtime: Runtime) -> Cutout:
    """Estimate the subject of `photo` at full size; nothing is moved or put behind it yet."""
    return develop(photo, look(photo, options, runtime), options)


def look(photo: Photo, options: Options, runtime: Runtime) -> matting.Matte:
    """Let a network say, coarsely, where the subject is."""
    session = runtime.session(options.model, device=options.device, kind=options.type)
    return matting.segment(photo, session, roi=options.roi)


def develop(photo: Photo, matte: matting.Matte, options: Options) -> Cutout:
    """Bring a coarse matte to full size and free the subject's edges of the old background."""
    alpha = matting.keyed(photo, matte)
    if alpha is None:
        alpha = matting.refine(photo, matte, quality=options.refine)
    else:
        matte = dataclasses.replace(matte, found=True, kind="graphic")
    alpha = matting.settle(alpha, photo, matte, options)
    color = matting.foreground(photo.color, alpha) if options.decontaminate else photo.color
    return matting.assemble(photo, color, alpha, matte)


def finish(cutout: Cutout, photo: Photo, options: Options) -> Cutout:
    """Frame the subject, put shadow and background behind it, and let plug-ins have their say."""
    if cutout.found:
        cutout = cropping.frame(cutout, options)
        cutout = compositing.dress(cutout, photo, options)
    return hooks.postprocess(cutout, options)
