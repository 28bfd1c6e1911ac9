"""Pictures out: cut-outs, or whatever else has colours and an alpha, become files."""

from __future__ import annotations

import dataclasses
import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from mattekit import plugins
from mattekit.codecs import archive
from mattekit.codecs.edge_padding import pad_edges
from mattekit.codecs.jpeg import with_metadata
from mattekit.codecs.metadata import EXIF_PREFIX
from mattekit.codecs.pngwriter import write_png
from mattekit.codecs.strips import masked, on_white, to_gray
from mattekit.errors import OptionError, PluginError
from mattekit.formats import AUTO, WRITTEN, plugin_formats
from mattekit.geometry import Box, Size
from mattekit.imaging.samples import Pixels, eight_bits, strips
from mattekit.picture import Metadata, Picture

if TYPE_CHECKING:
    from PIL import Image

    from mattekit.options import Options

__all__ = ["Encoded", "at_depth", "encode", "to_pil"]

P = TypeVar("P", bound=Picture)

#: Every so many pixels is enough to see where something is.
_COARSE: Final = 8


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


def encode(picture: Picture, options: Options) -> Encoded:
    """Return a cut-out, or another picture, as a file.

    ``format="auto"`` is PNG where something is transparent and JPEG where nothing is; a matte
    alone (``channels="alpha"``) is then a grey JPEG, as in the remove.bg API. PNG and TIFF have
    the depth of the picture, and so have OpenRaster and PSD, unless `depth` is 8; the others have 8
    bits. Colours under alpha 0 become black in formats with alpha, unless `keep_color` keeps them
    in PNG and TIFF; JPEG shows the cut-out on white; the layers of OpenRaster and PSD keep all
    colours as they are, and so does the ``color.jpg`` of a ZIP but for a rim around the subject
    (see `mattekit.codecs.edge_padding`). A ZIP holds colour and alpha, whatever `channels` says.

    Parameters
    ----------
    picture : Picture
        What to write; its `layers` go into formats that have them.
    options : Options
        `format`, `channels`, `quality`, `depth`, `keep_color` and `keep_metadata` count here.

    Raises
    ------
    OptionError
        The format cannot hold a picture of this size.
    """
    picture = at_depth(picture, options.depth)
    # A ZIP has both, whatever is asked for: all that read one need both.
    matte = options.channels == "alpha" and options.format != "zip"
    whole = picture.full_alpha()
    transparent = whole.size > 0 and int(whole.min()) < picture.opaque
    name = options.format
    if name == "auto":
        name = AUTO[0] if transparent and not matte else AUTO[1]
    metadata = picture.metadata if options.keep_metadata else Metadata()
    if matte:
        # A mask has no colours that a profile could describe, and was not taken by a camera.
        metadata = Metadata(dpi=metadata.dpi)
    color = None if matte else picture.color
    alpha = whole if matte or transparent else None
    if name not in WRITTEN:
        return _by_plugin(name, picture, options)
    if name == "png":
        data = png_bytes(color, alpha, metadata, keep_color=options.keep_color)
    elif name == "jpg":
        data = _jpeg(color, alpha, metadata, options.quality)
    elif name == "webp":
        data = _webp(color, alpha, metadata, options.quality)
    elif name == "tiff":
        data = _tiff(color, alpha, metadata, keep_color=options.keep_color)
    elif name in {"ora", "psd"}:
        from mattekit.codecs import layered

        write = layered.openraster if name == "ora" else layered.photoshop
        data = write(picture.replace(color=to_gray(whole)) if matte else picture, metadata)
    else:
        data = _zip(picture.color, whole, metadata, options.quality)
    found = WRITTEN[name]
    return Encoded(data, name, found.media_type, found.suffixes[0], picture.size)


def at_depth(picture: P, depth: str) -> P:
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


def _by_plugin(name: str, picture: Picture, options: Options) -> Encoded:
    formats = plugin_formats()
    if name not in formats:
        raise PluginError(name, "no plug-in has this format.")
    found = formats[name]
    data: bytes = plugins.call_plugin(name, bytes, found.encode, picture, options)
    return Encoded(data, name, found.media_type, found.suffixes[0], picture.size)


def to_pil(picture: Picture) -> Image.Image:
    """Return an RGBA Pillow image of 8 bits, with profile, resolution and EXIF in `info`."""
    from PIL import Image

    image = Image.fromarray(_whole(picture.color, picture.full_alpha()))
    image.info.update(_info(picture.metadata))
    return image


def _info(metadata: Metadata) -> dict[str, Any]:
    """Return metadata in Pillow's words."""
    info: dict[str, Any] = {}
    if metadata.icc_profile is not None:
        info["icc_profile"] = metadata.icc_profile
    if metadata.dpi is not None:
        info["dpi"] = metadata.dpi
    if metadata.exif is not None:
        info["exif"] = EXIF_PREFIX + metadata.exif
    return info


