"""AVIF, JPEG 2000, JPEG XL and JPEG XR at the depth of their file, and HEIC where it can be had.

Pillow opens the first two at 8 bits only and the others not at all; imagecodecs, which reads PNG
and TIFF here, decodes them. It is asked only once the size that the *coded data* state is known
and allowed: the boxes around them may say anything.

References
----------
.. [1] ISO/IEC 14496-12, ISOBMFF; AV1-ISOBMFF 1.2.0, 2.3 (``av1C``).
.. [2] ITU-T T.800 (2019), A.5.1 (SIZ), I.5.3 (boxes).
.. [3] ISO/IEC 18181-1:2024, annex D (headers of JPEG XL); 18181-2, boxes.
.. [4] ITU-T T.832 (2019), 8.3 (image header of JPEG XR), annex A.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs import pillow
from mattekit.codecs.color import PROFILE_LIMIT, ColorSpace, to_rgb
from mattekit.codecs.explain import refusal
from mattekit.codecs.facts import Facts, facts_of
from mattekit.codecs.metadata import dpi_of
from mattekit.codecs.orientation import upright
from mattekit.codecs.strips import separated
from mattekit.errors import InvalidFileType, UnreadableImage
from mattekit.imaging.samples import Pixels, strips
from mattekit.photo import Photo
from mattekit.picture import Metadata

if TYPE_CHECKING:
    from mattekit.codecs.source import Check

__all__ = ["read_avif", "read_heic", "read_jpeg2000", "read_jpegxl", "read_jpegxr"]

_INTEGERS: Final = "8 to 16 bits of unsigned integers per channel: save it so, e.g. as PNG"
#: A tile of real files is larger than this, in pixels; each costs the decoder a structure.
_MIN_TILE: Final = 1024
_MANY_TILES: Final = 4096
_MAX_LAYERS: Final = 256
_BOXES: Final = 4096
#: Tags of JPEG XR: offset and length of the coded picture; the resolution.
_XR_PLACE: Final = (0xBCC0, 0xBCC1)
_XR_DPI: Final = (0xBC82, 0xBC83)
#: Values of ColourEncoding in JPEG XL (18181-1, D.3.5): those of ITU-T H.273 and some more.
_XL_GRAY, _XL_CUSTOM = 1, 2
_LINEAR, _SRGB = 8, 13
_PRIMARIES: Final = {
    1: ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}


def read_avif(data: bytes, source: str, check: Check) -> Photo:
    """Return an AVIF picture; the first of an animation, that at 8 bits."""
    image: Any = pillow.identify(data, source, "avif", ("AVIF",))
    check(*image.size)
    bits = _bits_of_av1(data)
    # imagecodecs 2026.3 writes beyond its buffer when it decodes one frame of several.
    if bits <= 8 or getattr(image, "n_frames", 1) > 1:
        return pillow.photo_from(image, source)
    import imagecodecs

    samples = imagecodecs.avif_decode(data)
    if samples.shape[:2] != (image.height, image.width):
        raise UnreadableImage(source, "its parts disagree about the size")
    facts = pillow.facts_of_image(image)
    return _photo(samples, bits, "avif", source, image.info.get("icc_profile"), facts)


def _bits_of_av1(data: bytes) -> int:
    """Return the largest depth of the coded pictures in the file: 8, 10 or 12."""
    bits, at = 8, data.find(b"av1C")
    while 0 <= at < len(data) - 8:
        if data[at + 4] == 0x81:  # marker and version
            high, twelve = data[at + 6] & 0x40, data[at + 6] & 0x20
            bits = max(bits, (12 if twelve else 10) if high else 8)
        at = data.find(b"av1C", at + 4, 1 << 20)
    return bits


def read_jpeg2000(data: bytes, source: str, check: Check) -> Photo:
    """Return a JPEG 2000 picture, in boxes or as a bare codestream."""
    start = data.find(b"\xff\x4f\xff\x51")
    try:
        across, down, x0, y0, tile_w, tile_h, tile_x, tile_y, channels = struct.unpack_from(
            ">IIIIIIIIH", data, start + 8
        )
        kinds = [data[start + 42 + 3 * each : start + 45 + 3 * each] for each in range(channels)]
        depths = [kind[0] for kind in kinds]
    except (struct.error, IndexError):
        raise UnreadableImage(source, "the JPEG 2000 data has no header") from None
    width, height = across - x0, down - y0
    if start < 0 or width < 1 or height < 1 or not tile_w or not tile_h:
        raise UnreadableImage(source, "the JPEG 2000 header is broken")
    check(width, height)
    tiles = -(-(across - tile_x) // tile_w) * -(-(down - tile_y) // tile_h)
    if tiles > max(_MANY_TILES, width * height // _MIN_TILE):
        raise UnreadableImage(source, f"it is cut into {tiles} pieces")
    layers = _layers(data, start + 2)
    if layers > _MAX_LAYERS:
        raise UnreadableImage(source, f"it has {layers} layers")
    bits = max(depth & 0x7F for depth in depths) + 1
    image = pillow.identify(data, source, "jp2", ("JPEG2000",))
    if bits <= 8 or image.size != (width, height):
        if image.size != (width, height):
            raise UnreadableImage(source, "its parts disagree about the size")
        return pillow.photo_from(image, source)
    boxes = dict(_header_boxes(data[:start]))
    space = int.from_bytes(boxes.get(b"colr", b"")[3:7], "big")
    if len({*depths}) > 1 or depths[0] & 0x80 or bits > 16 or channels > 4 or b"pclr" in boxes:
        given = (
            f"a JPEG 2000 of {channels} channels of {bits} bits, signed, mixed or with a palette"
        )
        raise InvalidFileType(source, given, _INTEGERS)
    if boxes.get(b"colr", b"\1")[:1] == b"\1" and space not in {0, 16, 17}:
        raise InvalidFileType(
            source,
            f"a JPEG 2000 of {bits} bits in colour space {space}",
            "sRGB or grey: save it so",
        )
    import imagecodecs

    samples = imagecodecs.jpeg2k_decode(data)
    if samples.shape[:2] != (height, width):
        raise UnreadableImage(source, "its parts disagree about the size")
    profile = boxes[b"colr"][3:] if boxes.get(b"colr", b"")[:1] == b"\2" else None
    return _photo(samples, bits, "jp2", source, profile, pillow.facts_of_image(image))


def _layers(data: bytes, at: int) -> int:
    """Return the number of quality layers that the main header of a codestream states."""
    layers = 1
    for _ in range(_BOXES):
        marker = data[at : at + 2]
        if marker == b"\xff\x52":  # COD: its length, style, order
            layers = max(layers, int.from_bytes(data[at + 6 : at + 8], "big"))
        if len(marker) < 2 or marker == b"\xff\x90":  # the first tile
            break
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return layers


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield type, start and end of the content of each box."""
    at = start
    for _ in range(_BOXES):
        if at + 8 > end:
            return
        size, name, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = end - at
        if size < head:
            return
        yield name, at + head, min(at + size, end)
        at += size


