"""Where pictures lie: a folder of this machine, or anything that fsspec reaches.

A storage is a tree of files below a root. Paths in it are relative, with slashes; the root itself
is the empty path. Storages travel to other processes.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from mattekit.codecs.source import DEFAULT_LIMITS, Limits, read
from mattekit.errors import FileTooLarge, InputNotFound, OutputError, PluginError
from mattekit.files import make_folder, temporary_name, unwritable, write_atomically
from mattekit.folders import expand_user

__all__ = ["Entry", "Folder", "RemoteStorage", "Storage", "joined", "open_storage", "parent_of"]

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(://|::)")

#: Stores in which a file appears at once, when it is complete.
_ATOMIC: Final = frozenset(
    {"abfs", "abfss", "adl", "az", "gcs", "gs", "memory", "oci", "oss", "s3", "s3a", "tos", "r2"}
)
#: What tells two contents of one path apart, the best first.
_STAMPS: Final = ("ETag", "etag", "md5Hash", "content_md5", "CRC", "checksum", "mtime")
_TIMES: Final = ("LastModified", "last_modified", "updated", "modify", "created", "date_time")


class Entry(NamedTuple):
    """A file in a listing.

    Attributes
    ----------
    name : str
        Within its folder.
    size : int
        Bytes.
    stamp : str
        Changes whenever the content does, as far as the store can tell; empty = unknown.
    modified : float
        Seconds since 1970 of a local file, else 0.
    """

    name: str
    size: int
    stamp: str
    modified: float = 0.0


class Storage(Protocol):
    """A tree of files."""

    url: str

    def listing(self, folder: str) -> tuple[list[str], list[Entry]]:
        """Return the names of sub-folders and the files of a folder, both sorted by name.

        Raises
        ------
        FileNotFoundError
            There is no such folder.
        OSError
            It cannot be listed.
        """

    def show(self, path: str) -> str:
        """Return how messages call a file."""

    def read(self, path: str, size: int = 0, limits: Limits = DEFAULT_LIMITS) -> bytes:
        """Return the content of a file, `size` bytes when it was listed; raises `InputError`."""

    def write(self, path: str, data: bytes) -> Entry:
        """Write a file at once or not at all, with the folders that it needs; `OutputError`."""

    def remove(self, path: str) -> None:
        """Remove a file."""

    def entry(self, path: str) -> Entry | None:
        """Return a file as listings have it; None where there is none, or it cannot be told."""


def joined(folder: str, name: str) -> str:
    """Return the path of `name` in `folder`."""
    return f"{folder}/{name}" if folder else name


def parent_of(path: str) -> tuple[str, str]:
    """Return folder and name."""
    folder, _, name = path.rpartition("/")
    return folder, name


def open_storage(url: str | os.PathLike[str], options: dict[str, Any] | None = None) -> Storage:
    """Return the storage that a path or URL names.

    Parameters
    ----------
    url : str or path
        A folder, or any URL that fsspec knows: ``s3://bucket/prefix``,
        ``zip://::pictures.zip``, ….
    options : dict, optional
        For fsspec's file system; where none are given, fsspec's own configuration counts.

    Raises
    ------
    PluginError
        fsspec or the package for this kind of URL is not installed.
    InputNotFound
        No such kind of URL.
    """
    text = os.fspath(url)
    if text.startswith("file://"):
        from urllib.parse import unquote, urlsplit

        text = unquote(urlsplit(text).path)
    if not _URL.match(text):
        return Folder(text)
    try:
        import fsspec
    except ImportError as error:
        raise PluginError(
            "batch", f"{text} needs fsspec ({error}). Run `pip install mattekit[batch]`."
        ) from error
    try:
        system, root = fsspec.core.url_to_fs(text, **(options or {}))
    except ImportError as error:
        raise PluginError("batch", f"{text} cannot be opened: {error}") from error
    except (ValueError, OSError) as error:
        raise InputNotFound(text, f"it cannot be opened ({error}). Check the URL.") from error
    return RemoteStorage(system, root, text)


class Folder:
    """A folder of this machine.

    Links to files are followed, links to folders are not: they may lead in a circle.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.url = os.fspath(path)
        self.root = os.path.abspath(expand_user(self.url))  # noqa: PTH100
        self._made: set[str] = set()

    def path(self, path: str) -> str:
        """Return the path for the operating system."""
        return os.path.join(self.root, *path.split("/")) if path else self.root  # noqa: PTH118

    def show(self, path: str) -> str:
        """Return how messages call a file."""
        return os.path.join(self.url, path)  # noqa: PTH118

    def listing(self, folder: str) -> tuple[list[str], list[Entry]]:
        """See `Storage.listing`."""
        folders, files = [], []
        with os.scandir(self.path(folder)) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                    continue
                try:
                    facts = entry.stat()
                except OSError:  # gone, or a link to nowhere: reading says so
                    files.append(Entry(entry.name, 0, ""))
                    continue
                if entry.is_file():
                    files.append(_entry(entry.name, facts))
        return sorted(folders), sorted(files)

    def read(self, path: str, size: int = 0, limits: Limits = DEFAULT_LIMITS) -> bytes:
        """See `Storage.read`."""
        return read(self.path(path), limits, self.show(path))

    def write(self, path: str, data: bytes) -> Entry:
        """See `Storage.write`."""
        target = Path(self.path(path))
        folder = str(target.parent)
        try:
            if folder not in self._made:
                make_folder(folder)
                self._made.add(folder)
            try:
                write_atomically(target, data)
            except OutputError:
                if target.parent.is_dir():
                    raise
                self._made.discard(folder)  # somebody removed it meanwhile
                make_folder(folder)
                write_atomically(target, data)
            return _entry(target.name, target.stat())
        except OutputError as error:
            raise OutputError(self.show(path), error.problem) from error
        except OSError as error:
            raise unwritable(self.show(path), error) from error

    def remove(self, path: str) -> None:
        """See `Storage.remove`."""
        Path(self.path(path)).unlink(missing_ok=True)

    def entry(self, path: str) -> Entry | None:
        """See `Storage.entry`."""
        target = Path(self.path(path))
        try:
            return _entry(target.name, target.stat())
        except OSError:
            return None

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_made": set()}


