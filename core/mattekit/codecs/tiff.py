"""TIFF, at the depth of the file."""

from __future__ import annotations

import io
import logging
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs import pillow, raw
from mattekit.codecs.color import ColorSpace, lab_from_cielab, lab_from_icclab, to_rgb
from mattekit.codecs.directories import (
    COMPRESSION,
    ORIENTATION,
    Directory,
    picture_pages,
    read_directories,
    starting_at,
)
from mattekit.codecs.facts import facts_of
from mattekit.codecs.metadata import dpi_of, exif_of_tiff
from mattekit.codecs.orientation import upright
from mattekit.codecs.segments import stated_size
from mattekit.errors import InvalidFileType, ResolutionTooHigh, UnreadableImage
from mattekit.imaging.samples import Pixels
from mattekit.photo import Photo
from mattekit.picture import Metadata

if TYPE_CHECKING:
    from mattekit.codecs.source import Check

__all__ = ["extract_page", "page_count", "read", "size"]

# tifffile reports every odd tag of a broken file; without a handler Python would print that.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_MIN_IS_WHITE, _PALETTE, _SEPARATED, _YCBCR, _CIELAB, _ICCLAB = 0, 3, 5, 6, 8, 9
#: What is read: colour space and channels. A palette's samples are looked up first.
_SPACES: Final[dict[int, tuple[ColorSpace, int]]] = {
    _MIN_IS_WHITE: ("gray", 1),
    1: ("gray", 1),
    2: ("rgb", 3),
    _PALETTE: ("rgb", 1),
    _SEPARATED: ("cmyk", 4),
    _CIELAB: ("lab", 3),
    _ICCLAB: ("lab", 3),
}
_OTHER_SPACES: Final = {
    10: "ITU Lab (a colour fax)",
    32844: "LogL",
    32845: "LogLuv",
    32803: "sensor samples",
    34892: "linear sensor samples",
    51177: "depths",
}
_NUMBERS: Final = {
    2: "signed integers",
    3: "floating-point numbers",
    5: "complex integers",
    6: "complex numbers",
}
_UNSIGNED, _UNDEFINED = 1, 4
#: Between 16 and 32 lie sizes that programs do not agree how to store.
_DEPTHS: Final = frozenset({*range(1, 17), 32})
_CMYK_INKS: Final = 1
_PREMULTIPLIED, _STRAIGHT = 1, 2
_PROFILE, _INK_SET, _INKS, _XMP = 34675, 332, 334, 700
#: Tags that decide what the samples are: size, depth, compression, meaning, place, predictor,
#: palette, tiles, extra channels, tables. Where one is broken tifffile takes its default.
_DECISIVE: Final = frozenset(
    {*range(256, 260), 262, 266, 273, *range(277, 280), 284, 317, 320, *range(322, 326), 338, 339}
    | {347}
)
#: Beyond four inks, spot colours and alpha; more is a stack of measurements.
_MAX_SAMPLES: Final = 32
#: A tile may be larger than the picture, but not without measure.
_TILE_PIXELS: Final = 1 << 24
#: A picture has about a strip per row at most, a tile at least 16 × 16 pixels.
_MIN_SEGMENT: Final = 128
_MANY_SEGMENTS: Final = 1 << 16
#: JPEG and its like round sides up to this.
_BLOCK: Final = 16
_ROWS: Final = 256


