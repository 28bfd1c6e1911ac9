"""The folder of chunks beside an unfinished video."""

from __future__ import annotations

import json
import logging
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple

from mattekit.errors import OutputError
from mattekit.files import unwritable, write_atomically

__all__ = ["Chunk", "Chunks"]

_log = logging.getLogger("mattekit.video")  # below the one that the command shows

_PLAN: Final = "plan.json"


class Chunk(NamedTuple):
    """A complete chunk.

    Attributes
    ----------
    path : pathlib.Path
        Its frames, evenly spaced.
    times : list of Fraction
        When each of them is to be shown, in seconds, and when the last one ends.
    """

    path: Path
    times: list[Fraction]


class Chunks:
    """Chunks of a video, each a file that is complete or absent.

    Parameters
    ----------
    target : pathlib.Path
        The video that they will become.
    length : int
        Frames of each; the last one may have fewer.
    key : dict
        What must not have changed for chunks of an earlier run to be used.
    """

    def __init__(self, target: Path, length: int, key: dict[str, Any]) -> None:
        self.folder = target.with_name(f"{target.name}.parts")
        self.length, self._suffix = length, target.suffix
        self._key = json.dumps(key, indent=1, sort_keys=True)
        self._ours = False  # a folder of that name may be the user's

    def prepare(self) -> int:
        """Make the folder and return how many full chunks lie in it from an earlier run.

        Raises
        ------
        OutputError
            The folder cannot be made, or holds what no call has put there.
        """
        plan = self.folder / _PLAN
        try:
            if plan.is_file() and plan.read_text(encoding="utf-8") == self._key:
                self._ours = True
                for path in self.folder.glob(f"*.tmp{self._suffix}"):
                    path.unlink()
                return len(self.complete())
            if plan.is_file() and self._is_plan(plan.read_text(encoding="utf-8")):
                _log.warning("%s is of another call and is begun anew", self.folder)
                shutil.rmtree(self.folder)
            self.folder.mkdir(exist_ok=True)
            self._ours = not any(self.folder.iterdir())
        except (OSError, ValueError) as error:
            raise unwritable(self.folder, error) from error
        if not self._ours:
            problem = (
                "is needed for chunks and holds something else. Move it, or name another file."
            )
            raise OutputError(str(self.folder), problem)
        write_atomically(plan, self._key.encode())
        return 0

    def complete(self) -> list[Chunk]:
        """Return the complete chunks from the first one on."""
        found: list[Chunk] = []
        while (path := self._path(len(found))).is_file():
            times = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            found.append(Chunk(path, [Fraction(time) for time in times]))
        return found

    def unfinished(self, index: int) -> Path:
        """Return where a chunk is written before it is complete."""
        return self.folder / f"{index:06}.tmp{self._suffix}"

    def finish(self, index: int, times: list[Fraction]) -> None:
        """Count a chunk that has been written as complete; see `Chunk` for `times`.

        Raises
        ------
        OutputError
            It cannot be kept.
        """
        path = self._path(index)
        write_atomically(path.with_suffix(".json"), json.dumps([str(t) for t in times]).encode())
        try:
            self.unfinished(index).replace(path)
        except OSError as error:
            raise unwritable(path, error) from error

    def remove(self) -> None:
        """Delete the folder, if `prepare` has found or made it."""
        if self._ours:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _is_plan(self, text: str) -> bool:
        """Return whether a file says what calls of this library say, whatever it is."""
        said = json.loads(text)
        return isinstance(said, dict) and said.keys() == json.loads(self._key).keys()

    def _path(self, index: int) -> Path:
        return self.folder / f"{index:06}{self._suffix}"
