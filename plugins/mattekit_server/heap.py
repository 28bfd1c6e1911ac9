"""The heap of a serving process: what one picture gave back, the next one takes.

Threads other than the first have heaps of their own, which the C library of GNU gives back to the
system picture by picture and asks for again: some 2,700 page faults for a picture of 625 × 400
pixels, a fifteenth of its processor time.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Final

__all__ = ["keep_heap"]

#: Numbers of mallopt(3).
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
#: Bytes at the end of a heap that stay with it.
_KEPT: Final = 64 << 20
#: Bytes from which an array is the system's own, and goes back to it at once: the most that there
#: may be. The library would come to it by itself.
_LARGE: Final = 32 << 20


def keep_heap() -> bool:
    """Let the heaps of this process keep what is given back to them, up to 64 MiB each.

    Returns
    -------
    bool
        Whether that was possible: it is with glibc.
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # musl
        return False
    return bool(mallopt(_TRIM_THRESHOLD, _KEPT)) and bool(mallopt(_MMAP_THRESHOLD, _LARGE))
