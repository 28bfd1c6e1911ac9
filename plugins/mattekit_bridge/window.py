"""A progress window for programs that have none: on Linux ``zenity``, elsewhere there is none.

Texts come from file names, which anybody may have chosen: they go in by standard input.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from typing import Iterator, Optional

from mattekit_bridge.calls import Progress

__all__ = ["progress_window"]

#: Seconds; what is done before then needs no window.
_SOON = 0.7
#: What zenity ends with after *Cancel*, Escape, or where its window is closed.
_CANCELED = 1
#: A display of X: host, number, screen.
_DISPLAY = re.compile(r"(?P<host>.*):(?P<number>[0-9]{1,5})(\.[0-9]+)?")


def _zenity() -> Optional[str]:
    """Return the program; where it could show nothing it would end as if *Cancel* were pressed."""
    return shutil.which("zenity") if sys.platform.startswith("linux") and _has_screen() else None


def _has_screen() -> bool:
    """Return whether a display answers; a variable may name one that is gone."""
    wayland = os.environ.get("WAYLAND_DISPLAY")
    if wayland and _answers(os.path.join(os.environ.get("XDG_RUNTIME_DIR", ""), wayland)):
        return True
    display = _DISPLAY.fullmatch(os.environ.get("DISPLAY", ""))
    if display is None:
        return False
    number = int(display["number"])
    if display["host"] in {"", "unix"}:
        place = "/tmp/.X11-unix/X%d" % number
        return _answers(place) or _answers("\0" + place)
    try:
        with socket.create_connection((display["host"].strip("[]"), 6000 + number), 2):
            return True
    except (OSError, OverflowError, ValueError):
        return False


def _answers(place: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(place)
        except (OSError, ValueError):
            return False
    return True


@contextlib.contextmanager
def progress_window(title: str) -> Iterator[Progress]:
    """Yield what takes the progress; it returns False once the user has pressed *Cancel*.

    The window appears when the work takes more than a moment. Where its program fails, as one
    that does not find its libraries does, the work goes on without.
    """
    zenity = _zenity()
    window: Optional["subprocess.Popen[bytes]"] = None
    started = time.monotonic()

    def tell(done: float, what: str) -> Optional[bool]:
        nonlocal window
        if zenity is None or time.monotonic() - started < _SOON:
            return None
        if window is None:
            window = subprocess.Popen(
                [zenity, "--progress", "--no-markup", "--auto-close", "--title=%s" % title],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        if window.poll() is not None:
            return False if window.returncode == _CANCELED else None
        # Closed by itself at 100: the end of the work closes it.
        line = "# %s\n%d\n" % (" ".join(what.split()), min(99, int(100 * done)))
        assert window.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it is about to end; the next time tells how
            window.stdin.write(line.encode("utf-8", "replace"))
            window.stdin.flush()
        return True

    try:
        yield tell
    finally:
        if window is not None:
            assert window.stdin is not None
            with contextlib.suppress(OSError):
                window.stdin.close()
            window.terminate()
            window.wait()
