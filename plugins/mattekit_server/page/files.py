"""The page's own files: read once, at addresses that name their content.

Modules import each other by relative addresses, and all lie under one that holds a digest of them
all: browsers may keep them for good, and never mix the files of two versions.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable  # not in Python 3.10

__all__ = ["HEADERS", "Files", "page_files"]

#: Of every answer that the page is made of, and that it gets: nothing from elsewhere, in no frame.
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), clipboard-read=(self), clipboard-write=(self)",
}

_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json; charset=utf-8",
    "webp": "image/webp",
}
_PACKED: Final = frozenset({"webp"})  # what gzip would not make smaller
_INDEX: Final = "index.html"
#: What stands in the page for the address of its files.
_BASE: Final = b"{files}"


class File(NamedTuple):
    """A file as it is sent."""

    media_type: str
    plain: bytes
    packed: bytes | None

    @classmethod
    def of(cls, name: str, data: bytes) -> File:
        """Return a file of this name."""
        suffix = name.rpartition(".")[2]
        packed = None if suffix in _PACKED else gzip.compress(data, 9, mtime=0)
        return cls(_TYPES[suffix], data, packed)


class Files:
    """All files of the page.

    Parameters
    ----------
    contents : mapping of str to bytes
        By name, with ``/`` between folders.

    Attributes
    ----------
    version : str
        A digest of all of them.
    """

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        digest = hashlib.sha256()
        for name, data in sorted(contents.items()):
            digest.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
        self.version = digest.hexdigest()[:16]
        base = f"/page/files/{self.version}".encode()
        self._files = {
            name: File.of(name, data.replace(_BASE, base) if name == _INDEX else data)
            for name, data in contents.items()
        }

    @property
    def transfer_size(self) -> int:
        """Bytes of all files as they are sent."""
        return sum(len(each.packed or each.plain) for each in self._files.values())

    def index(self, request: Request) -> Response:
        """Answer with the page itself, which names the version and is asked for each time."""
        answer = self._answer(request, self._files[_INDEX])
        answer.headers["Cache-Control"] = "no-cache"
        answer.headers["Vary"] = "Accept, Accept-Encoding"
        return answer

    def file(self, request: Request, version: str, name: str) -> Response | None:
        """Answer with a file; None where there is none of that name and version."""
        found = self._files.get(name)
        if found is None or version != self.version:
            return None
        answer = self._answer(request, found)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        answer.headers["Vary"] = "Accept-Encoding"
        return answer

    def _answer(self, request: Request, file: File) -> Response:
        tag = f'"{self.version}"'
        headers = {**HEADERS, "ETag": tag}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(file.packed, headers=headers, media_type=file.media_type)
        return Response(file.plain, headers=headers, media_type=file.media_type)


@functools.cache
def page_files() -> Files:
    """Return the files that came with the package."""
    return Files(dict(_walk(files("mattekit_server.page") / "static", "")))


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for each in folder.iterdir():
        if each.is_dir():
            found += _walk(each, f"{prefix}{each.name}/")
        elif each.name.rpartition(".")[2] in _TYPES:
            found.append((prefix + each.name, each.read_bytes()))
    return found
