"""What bytes look like, whatever the file is called."""

from __future__ import annotations

import re
from typing import Final

from mattekit.codecs.raw import raw_kind
from mattekit.formats import FORMATS

__all__ = ["HEAD", "PICTURES", "sniff"]

#: So many bytes are enough for `sniff`.
HEAD: Final = 512

#: Kinds of files that are pictures.
PICTURES: Final = frozenset(FORMATS)

_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"II\xbc", "jxr"),
    (b"8BPS", "psd"),
    (b"qoif", "qoi"),
    (b"\0\0\1\0", "ico"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
    (b"\xff\x0a", "jxl"),
    (b"%PDF-", "pdf"),
    (b"%!PS", "postscript"),
    (b"\xc5\xd0\xd3\xc6", "postscript"),
    (b"PK\3\4", "zip"),
    (b"PK\5\6", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "rar"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"OggS", "ogg"),
    (b"ID3", "mp3"),
    (b"fLaC", "flac"),
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"\0\0\1\xba", "mpeg"),
    (b"\0\0\1\xb3", "mpeg"),
    (b"gimp xcf", "xcf"),
    (b"SQLite format 3\0", "sqlite"),
    (b"\xd7\xcd\xc6\x9a", "wmf"),
    (b"\x01\0\0\0", "emf"),
)

#: The first entry of OpenRaster and Krita files: its name and content stand at a fixed place.
_LAYERED: Final = re.compile(
    rb"PK\x03\x04.{26}mimetype.{0,64}?(?:image/openraster|application/x-krita)", re.DOTALL
)

_BRANDS: Final = {
    b"avif": "avif",
    b"avis": "avif",
    b"heic": "heic",
    b"heix": "heic",
    b"hevc": "heic",
    b"hevx": "heic",
    b"heim": "heic",
    b"heis": "heic",
    b"hevm": "heic",
    b"hevs": "heic",
    b"mif1": "heic",
    b"msf1": "heic",
    **dict.fromkeys((b"avci", b"avcs", b"vvic", b"vvis", b"evbi", b"evbs"), "heif"),
    **dict.fromkeys((b"j2ki", b"j2is", b"jpeg", b"jpgs", b"mif2", b"mif3"), "heif"),
    b"qt  ": "mov",
}

#: An address alone on the first line.
_ADDRESS: Final = re.compile(rb"(data:|[a-z][a-z0-9+.-]{1,20}://)[^\s<>\"]+\s*(?:\n|\Z)")
_SCHEMES: Final = {b"data:": "data-uri", b"file://": "file-url"}
#: How JPEG, PNG, GIF and WebP begin in base64.
_BASE64: Final = re.compile(rb"\s*(?:/9j/|iVBORw0KGgo|R0lGOD|UklGR)[A-Za-z0-9+/\r\n]*={0,2}\s*\Z")


def sniff(head: bytes) -> str:
    """Return a short lower-case name of what the first `HEAD` bytes of a file look like.

    Returns
    -------
    str
        The name of a picture format, of another kind of file (``"pdf"``, ``"zip"``, ``"text"``,
        …), of what stands for a file (``"url"``, ``"file-url"``, ``"data-uri"``, ``"base64"``),
        ``"empty"`` or ``"unknown"``.
    """
    if not head:
        return "empty"
    if raw_kind(head):
        return "raw"
    if _LAYERED.match(head):
        return "ora"
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF":
        return {b"WEBP": "webp", b"AVI ": "avi", b"WAVE": "wav"}.get(head[8:12], "riff")
    if head[4:8] == b"ftyp":
        # mif1 is any HEIF picture: the compatible brands say which.
        if b"avif" in head[8:64]:
            return "avif"
        return _BRANDS.get(head[8:12], "mp4")
    if head[:2] == b"BM" and len(head) >= 18:
        return "bmp"
    if head[:1] == b"P" and head[1:2] in b"1234567Ff" and head[2:3] in b" \t\r\n#":
        return "pfm" if head[1:2] in b"Ff" else "netpbm"
    return _text(head)


def _text(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"/* xpm", b"#define")):
        return "unknown"  # picture formats in text, for Pillow
    if b"<svg" in start:
        return "svg"
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    if start.startswith(b"<?xml"):
        return "xml"
    if start[:1] in {b"{", b"["} and start[1:2] in b' \r\n\t"[{}]':
        return "json"
    if match := _ADDRESS.match(start):
        return _SCHEMES.get(match[1], "url")
    if _BASE64.match(head):
        return "base64"
    try:
        whole = head if len(head) < HEAD else head[:-3]  # the cut may have split a character
        whole.decode("utf-8")
    except UnicodeDecodeError:
        return "unknown"
    control = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
    return "unknown" if control else "text"
