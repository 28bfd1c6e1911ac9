"""What a file manager offers for selected pictures: every manager's files are made of this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from mattekit.formats import FORMATS
from mattekit_hosts.desktop import launcher

__all__ = ["ACTIONS", "MEDIA_TYPES", "SUFFIXES", "Action", "command"]

#: What the actions are offered for.
_KINDS: Final = (
    *("jpg", "png", "webp", "tiff", "heic", "avif", "jxl", "jp2", "bmp", "gif", "psd", "ora"),
)
MEDIA_TYPES: Final = tuple(FORMATS[name].media_type for name in _KINDS)
SUFFIXES: Final = tuple(suffix for name in _KINDS for suffix in FORMATS[name].suffixes)


class Action(NamedTuple):
    """One entry of a menu.

    Attributes
    ----------
    name : str
        Of files, and what `mattekit_desktop.__main__` is called with.
    title, comment : str
        In the menu, and as its explanation.
    suffix : str
        How results end.
    options : mapping of str to str
        Of the cut-out.
    """

    name: str
    title: str
    comment: str
    suffix: str
    options: Mapping[str, str]


ACTIONS: Final = (
    Action(
        "remove-background",
        "Remove Background",
        "Write a transparent PNG beside each selected picture",
        ".png",
        {},
    ),
    Action(
        "white-background",
        "White Background",
        "Write a JPEG with a white background beside each selected picture",
        ".jpg",
        {"bg_color": "white"},
    ),
)


def command(python: str, action: Action) -> list[str]:
    """Return what is run, before the names of the files."""
    return launcher(python, "mattekit_desktop", action.name)
