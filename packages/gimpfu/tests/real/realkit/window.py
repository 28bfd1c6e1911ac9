"""A GIMP on a screen that nobody looks at, with an open picture."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hosts.gimp import Gimp
from hosts.screen import Screen, virtual_screen

BLUE = (30, 60, 160)
_PACE = 0.4


@dataclass
class Shown:
    """A GIMP with an open picture, all of `BLUE`.

    Attributes
    ----------
    screen : Screen
    home : pathlib.Path
        Plug-ins write into the file `values` there.
    """

    screen: Screen
    home: Path

    @property
    def values(self) -> Path:
        return self.home / "values"

    def press(self, *keys: str) -> None:
        for key in keys:
            self.screen.xdotool("key", "--clearmodifiers", key)
            time.sleep(_PACE)

    def click(self, window: int, x: int, y: int) -> None:
        self.screen.xdotool("mousemove", "--window", window, x, y)
        time.sleep(_PACE)
        self.screen.xdotool("click", "1")
        time.sleep(_PACE)

    def wait_for_values(self) -> list[str]:
        """Return what the plug-in has written, once it has."""
        end = time.monotonic() + 60
        while not self.values.exists() or not self.values.read_text().endswith("end\n"):
            assert time.monotonic() < end, "the plug-in did not run"
            time.sleep(0.2)
        lines = self.values.read_text().splitlines()
        self.values.unlink()
        return lines

    def capture(self, name: str) -> NDArray[np.int16]:
        with Image.open(self.screen.shot(self.home / f"{name}.png")) as image:
            return np.asarray(image.convert("RGB"), np.int16)

    def wait_for_change(self, before: NDArray[np.int16], name: str) -> None:
        """Wait until much of the picture looks otherwise."""
        end = time.monotonic() + 60
        while (_difference(self.capture(name), before)[_blue(before)] > 20).sum() <= 20_000:
            assert time.monotonic() < end, f"no {name}"
            time.sleep(0.5)

    def is_as(self, before: NDArray[np.int16], name: str) -> bool:
        """Whether the picture looks as it did."""
        return bool((_difference(self.capture(name), before)[_blue(before)] < 3).mean() > 0.98)

    def cancel(self, title: str) -> None:
        """Give a dialog up, and check that no plug-in has run."""
        self.press("Escape")
        self.screen.wait_until_gone(title)
        time.sleep(1)
        assert not self.values.exists()


def _difference(one: NDArray[np.int16], other: NDArray[np.int16]) -> NDArray[np.int16]:
    found: NDArray[np.int16] = np.abs(one - other).max(axis=2)
    return found


def _blue(shot: NDArray[np.int16]) -> NDArray[np.bool_]:
    return np.abs(shot - BLUE).max(axis=2) < 3


@contextmanager
def shown(gimp: Gimp, home: Path) -> Iterator[Shown]:
    """Start a GIMP with its window; it ends with the block."""
    picture = home / "picture.png"
    Image.new("RGB", (400, 300), BLUE).save(picture)
    with virtual_screen() as on, (home / "log").open("wb") as log:
        env = {"GIMPFU_TEST_OUT": str(home / "values")}
        process = gimp.window(on, picture, env=env, log=log)
        try:
            on.wait_for("picture", 150)
            time.sleep(3)
            yield Shown(on, home)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(20)
