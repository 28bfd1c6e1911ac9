"""A hot folder: whatever appears in it is cut out as soon as it is complete."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from mattekit.errors import InputNotFound, PluginError
from mattekit_batch.storage import Folder, joined

if TYPE_CHECKING:
    from mattekit_batch.engine import Batch
    from mattekit_batch.results import Result
    from mattekit_batch.storage import Entry

__all__ = ["watch"]

#: Size and stamp of a file.
_State: TypeAlias = tuple[int, str]

#: Seconds between looks at a place that reports nothing.
_POLL: Final = 30.0
#: Seconds after which a folder is looked at even if nothing was reported: some systems forget.
_ANYWAY: Final = 60.0
#: Seconds after which a wish to stop is heard at the latest.
_STEP: Final = 0.5


def watch(
    batch: Batch,
    *,
    settle: float = 1.0,
    poll: float | None = None,
    stop: threading.Event | None = None,
) -> Iterator[Result]:
    """Work on what a folder holds and on all that appears there; yields results.

    Parameters
    ----------
    batch : Batch
    settle : float
        A file counts as complete when size and time have not changed for so many seconds. One that
        is cut short nevertheless fails, and is taken again when it grows.
    poll : float, optional
        Look every so many seconds. By default a folder is watched, and a URL looked at every 30.
    stop : threading.Event, optional
        Ends the watch.

    Raises
    ------
    InputNotFound
        The folder is not there, or not any more.
    PluginError
        watchfiles is not installed.
    """
    stop = stop or threading.Event()
    seen: dict[str, _State] = {}
    taken: dict[str, _State] = {}
    since: dict[str, float] = {}
    with _bell(batch, poll) as rung:
        while not stop.is_set():
            rung.clear()
            now, wall = time.monotonic(), time.time()
            before, seen = seen, {}
            for path, entry in _files(batch, ""):
                seen[path] = (entry.size, entry.stamp)
                if before.get(path) != seen[path]:
                    rested = bool(entry.modified) and wall - entry.modified >= settle
                    since[path] = now - settle if rested else now
            since = {path: since[path] for path in seen}
            taken = {path: state for path, state in taken.items() if path in seen}
            new = [path for path in seen if taken.get(path) != seen[path]]
            ready = {path for path in new if now - since[path] >= settle}
            if ready:
                yield from batch.scan(ready.__contains__)
                yield from batch.work()
                taken |= {path: seen[path] for path in ready}
            waiting = [since[path] + settle for path in new if path not in ready]
            longest = poll or (_ANYWAY if isinstance(batch.source, Folder) else _POLL)
            next_look = min([now + longest, *waiting])
            while not stop.is_set() and (left := next_look - time.monotonic()) > 0:
                if rung.wait(min(left, _STEP)):
                    stop.wait(_STEP / 10)  # changes come in showers
                    break


@contextlib.contextmanager
def _bell(batch: Batch, poll: float | None) -> Iterator[threading.Event]:
    """Yield an event that is set whenever something changes in the source."""
    rung = threading.Event()
    source = batch.source
    if poll is not None or not isinstance(source, Folder):
        yield rung
        return
    try:
        import watchfiles
    except ImportError as error:
        raise PluginError(
            "batch", f"watching needs watchfiles ({error}). Run `pip install mattekit[batch]`."
        ) from error
    end = threading.Event()

    def listen() -> None:
        with contextlib.suppress(FileNotFoundError):  # the folder has gone; the next look says so
            for _ in watchfiles.watch(
                source.root, watch_filter=None, debounce=200, stop_event=end, rust_timeout=500,
                raise_interrupt=False, ignore_permission_denied=True,
            ):  # fmt: skip
                rung.set()
        rung.set()

    thread = threading.Thread(target=listen, name="mattekit-watch", daemon=True)
    thread.start()
    try:
        yield rung
    finally:
        end.set()
        thread.join(timeout=2)


def _files(batch: Batch, folder: str) -> Iterator[tuple[str, Entry]]:
    """Yield the pictures of the source."""
    scanner = batch.scanner
    try:
        folders, files = batch.source.listing(folder)
    except OSError as error:
        if not folder:
            problem = f"it cannot be watched ({error.strerror or error})."
            raise InputNotFound(batch.source.url, problem) from error
        return
    for entry in files:
        path = joined(folder, entry.name)
        if scanner.pictures.takes(path):
            yield path, entry
    for name in folders:
        path = joined(folder, name)
        if path not in scanner.left_out and scanner.pictures.enters(path):
            yield from _files(batch, path)
