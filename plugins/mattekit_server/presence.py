"""Which processes still live, as those see that share a file.

A number of a process says little: another may have it by now, and one in another container has its
own numbers. A lock says it exactly: the system frees it with the process, however that ends.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
from pathlib import Path
from typing import Final

from mattekit import forking
from mattekit.locking import locked, locked_if_free
from mattekit_server.private import make_private

__all__ = ["Presence"]

_log = logging.getLogger(__name__)

_MARK: Final = "-process-"


class Presence:
    """A name that this object holds for as long as its process lives. Safe from several threads.

    Parameters
    ----------
    shared : pathlib.Path
        The shared file; beside it lies an empty locked file for each name that is held.
    """

    def __init__(self, shared: Path) -> None:
        self.shared = shared
        self._name: str | None = None
        self._held = contextlib.ExitStack()
        self._lock = threading.Lock()
        forking.register(self)

    def name(self) -> str:
        """Return the name, taken when it is first asked for; empty where locks do not work."""
        with self._lock:
            if self._name is None:
                self._name = self._take()
            return self._name

    def _take(self) -> str:
        name = secrets.token_hex(8)
        try:
            make_private(self._file(name))
            self._held.enter_context(locked(self._file(name)))
        except OSError as error:
            _log.warning(
                "%s cannot be locked (%s): what this process reserves would outlive it by minutes "
                "if it were killed.",
                self._file(name),
                error,
            )
            return ""
        return name

    def is_gone(self, name: str) -> bool:
        """Return whether the process that took `name` has ended; False where nobody can tell."""
        if not name or name == self._name:
            return False
        file = self._file(name)
        if not file.exists():
            return True
        try:
            with locked_if_free(file) as free:
                if free:
                    # Windows does not delete open files: there the empty file stays.
                    with contextlib.suppress(PermissionError):
                        file.unlink(missing_ok=True)
                return free
        except OSError:
            return False

    def sweep(self) -> None:
        """Remove the files of all processes that have ended."""
        prefix = self.shared.name + _MARK
        for file in self.shared.parent.glob("*" + _MARK + "*"):
            if file.name.startswith(prefix):
                self.is_gone(file.name.removeprefix(prefix))

    def close(self) -> None:
        """Give the name back."""
        with self._lock:
            self._name = None
            self._held.close()

    def after_fork(self) -> None:
        """Take a name of its own in a forked child; the parent's stays the parent's."""
        forking.abandon(self._held)
        self._name, self._held, self._lock = None, contextlib.ExitStack(), threading.Lock()

    def _file(self, name: str) -> Path:
        return self.shared.with_name(f"{self.shared.name}{_MARK}{name}")
