"""Camera raw: what a sensor saw, before anything made a picture of it."""

from __future__ import annotations

from typing import Final

from mattekit.codecs.directories import COMPRESSION, MAKER, PHOTOMETRIC, Directory
from mattekit.errors import InvalidFileType

__all__ = ["DNG_VERSION", "raw_kind", "raw_tiff_kind", "refusal"]

#: Raw files that are no TIFF files, or say at a fixed place what they are: (offset, bytes, kind).
_MAGIC: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"FUJIFILMCCD-RAW", "RAF"),
    (0, b"IIRO", "ORF"),
    (0, b"IIRS", "ORF"),
    (0, b"MMOR", "ORF"),
    (0, b"IIU\0", "RW2"),
    (0, b"FOVb", "X3F"),
    (0, b"\0MRM", "MRW"),
    (0, b"II\x1a\0\0\0HEAPCCDR", "CRW"),
    (4, b"ftypcrx ", "CR3"),
    (8, b"CR\2", "CR2"),
    (8, b"IIII", "IIQ"),
    (8, b"MMMM", "IIQ"),
    (25, b"ARECOYK", "Contax RAW"),
)
_TIFF: Final = (b"II*\0", b"MM\0*")

DNG_VERSION: Final = 50706
_PATTERN_TAGS: Final = frozenset({33421, 33422})  # CFARepeatPatternDim, CFAPattern (TIFF/EP)
_SENSOR_PHOTOMETRICS: Final = frozenset({32803, 34892})  # CFA, LinearRaw
#: Compressions that nothing but a camera writes: Sony, packed samples, Samsung, Nikon, Pentax.
_SENSOR_COMPRESSIONS: Final = frozenset({32767, 32769, 32770, 32772, 34713, 65535})
_KINDS: Final = (
    ("NIKON", "NEF"),
    ("SONY", "ARW"),
    ("PENTAX", "PEF"),
    ("RICOH", "PEF"),
    ("SAMSUNG", "SRW"),
    ("HASSELBLAD", "3FR"),
    ("PHASE ONE", "IIQ"),
    ("LEAF", "MOS"),
    ("SEIKO EPSON", "ERF"),
    ("MAMIYA", "MEF"),
    ("EASTMAN KODAK", "DCR"),
    ("KODAK", "DCR"),
    ("CANON", "CR2"),
)


def raw_kind(head: bytes) -> str:
    """Return the kind of camera raw that the first bytes of a file show, ``""`` where none."""
    for at, magic, kind in _MAGIC:
        if head.startswith(magic, at) and (at != 8 or head.startswith(_TIFF)):
            return kind
    return ""


def raw_tiff_kind(directories: list[Directory]) -> str:
    """Return the kind of camera raw that a TIFF file holds, ``""`` where it holds none.

    Cameras store raw files as TIFF files whose first page is a preview; the samples of the sensor
    are in another page, told by its photometric interpretation, its compression, or the pattern of
    its filters (TIFF/EP, ISO 12234-2; Adobe, DNG 1.7.1).
    """
    if not directories:
        return ""
    if any(DNG_VERSION in each.entries for each in directories):
        return "DNG"
    if not any(_is_sensor(each) for each in directories):
        return ""
    made = (each.content(MAKER) for each in directories)
    maker = next((each for each in made if each), b"").decode("latin-1").strip("\0 ").upper()
    return next((kind for name, kind in _KINDS if maker.startswith(name)), "TIFF/EP")


def _is_sensor(directory: Directory) -> bool:
    return (
        directory.number(PHOTOMETRIC) in _SENSOR_PHOTOMETRICS
        or directory.number(COMPRESSION) in _SENSOR_COMPRESSIONS
        or not _PATTERN_TAGS.isdisjoint(directory.entries)
    )


def refusal(source: str, kind: str) -> InvalidFileType:
    """Return the error that says what a raw file is and what to do with it."""
    return InvalidFileType(
        source,
        f"a camera raw file ({kind})",
        "a picture that has been developed: save one as TIFF or JPEG from darktable, RawTherapee "
        "or the program of the camera's maker, take the JPEG that the camera wrote beside it, or "
        "in Python give the array of rawpy's postprocess()",
    )