def _header_boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the boxes in the header of a JP2 file, the first of each kind last."""
    for name, start, end in _boxes(data, 0, len(data)):
        if name == b"jp2h":
            found = [
                (inner, data[left : min(right, left + PROFILE_LIMIT)])
                for inner, left, right in _boxes(data, start, end)
            ]
            yield from reversed(found)


class _Bits:
    """The bits of a JPEG XL header, from the lowest of each byte."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "little"), 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise ValueError("the header of the JPEG XL data ends too early")
        value = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return value

    def choice(self, *ways: tuple[int, int]) -> int:
        """Return one of four (base, bits): the base and the number in that many bits."""
        base, bits = ways[self.take(2)]
        return base + self.take(bits)


class _XlColors(NamedTuple):
    """An enumerated colour space: grey or not, white, primaries, curve (negative: a gamma)."""

    gray: bool = False
    white: int = 1
    primaries: int = 1
    curve: float = 13


class _XlHeader(NamedTuple):
    """Size as coded, orientation, bits (0: floating point), animated, colours (None: a profile)."""

    width: int
    height: int
    orientation: int
    bits: int
    animated: bool
    colors: _XlColors | None


def read_jpegxl(data: bytes, source: str, check: Check) -> Photo:
    """Return a JPEG XL picture, in sRGB or a space for which a profile can be made."""
    stream, exif, xmp = _xl_stream(data)
    try:
        head = _xl_header(_Bits(stream[2:1024]))
    except ValueError as error:
        raise UnreadableImage(source, str(error)) from error
    check(head.width, head.height)
    if not 1 <= head.bits <= 16:
        raise InvalidFileType(source, "a JPEG XL of floating-point numbers", _INTEGERS)
    profile = _xl_profile(head.colors) if head.colors is not None else None
    if profile is None:
        raise InvalidFileType(
            source,
            "a JPEG XL with a colour profile of its own, or for HDR",
            "one in sRGB, or a picture whose profile can be read: save it as PNG or TIFF",
        )
    import imagecodecs

    index = 0 if head.animated else None
    samples = imagecodecs.jpegxl_decode(data, index=index, keeporientation=True)
    if samples.shape[:2] != (head.height, head.width):
        raise UnreadableImage(source, "its parts disagree about the size")
    # The header's orientation holds, whatever EXIF repeats (18181-1, D.3.2).
    facts = facts_of([exif], xmp)._replace(orientation=head.orientation)
    return _photo(samples, head.bits, "jxl", source, profile, facts)


