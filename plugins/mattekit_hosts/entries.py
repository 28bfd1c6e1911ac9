"""An entry of ours in a file of JSON that is the user's, as many programs keep their settings."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mattekit.errors import OutputError
from mattekit_hosts.files import read_settings, write_settings

__all__ = ["JsonEntry"]


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
        tree = self._read()
        around = self._around(tree, make=True)
        old = around.get(self.keys[-1])
        around[self.keys[-1]] = {
            **self.first,
            **(old if isinstance(old, dict) else {}),
            **self.value,
        }
        self._write(tree)

    def drop(self) -> None:
        """Take the object out."""
        tree = self._read()
        around = self._around(tree)
        if self.keys[-1] in around:
            del around[self.keys[-1]]
            self._write(tree)

    def there(self) -> bool:
        """Whether the object is there; not in a file that cannot be read."""
        with contextlib.suppress(OutputError):
            return self.keys[-1] in self._around(self._read())
        return False

    def _around(self, tree: dict[str, Any], *, make: bool = False) -> dict[str, Any]:
        """Return what the object lies in; without `make` an empty one where there is none."""
        for key in self.keys[:-1]:
            inner = tree.setdefault(key, {}) if make else tree.get(key, {})
            if not isinstance(inner, dict):
                raise self._strange(f"{key!r} is no object in it")
            tree = inner
        return tree

    def _read(self) -> dict[str, Any]:
        data = read_settings(self.path)
        if not data.strip():
            return {}
        try:
            tree = json.loads(data, object_pairs_hook=_once_each, parse_float=_held)
        except (ValueError, RecursionError) as error:
            raise self._strange(f"it is no plain JSON: {error}") from error
        if not isinstance(tree, dict):
            raise self._strange("it is no object")
        return tree

    def _write(self, tree: Mapping[str, Any]) -> None:
        text = json.dumps(tree, indent=2, ensure_ascii=False)
        write_settings(self.path, text.encode("utf-8", "surrogatepass") + b"\n", private=True)

    def _strange(self, why: str) -> OutputError:
        where = " > ".join(self.keys)
        problem = f"was left as it is, since {why}. Enter `{where}` by hand, or repair the file."
        return OutputError(str(self.path), problem)


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; of keys that stand twice, one would get lost."""
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
