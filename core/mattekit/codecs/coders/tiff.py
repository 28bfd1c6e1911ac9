"""TIFF, at the depth of the file."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, Any, Final

from mattekit.codecs import raw
from mattekit.codecs.coders import pillow
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
from mattekit.codecs.strips import masked
from mattekit.codecs.tiffpixels import (
    CIELAB,
    ICCLAB,
    SEPARATED,
    SPACES,
    YCBCR,
    planes_of,
    samples_of,
)
from mattekit.codecs.tiffwriter import write_tiff
from mattekit.errors import InvalidFileType, ResolutionTooHigh, UnreadableImage
from mattekit.geometry import Size
from mattekit.imaging.orientation import upright
from mattekit.imaging.samples import Pixels
from mattekit.photo import Photo
from mattekit.picture import Metadata

if TYPE_CHECKING:
    from mattekit.codecs.source import Check

__all__ = ["extract_page", "page_count", "read", "size", "write"]

# tifffile reports every odd tag of a broken file; without a handler Python would print that.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

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
_PLANAR: Final = 2
#: Between 16 and 32 lie sizes that programs do not agree how to store.
_DEPTHS: Final = frozenset({*range(1, 17), 32})
_CMYK_INKS: Final = 1
_PROFILE, _INK_SET, _INKS, _XMP = 34675, 332, 334, 700
#: Tags that decide what the samples are: size, depth, compression, meaning, place, predictor,
#: palette, tiles, extra channels, tables. Where one is broken tifffile takes its default.
_DECISIVE: Final = frozenset(
    {*range(256, 260), 262, 266, 273, *range(277, 280), 284, 317, 320, *range(322, 326), 338, 339}
    | {347}
)
#: Beyond four inks, spot colours and alpha; more is a stack of measurements.
_MAX_SAMPLES: Final = 32


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
        if page.photometric == YCBCR or not _unpacks(directory):
            photo = _through_pillow(page, directory, data_of_page, source)
            profile = photo.metadata.icc_profile
            color, alpha = photo.color, photo.alpha
            orientation = 1  # Pillow has turned it
        else:
            samples = samples_of(page, source)
            color, alpha, profile = planes_of(samples, page, profile, source)
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


def size(data: bytes, source: str) -> Size:
    """Return width and height of the picture that `read` would return, as stored.

    Raises
    ------
    UnreadableImage, InvalidFileType
    """
    return Size(*_picture(data, source).size)


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
    if photometric == YCBCR:
        if bits != 8 or count != 3:
            refuse(f"{count} channels of {bits}-bit YCbCr")
        if int(page.compression) == 1 and int(page.planarconfig) == _PLANAR:
            refuse("YCbCr in planes that are not compressed")
        return
    if photometric not in SPACES:
        named = _OTHER_SPACES.get(photometric, f"an unknown colour space ({photometric})")
        refuse(named)
    inks = int(page.tags.valueof(_INKS, default=4)), int(page.tags.valueof(_INK_SET, default=1))
    if photometric == SEPARATED and inks != (4, _CMYK_INKS):
        refuse(f"{inks[0]} inks other than CMYK")
    if photometric in {CIELAB, ICCLAB} and bits not in {8, 16}:
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


def _resolution(page: Any) -> tuple[float, float] | None:
    unit = {2: 1.0, 3: 2.54}.get(int(page.tags.valueof(296, default=2)))
    x, y = page.tags.valueof(282), page.tags.valueof(283)
    if unit is None or not isinstance(x, tuple) or not isinstance(y, tuple) or not x[1] or not y[1]:
        return None
    return dpi_of((x[0] / x[1] * unit, y[0] / y[1] * unit))


def write(
    color: Pixels | None, alpha: Pixels | None, metadata: Metadata, *, keep_color: bool = False
) -> bytes:
    """Return a TIFF of colour and alpha, of colour alone, or of alpha alone as a grey picture."""
    if color is None:
        assert alpha is not None
        return write_tiff(alpha, metadata)
    if alpha is None:
        return write_tiff(color, metadata)
    return write_tiff(masked(color, alpha, keep_color=keep_color), metadata)
