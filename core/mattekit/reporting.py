"""What adapters that work on many pictures share: memory, unexpected errors, reports."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mattekit.errors import MattekitError, status_of

if TYPE_CHECKING:
    from mattekit.cutout import Cutout

__all__ = [
    "PIXELS",
    "SURE",
    "UNKNOWN",
    "PixelSemaphore",
    "UnexpectedError",
    "described",
    "error_json",
    "exit_code",
    "summary",
    "sure",
    "unsure",
]

#: Pixels that may be in the memory of all workers together, one picture always being let in.
PIXELS: Final = 50_000_000

#: What `summary` says of a result, where there is none.
UNKNOWN: Final[Mapping[str, None]] = MappingProxyType(
    dict.fromkeys(("width", "height", "found", "kind", "confidence", "box"))
)
#: Results that are less likely to be right than this should be looked at.
_LIKELY: Final = 0.5

#: Results that are called sure are at least so likely to be right. Of held-back pictures 98 of 100
#: that are called so share nine tenths of the union with the mask (``models/builtin/README.md``).
SURE: Final = 0.975


class UnexpectedError(MattekitError):
    """Something that mattekit did not expect: a bug, or no memory left."""

    def __init__(self, source: str, error: BaseException) -> None:
        kind = type(error).__name__
        if isinstance(error, MemoryError):
            text = (
                "not enough memory for this picture. Work on fewer at once (--jobs 1, --workers 1) "
                "or on a smaller picture."
            )
        else:
            text = f"unexpected {kind}: {error}. --debug shows where; please report it."
        super().__init__(f"{source}: {text}")


class PixelSemaphore:
    """Room for so many pixels: whoever wants more waits, but one is always let in."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._used = 0
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def share(self, count: int) -> Iterator[None]:
        """Hold room for `count` pixels."""
        with self._changed:
            self._changed.wait_for(lambda: not self._used or self._used + count <= self._room)
            self._used += count
        try:
            yield
        finally:
            with self._changed:
                self._used -= count
                self._changed.notify_all()


def error_json(error: MattekitError) -> dict[str, Any]:
    """Return an error for machines."""
    return {
        "type": type(error).__name__,
        "code": getattr(error, "code", None) or status_of(error).code or None,
        "message": str(error),
    }


def exit_code(total: int, codes: Collection[int]) -> int:
    """Return the exit status of a command that has worked on several things, as pictures.

    Parameters
    ----------
    total : int
        How many.
    codes : collection of int
        Of each that failed, the exit code of its error, as `mattekit.errors.STATUS` has it.

    Returns
    -------
    int
        0 = none failed, 1 = some failed, 2 = all failed because the call was wrong.
    """
    if not codes:
        return 0
    return 2 if len(codes) == total and set(codes) == {2} else 1


def summary(cutout: Cutout) -> dict[str, Any]:
    """Return what is said of a result."""
    return {
        "width": cutout.size.width,
        "height": cutout.size.height,
        "found": cutout.found,
        "kind": cutout.kind,
        "confidence": None if cutout.confidence is None else round(cutout.confidence, 3),
        "box": list(cutout.box) if cutout.box else None,
    }


def unsure(facts: Mapping[str, Any]) -> bool:
    """Return whether a result, of which `summary` said this, should be looked at."""
    likely = facts.get("confidence")
    return likely is not None and likely < _LIKELY


def sure(facts: Mapping[str, Any]) -> bool:
    """Return whether a result, of which `summary` said this, need not be looked at."""
    likely = facts.get("confidence")
    return likely is not None and likely >= SURE


def described(facts: Mapping[str, Any], seconds: float) -> str:
    """Return a result, of which `summary` said this, in words for the end of a line."""
    said = f"{facts['width']}×{facts['height']}  {facts['kind']}  {seconds:.1f} s"
    return f"{said}  unsure: look at it" if unsure(facts) else said