def _whole(color: Pixels | None, alpha: Pixels | None) -> NDArray[np.uint8]:
    """Return everything at once as (H, W[, 3 or 4]) of 8 bits."""
    first = alpha if color is None else color
    assert first is not None
    height, width = first.shape[:2]
    channels = 1 if color is None else 3 if alpha is None else 4
    result = np.empty((height, width) if channels == 1 else (height, width, channels), np.uint8)
    for part in strips(result.shape):
        result[part] = eight_bits(_samples(color, alpha, part))
    return result


def _samples(
    color: Pixels | None, alpha: Pixels | None, part: slice, *, keep_color: bool = False
) -> Pixels:
    """Return rows as they go into a file with the channels that are given."""
    if color is None:
        assert alpha is not None
        return alpha[part]
    if alpha is None:
        return color[part]
    return masked(color[part], alpha[part], keep_color=keep_color)


def png_bytes(
    color: Pixels | None, alpha: Pixels | None, metadata: Metadata, *, keep_color: bool = False
) -> bytes:
    """Return a PNG of colour and alpha, of colour alone, or of alpha alone as a grey picture."""
    first = alpha if color is None else color
    assert first is not None
    height, width = first.shape[:2]
    channels = 1 if color is None else 3 if alpha is None else 4

    def rows(top: int, bottom: int) -> Pixels:
        return _samples(color, alpha, slice(top, bottom), keep_color=keep_color)

    busy = None if alpha is None or keep_color else _busy(alpha)
    return write_png(rows, width, height, channels, first.dtype, metadata, busy)


def _busy(alpha: Pixels) -> Box:
    """Return roughly where the picture is not empty."""
    coarse = alpha[::_COARSE, ::_COARSE] > 0
    rows, columns = np.flatnonzero(coarse.any(1)), np.flatnonzero(coarse.any(0))
    if not rows.size:
        return Box(0, 0, 0, 0)
    height, width = alpha.shape
    return Box(
        int(columns[0]) * _COARSE,
        int(rows[0]) * _COARSE,
        min(width, (int(columns[-1]) + 1) * _COARSE),
        min(height, (int(rows[-1]) + 1) * _COARSE),
    )


def _jpeg(color: Pixels | None, alpha: Pixels | None, metadata: Metadata, quality: int) -> bytes:
    import imagecodecs

    if color is None:
        assert alpha is not None
        pixels = eight_bits(alpha)
    elif alpha is None:
        pixels = eight_bits(color)
    else:
        pixels = on_white(color, alpha)
    _check_side("jpg", pixels)
    # One component alone has nothing to be subsampled against.
    sampling = None if pixels.ndim == 2 else "420"
    data = imagecodecs.jpeg8_encode(
        np.ascontiguousarray(pixels), level=quality, subsampling=sampling
    )
    return with_metadata(bytes(data), metadata)


def _webp(color: Pixels | None, alpha: Pixels | None, metadata: Metadata, quality: int) -> bytes:
    from PIL import Image

    pixels = _whole(color, alpha)
    _check_side("webp", pixels)
    # In lossless mode quality is effort: level 0 costs a third of the time of the default and
    # 2 % of size.
    lossless = quality == 100
    how = {"lossless": True, "quality": 0} if lossless else {"quality": quality}
    file = io.BytesIO()
    info = _info(metadata)
    info.pop("dpi", None)
    Image.fromarray(pixels).save(file, "WEBP", method=0, **how, **info)
    return file.getvalue()


def _tiff(
    color: Pixels | None, alpha: Pixels | None, metadata: Metadata, *, keep_color: bool
) -> bytes:
    from mattekit.codecs.tiffwriter import write_tiff

    if color is None:
        assert alpha is not None
        return write_tiff(alpha, metadata)
    if alpha is None:
        return write_tiff(color, metadata)
    return write_tiff(masked(color, alpha, keep_color=keep_color), metadata)


def _zip(color: Pixels, alpha: Pixels, metadata: Metadata, quality: int) -> bytes:
    matte = eight_bits(alpha)
    with ThreadPoolExecutor(1) as beside:
        packed = beside.submit(png_bytes, None, matte, Metadata())
        data = _jpeg(pad_edges(eight_bits(color), matte), None, metadata, quality)
        return archive.pack({archive.COLOR: data, archive.MATTE: packed.result()})


def _check_side(name: str, pixels: NDArray[Any]) -> None:
    height, width = pixels.shape[:2]
    limit = WRITTEN[name].max_side
    if limit is not None and max(height, width) > limit:
        raise OptionError(
            "format", name, "png or tiff", f"{width} × {height} pixels, at most {limit} a side"
        )
