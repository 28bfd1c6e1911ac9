"""What a file of settings was before we wrote into it, so that removing leaves just that.

What our entry has changed is noted beside the list of our files: where, what stood there, and the
digest of the whole. Where nobody has written since, the file becomes to the byte what it was, and
goes where there was none. Otherwise the entry alone is taken out.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Protocol

from mattekit.errors import OutputError
from mattekit_hosts.files import (
    is_there,
    missing_folders,
    read_note,
    read_settings,
    remove_folders,
    take_out,
    write_note,
    write_settings,
)

__all__ = ["Switch", "drop_noted", "put_noted"]


class Switch(Protocol):
    """An entry in a file that is the program's or the user's: made, looked for, taken out."""

    @property
    def path(self) -> Path | None:
        """The file; None where the entry lies in none."""

    def put(self) -> None:
        """Make or renew it; everything else in the file stays as it is."""

    def drop(self) -> None:
        """Take it out."""

    def there(self) -> bool:
        """Whether it is there."""


def put_noted(folder: Path, switch: Switch, *, new: bool = False) -> None:
    """Make or renew an entry, and note what it changes.

    Parameters
    ----------
    folder : pathlib.Path
        One with a list of our files, as `mattekit_hosts.files.put` leaves it.
    switch : Switch
    new : bool
        Whether nothing of ours was in the folder before: it goes where the entry cannot be made.

    Raises
    ------
    OutputError
        Something cannot be written.
    """
    try:
        _put_noted(folder, switch)
    except OutputError:
        if new:
            take_out(folder)
        raise


def drop_noted(folder: Path, switch: Switch) -> None:
    """Take an entry out; what was noted of it makes the file what it was.

    Parameters
    ----------
    folder : pathlib.Path
        As of `put_noted`.
    switch : Switch

    Raises
    ------
    OutputError
        Something cannot be written.
    """
    path, note = switch.path, read_note(folder)
    now = _content(path) if path is not None else None
    if path is None or now is None or not _is_note(note):
        switch.drop()
        return
    if _fits(note, now):
        former = _undone(note, now)
    else:
        switch.drop()
        left = _content(path)
        former = None if note["new"] and not (left or b"").strip() else left
    if former is not None:
        if former != _content(path):
            write_settings(path, former)
        return
    try:
        path.resolve().unlink()
    except OSError as error:
        raise OutputError(str(path), f"cannot be deleted ({error.strerror or error}).") from error
    remove_folders(path.parent, note["folders"])


# -- inside ------------------------------------------------------------------------------------


def _put_noted(folder: Path, switch: Switch) -> None:
    path = switch.path
    if path is None:
        switch.put()
        return
    missing = missing_folders(path.parent)
    before, old, known = _content(path), read_note(folder), switch.there()
    switch.put()
    after = _content(path)
    if after == before or after is None:
        return
    if not known:
        write_note(folder, _note(before, after) | {"folders": missing})
    elif _fits(old, before):
        former = _undone(old, before or b"")
        write_note(folder, _note(former, after) | {"folders": old["folders"]})


def _content(path: Path) -> bytes | None:
    return read_settings(path) if is_there(path) else None


def _note(before: bytes | None, after: bytes) -> dict[str, Any]:
    """Return where two contents differ: one stretch, from the first to the last difference."""
    former = before or b""
    start = _alike(former, after)
    same = _alike(former[start:][::-1], after[start:][::-1])
    return {
        "new": before is None,
        "start": start,
        "length": len(after) - start - same,
        "former": former[start : len(former) - same].decode("latin-1"),
        "digest": _digest(after),
    }


def _alike(one: bytes, other: bytes) -> int:
    """Return with how many bytes both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _undone(note: dict[str, Any], data: bytes) -> bytes | None:
    """Return what `data` was before the change of a note that fits it; None where it was not."""
    if note["new"]:
        return None
    start, former = note["start"], note["former"].encode("latin-1")
    return bytes(data[:start] + former + data[start + note["length"] :])


def _fits(note: Any, data: bytes | None) -> bool:
    return _is_note(note) and data is not None and note["digest"] == _digest(data)


def _is_note(note: Any) -> bool:
    """Whether this is a note; whoever can write the list may have written anything."""
    kinds = {"new": bool, "start": int, "length": int, "former": str, "digest": str, "folders": int}
    return isinstance(note, dict) and all(
        isinstance(note.get(key), kind) for key, kind in kinds.items()
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
