"""The folder of chunks beside an unfinished video."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import Any, Final

from mattekit.errors import OutputError
from mattekit.files import write_atomically

__all__ = ["Chunks"]

_log = logging.getLogger(__name__)

_PLAN: Final = "plan.json"


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

    def prepare(self) -> int:
        """Make the folder and return how many full chunks lie in it from an earlier run.

        Raises
        ------
        OutputError
            The folder cannot be made.
        """
        plan = self.folder / _PLAN
        try:
            if plan.is_file() and plan.read_text(encoding="utf-8") == self._key:
                for path in self.folder.glob(f"*.tmp{self._suffix}"):
                    path.unlink()
                return len(self.complete())
            if plan.is_file():
                _log.warning("%s is of another call and is begun anew", self.folder)
                shutil.rmtree(self.folder)
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            raise OutputError(str(self.folder), f"cannot be used for chunks ({error}).") from error
        write_atomically(plan, self._key.encode())
        return 0

    def complete(self) -> list[Path]:
        """Return the complete chunks from the first one on."""
        found: list[Path] = []
        while (path := self._path(len(found))).is_file():
            found.append(path)
        return found

    def unfinished(self, index: int) -> Path:
        """Return where a chunk is written before it is complete."""
        return self.folder / f"{index:06}.tmp{self._suffix}"

    def finish(self, index: int) -> None:
        """Count a chunk that has been written as complete."""
        self.unfinished(index).replace(self._path(index))

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, index: int) -> Path:
        return self.folder / f"{index:06}{self._suffix}"