def read(data: bytes, source: str, check: Check) -> Photo:
    """Return the picture of a TIFF file: its first picture, see `mattekit.codecs.directories`.

    Pages are read by tifffile at their own depth; YCbCr, and what only libtiff can unpack, by
    Pillow.

    Raises
    ------
    InputError
        See `mattekit.codecs.decode`.
    """
    import tifffile

    directory = _picture(data, source)
    check(*directory.size)
    data_of_page = starting_at(directory)
    profile = directory.owner(_PROFILE).content(_PROFILE)
    orientation = directory.owner(ORIENTATION).number(ORIENTATION)
    with tifffile.TiffFile(io.BytesIO(data_of_page)) as file:
        page = file.pages.first
        # Once more, lest the two readers understand a broken directory differently.
        check(int(page.imagewidth), int(page.imagelength))
        _check_tags(page, directory, source)
        exif = exif_of_tiff(data_of_page) or exif_of_tiff(data)
        xmp = directory.owner(_XMP).content(_XMP)
        facts = facts_of([exif], xmp, dpi=_resolution(page))
        if orientation not in range(1, 9):
            orientation = facts.orientation
        _check_kind(page, source)
        if page.photometric == _YCBCR or not _unpacks(directory):
            photo = _through_pillow(page, directory, data_of_page, source)
            profile = photo.metadata.icc_profile
            color, alpha = photo.color, photo.alpha
            orientation = 1  # Pillow has turned it
        else:
            samples = _samples(page, source)
            color, alpha, profile = _planes(samples, page, profile, source)
    return Photo(
        upright(color, orientation),
        None if alpha is None else upright(alpha, orientation),
        Metadata(profile, facts.dpi, facts.exif),
        "tiff",
        source=source,
    )


def _check_tags(page: Any, directory: Directory, source: str) -> None:
    """Refuse a page of which a decisive entry is there, and its value is not."""
    broken = [tag for tag in _DECISIVE & directory.entries.keys() if tag not in page.tags]
    if broken:
        raise UnreadableImage(source, f"the value of TIFF tag {min(broken)} is missing")


def size(data: bytes, source: str) -> tuple[int, int]:
    """Return width and height of the picture that `read` would return, as stored.

    Raises
    ------
    UnreadableImage, InvalidFileType
    """
    return _picture(data, source).size


def page_count(data: bytes, source: str) -> int:
    """Return how many pictures a TIFF file holds.

    Of a document these are its pages; previews, levels of pyramids and masks are not counted.

    Raises
    ------
    UnreadableImage, InvalidFileType
    """
    return len(_pictures(data, source))


def extract_page(data: bytes, index: int, source: str) -> bytes:
    """Return the file with its picture of that index, below `page_count`, as the first.

    Raises
    ------
    UnreadableImage, InvalidFileType
    """
    return starting_at(_pictures(data, source)[index])


def _picture(data: bytes, source: str) -> Directory:
    return _pictures(data, source)[0]


def _pictures(data: bytes, source: str) -> list[Directory]:
    directories, whole = read_directories(data)
    if kind := raw.raw_tiff_kind(directories):
        raise raw.refusal(source, kind)
    return picture_pages(directories, whole, source)


def _check_kind(page: Any, source: str) -> None:
    """Refuse by name what is complete but no picture of ours."""

    def refuse(given: str) -> None:
        raise InvalidFileType(
            source,
            f"a TIFF of {given}",
            "8 or 16 bits of unsigned integers per channel in grey, RGB, CMYK or Lab: save it so",
        )

    bits = page.bitspersample
    if not isinstance(bits, int):
        refuse(f"channels of different depths ({', '.join(map(str, bits))} bits)")
    elif page.sampleformat not in {_UNSIGNED, _UNDEFINED} or bits not in _DEPTHS:
        refuse(f"{bits}-bit {_NUMBERS.get(page.sampleformat, 'integers')}")
    photometric = int(page.photometric)
    count = int(page.samplesperpixel)
    if photometric == _YCBCR:
        if bits != 8 or count != 3:
            refuse(f"{count} channels of {bits}-bit YCbCr")
        return
    if photometric not in _SPACES:
        named = _OTHER_SPACES.get(photometric, f"an unknown colour space ({photometric})")
        refuse(named)
    inks = int(page.tags.valueof(_INKS, default=4)), int(page.tags.valueof(_INK_SET, default=1))
    if photometric == _SEPARATED and inks != (4, _CMYK_INKS):
        refuse(f"{inks[0]} inks other than CMYK")
    if photometric in {_CIELAB, _ICCLAB} and bits not in {8, 16}:
        refuse(f"{bits}-bit Lab")
    if count > _MAX_SAMPLES:
        refuse(f"{count} channels")
    if int(page.imagedepth) != 1:
        refuse(f"volumes ({page.imagedepth} slices)")