def _xl_stream(data: bytes) -> tuple[bytes, bytes | None, bytes | None]:
    """Return the start of the codestream, EXIF and XMP."""
    if data.startswith(b"\xff\x0a"):
        return data, None, None
    stream, exif, xmp = b"", None, None
    for name, start, end in _boxes(data, 0, len(data)):
        if name == b"jxlc" or (name == b"jxlp" and data[start : start + 4] == bytes(4)):
            first = start + (4 if name == b"jxlp" else 0)
            stream = stream or data[first : min(end, first + 1024)]
        elif name == b"Exif":
            exif = data[start + 4 + int.from_bytes(data[start : start + 4], "big") : end]
        elif name == b"xml ":
            xmp = data[start:end]
    return stream, exif, xmp


def _xl_size(bits: _Bits) -> tuple[int, int]:
    small = bits.take(1)

    def side() -> int:
        if small:
            return 8 * (1 + bits.take(5))
        return bits.choice((1, 9), (1, 13), (1, 18), (1, 30))

    height = side()
    ratio = bits.take(3)
    if not ratio:
        return side(), height
    over, under = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))[ratio - 1]
    return height * over // under, height


def _xl_depth(bits: _Bits) -> int:
    if not bits.take(1):
        return bits.choice((8, 0), (10, 0), (12, 0), (1, 6))
    bits.choice((32, 0), (16, 0), (24, 0), (1, 6))
    bits.take(4)
    return 0


