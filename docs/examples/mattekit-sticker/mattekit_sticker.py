"""Turn cut-outs into stickers: a step, an output format and a command.

Every function marked with `hookimpl` carries the name of a hook in `mattekit.hooks`. The module is
imported by every command, so what is heavy is imported inside the functions.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import mattekit

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click

RIM = 0.012  # width of the white rim as a share of the longer side


@mattekit.hookimpl
def mattekit_steps() -> Iterable[mattekit.Step]:
    """A white rim around every subject."""
    return [mattekit.Step("sticker", sticker)]


@mattekit.hookimpl
def mattekit_formats() -> Iterable[mattekit.OutputFormat]:
    """The farbfeld format, which is simple enough to show in full."""
    return [mattekit.OutputFormat("farbfeld", (".ff",), "image/x-farbfeld", farbfeld)]


@mattekit.hookimpl
def mattekit_commands(cli: click.Group) -> None:
    """Add ``mattekit sticker``."""
    import click

    @cli.command("sticker", help="Say how wide the rim of a sticker is.")
    def command() -> None:
        click.echo(f"The rim is {RIM:.1%} of the longer side.")


def sticker(cutout: mattekit.Cutout, options: mattekit.Options) -> mattekit.Cutout:
    """Return a cut-out with a white rim; arrays that came in are not written to."""
    import numpy as np
    from PIL import Image, ImageFilter

    if not cutout.found or options.channels == "alpha":
        return cutout
    rim = max(1, round(RIM * max(cutout.size)))
    alpha = cutout.alpha.astype(np.float32) / cutout.opaque
    solid = Image.fromarray(np.uint8(255 * (alpha > 0.5)))
    grown = solid.filter(ImageFilter.MaxFilter(2 * rim + 1)).filter(ImageFilter.GaussianBlur(1))
    below = np.asarray(grown, np.float32) / 255
    result = alpha + below * (1 - alpha)
    share = (alpha / np.maximum(result, 1e-6))[..., None]  # of the subject in what is seen
    color = share * cutout.color + (1 - share) * cutout.opaque
    dtype = cutout.color.dtype
    return cutout.replace(
        color=np.rint(color).astype(dtype), alpha=np.rint(result * cutout.opaque).astype(dtype)
    )


def farbfeld(cutout: mattekit.Cutout, options: mattekit.Options) -> bytes:
    """Return a farbfeld file: a header, then 16-bit big-endian RGBA."""
    import numpy as np

    rgba = cutout.rgba()
    if rgba.dtype == np.uint8:
        rgba = rgba.astype(np.uint16) * 257
    return struct.pack(">8sII", b"farbfeld", *cutout.size) + rgba.astype(">u2").tobytes()
