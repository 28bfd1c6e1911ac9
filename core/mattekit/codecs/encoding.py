"""Pictures out: cut-outs, or whatever else has colours and an alpha, become files."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from mattekit import plugins
from mattekit.codecs import coders
from mattekit.codecs.coders import pillow
from mattekit.codecs.strips import to_gray, whole
from mattekit.errors import OptionError, PluginError
from mattekit.formats import AUTO, WRITTEN, has_layers, is_mask, plugin_formats
from mattekit.geometry import Size
from mattekit.imaging.color import convert
from mattekit.imaging.samples import eight_bits
from mattekit.picture import Metadata, Picture
from mattekit.tasks import stage

if TYPE_CHECKING:
    from PIL import Image

    from mattekit.options import Options

__all__ = ["Encoded", "at_depth", "encode", "to_pil", "without_metadata"]

_Kind = TypeVar("_Kind", bound=Picture)


@dataclasses.dataclass(frozen=True)
class Encoded:
    """A file in memory.

    Attributes
    ----------
    data : bytes
        The file.
    format : str
        One of the values of the `format` option, never ``"auto"``.
    media_type : str
        The value of a ``Content-Type`` header.
    extension : str
        The usual suffix of the file's name, with its dot.
    size : Size
        Width and height in pixels.
    """

    data: bytes = dataclasses.field(repr=False)
    format: str
    media_type: str
    extension: str
    size: Size


@stage("encode")
def encode(picture: Picture, options: Options) -> Encoded:
    """Return a cut-out, or another picture, as a file.

    ``format="auto"`` is PNG where something is transparent and JPEG where nothing is; a matte
    alone (``channels="alpha"``) is then a grey JPEG, as in the remove.bg API. PNG and TIFF have
    the depth of the picture, and so have OpenRaster, PSD and PFM, unless `depth` is 8; the rest 8
    bits. Colours under alpha 0 become black in formats with alpha, unless `keep_color` keeps them
    in PNG and TIFF; JPEG shows the cut-out on white; the layers of OpenRaster and PSD keep all
    colours as they are, and so does the ``color.jpg`` of a ZIP but for a rim around the subject
    (see `mattekit.codecs.edge_padding`). A ZIP holds colour and alpha, a PFM the alpha alone,
    whatever `channels` says.

    Parameters
    ----------
    picture : Picture
        What to write; its `layers` go into formats that have them.
    options : Options
        `format`, `channels`, `quality`, `depth`, `keep_color` and `keep_metadata` count here.

    Raises
    ------
    OptionError
        The format cannot hold a picture of this size, or not each subject.
    """
    if options.subjects == "each" and not has_layers(options.format):
        raise OptionError(
            "subjects",
            "each",
            "each with a format that has layers (ora, psd)",
            f"{options.format} shows one picture. The command `mattekit remove` writes a file for "
            "each subject, in Python `remove_background_each` gives them one by one",
        )
    picture = at_depth(picture, options.depth)
    # A ZIP has both, whatever is asked for: all that read one need both.
    matte = is_mask(options.format) or (options.channels == "alpha" and options.format != "zip")
    full = picture.full_alpha()
    transparent = full.size > 0 and int(full.min()) < picture.opaque
    name = options.format
    if name == "auto":
        name = AUTO[0] if transparent and not matte else AUTO[1]
    metadata = picture.metadata if options.keep_metadata else Metadata()
    if matte:
        # A mask has no colours that a profile could describe, and was not taken by a camera.
        metadata = Metadata(dpi=metadata.dpi)
    elif not options.keep_metadata:
        picture = without_metadata(picture)
    color = None if matte else picture.color
    alpha = full if matte or transparent else None
    if name not in WRITTEN:
        return _by_plugin(name, picture, options)
    shown = picture.replace(color=to_gray(full)) if matte else picture
    content = coders.Content(shown, color, alpha, metadata, options.quality, options.keep_color)
    data = coders.write(name, content)
    found = WRITTEN[name]
    return Encoded(data, name, found.media_type, found.suffixes[0], picture.size)


def at_depth(picture: _Kind, depth: str) -> _Kind:
    """Return a picture of at most so many bits per channel, with all its layers.

    Parameters
    ----------
    picture : Picture
        What was made.
    depth : {"8", "16"}
        The option of that name.

    Returns
    -------
    Picture
        The same one where there is nothing to do.
    """
    if depth != "8" or picture.color.dtype == np.uint8:
        return picture
    return picture.replace(
        color=eight_bits(picture.color),
        alpha=None if picture.alpha is None else eight_bits(picture.alpha),
        layers=tuple(at_depth(layer, depth) for layer in picture.layers),
    )


def without_metadata(picture: _Kind) -> _Kind:
    """Return a picture without profile, resolution and EXIF, with all its layers.

    Its colours become those of sRGB, which colours without a profile are taken for.
    """
    return picture.replace(
        color=convert(picture.color, picture.metadata.icc_profile, None),
        metadata=Metadata(),
        layers=tuple(without_metadata(layer) for layer in picture.layers),
    )


def _by_plugin(name: str, picture: Picture, options: Options) -> Encoded:
    known = plugin_formats()
    if name not in known:
        raise PluginError(name, "no plug-in has this format.")
    found = known[name]
    data: bytes = plugins.call_plugin(name, bytes, found.encode, picture, options)
    return Encoded(data, name, found.media_type, found.suffixes[0], picture.size)


def to_pil(picture: Picture) -> Image.Image:
    """Return an RGBA Pillow image of 8 bits, with profile, resolution and EXIF in `info`."""
    from PIL import Image

    image = Image.fromarray(whole(picture.color, picture.full_alpha()))
    image.info.update(pillow.info_of(picture.metadata))
    return image
