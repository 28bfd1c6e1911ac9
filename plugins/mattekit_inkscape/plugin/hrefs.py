"""Where the bytes of an SVG picture are: in the document, or in a file that it links to."""

import base64
import binascii
import os
import re
from typing import Optional
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

__all__ = ["NoPicture", "read", "to_href"]

_DATA = re.compile(r"data:([^,;]{0,100})((?:;[^,;]{0,100}){0,5}),", re.ASCII)
_LARGEST = 2 * 2**30


class NoPicture(Exception):
    """There are no bytes; the text says why, for the user."""


def read(href: Optional[str], folder: Optional[str], *others: str) -> bytes:
    """Return the bytes of a picture.

    Parameters
    ----------
    href : str or None
        The attribute ``xlink:href``: a ``data:`` address, a path or a ``file:`` address.
    folder : str or None
        That of the document, for relative paths; None where it has none yet.
    *others : str
        Where a relative path may count from, too: Inkscape gives an extension a copy of the
        document, and some of its versions write links anew for the copy's place.

    Raises
    ------
    NoPicture
        Nothing is linked to, the file is missing or on another computer, the data are broken.
    """
    if not href:
        raise NoPicture("it links to nothing")
    found = _DATA.match(href)
    if found:
        return _decoded(href[found.end() :], found.group(2))
    parts = urlsplit(href)
    # A letter alone is a drive of Windows.
    if parts.scheme == "file":
        path = url2pathname(parts.path)
    elif len(parts.scheme) > 1 or href.startswith("//"):
        raise NoPicture("it is on another computer (%s): embed it first" % href[:80])
    else:
        path = unquote(href)
        if folder is None and not os.path.isabs(path):
            raise NoPicture("the document was never saved, so nobody knows where %s is" % path)
        places = [os.path.join(each or "", path) for each in (folder, *others)]
        path = next(filter(os.path.exists, places), places[0])
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise NoPicture(
            "%s cannot be read (%s)" % (path, getattr(error, "strerror", None) or error)
        )
    if len(data) > _LARGEST:
        raise NoPicture("%s has more than 2 GB" % path)
    return data


def to_href(data: bytes, media_type: str) -> str:
    """Return a ``data:`` address."""
    return "data:%s;base64,%s" % (media_type, base64.b64encode(data).decode("ascii"))


def _decoded(text: str, parameters: str) -> bytes:
    if "base64" not in parameters.split(";"):
        return unquote(text, "latin-1").encode("latin-1")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise NoPicture("its embedded data are broken")
