"""Pixels of a TIFF: from segments to colour and alpha."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs import lzw
from mattekit.codecs.color import ColorSpace, lab_from_cielab, lab_from_icclab, to_rgb
from mattekit.codecs.segments import stated_size
from mattekit.errors import InvalidFileType, UnreadableImage
from mattekit.imaging.samples import Pixels, full_range

__all__ = [
    "CIELAB",
    "ICCLAB",
    "MIN_IS_WHITE",
    "PALETTE",
    "SEPARATED",
    "SPACES",
    "YCBCR",
    "planes_of",
    "samples_of",
]

#: Values of PhotometricInterpretation.
MIN_IS_WHITE, PALETTE, SEPARATED, YCBCR, CIELAB, ICCLAB = 0, 3, 5, 6, 8, 9
#: What is read: colour space and channels. A palette's samples are looked up first.
SPACES: Final[dict[int, tuple[ColorSpace, int]]] = {
    MIN_IS_WHITE: ("gray", 1),
    1: ("gray", 1),
    2: ("rgb", 3),
    PALETTE: ("rgb", 1),
    SEPARATED: ("cmyk", 4),
    CIELAB: ("lab", 3),
    ICCLAB: ("lab", 3),
}
_PREMULTIPLIED, _STRAIGHT = 1, 2
_LZW: Final = 5
#: A tile may be larger than the picture, but not without measure.
_TILE_PIXELS: Final = 1 << 24
#: A picture has about a strip per row at most, a tile at least 16 × 16 pixels.
_MIN_SEGMENT: Final = 128
_MANY_SEGMENTS: Final = 1 << 16
#: JPEG and its like round sides up to this.
_BLOCK: Final = 16
_ROWS: Final = 256


def samples_of(page: Any, source: str) -> NDArray[Any]:
    """Return the samples of a page as (H, W, channels), of the type that tifffile gives them."""
    import tifffile

    width, height = int(page.imagewidth), int(page.imagelength)
    pixels = width * height
    tile = int(page.tilewidth) * int(page.tilelength) if page.is_tiled else 0
    if tile > max(_TILE_PIXELS, 4 * pixels):
        raise UnreadableImage(source, f"its tiles are {page.tilewidth} × {page.tilelength}")
    segments = len(page.dataoffsets)
    if segments > max(_MANY_SEGMENTS, pixels * int(page.samplesperpixel) // _MIN_SEGMENT):
        raise UnreadableImage(source, f"it is cut into {segments} pieces")
    across = math.ceil(width / max(1, page.tilewidth)) if page.is_tiled else 1
    down = math.ceil(height / max(1, page.tilelength if page.is_tiled else page.rowsperstrip))
    # The planes are what tifffile takes them for, whatever the tag says.
    expected = page.shaped[0] * across * down
    if not segments == len(page.databytecounts) >= expected or not all(page.databytecounts):
        # tifffile would fill in zeros, or leave what lay in that memory before.
        raise UnreadableImage(source, "parts of its pixels were never written")
    if int(page.compression) in tifffile.TIFF.IMAGE_COMPRESSIONS:
        _check_segments(page, source)
    if int(page.compression) == _LZW:
        lzw.guard(page, source)
    samples: NDArray[Any] = page.asarray()
    # Planes, slices, rows, columns, channels within a plane: one of planes and channels is 1.
    planes = samples.reshape(page.shaped)[:, 0]
    return planes[0] if planes.shape[0] == 1 else np.moveaxis(planes[..., 0], 0, -1)


def _check_segments(page: Any, source: str) -> None:
    """Make sure that no piece claims more pixels than it has to fill.

    Some writers let the last strip be as long as the others, and round sides up to whole blocks.
    """
    if page.is_tiled:
        width, height = int(page.tilewidth), int(page.tilelength)
    else:
        width, height = int(page.imagewidth), int(page.rowsperstrip)
        height = min(height, int(page.imagelength))
    widest, tallest = -(-width // _BLOCK) * _BLOCK, -(-height // _BLOCK) * _BLOCK
    file = page.parent.filehandle
    for offset, length in zip(page.dataoffsets, page.databytecounts, strict=True):
        file.seek(offset)
        stated = stated_size(file.read(length))
        if stated is None:
            raise UnreadableImage(source, "its pieces do not say their size")
        if not (0 < stated[0] <= widest and 0 < stated[1] <= tallest):
            raise UnreadableImage(
                source, f"a piece of {stated[0]} × {stated[1]} where {width} × {height} belong"
            )


def planes_of(
    samples: NDArray[Any], page: Any, profile: bytes | None, source: str
) -> tuple[Pixels, Pixels | None, bytes | None]:
    """Return colour, straight alpha, and the RGB profile that the colour is in."""
    photometric = int(page.photometric)
    space, channels = SPACES[photometric]
    if samples.shape[-1] < channels:
        raise UnreadableImage(source, f"{samples.shape[-1]} of {channels} channels are there")
    bits = int(page.bitspersample)
    alpha, premultiplied = _alpha(samples[..., channels:], page)
    if photometric == PALETTE:
        color = _looked_up(samples[..., 0], page, source)
    else:
        color = _full_range(samples[..., :channels], bits)
    if photometric == MIN_IS_WHITE:
        np.invert(color, out=color)
    elif photometric == CIELAB:
        color = lab_from_cielab(color)
    elif photometric == ICCLAB:
        color = lab_from_icclab(color)
    if alpha is not None:
        if alpha.dtype != color.dtype:  # of a palette, whose colours have eight bits
            alpha = _full_range(alpha, 16, 8)
        if premultiplied and space == "lab":
            raise InvalidFileType(source, "a TIFF of premultiplied Lab", "one with straight alpha")
        if premultiplied:
            _unmultiply(color, alpha)
    color, profile = to_rgb(color, space, profile)
    return color, alpha, profile


def _alpha(extra: NDArray[Any], page: Any) -> tuple[Pixels | None, bool]:
    """Return the first extra channel that is an alpha, and whether colours are multiplied by it."""
    for index, kind in enumerate(page.extrasamples[: extra.shape[-1]]):
        if kind in {_PREMULTIPLIED, _STRAIGHT}:
            return _full_range(extra[..., index], int(page.bitspersample)), kind == _PREMULTIPLIED
    return None, False


def _looked_up(indices: NDArray[Any], page: Any, source: str) -> Pixels:
    """Return the RGB of a palette: 8 bits, as every program writes them."""
    colors = page.colormap
    if colors is None or colors.shape != (3, 1 << int(page.bitspersample)):
        raise UnreadableImage(source, "its palette is not there")
    # Some writers put 8-bit values into the 16-bit table.
    table = (colors >> 8 if colors.max() > 255 else colors).astype(np.uint8).T
    result: Pixels = np.ascontiguousarray(table)[indices.astype(np.uint16)]
    return result


def _full_range(samples: NDArray[Any], bits: int, to: int = 0) -> Pixels:
    """Return a writable, contiguous array of 8 or 16 bits in the machine's byte order.

    Samples of `bits` bits are brought to 8 where these are enough, else to 16, or to `to`. The
    array may be `samples` itself.
    """
    to = to or (8 if bits <= 8 else 16)
    if bits == to:
        whole: Any = np.ascontiguousarray(samples, np.uint8 if to == 8 else np.uint16)
        return whole if whole.flags.writeable else whole.copy()  # type: ignore[no-any-return]
    return full_range(samples, (1 << bits) - 1, to)


def _unmultiply(color: Pixels, alpha: Pixels) -> None:
    """Divide premultiplied colour by alpha, in place."""
    full = int(np.iinfo(color.dtype).max)
    for start in range(0, len(color), _ROWS):
        part = np.s_[start : start + _ROWS]
        a = alpha[part].astype(np.uint64)[..., None]
        straight = (color[part].astype(np.uint64) * full + a // 2) // np.maximum(a, 1)
        color[part] = np.minimum(straight, full)
