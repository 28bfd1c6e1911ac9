"""Results that are kept for the agent to read: the newest, up to an amount of memory."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from mattekit.errors import InputError

__all__ = ["PREFIX", "Results"]

PREFIX: Final = "mattekit://results/"
_ROOM: Final = 256 * 2**20


class Results:
    """Files by address; the oldest go when there are too many.

    Parameters
    ----------
    room : int
        Bytes of all together; one result may have more.
    """

    def __init__(self, room: int = _ROOM) -> None:
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._room = room
        self._number = 0

    def keep(self, data: bytes, suffix: str) -> str:
        """Keep a file and return its address."""
        self._number += 1
        address = f"{PREFIX}{self._number}{suffix}"
        self._files[address] = data
        while len(self._files) > 1 and sum(map(len, self._files.values())) > self._room:
            self._files.popitem(last=False)
        return address

    def read(self, address: str) -> bytes:
        """Return a file; raises `InputError` where it is not kept any more."""
        if address not in self._files:
            raise InputError(address, "is not kept any more. Make it again.")
        return self._files[address]