def _xl_header(bits: _Bits) -> _XlHeader:
    width, height = _xl_size(bits)
    if bits.take(1):  # everything as usual
        return _XlHeader(width, height, 1, 8, False, _XlColors())
    orientation, animated = 1, False
    if bits.take(1):
        orientation = 1 + bits.take(3)
        if bits.take(1):
            _xl_size(bits)
        if bits.take(1):  # a preview: its size is written otherwise, and nobody writes one
            raise ValueError("a preview stands in the JPEG XL data")
        animated = bool(bits.take(1))
        if animated:  # how long its frames are shown, and how often
            bits.choice((100, 0), (1000, 0), (1, 10), (1, 30))
            bits.choice((1, 0), (1001, 0), (1, 8), (1, 10))
            bits.choice((0, 0), (0, 3), (0, 16), (0, 32))
            bits.take(1)
    depth = _xl_depth(bits)
    bits.take(1)
    for _ in range(bits.choice((0, 0), (1, 0), (2, 4), (1, 12))):
        if bits.take(1):
            continue  # alpha as usual
        kind = bits.choice((0, 0), (1, 0), (2, 4), (18, 6))
        _xl_depth(bits)
        bits.choice((0, 0), (3, 0), (4, 0), (1, 3))
        for _ in range(bits.choice((0, 0), (0, 4), (16, 5), (48, 10))):
            bits.take(8)
        if kind == 0:
            bits.take(1)
        else:
            return _XlHeader(width, height, orientation, depth, animated, None)
    bits.take(1)  # XYB
    if bits.take(1):  # wholly sRGB
        return _XlHeader(width, height, orientation, depth, animated, _XlColors())
    if bits.take(1):
        return _XlHeader(width, height, orientation, depth, animated, None)
    ways = (0, 0), (1, 0), (2, 4), (18, 6)
    space = bits.choice(*ways)
    white = bits.choice(*ways)
    primaries = 1 if space == _XL_GRAY or white == _XL_CUSTOM else bits.choice(*ways)
    curve = -bits.take(24) / 1e7 if bits.take(1) else bits.choice(*ways)
    colors = _XlColors(space == _XL_GRAY, white, primaries, curve) if space in {0, 1} else None
    return _XlHeader(width, height, orientation, depth, animated, colors)


def _xl_profile(colors: _XlColors) -> bytes | None:
    """Return an ICC profile of a colour space, empty for sRGB, None where none can be made."""
    primaries = _PRIMARIES.get(colors.primaries)
    levels = np.linspace(0.0, 1.0, 1024)
    curve: dict[str, Any]
    if colors == _XlColors(colors.gray):
        return b""
    if colors.white != 1 or primaries is None:
        return None
    if colors.curve < 0:
        curve = {"gamma": -1 / colors.curve}
    elif colors.curve == _LINEAR:
        curve = {"gamma": 1.0}
    elif colors.curve == _SRGB:
        light = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
        curve = {"transferfunction": np.round(light * 65535).astype(np.uint16)}
    else:
        return None
    import imagecodecs

    white = (0.3127, 0.3290, 1.0)
    if colors.gray:
        profile: bytes = imagecodecs.cms_profile("gray", whitepoint=white, **curve)
    else:
        flat = [value for x, y in primaries for value in (x, y, 1.0)]
        profile = imagecodecs.cms_profile("rgb", whitepoint=white, primaries=flat, **curve)
    return profile


def read_jpegxr(data: bytes, source: str, check: Check) -> Photo:
    """Return a JPEG XR picture of unsigned integers."""
    at = data.find(b"WMPHOTO\0")
    if at < 0 or at + 24 > len(data):
        raise UnreadableImage(source, "the JPEG XR data has no picture")
    # jxrlib fills what is missing with what lies in memory: where the coded data end, it is told.
    entries = _xr_entries(data)
    end = sum(entries.get(tag, (0, 0))[1] for tag in _XR_PLACE)
    if end > len(data):
        raise UnreadableImage(source, f"{end - len(data)} bytes of it are missing")
    short, kind = data[at + 10] & 0x80, data[at + 11] & 15
    sides = struct.unpack_from(">HH" if short else ">II", data, at + 12)
    width, height = sides[0] + 1, sides[1] + 1
    check(width, height)
    bits = {1: 8, 2: 16}.get(kind, 0)
    if not bits:
        raise InvalidFileType(source, "a JPEG XR of other than 8 or 16 bits", _INTEGERS)
    import imagecodecs

    # jxrlib goes on reading behind the end: then what stands there shows.
    samples, other = (imagecodecs.jpegxr_decode(data + fill * 4096) for fill in (b"\x55", b"\xaa"))
    if not np.array_equal(samples, other):
        raise UnreadableImage(source, "pixels are missing")
    if samples.shape[:2] != (height, width):
        raise UnreadableImage(source, "its parts disagree about the size")
    profile, facts = _xr_facts(data, entries)
    return _photo(samples, bits, "jxr", source, profile, facts)


