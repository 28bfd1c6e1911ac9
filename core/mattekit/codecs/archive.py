"""The ZIP of the remove.bg API: ``color.jpg`` and ``alpha.png``, out and in."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from mattekit.codecs.explain import refusal
from mattekit.codecs.signatures import HEAD, sniff
from mattekit.errors import FileTooLarge, InvalidFileType, UnreadableImage

__all__ = ["COLOR", "ENTRY_ROOM", "MATTE", "merged", "pack", "unpack"]

#: Entries of a ZIP that holds pictures are packed already: they are hardly longer unpacked.
ENTRY_ROOM: Final = 1 << 20
COLOR: Final = "color.jpg"
MATTE: Final = "alpha.png"
#: What OpenRaster and Krita files hold beside their layers.
_MERGED: Final = "mergedimage.png"

#: The earliest time that ZIP knows: the same pixels give the same bytes.
_TIME: Final = (1980, 1, 1, 0, 0, 0)
#: The directory of two entries takes 200 bytes; this leaves room for what other tools add.
_MAX_DIRECTORY: Final = 1 << 16
_END: Final = b"PK\5\6"
_END_64: Final = b"PK\6\7"
_END_SIZE: Final = 22
_MAX_COMMENT: Final = 65535
_ENCRYPTED: Final = 1
_PIECE: Final = 1 << 20
_EXPECTED: Final = "a ZIP that holds color.jpg and alpha.png"


def pack(entries: Mapping[str, bytes]) -> bytes:
    """Return a ZIP of stored (uncompressed) entries in the order of the mapping."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name, _TIME)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return file.getvalue()


def unpack(data: bytes, limit: int, source: str) -> tuple[bytes, bytes]:
    """Return the contents of ``color.jpg`` and ``alpha.png`` of a ZIP that nobody vouches for.

    Other entries are neither looked at nor written anywhere. The directory's size is checked
    before it is parsed, each entry's before and while it is unpacked.

    Raises
    ------
    InvalidFileType
        Not a ZIP, or one without these two entries.
    FileTooLarge
        An entry of more than `limit` bytes.
    UnreadableImage
        Encrypted, truncated, ambiguous or otherwise broken.
    """
    color, matte = _entries(data, (COLOR, MATTE), limit, source)
    return color, matte


def merged(data: bytes, limit: int, source: str) -> bytes:
    """Return the picture of all layers of an OpenRaster or Krita file; raises as `unpack`."""
    return _entries(data, (_MERGED,), limit, source)[0]


def _entries(data: bytes, names: tuple[str, ...], limit: int, source: str) -> list[bytes]:
    _check_directory(data, source)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [_entry(archive, name, limit, source) for name in names]
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        NotImplementedError,  # a method of compression
        OSError,  # an offset that cannot be
        RuntimeError,
        ValueError,
    ) as error:
        raise UnreadableImage(source, f"the ZIP is broken: {error}") from error


def _check_directory(data: bytes, source: str) -> None:
    tail = max(0, len(data) - _END_SIZE - _MAX_COMMENT)
    at = data.rfind(_END, tail)
    if at < 0 or at + _END_SIZE > len(data):
        kind = sniff(data[:HEAD])
        if kind == "zip":
            raise UnreadableImage(source, "the ZIP is truncated")
        raise refusal(source, kind, _EXPECTED)
    size = int.from_bytes(data[at + 12 : at + 16], "little")
    if size > _MAX_DIRECTORY or data.rfind(_END_64, tail) >= 0:
        raise InvalidFileType(source, "a ZIP of very many entries", _EXPECTED)


def _entry(archive: zipfile.ZipFile, name: str, limit: int, source: str) -> bytes:
    found = [info for info in archive.infolist() if info.filename == name]
    if not found:
        raise InvalidFileType(source, f"a ZIP without {name}", _EXPECTED)
    if len(found) > 1:
        raise UnreadableImage(source, f"the ZIP holds {name} {len(found)} times")
    info = found[0]
    if info.flag_bits & _ENCRYPTED:
        raise UnreadableImage(source, f"{name} in the ZIP is encrypted")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise UnreadableImage(source, f"{name} in the ZIP is compressed in an unusual way")
    if info.file_size > limit:
        raise FileTooLarge(source, info.file_size, limit)
    # Piece by piece: zipfile unpacks as much as is asked for, whatever size the directory states.
    parts, size = [], 0
    with archive.open(info) as file:
        while part := file.read(_PIECE):
            parts.append(part)
            size += len(part)
            if size > limit:
                raise FileTooLarge(source, size, limit)
    return b"".join(parts)
