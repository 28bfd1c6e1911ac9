"""How much memory this process may still take, where the system tells.

Containers end a process that takes more than it may without a word. Whoever is about to take much
asks here first, so that there is one. `docs/memory.md` says what pictures need.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from mattekit.errors import NotEnoughMemory

__all__ = ["Room", "check_room", "room_left"]

#: Less is never worth asking for.
_WORTH_ASKING: Final = 8 << 20
#: Limits from here on are none: cgroups write the largest number of pages.
_NONE: Final = 1 << 60
_CGROUPS: Final = Path("/sys/fs/cgroup")
_PROC: Final = Path("/proc/self")


class Room(NamedTuple):
    """Memory in bytes: what is left, and the limit that it is left of."""

    left: int
    limit: int


def check_room(source: str, pixels: int, need: int) -> None:
    """Refuse what would surely take more memory than there is.

    Parameters
    ----------
    source : str
        What messages call the picture.
    pixels : int
        Of the picture.
    need : int
        Bytes that the next step takes at least.

    Raises
    ------
    NotEnoughMemory
        There are fewer.
    """
    if need < _WORTH_ASKING:
        return
    room = room_left()
    if room is not None and need > room.left:
        raise NotEnoughMemory(source, pixels, need, max(room.left, 0), room.limit)


def room_left() -> Room | None:
    """Return the memory that is left within the narrowest limit; None where there is no limit."""
    if sys.platform != "linux":
        return None
    return min((*_cgroup_limits(), *_process_limits()), default=None)


def _process_limits() -> Iterator[Room]:
    """Yield what ``ulimit -v`` and ``ulimit -d`` leave."""
    import resource

    used: list[int] = []
    for kind, column in ((resource.RLIMIT_AS, 0), (resource.RLIMIT_DATA, 5)):
        limit = resource.getrlimit(kind)[0]
        if limit == resource.RLIM_INFINITY:
            continue
        used = used or [int(pages) for pages in (_PROC / "statm").read_text().split()]
        yield Room(limit - used[column] * resource.getpagesize(), limit)


def _cgroup_limits() -> Iterator[Room]:
    """Yield what each control group around this process leaves, of either version."""
    try:
        lines = (_PROC / "cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            names = ("memory.max", "memory.current", "inactive_file")
            base = _CGROUPS
        elif "memory" in controllers.split(","):
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            base = _CGROUPS / "memory"
        else:
            continue
        folder = base / path.lstrip("/")
        for each in (folder, *folder.parents):
            if each == base or base in each.parents:
                yield from _cgroup_limit(each, *names)


def _cgroup_limit(folder: Path, limit_name: str, used_name: str, cache_name: str) -> Iterator[Room]:
    try:
        text = (folder / limit_name).read_text().strip()
        if text == "max" or int(text) >= _NONE:
            return
        used = int((folder / used_name).read_text())
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # the root has no limit; a container may see no more than its own
        return
    # Files that were read are let go before anything ends.
    yield Room(int(text) - used + int(stat.get(cache_name, 0)), int(text))