def _entry(name: str, facts: os.stat_result) -> Entry:
    return Entry(name, facts.st_size, str(facts.st_mtime_ns), facts.st_mtime)


class RemoteStorage:
    """A tree in one of fsspec's file systems."""

    def __init__(self, system: Any, root: str, url: str) -> None:
        self._system, self._root = system, root.rstrip("/")
        self.url = url
        protocol = system.protocol
        self.protocols = frozenset((protocol,) if isinstance(protocol, str) else protocol)
        # Archives have one file pointer for all.
        archive = bool(self.protocols & {"zip", "tar", "libarchive"})
        self._one_at_a_time = threading.Lock() if archive else None

    @property
    def address(self) -> str:
        """The same for all URLs of one storage."""
        return f"{sorted(self.protocols)[0]}:{self._root}"

    def _path(self, path: str) -> str:
        return f"{self._root}/{path}" if self._root and path else self._root or path

    def show(self, path: str) -> str:
        """Return how messages call a file."""
        before, chained, after = self.url.partition("::")
        return f"{before.rstrip('/')}/{path}{chained}{after}"

    def listing(self, folder: str) -> tuple[list[str], list[Entry]]:
        """See `Storage.listing`."""
        path = self._path(folder)
        with _calling():
            if self._one_at_a_time is None:
                self._system.invalidate_cache(path)
            listed = self._system.ls(path, detail=True)
        folders, files = [], []
        for facts in listed:
            full = facts["name"].rstrip("/")
            name = full.rpartition("/")[2]
            if full.strip("/") == path.strip("/") or not name:
                if facts["type"] == "file" and folder == "" and name:
                    raise NotADirectoryError(f"{self.url} is a file")
                continue  # the folder itself, as object stores list it
            if facts["type"] == "directory":
                folders.append(name)
            else:
                files.append(Entry(name, int(facts.get("size") or 0), _stamp(facts)))
        return sorted(folders), sorted(files)

    def read(self, path: str, size: int = 0, limits: Limits = DEFAULT_LIMITS) -> bytes:
        """See `Storage.read`."""
        name = self.show(path)
        if size > limits.max_bytes:
            raise FileTooLarge(name, size, limits.max_bytes)
        try:
            with self._one_at_a_time or contextlib.nullcontext(), _calling():
                data: bytes = self._system.cat_file(self._path(path))
        except FileNotFoundError as error:
            raise InputNotFound(name, "there is no such file. Check the path.") from error
        except OSError as error:
            raise InputNotFound(name, f"it cannot be read ({error}).") from error
        if len(data) > limits.max_bytes:
            raise FileTooLarge(name, len(data), limits.max_bytes)
        return data

    def write(self, path: str, data: bytes) -> Entry:
        """See `Storage.write`."""
        target = self._path(path)
        try:
            with _calling():
                self._put(target, data)
        except OSError as error:
            raise OutputError(self.show(path), f"cannot be written ({error}).") from error
        # Asking for the new stamp would be one more request per picture; the size will do.
        return Entry(parent_of(path)[1], len(data), "")

    def _put(self, target: str, data: bytes) -> None:
        if self.protocols & _ATOMIC:
            self._system.pipe_file(target, data)
        else:
            folder, name = parent_of(target)
            self._system.makedirs(folder, exist_ok=True)
            temporary = joined(folder, temporary_name(name))
            self._system.pipe_file(temporary, data)
            self._system.mv(temporary, target)

    def remove(self, path: str) -> None:
        """See `Storage.remove`."""
        with _calling():
            self._system.rm_file(self._path(path))

    def entry(self, path: str) -> Entry | None:
        """See `Storage.entry`."""
        try:
            with _calling():
                facts = self._system.info(self._path(path))
        except OSError:
            return None
        return Entry(parent_of(path)[1], int(facts.get("size") or 0), _stamp(facts))

    @property
    def writable(self) -> bool:
        """Whether files can be written at all; archives and web servers are for reading."""
        read_only = {"zip", "tar", "libarchive", "http", "https", "github", "git", "reference"}
        return not self.protocols & read_only

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_one_at_a_time": self._one_at_a_time is not None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._one_at_a_time = threading.Lock() if state["_one_at_a_time"] else None


@contextlib.contextmanager
def _calling() -> Iterator[None]:
    """Let every failure of a file system be an OSError; many raise what their client raises."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


def _stamp(facts: dict[str, Any]) -> str:
    for name in (*_STAMPS, *_TIMES):
        if facts.get(name) is not None:
            return str(facts[name]).strip('"')
    return ""
