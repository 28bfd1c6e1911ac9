"""An entry of ours in a file of JSON that is the user's, as many programs keep their settings.

The file is changed as an editor would change it: everything around the entry stays as it was
written, spaces and order included.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from mattekit.errors import OutputError
from mattekit_hosts.files import read_settings, write_settings

__all__ = ["JsonEntry"]

_INDENT: Final = 2
_SPACE: Final = " \t\r\n"


@dataclass(frozen=True)
class JsonEntry:
    """An object in a file of JSON; everything else in it stays as it is.

    Attributes
    ----------
    path : pathlib.Path
        Made where it is not there.
    keys : tuple of str
        Where the object lies, from the outermost in.
    value : mapping
        What is written, and renewed.
    first : mapping
        What is written where the object is new, and is the user's from then on.
    """

    path: Path
    keys: tuple[str, ...]
    value: Mapping[str, Any]
    first: Mapping[str, Any] = field(default_factory=dict)

    def put(self) -> None:
        """Make or renew the object."""
        text, encoding, tree = self._read()
        around = self._around(tree)
        old = around.get(self.keys[-1])
        kept = old if isinstance(old, dict) else {}
        new = {**self.first, **kept, **self.value}
        if old != new:
            self._write(_with(text, self.keys, new), encoding)

    def drop(self) -> None:
        """Take the object out; of a file that says nothing of it, it need not be read."""
        try:
            text, encoding, tree = self._read()
        except OutputError:
            if json.dumps(self.keys[-1]).encode() in read_settings(self.path):
                raise
            return
        if self.keys[-1] in self._around(tree):
            self._write(_without(text, self.keys), encoding)

    def there(self) -> bool:
        """Whether the object is there; not in a file that cannot be read."""
        with contextlib.suppress(OutputError):
            _, _, tree = self._read()
            return self.keys[-1] in self._around(tree)
        return False

    def _around(self, tree: dict[str, Any]) -> dict[str, Any]:
        """Return what the object lies in; an empty one where there is none."""
        for key in self.keys[:-1]:
            inner = tree.get(key, {})
            if not isinstance(inner, dict):
                raise self._strange(f"{key!r} is no object in it")
            tree = inner
        return tree

    def _read(self) -> tuple[str, str, dict[str, Any]]:
        """Return the file's text, its encoding, and what it says; a file of nothing is one."""
        data = read_settings(self.path)
        if not data.strip():
            return "{}\n", "utf-8", {}
        try:
            encoding = json.detect_encoding(data)
            text = data.decode(encoding, "surrogatepass")
            tree = _DECODER.decode(text)
        except (ValueError, RecursionError) as error:
            raise self._strange(f"it is no plain JSON: {error}") from error
        if not isinstance(tree, dict):
            raise self._strange("it is no object")
        return text, encoding, tree

    def _write(self, text: str, encoding: str) -> None:
        write_settings(self.path, text.encode(encoding, "surrogatepass"), private=True)

    def _strange(self, why: str) -> OutputError:
        where = " > ".join(self.keys)
        problem = (
            f"was left as it is, since {why}. Enter `{where}`, or take it out, by hand, or repair "
            "the file."
        )
        return OutputError(str(self.path), problem)


# -- the text ----------------------------------------------------------------------------------


class _Member(NamedTuple):
    """A member of an object: its key, where it begins, and where its value does and ends."""

    key: str
    start: int
    value: int
    end: int


def _with(text: str, keys: Sequence[str], value: Any) -> str:
    """Return a text in which `value` lies where `keys` lead; objects on the way are made."""
    start, indent = _skipped(text, 0), ""
    for depth, key in enumerate(keys):
        members, end = _members(text, start)
        inner = _indent_of(text, members, indent)
        found = next((each for each in members if each.key == key), None)
        if found is not None and depth < len(keys) - 1:
            start, indent = found.value, inner or ""
            continue
        if found is not None:
            return text[: found.value] + _json(text, value, inner) + text[found.end :]
        for each in reversed(keys[depth + 1 :]):
            value = {each: value}
        line = "\r\n" if "\r\n" in text else "\n"
        member = f"{json.dumps(key)}: {_json(text, value, inner)}"
        if not members:
            return f"{text[: start + 1]}{line}{inner}{member}{line}{indent}{text[end:]}"
        at = members[-1].end
        between = " " if inner is None else line + inner
        return f"{text[:at]},{between}{member}{text[at:]}"
    raise AssertionError("no keys")


def _without(text: str, keys: Sequence[str]) -> str:
    """Return a text without the member where `keys` lead."""
    start = _skipped(text, 0)
    for key in keys[:-1]:
        start = next(each.value for each in _members(text, start)[0] if each.key == key)
    members, end = _members(text, start)
    index = next(at for at, each in enumerate(members) if each.key == keys[-1])
    if len(members) == 1:
        return text[: start + 1] + text[end:]
    if index == len(members) - 1:
        return text[: members[index - 1].end] + text[members[index].end :]
    return text[: members[index].start] + text[members[index + 1].start :]


def _members(text: str, start: int) -> tuple[list[_Member], int]:
    """Return the members of the object that begins at `start`, and where its end is."""
    members = []
    at = _skipped(text, start + 1)
    while text[at] != "}":
        key, end = _DECODER.raw_decode(text, at)
        value = _skipped(text, _skipped(text, end) + 1)  # behind the colon
        _, end = _DECODER.raw_decode(text, value)
        members.append(_Member(key, at, value, end))
        at = _skipped(text, end)
        if text[at] == ",":
            at = _skipped(text, at + 1)
    return members, at


def _skipped(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _indent_of(text: str, members: Sequence[_Member], outer: str) -> str | None:
    """Return what stands before a member of an object; None where all are in one line."""
    if not members:
        return outer + " " * _INDENT
    start = members[-1].start
    before = text[text.rfind("\n", 0, start) + 1 : start]
    return before if "\n" in text[:start] and not before.strip() else None


def _json(text: str, value: Any, indent: str | None) -> str:
    """Return a value as it is written where lines begin with `indent`."""
    if indent is None:
        return json.dumps(value, ensure_ascii=False)
    lines = json.dumps(value, indent=_INDENT, ensure_ascii=False).split("\n")
    return ("\r\n" if "\r\n" in text else "\n").join(
        [lines[0], *(indent + each for each in lines[1:])]
    )


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; of keys that stand twice, one would be taken for the other."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return made


def _held(text: str) -> float:
    """Return a number; one beyond all that a float holds would be written as another."""
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is a number that would not stay as it is")
    return number


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_once_each, parse_float=_held)
