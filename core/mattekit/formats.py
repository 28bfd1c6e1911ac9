"""File formats: the one table of what is read and written, and what plug-ins add to it.

Whatever has to know a suffix, a media type or what a format can hold asks here: options, framing,
compositing, codecs, and every adapter. How files are read and written is the codecs' affair.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

from mattekit import plugins
from mattekit.errors import OptionError

__all__ = [
    "ANIMATED",
    "AUTO",
    "FORMATS",
    "SUFFIXES",
    "WRITTEN",
    "FileFormat",
    "OutputFormat",
    "format_of",
    "has_layers",
    "is_lossy",
    "is_mask",
    "max_area",
    "plugin_formats",
    "suffixes_of",
]


@dataclass(frozen=True)
class FileFormat:
    """A file format that mattekit itself reads, and perhaps writes.

    Attributes
    ----------
    name : str
        Value of the `format` option, and what `mattekit.codecs.signatures.sniff` calls the format.
    suffixes : tuple of str
        File name suffixes with their dot, the usual one first.
    media_type : str
        For HTTP.
    writes : bool
        Whether results can have it.
    served : bool
        Whether the remove.bg API has it.
    depth : int
        Bits of a sample in results: 8, or 16 where the picture has them.
    alpha : bool
        Whether results keep their transparency.
    lossy : bool
        Whether pixels of such a file usually are not those that were written.
    layers : bool
        Whether results keep apart what lies behind the subject.
    mask : bool
        Whether results are the alpha alone, as a grey picture, whatever `channels` says.
    animated : bool
        Whether a file may hold several pictures that Pillow tells apart.
    max_side, max_area : int or None
        Largest width and height, and largest area whatever the `size` (`original` excepted), in
        pixels.
    aliases : tuple of str
        Other spellings of the option's value.
    read_suffixes : tuple of str
        Suffixes of files that are read, but not written.
    telling : bool
        Whether a file with such a suffix is likely to be a picture.
    """

    name: str
    suffixes: tuple[str, ...]
    media_type: str
    writes: bool = False
    served: bool = False
    depth: int = 8
    alpha: bool = True
    lossy: bool = False
    layers: bool = False
    mask: bool = False
    animated: bool = False
    max_side: int | None = None
    max_area: int | None = None
    aliases: tuple[str, ...] = ()
    read_suffixes: tuple[str, ...] = ()
    telling: bool = True


_TABLE: Final = (
    FileFormat(
        "png", (".png",), "image/png", writes=True, served=True, depth=16, animated=True,
        max_area=10_000_000,
    ),
    FileFormat(
        "jpg", (".jpg", ".jpeg", ".jpe"), "image/jpeg", writes=True, served=True, alpha=False,
        lossy=True, max_side=65_500, aliases=("jpeg",), read_suffixes=(".jfif",),
    ),
    FileFormat(
        "webp", (".webp",), "image/webp", writes=True, served=True, lossy=True, animated=True,
        max_side=16_383,
    ),
    FileFormat(
        "zip", (".zip",), "application/zip", writes=True, served=True, lossy=True, max_side=65_500,
        telling=False,
    ),
    FileFormat(
        "tiff", (".tiff", ".tif"), "image/tiff", writes=True, depth=16, aliases=("tif",),
    ),
    FileFormat(
        "ora", (".ora",), "image/openraster", writes=True, depth=16, layers=True,
        read_suffixes=(".kra",),
    ),
    FileFormat(
        "psd", (".psd",), "image/vnd.adobe.photoshop", writes=True, depth=16, layers=True,
        max_side=30_000,
    ),
    FileFormat(
        "pfm", (".pfm",), "image/x-portable-floatmap", writes=True, depth=16, alpha=False,
        mask=True,
    ),
    FileFormat("avif", (".avif",), "image/avif", lossy=True, animated=True),
    FileFormat("heic", (".heic", ".heif"), "image/heic", lossy=True),
    FileFormat("jp2", (".jp2", ".j2k"), "image/jp2"),
    FileFormat("jxl", (".jxl",), "image/jxl"),
    FileFormat("jxr", (".jxr",), "image/jxr"),
    FileFormat("gif", (".gif",), "image/gif", animated=True),
    FileFormat("bmp", (".bmp",), "image/bmp"),
    FileFormat("ico", (".ico",), "image/vnd.microsoft.icon"),
    FileFormat("qoi", (".qoi",), "image/qoi"),
    FileFormat("tga", (".tga",), "image/x-tga"),
    FileFormat(
        "netpbm", (".ppm", ".pgm", ".pam", ".pnm", ".pbm"), "image/x-portable-anymap", depth=16,
    ),
)  # fmt: skip

#: Every format, by name.
FORMATS: Final[Mapping[str, FileFormat]] = {each.name: each for each in _TABLE}
#: What results can be, by name.
WRITTEN: Final[Mapping[str, FileFormat]] = {each.name: each for each in _TABLE if each.writes}
#: What ``format="auto"`` is: where something is transparent, and where nothing is.
AUTO: Final = ("png", "jpg")
#: Names of files that may hold several pictures, which Pillow tells apart.
ANIMATED: Final = frozenset(each.name for each in _TABLE if each.animated)
#: Suffixes of files that are likely to be pictures.
SUFFIXES: Final = frozenset(
    suffix for each in _TABLE if each.telling for suffix in (*each.suffixes, *each.read_suffixes)
)


@dataclass(frozen=True)
class OutputFormat:
    """A file format that the `format` option then accepts.

    Attributes
    ----------
    name : str
        Value of the option, lower case.
    suffixes : tuple of str
        File name suffixes with their dot, the usual one first.
    media_type : str
        For HTTP.
    encode : callable
        ``encode(cutout, options) -> bytes``, the whole file.
    """

    name: str
    suffixes: tuple[str, ...]
    media_type: str
    encode: Callable[[Any, Any], bytes]


def plugin_formats(source: plugins.Plugins | None = None) -> Mapping[str, OutputFormat]:
    """Return the formats of plug-ins, by default of this process's, by name.

    Raises
    ------
    PluginError
        A plug-in gave something else.
    """
    found = (source or plugins.shared()).collect("mattekit_formats", OutputFormat)
    return {each.name: each for each in found}


def format_of(path: str | os.PathLike[str]) -> str:
    """Return the format of results that a path's suffix names.

    Raises
    ------
    OptionError
        The suffix is missing or names none.
    """
    suffix = PurePath(path).suffix.lower()
    known = {each: name for name, found in WRITTEN.items() for each in found.suffixes}
    if suffix not in known:
        for name, plugin in plugin_formats().items():
            known.update(dict.fromkeys(plugin.suffixes, name))
    if suffix not in known:
        reason = f"the name ends in {suffix}" if suffix else "the name has no suffix"
        raise OptionError(
            "format", os.fspath(path), f"a name that ends in {', '.join(known)}", reason
        )
    return known[suffix]


def suffixes_of(name: str) -> tuple[str, ...]:
    """Return how the files of a value of the `format` option end: two for ``"auto"``, else one."""
    if name == "auto":
        return tuple(suffix for each in AUTO for suffix in suffixes_of(each))
    found = FORMATS.get(name) or plugin_formats().get(name)
    return (found.suffixes[0] if found else f".{name}",)


def has_layers(name: str) -> bool:
    """Whether results in a format keep apart what lies behind the subject."""
    return name in WRITTEN and WRITTEN[name].layers


def is_lossy(name: str) -> bool:
    """Whether pixels read from a format usually are not those that were written."""
    return name in FORMATS and FORMATS[name].lossy


def is_mask(name: str) -> bool:
    """Whether results in a format are the alpha alone."""
    return name in WRITTEN and WRITTEN[name].mask


def max_area(name: str) -> int | None:
    """Return how many pixels results in a format have at most, whatever their `size`."""
    return WRITTEN[name].max_area if name in WRITTEN else None
