"""Files that are made to hurt: small to send, large to open."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image

from support.server.pictures import picture

__all__ = ["BOMBS"]


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *between: bytes, pixels: bytes, depth: int = 8) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", head), *between, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def zeros(count: int) -> bytes:
    """Return so many zeros, deflated."""
    packer, parts = zlib.compressobj(1), []
    block = bytes(1 << 20)
    for _ in range(count >> 20):
        parts.append(packer.compress(block))
    return b"".join(parts) + packer.compress(bytes(count % (1 << 20))) + packer.flush()


def real_png() -> bytes:
    """20,000 × 20,000 pixels, all there, in a few hundred kilobytes."""
    return png(20_000, 20_000, pixels=zeros(20_000 * 20_001))


def inflating_png() -> bytes:
    """Few pixels by its header, 256 MB by its data."""
    return png(100, 100, pixels=zeros(1 << 28))


def inflating_profile() -> bytes:
    """A colour profile, a text and a compressed text of 256 MB each."""
    packed = zeros(1 << 28)
    return png(
        *(64, 64),
        chunk(b"iCCP", b"x\0\0" + packed),
        chunk(b"zTXt", b"x\0\0" + packed),
        chunk(b"iTXt", b"x\0\1\0\0\0" + packed),
        pixels=zeros(64 * 65),
    )


def claiming_png() -> bytes:
    return png(2**31 - 1, 2**31 - 1, pixels=zeros(100))


def claiming_jpeg() -> bytes:
    """A JPEG whose frame header says 65,535 × 65,535."""
    data = bytearray(picture(kind="JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 65535, 65535)
    return bytes(data)


def many_scans() -> bytes:
    """A progressive JPEG of which one scan comes 10,000 times."""
    out = io.BytesIO()
    Image.new("RGB", (4000, 3000), (200, 30, 30)).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * 10_000 + b"\xff\xd9"


def claiming_webp() -> bytes:
    """A WebP whose canvas is 16,777,216 pixels wide and 255 high."""
    body = b"VP8X" + struct.pack("<I", 10) + bytes([0x10, 0, 0, 0]) + b"\xff\xff\xff\xfe\x00\x00"
    body += b"VP8L" + struct.pack("<I", 4) + b"\x2f\xff\xff\xff"
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def claiming_tiff() -> bytes:
    """A TIFF of 4,294,967,295 × 4,294,967,295 pixels."""
    entries = [(256, 4, 2**32 - 1), (257, 4, 2**32 - 1), (258, 3, 8), (259, 3, 1), (262, 3, 1)]
    entries += [(273, 4, 8), (277, 3, 1), (278, 4, 2**32 - 1), (279, 4, 2**32 - 1)]
    table = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + table + bytes(4)


def gif() -> bytes:
    """An animation of a hundred empty frames on a canvas of 65,535 × 65,535."""
    head = b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\x80\0\0" + bytes(6)
    frame = b"," + struct.pack("<HHHH", 0, 0, 65535, 65535) + b"\0\x02\x02\x4c\x01\0"
    return head + frame * 100 + b";"


def archive() -> bytes:
    """A ZIP of 256 MB of zeros, within a ZIP."""
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as file, file.open("x", "w") as entry:
        for _ in range(256):
            entry.write(bytes(1 << 20))
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("../../color.jpg", inner.getvalue())
    return outer.getvalue()


#: By name: how it is made, and the code of the answer.
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a real PNG of 400 megapixels": (real_png, "resolution_too_high"),
    "a PNG that inflates to 256 MB": (inflating_png, "unknown_foreground"),
    "a PNG with profiles and texts of 256 MB": (inflating_profile, "unknown_foreground"),
    "a PNG that claims 2^62 pixels": (claiming_png, "resolution_too_high"),
    "a JPEG that claims 65535²": (claiming_jpeg, "failed_to_read_image"),
    "a JPEG of 10,000 scans": (many_scans, "failed_to_read_image"),
    "a WebP that claims 4 gigapixels": (claiming_webp, "resolution_too_high"),
    "a TIFF that claims 2^64 pixels": (claiming_tiff, "invalid_file_type"),
    "a GIF": (gif, "invalid_file_type"),
    "a ZIP in a ZIP": (archive, "invalid_file_type"),
}