def _xr_entries(data: bytes) -> dict[int, tuple[int, int]]:
    """Return count and value, or offset, of the entries of the directory of a JPEG XR file."""
    at = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[at : at + 2], "little")
    entries = {}
    for place in range(at + 2, min(at + 2 + 12 * count, len(data) - 11), 12):
        tag, _, length, value = struct.unpack_from("<HHII", data, place)
        entries[tag] = length, value
    return entries


def _xr_facts(data: bytes, entries: dict[int, tuple[int, int]]) -> tuple[bytes | None, Facts]:
    """Return profile, and resolution and XMP, of a JPEG XR file."""

    def content(tag: int) -> bytes | None:
        length, start = entries.get(tag, (0, 0))
        return data[start : start + length] if 4 < length <= PROFILE_LIMIT else None

    dpi = tuple(
        struct.unpack("<f", struct.pack("<I", entries.get(tag, (0, 0))[1]))[0] for tag in _XR_DPI
    )
    return content(0x8773), facts_of((), content(0x02BC), dpi=dpi_of(dpi))


def read_heic(data: bytes, source: str, check: Check) -> Photo:
    """Return a HEIC picture through pillow-heif, where that is installed.

    Raises
    ------
    InvalidFileType
        It is not; the message says how to get it.
    """
    try:
        import pillow_heif
    except ImportError:
        raise refusal(source, "heic") from None
    file = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False)
    check(*file.size)
    samples = np.asarray(file)
    if samples.shape[:2] != (file.size[1], file.size[0]):
        raise UnreadableImage(source, "its parts disagree about the size")
    # The decoder has turned it, and says 1 where EXIF said otherwise.
    facts = facts_of([file.info.get("exif")], file.info.get("xmp"))._replace(orientation=1)
    bits = 8 * samples.dtype.itemsize
    return _photo(samples, bits, "heic", source, file.info.get("icc_profile"), facts)


def _photo(
    samples: NDArray[Any], bits: int, format_: str, source: str, profile: Any, facts: Facts
) -> Photo:
    """Return a photo of (H, W) or (H, W, 1..4) samples of some bits."""
    if samples.dtype not in {np.dtype(np.uint8), np.dtype(np.uint16)} or samples.ndim > 3:
        raise InvalidFileType(source, f"a picture of {samples.dtype}", _INTEGERS)
    if samples.ndim == 2:
        samples = samples[..., None]
    if not 1 <= samples.shape[2] <= 4:
        raise InvalidFileType(
            source, f"a picture of {samples.shape[2]} channels", "1 to 4 channels"
        )
    whole: Any = upright(_full_range(samples, bits), facts.orientation)
    alpha: Pixels | None = None
    plain: Pixels
    if whole.shape[2] == 4:
        plain, alpha = separated(whole)
    elif whole.shape[2] == 2:
        plain, alpha = whole[..., 0].copy(), whole[..., 1].copy()
    else:
        plain = whole[..., 0].copy() if whole.shape[2] == 1 else np.ascontiguousarray(whole)
    space: ColorSpace = "rgb" if plain.ndim == 3 else "gray"
    color, profile = to_rgb(plain, space, profile if isinstance(profile, bytes) else None)
    return Photo(color, alpha, Metadata(profile, facts.dpi, facts.exif), format_, source=source)


def _full_range(samples: NDArray[Any], bits: int) -> Pixels:
    """Return samples of some bits over the whole range of their type."""
    full, top = int(np.iinfo(samples.dtype).max), (1 << bits) - 1
    result: Pixels = np.empty(samples.shape, samples.dtype)
    for part in strips(samples.shape):
        if top == full:
            result[part] = samples[part]
        else:
            wide = np.minimum(samples[part], top).astype(np.uint32)
            result[part] = (wide * full + top // 2) // top
    return result
