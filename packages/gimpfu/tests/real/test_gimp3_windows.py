"""Dialogs, errors and undo on a real screen: GIMP 3 starts the plug-ins as its menus do."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from realkit import stock
from realkit.gimp2 import PLUGINS
from realkit.gimp3 import equipped3

from hosts.screen import Screen, virtual_screen

pytestmark = pytest.mark.install

# Entries of menus, under keys that nothing else has.
_KEYS = {
    "python-fu-every-widget": "<primary><alt>y",
    "python-fu-foggify": "<primary><alt>u",
    "python-fu-raises": "<primary><alt>i",
    "plug-in-repeat": "<primary>f",
}
BLUE = (30, 60, 160)


@dataclass
class Shown:
    """A GIMP with an open picture."""

    screen: Screen
    home: Path

    @property
    def values(self) -> Path:
        return self.home / "values"

    def press(self, *keys: str) -> None:
        for key in keys:
            self.screen.xdotool("key", "--clearmodifiers", key)
            time.sleep(0.4)

    def click(self, window: int, x: int, y: int) -> None:
        self.screen.xdotool("mousemove", "--window", window, x, y)
        time.sleep(0.4)
        self.screen.xdotool("click", "1")
        time.sleep(0.4)

    def wait_for_values(self) -> list[str]:
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


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    home = tmp_path_factory.mktemp("windows3")
    made = equipped3(home)
    for name in ("every_widget", "habits"):
        made.add(PLUGINS / f"{name}.py")
    made.add(stock.folder() / "foggify.py")
    keys = "".join(f'(action "{action}" "{key}")\n' for action, key in _KEYS.items())
    (made.gimp.profile / "shortcutsrc").write_text("(file-version 1)\n" + keys)
    picture = home / "picture.png"
    Image.new("RGB", (400, 300), BLUE).save(picture)
    with virtual_screen() as on:
        env = {"GIMPFU_TEST_OUT": str(home / "values")}
        with (home / "log").open("wb") as log:
            process = made.gimp.window(on, picture, env=env, log=log)
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


def test_dialog_with_every_widget(shown: Shown) -> None:
    shown.press("ctrl+alt+y")
    shown.screen.wait_for("Every widget")
    shown.capture("every-widget")
    shown.press("Return")
    values = shown.wait_for_values()
    assert values == [
        "int 200",
        "int -5",
        "int 123456",
        "float 0.25",
        "str 'a string'",
        "str 'two\\nlines'",
        "RGB gimpcolor.RGB(0.9411764705882353, 0.7058823529411765, 0.27450980392156865, 1.0)",
        "bool True",
        "float 1.5",
        "int 4",
        "str 'png'",
        "int 1",
        "str 'Sans-serif'",  # as GIMP 3 calls it
        "str '2. Hardness 050'",
        "str 'Pine'",
        "str 'Golden'",
        "str 'Bears'",
        "str '/tmp/a.txt'",
        "str '/tmp/b.txt'",
        "str '/tmp'",
        "Layer <gimp.Layer 'picture.png'>",
        "NoneType None",
        "NoneType None",
        "end",
    ]


def test_last_values(shown: Shown) -> None:
    shown.press("ctrl+alt+y")
    shown.screen.wait_for("Every widget")
    window = shown.screen.windows("Every widget")[-1]
    shown.click(window, 100, 42)  # the first field
    shown.press("ctrl+a", "7", "Tab")
    time.sleep(1)
    shown.capture("typed")
    shown.click(window, 609, 595)  # OK: Return would belong to the field
    assert shown.wait_for_values()[0] == "int 7"
    shown.press("ctrl+alt+y")
    shown.screen.wait_for("Every widget")
    shown.capture("last-values")
    shown.press("Return")
    assert shown.wait_for_values()[0] == "int 7"


def test_cancel(shown: Shown) -> None:
    shown.press("ctrl+alt+y")
    shown.screen.wait_for("Every widget")
    shown.press("Escape")
    shown.screen.wait_until_gone("Every widget")
    time.sleep(1)
    assert not shown.values.exists()


def test_a_stock_plug_in(shown: Shown) -> None:
    before = shown.capture("before")
    shown.press("ctrl+alt+u")
    shown.screen.wait_for("^Fog$")
    shown.capture("fog-dialog")
    shown.press("Return")
    shown.screen.wait_until_gone("^Fog$")
    end = time.monotonic() + 60
    picture = np.abs(before - BLUE).max(axis=2) < 3
    while True:
        after = shown.capture("fog")
        if (np.abs(after - before).max(axis=2)[picture] > 20).sum() > 20_000:
            break
        assert time.monotonic() < end, "no fog"
        time.sleep(0.5)
    shown.press("ctrl+z")  # one step
    time.sleep(2)
    again = shown.capture("undone")
    assert (np.abs(again - before).max(axis=2)[picture] < 3).mean() > 0.98


def test_an_error_is_shown(shown: Shown) -> None:
    shown.press("ctrl+alt+i")
    shown.screen.wait_for("GIMP Message", 30)
    shown.capture("error")
    shown.press("Return")
