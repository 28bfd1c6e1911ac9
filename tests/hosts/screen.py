"""A screen that nobody looks at, with a window manager, a mouse, a keyboard and a camera."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = ["Screen", "virtual_screen"]

_PROGRAMS = ("Xvfb", "openbox", "xdotool", "xprop", "import")


@dataclass(frozen=True)
class Screen:
    """A running screen.

    Attributes
    ----------
    display : str
        What ``DISPLAY`` must be.
    """

    display: str

    def shot(self, path: Path) -> Path:
        """Write what is on the screen as a picture, and return its path."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._run("import", "-window", "root", str(path))
        return path

    def xdotool(self, *words: str | int, check: bool = True) -> str:
        """Move the mouse, press keys, ask about windows; return what xdotool printed."""
        return self._run("xdotool", *map(str, words), check=check).strip()

    def windows(self, title: str) -> list[int]:
        """Return the visible windows whose title matches a regular expression."""
        found = self.xdotool("search", "--onlyvisible", "--name", title, check=False)
        return [int(line) for line in found.split()]

    def wait_for(self, title: str, patience: float = 60) -> int:
        """Return the window with a title, once it is there and has been drawn."""
        end = time.monotonic() + patience
        while not (found := self.windows(title)):
            if time.monotonic() > end:
                raise TimeoutError(f"no window {title!r} after {patience:.0f} s")
            time.sleep(0.2)
        time.sleep(0.5)
        return found[-1]

    def wait_for_manager(self, patience: float = 60) -> None:
        """Wait until windows are managed: one that comes earlier may be left without a title."""
        end = time.monotonic() + patience
        while "window id" not in self._run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK"):
            if time.monotonic() > end:
                raise TimeoutError(f"no window manager after {patience:.0f} s")
            time.sleep(0.1)

    def wait_until_gone(self, title: str, patience: float = 60) -> None:
        """Wait until no window has a title any more."""
        end = time.monotonic() + patience
        while self.windows(title):
            if time.monotonic() > end:
                raise TimeoutError(f"window {title!r} still there after {patience:.0f} s")
            time.sleep(0.2)

    def _run(self, *command: str, check: bool = True) -> str:
        return subprocess.run(
            command,
            env={**os.environ, "DISPLAY": self.display},
            check=check,
            stdout=subprocess.PIPE,
            stderr=None if check else subprocess.DEVNULL,
            text=True,
            timeout=60,
        ).stdout


@contextmanager
def virtual_screen(width: int = 1400, height: int = 900) -> Iterator[Screen]:
    """Have a screen for a while; skip the test where the programs for it are not installed."""
    absent = [name for name in _PROGRAMS if not shutil.which(name)]
    if absent:
        pytest.skip(f"no {', '.join(absent)}: python tests/hosts/install.py")
    read, write = os.pipe()
    size = f"{width}x{height}x24"
    # It picks a free number itself and writes it into the pipe once it can be used.
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp", "-ac"],
        pass_fds=(write,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    manager: subprocess.Popen[bytes] | None = None
    try:
        with os.fdopen(read) as number:
            shown = Screen(f":{number.readline().strip()}")
        assert shown.display != ":", "Xvfb does not start"
        manager = subprocess.Popen(
            ["openbox", "--sm-disable"],
            env={**os.environ, "DISPLAY": shown.display},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        shown.wait_for_manager()
        yield shown
    finally:
        for process in (manager, server):
            if process:
                process.terminate()
                process.wait(30)