def _unpacks(directory: Directory) -> bool:
    """Whether tifffile, with the imagecodecs that is installed, knows the compression."""
    import tifffile

    compression = directory.number(COMPRESSION, 1)
    try:
        return compression == 1 or bool(tifffile.TIFF.DECOMPRESSORS[compression])
    except KeyError:
        return False


def _through_pillow(page: Any, directory: Directory, data: bytes, source: str) -> Photo:
    from PIL import Image, TiffImagePlugin

    compression = directory.number(COMPRESSION, 1)
    if compression not in TiffImagePlugin.COMPRESSION_INFO:
        name = getattr(page.compression, "name", "unknown")
        raise InvalidFileType(
            source,
            f"a TIFF with compression {compression} ({name})",
            "one that is not compressed, or with LZW, deflate, PackBits or JPEG: save it so",
        )
    image = pillow.identify(data, source, "tiff", ("TIFF",))
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and image.width * image.height > limit:
        raise ResolutionTooHigh(source, *image.size, limit)  # Pillow would warn or refuse
    return pillow.photo_from(image, source)


def _samples(page: Any, source: str) -> NDArray[Any]:
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


def _planes(
    samples: NDArray[Any], page: Any, profile: bytes | None, source: str
) -> tuple[Pixels, Pixels | None, bytes | None]:
    """Return colour, straight alpha, and the RGB profile that the colour is in."""
    photometric = int(page.photometric)
    space, channels = _SPACES[photometric]
    if samples.shape[-1] < channels:
        raise UnreadableImage(source, f"{samples.shape[-1]} of {channels} channels are there")
    bits = int(page.bitspersample)
    alpha, premultiplied = _alpha(samples[..., channels:], page)
    if photometric == _PALETTE:
        color = _looked_up(samples[..., 0], page, source)
    else:
        color = _full_range(samples[..., :channels], bits)
    if photometric == _MIN_IS_WHITE:
        np.invert(color, out=color)
    elif photometric == _CIELAB:
        color = lab_from_cielab(color)
    elif photometric == _ICCLAB:
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
    kind = np.uint8 if to == 8 else np.uint16
    if bits == to:
        whole: Any = np.ascontiguousarray(samples, kind)
        return whole if whole.flags.writeable else whole.copy()  # type: ignore[no-any-return]
    full, top = (1 << to) - 1, (1 << bits) - 1
    result: Pixels = np.empty(samples.shape, kind)
    for start in range(0, len(samples), _ROWS):
        strip = samples[start : start + _ROWS].astype(np.uint64)
        result[start : start + _ROWS] = (np.minimum(strip, top) * full + top // 2) // top
    return result


def _unmultiply(color: Pixels, alpha: Pixels) -> None:
    """Divide premultiplied colour by alpha, in place."""
    full = int(np.iinfo(color.dtype).max)
    for start in range(0, len(color), _ROWS):
        part = np.s_[start : start + _ROWS]
        a = alpha[part].astype(np.uint64)[..., None]
        straight = (color[part].astype(np.uint64) * full + a // 2) // np.maximum(a, 1)
        color[part] = np.minimum(straight, full)


def _resolution(page: Any) -> tuple[float, float] | None:
    unit = {2: 1.0, 3: 2.54}.get(int(page.tags.valueof(296, default=2)))
    x, y = page.tags.valueof(282), page.tags.valueof(283)
    if unit is None or not isinstance(x, tuple) or not isinstance(y, tuple) or not x[1] or not y[1]:
        return None
    return dpi_of((x[0] / x[1] * unit, y[0] / y[1] * unit))
