"""A line of ours in a text file that is the user's, as most start-up files of programs are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mattekit.files import write_atomically
from mattekit_hosts.files import read_settings, write_settings

__all__ = ["TextLine"]


@dataclass(frozen=True)
class TextLine:
    """A line in a file; all other lines stay as they are, whatever their encoding.

    Attributes
    ----------
    path : pathlib.Path
        Made where it is not there.
    text : str
        Without an end.
    """

    path: Path
    text: str

    def put(self) -> None:
        """Add the line at the end where it is not there."""
        if self.there():
            return
        data = read_settings(self.path)
        end = b"" if not data or data.endswith(b"\n") else b"\n"
        write_settings(self.path, data + end + self.text.encode() + b"\n")

    def drop(self) -> None:
        """Take the line out; a file of nothing else stays, empty."""
        if self.there():
            lines = read_settings(self.path).splitlines(keepends=True)
            write_atomically(self.path, b"".join(each for each in lines if not self._is(each)))

    def there(self) -> bool:
        """Whether the line is there."""
        return any(map(self._is, read_settings(self.path).splitlines()))

    def _is(self, line: bytes) -> bool:
        return line.strip() == self.text.encode()
