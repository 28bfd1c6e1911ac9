"""Memory that the worker is lent for one request, so that pictures need not go through a socket.

On Linux the host makes a file in memory (``memfd_create(2)``) and names it in the header `HEADER`:
its process, its descriptor there, and a name that nobody can guess. The files of the request's form
lie in it; where, is what the form says in their place. A large answer comes back in it, and the
header of the answer says how long that is. The memory is gone with the last that holds it, also
where the host ends in the middle. Where the worker does not find it, as from within a sandbox,
whose processes have numbers of their own, it refuses with `UNREACHABLE`, and all goes through the
socket, as it does where no such memory is to be had, and on other systems.
"""

from __future__ import annotations

import mmap
import os
import secrets

__all__ = ["HEADER", "UNREACHABLE", "WORTHWHILE", "SharedMemory", "can_share"]

HEADER = "X-Shared-Memory"
#: Code of a refusal.
UNREACHABLE = "memory_unreachable"
#: Bytes from which it is quicker than a socket.
WORTHWHILE = 1 << 20


def can_share() -> bool:
    """Return whether this system has such memory, and a folder of processes to find it in."""
    return hasattr(os, "memfd_create") and os.path.isdir("/proc/self/fd")


class SharedMemory:
    """A file in memory, until the end of a ``with`` block.

    Attributes
    ----------
    address : str
        Value of `HEADER` for a request.
    length : int
        Bytes that were appended.
    """

    def __init__(self) -> None:
        name = "mattekit-" + secrets.token_hex(16)
        self._handle = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        self.address = "%d %d %s" % (os.getpid(), self._handle, name)
        self.length = 0

    def __enter__(self) -> "SharedMemory":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def append(self, data: memoryview) -> None:
        """Write some bytes behind the others."""
        done = 0
        while done < data.nbytes:
            done += os.write(self._handle, data[done:])
        self.length += done

    def mapped(self, length: str) -> mmap.mmap:
        """Return what the worker wrote, which stays beyond the block.

        Parameters
        ----------
        length : str
            What its header says.

        Raises
        ------
        OSError
            It is not so much.
        """
        there = os.fstat(self._handle).st_size
        if not length.isdecimal() or not 0 < int(length) <= there:
            raise OSError("it says that %s bytes of %d are its answer" % (length, there))
        return mmap.mmap(self._handle, int(length), access=mmap.ACCESS_COPY)
