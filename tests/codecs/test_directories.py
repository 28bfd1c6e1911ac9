"""Which page of a TIFF file is its picture."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.codecs.directories import picture_pages, read_directories, starting_at
from mattekit.errors import InputError, InvalidFileType, ResolutionTooHigh, UnreadableImage

PICTURE = make.ramp(80, 120)
PREVIEW = np.full((10, 15, 3), 77, np.uint8)
REDUCED, OF_DOCUMENT, MASK = 1, 2, 4


def pages(*written: tuple[np.ndarray, dict[str, Any]], **how: Any) -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file, **how) as writer:
        for samples, settings in written:
            kind = {"photometric": "rgb" if samples.ndim == 3 else "minisblack"}
            writer.write(samples, metadata=None, **kind | settings)
    return file.getvalue()


def mask(height: int, width: int) -> tuple[np.ndarray, dict[str, Any]]:
    return np.ones((height, width), bool), {"photometric": "mask", "subfiletype": MASK}


def gray(value: int, height: int, width: int) -> np.ndarray:
    return np.full((height, width), value, np.uint8)


LAYOUTS: dict[str, tuple[bytes, np.ndarray]] = {
    "one page": (pages((PICTURE, {})), PICTURE),
    "preview first": (pages((PREVIEW, {"subfiletype": REDUCED}), (PICTURE, {})), PICTURE),
    "preview last": (pages((PICTURE, {}), (PREVIEW, {"subfiletype": REDUCED})), PICTURE),
    "preview first, of old": (
        pages((PREVIEW, {"extratags": [(255, 3, 1, 2, True)]}), (PICTURE, {})),
        PICTURE,
    ),
    "preview first, unsaid": (pages((PREVIEW, {}), (PICTURE, {})), PICTURE),
    "preview of half the pixels, unsaid": (
        pages((make.ramp(57, 84), {}), (PICTURE, {})),
        PICTURE,
    ),
    "preview first, picture below it": (
        pages((PREVIEW, {"subfiletype": REDUCED, "subifds": 1}), (PICTURE, {})),
        PICTURE,
    ),
    "pyramid below the picture": (
        pages(
            (PICTURE, {"subifds": 2}),
            (PICTURE[::2, ::2], {"subfiletype": REDUCED}),
            (PICTURE[::4, ::4], {"subfiletype": REDUCED}),
        ),
        PICTURE,
    ),
    "pyramid upside down": (
        pages(
            (PICTURE[::4, ::4], {"subfiletype": REDUCED}),
            (PICTURE[::2, ::2], {"subfiletype": REDUCED}),
            (PICTURE, {}),
        ),
        PICTURE,
    ),
    "pyramid of pages": (
        pages(
            (PICTURE, {"tile": (16, 16)}),
            (PICTURE[::2, ::2], {"tile": (16, 16), "subfiletype": REDUCED}),
        ),
        PICTURE,
    ),
    "reduced alone": (pages((PREVIEW, {"subfiletype": REDUCED})), PREVIEW),
    "reduced, larger last": (
        pages((PREVIEW, {"subfiletype": REDUCED}), (PICTURE, {"subfiletype": REDUCED})),
        PICTURE,
    ),
    "mask first": (pages(mask(80, 120), (PICTURE, {})), PICTURE),
    "large mask last": (
        pages((PICTURE, {}), mask(800, 900)),
        PICTURE,
    ),
    "equal pages": (pages((PICTURE, {}), (PICTURE[::-1].copy(), {})), PICTURE),
    "fax of unequal lengths": (
        pages((gray(9, 80, 60), {}), (gray(8, 85, 60), {}), (gray(7, 90, 60), {})),
        np.stack([gray(9, 80, 60)] * 3, -1),
    ),
    "document with a small cover": (
        pages((PREVIEW, {"subfiletype": OF_DOCUMENT}), (PICTURE, {"subfiletype": OF_DOCUMENT})),
        PREVIEW,
    ),
    "bigtiff": (
        pages((PREVIEW, {"subfiletype": REDUCED}), (PICTURE, {}), bigtiff=True),
        PICTURE,
    ),
    "bigtiff, picture below": (
        pages((PREVIEW, {"subfiletype": REDUCED, "subifds": 1}), (PICTURE, {}), bigtiff=True),
        PICTURE,
    ),
    "big-endian": (
        pages((PREVIEW, {"subfiletype": REDUCED}), (PICTURE, {}), byteorder=">"),
        PICTURE,
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_picture_is_taken_whichever_way_it_comes_in(layout: str, tmp_path: Path) -> None:
    data, expected = LAYOUTS[layout]
    path = tmp_path / "picture.tif"
    path.write_bytes(data)
    for source in (data, path, io.BytesIO(data)):
        photo = codecs.decode(source)
        np.testing.assert_array_equal(photo.color, expected)
        assert photo.format == "tiff"


#: Pillow cannot open the first, and tells nothing of what is wrong with the others.
UNTOLD = {
    "mask first",
    "preview first, of old",
    "preview first, unsaid",
    "preview of half the pixels, unsaid",
    "bigtiff, picture below",
}


@pytest.mark.parametrize("layout", sorted(LAYOUTS.keys() - UNTOLD))
def test_pillow_shows_the_picture_or_is_refused(layout: str) -> None:
    data, expected = LAYOUTS[layout]
    image = Image.open(io.BytesIO(data))
    if image.size == expected.shape[1::-1]:
        np.testing.assert_array_equal(codecs.decode(image).color, expected)
    else:
        with pytest.raises(InvalidFileType, match="preview"):
            codecs.decode(image)


def test_a_page_that_was_sought_in_pillow_is_taken() -> None:
    image = Image.open(io.BytesIO(LAYOUTS["preview last"][0]))
    image.seek(1)
    np.testing.assert_array_equal(codecs.decode(image).color, PREVIEW)


def test_a_mask_alone_is_refused_by_name() -> None:
    with pytest.raises(InvalidFileType, match="mask"):
        codecs.decode(pages(mask(8, 9)))


def test_a_picture_below_is_turned_as_the_first_page_says() -> None:
    first = {"subfiletype": REDUCED, "subifds": 1, "extratags": [(274, 3, 1, 6, True)]}
    photo = codecs.decode(pages((PREVIEW, first), (PICTURE, {})))
    np.testing.assert_array_equal(photo.color, np.rot90(PICTURE, -1))


def test_a_picture_below_has_the_profile_of_the_first_page() -> None:
    profile = make.gray_profile(1.0)
    first = {"subfiletype": REDUCED, "subifds": 1, "iccprofile": profile}
    photo = codecs.decode(pages((gray(100, 5, 6), first), (gray(100, 50, 60), {})))
    assert abs(int(photo.color[0, 0, 0]) - 168) <= 1


def test_pixels_of_the_page_that_is_taken_are_counted() -> None:
    limits = codecs.Limits(max_pixels=80 * 120 - 1)
    with pytest.raises(ResolutionTooHigh):
        codecs.decode(LAYOUTS["preview first"][0], limits=limits)
    # A mask or a smaller page does not count.
    limits = codecs.Limits(max_pixels=80 * 120)
    assert codecs.decode(LAYOUTS["large mask last"][0], limits=limits).size == (120, 80)


# -- files that lie ----------------------------------------------------------------------------


def link(data: bytes, number: int) -> int:
    """Where the offset of the directory after the one of that number stands."""
    at = struct.unpack_from("<I", data, 4)[0]
    for _ in range(number):
        at = struct.unpack_from("<I", data, at + 2 + 12 * struct.unpack_from("<H", data, at)[0])[0]
    return int(at + 2 + 12 * struct.unpack_from("<H", data, at)[0])


def test_circles_end() -> None:
    data = bytearray(LAYOUTS["preview first"][0])
    first = struct.unpack_from("<I", data, 4)[0]
    struct.pack_into("<I", data, link(data, 1), first)
    assert codecs.decode(bytes(data)).size == (120, 80)
    directories, whole = read_directories(bytes(data))
    assert (len(directories), whole) == (2, True)


def test_directories_that_name_themselves_below_end() -> None:
    data = bytearray(LAYOUTS["preview first, picture below it"][0])
    first = struct.unpack_from("<I", data, 4)[0]
    at = data.index(
        struct.pack("<HH", 330, 13) if struct.pack("<HH", 330, 13) in data else b"\x4a\1"
    )
    struct.pack_into("<I", data, at + 8, first)
    directories, _ = read_directories(bytes(data))
    assert len(directories) == 1


def test_a_lost_picture_is_not_passed_over() -> None:
    # The link to the picture leads nowhere: the preview is all that is left.
    data = bytearray(LAYOUTS["preview first"][0])
    struct.pack_into("<I", data, link(data, 0), len(data) + 1000)
    with pytest.raises(UnreadableImage, match="reduced"):
        codecs.decode(bytes(data))


def test_many_directories_are_looked_at_once_each_and_not_all() -> None:
    # 70,000 directories without an entry, each behind the other.
    count = 70_000
    chain = b"".join(
        struct.pack("<HI", 0, 8 + 6 * (n + 1) if n + 1 < count else 0) for n in range(count)
    )
    directories, _ = read_directories(b"II*\0\x08\0\0\0" + chain)
    assert len(directories) <= 1024


def test_many_entries_are_not_all_looked_at() -> None:
    # Overlapping directories of 60,000 entries each.
    body = struct.pack("<H", 60_000) * 400_000
    data = b"II*\0\x08\0\0\0" + body
    directories, _ = read_directories(data)
    assert sum(len(each.entries) for each in directories) <= 1 << 16


@pytest.mark.parametrize("data", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff" + bytes(20), bytes(64)])
def test_no_directory(data: bytes) -> None:
    directories, _ = read_directories(data)
    assert directories == []
    with pytest.raises(UnreadableImage):
        picture_pages(directories, False, "x")


@pytest.mark.parametrize("layout", ["preview first", "bigtiff, picture below", "big-endian"])
def test_every_length_gives_a_picture_or_an_input_error(layout: str) -> None:
    data, expected = LAYOUTS[layout]
    for end in {*range(0, 400, 3), *range(0, len(data), 401)}:
        try:
            photo = codecs.decode(data[:end])
        except InputError:
            continue
        assert photo.size == expected.shape[1::-1]


def test_starting_at_the_first_page_copies_nothing() -> None:
    data, _ = LAYOUTS["one page"]
    directories, _ = read_directories(data)
    assert starting_at(directories[0]) is data
