"""Which windows are open: `mattekit app` ends with the last."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

__all__ = ["Windows"]

#: Seconds in which a window that is loaded again comes back.
RELOAD: Final = 4.0


class Windows:
    """Counts the windows that hold a connection open.

    Parameters
    ----------
    clock : callable
        Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.open = 0
        self._closed: float | None = None

    def opened(self) -> None:
        """Count one more."""
        self.open += 1

    def closed(self) -> None:
        """Count one less."""
        self.open -= 1
        self._closed = self.clock()

    @property
    def all_closed(self) -> bool:
        """Whether there was a window, and none has been open for longer than loading takes."""
        return self.open == 0 and self._closed is not None and self.clock() - self._closed > RELOAD
