"""A progress window for programs that have none: on Linux ``zenity``, elsewhere there is none.

Texts come from file names, which anybody may have chosen: they go in by standard input.
"""

from __future__ import annotations

import contextlib
import os
import shutil
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


def _zenity() -> Optional[str]:
    """Return the program; where it could show nothing it would end as if *Cancel* were pressed."""
    screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return shutil.which("zenity") if screen and sys.platform.startswith("linux") else None


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
