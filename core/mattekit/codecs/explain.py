"""What was given instead of a picture, in words, and what to do about it."""

from __future__ import annotations

from typing import Final

from mattekit.codecs.signatures import HEAD, PICTURES, sniff
from mattekit.errors import InvalidFileType

__all__ = ["PICTURE", "VIDEOS", "not_a_file", "refusal"]

#: What messages say was expected.
PICTURE: Final = "a picture (JPEG, PNG, WebP, TIFF, AVIF, GIF, BMP, PPM, …)"

_UNPACK: Final = "Unpack it and give what is inside."
_VIDEO: Final = "`mattekit video` cuts out videos."
_EXPORT: Final = "Export it as PNG from the program that made it."
_FETCH: Final = (
    "Nothing is fetched from the network here: save what is there and give the file (`mattekit "
    "batch` reads object stores, `mattekit serve` takes an image_url)."
)
_DECODE: Final = "Decode it first, as in Python's base64.b64decode(…), and give the bytes."

#: Kinds of files that hold moving pictures.
VIDEOS: Final = frozenset({"mp4", "mov", "matroska", "avi", "mpeg", "ogg"})

#: By what `sniff` says: what it is, and what to do.
_KINDS: Final[dict[str, tuple[str, str]]] = {
    "html": (
        "a web page (HTML)",
        "A download may have gone wrong: open the address in a browser and save the file itself.",
    ),
    "json": ("JSON text", "It may be the error message of a server: read it in an editor."),
    "xml": ("XML text", "It may be the error message of a server: read it in an editor."),
    "text": ("text", "Look at it in an editor: it may be an error message or a list of files."),
    "url": ("a web address", _FETCH),
    "file-url": ("the address of a file", "Give its path alone, without file://."),
    "data-uri": ("a data URI, a picture as text", _DECODE),
    "base64": ("a picture as text (base64)", _DECODE),
    "svg": ("a drawing (SVG)", "Export it as PNG, as Inkscape or a browser can."),
    "pdf": ("a PDF document", "Export its page as PNG or JPEG."),
    "postscript": ("a PostScript document", "Export its page as PNG or JPEG."),
    "wmf": ("a drawing (WMF)", _EXPORT),
    "emf": ("a drawing (EMF)", _EXPORT),
    "xcf": ("an image of GIMP (XCF)", "Export it as PNG; GIMP has mattekit in its own menu, too."),
    "heic": (
        "a HEIC picture, as phones take them",
        "`pip install 'mattekit[heif]'` brings what reads it; or save it as JPEG or PNG.",
    ),
    "heif": (
        "a HEIF picture that is coded in an unusual way",
        "Save it as JPEG or PNG on the device or in the program that made it.",
    ),
    "zip": ("a ZIP archive", f"{_UNPACK} `mattekit zip2png` joins those of the remove.bg API."),
    "gzip": ("a compressed file (gzip)", _UNPACK),
    "bzip2": ("a compressed file (bzip2)", _UNPACK),
    "xz": ("a compressed file (xz)", _UNPACK),
    "7z": ("an archive (7z)", _UNPACK),
    "rar": ("an archive (RAR)", _UNPACK),
    "mp4": ("a video (MP4)", _VIDEO),
    "mov": ("a video (QuickTime)", _VIDEO),
    "matroska": ("a video (Matroska or WebM)", _VIDEO),
    "avi": ("a video (AVI)", _VIDEO),
    "mpeg": ("a video (MPEG)", _VIDEO),
    "ogg": ("a sound or video (Ogg)", _VIDEO),
    "mp3": ("a sound (MP3)", "Check which file was meant."),
    "flac": ("a sound (FLAC)", "Check which file was meant."),
    "wav": ("a sound (WAV)", "Check which file was meant."),
    "program": ("a program", "Check which file was meant."),
    "sqlite": ("a database (SQLite)", "Check which file was meant."),
}


def refusal(source: str, kind: str, wanted: str = "a picture") -> InvalidFileType:
    """Return the error that says what a file is and what to do with it.

    Parameters
    ----------
    source : str
        What messages call the file.
    kind : str
        What `mattekit.codecs.signatures.sniff` says.
    wanted : str
        What would be taken.
    """
    expected = PICTURE if wanted == "a picture" else wanted
    if kind == "empty":
        problem = "it is empty (0 bytes). Save or download it again."
    elif kind in PICTURES - _KINDS.keys() and wanted == "a picture":
        problem = (
            f"the Pillow installed here does not read {kind.upper()}. Update it with "
            "`pip install -U pillow`, or save the picture as PNG or JPEG."
        )
    elif kind in PICTURES - {"zip"} and wanted != "a picture":
        problem = f"this is a picture ({kind.upper()}). `mattekit remove` cuts out pictures."
    elif kind in _KINDS:
        what, advice = _KINDS[kind]
        but = "" if "picture" in what else f", not {wanted}"
        problem = f"this is {what}{but}. {advice}"
    else:
        problem = (
            f"its first bytes are those of no known format: expected {expected}. Save it as such "
            "from a program that opens it."
        )
    return InvalidFileType(source, kind, expected, problem)


def not_a_file(path: str) -> str:
    """Return why a path leads to no file where it is an address or a picture as text, else nothing.

    Parameters
    ----------
    path : str
        A path at which there is nothing.
    """
    kind = sniff(path[:HEAD].encode("utf-8", "replace"))
    if kind not in {"url", "file-url", "data-uri", "base64", "json", "html"}:
        return ""
    what, advice = _KINDS[kind]
    return f"this is {what}, not the path of a file. {advice}"
