"""What can go wrong between a host and the worker, in words for a user.

::

    BridgeError
    ├── WorkerMissing     the Python that has mattekit is not where it was
    ├── NoFolder          this user has no home folder and no variable names a place instead
    ├── WorkerFailed      the worker does not start
    ├── WrongProtocol     worker and bridge are of versions that do not understand each other
    ├── WorkerGone        the worker ended in the middle
    ├── Refused           the worker answered that it cannot; `code` says why
    └── Canceled          the user changed their mind
"""

from __future__ import annotations

__all__ = [
    "BridgeError",
    "Canceled",
    "NoFolder",
    "Refused",
    "WorkerFailed",
    "WorkerGone",
    "WorkerMissing",
    "WrongProtocol",
]


class BridgeError(Exception):
    """Base of all of them; its text is meant for the user."""


class WorkerMissing(BridgeError):
    """The Python that has mattekit is not where it was."""

    def __init__(self, python: str) -> None:
        self.python = python
        super().__init__(
            f"mattekit was installed with {python}, which is not there any more. "
            "Install mattekit again and run `mattekit hosts install`."
        )


class NoFolder(BridgeError):
    """The user has no home folder and no variable names a place instead."""

    def __init__(self) -> None:
        super().__init__(
            "There is no folder for the files of mattekit's worker: this user has no home folder. "
            "Set MATTEKIT_WORKER_DIR to a path."
        )


class WorkerFailed(BridgeError):
    """The worker does not start."""

    def __init__(self, folder: str, reason: str) -> None:
        self.folder, self.reason = folder, reason
        super().__init__(
            f"mattekit's worker did not start ({reason}). start.log and worker.log in {folder} "
            "say more; `mattekit doctor` may help."
        )


class WrongProtocol(BridgeError):
    """Worker and bridge are of versions that do not understand each other."""

    def __init__(self, found: int, expected: int) -> None:
        self.found, self.expected = found, expected
        super().__init__(
            f"mattekit's worker speaks version {found} of its protocol, this plug-in {expected}. "
            "Run `mattekit worker stop` and `mattekit hosts install`."
        )


class WorkerGone(BridgeError):
    """The worker ended in the middle; the picture in the host is untouched."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"mattekit's worker ended before it had answered ({reason}). Try again.")


class Refused(BridgeError):
    """The worker answered that it cannot.

    Attributes
    ----------
    status : int
        HTTP status.
    code, title, detail : str
        As the remove.bg API calls it, e.g. ``unknown_foreground``.
    """

    def __init__(self, status: int, code: str, title: str, detail: str) -> None:
        self.status, self.code, self.title, self.detail = status, code, title, detail
        if code == "unknown_foreground":
            text = "No subject was found. A selection around it, or another model, may help."
        else:
            # A worker's details are whole sentences, written for the user of this machine.
            text = detail or title
        super().__init__(text)


class Canceled(BridgeError):
    """The user changed their mind."""

    def __init__(self) -> None:
        super().__init__("Cancelled.")
