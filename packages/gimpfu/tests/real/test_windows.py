"""Dialogs and messages on a real screen: GIMP 2.10 starts the plug-ins as its menus do."""

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
from realkit.gimp2 import PLUGINS, equipped

from hosts.screen import Screen, virtual_screen

pytestmark = pytest.mark.install

# Entries of menus, under keys that nothing else has.
_KEYS = {
    "python-fu-every-widget": "<Primary><Alt>y",
    "python-fu-foggify": "<Primary><Alt>u",
    "python-fu-raises": "<Primary><Alt>i",
    "python-fu-sphere": "<Primary><Alt>j",
}


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
            time.sleep(0.3)

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
    home = tmp_path_factory.mktemp("windows")
    made = equipped(home)
    for name in ("every_widget", "habits"):
        made.add(PLUGINS / f"{name}.py")
    for name in ("foggify", "sphere"):
        made.add(stock.folder() / f"{name}.py")
    accelerators = (f'(gtk_accel_path "<Actions>/plug-in/{k}" "{v}")\n' for k, v in _KEYS.items())
    (made.gimp.profile / "menurc").write_text("".join(accelerators))
    picture = home / "picture.png"
    Image.new("RGB", (400, 300), (30, 60, 160)).save(picture)
    with virtual_screen() as on:
        env = {"GIMPFU_TEST_OUT": str(home / "values")}
        with (home / "log").open("wb") as log:
            process = made.gimp.window(on, picture, env=env, log=log)
            try:
                on.wait_for("picture", 120)
                time.sleep(2)
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
    # The first field has the focus and its text is selected.
    shown.screen.xdotool("type", "7")
    shown.press("Return")
    values = shown.wait_for_values()
    assert values == [
        "int 7",
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
        "str 'Sans'",
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
    shown.press("7", "Tab", "9", "Return")
    assert shown.wait_for_values()[:2] == ["int 7", "int 9"]
    shown.press("ctrl+alt+y")
    shown.screen.wait_for("Every widget")
    shown.press("Return")
    assert shown.wait_for_values()[:2] == ["int 7", "int 9"]
    shown.press("ctrl+f")  # Repeat
    assert shown.wait_for_values()[:2] == ["int 7", "int 9"]


def test_what_is_no_number(shown: Shown) -> None:
    shown.press("ctrl+alt+y")
    window = shown.screen.wait_for("Every widget")
    shown.press("Tab", "Tab", "Tab")
    shown.screen.xdotool("type", "half")
    shown.press("Return")
    shown.screen.wait_for("GIMP Message")
    assert not shown.values.exists()
    shown.press("Return")
    shown.screen.wait_until_gone("GIMP Message")
    shown.screen.xdotool("windowactivate", "--sync", window)
    shown.screen.xdotool("type", "0,5")  # the field has the focus again
    shown.press("Return")
    assert shown.wait_for_values()[3] == "float 0.5"


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
    while True:
        after = shown.capture("fog")
        changed = np.abs(after - before).max(axis=2) > 20
        blue = (np.abs(before - (30, 60, 160)).max(axis=2) < 3) & changed
        if blue.sum() > 20_000:
            break
        assert time.monotonic() < end, "no fog"
        time.sleep(0.5)
    shown.press("ctrl+z")  # one step
    time.sleep(2)
    again = shown.capture("undone")
    picture = np.abs(before - (30, 60, 160)).max(axis=2) < 3
    assert (np.abs(again - before).max(axis=2)[picture] < 3).mean() > 0.98


def test_a_new_image_gets_a_window(shown: Shown) -> None:
    shown.press("ctrl+alt+j")
    shown.screen.wait_for("^Sphere$")
    shown.press("Return")
    shown.screen.wait_for("Untitled")
    time.sleep(1)
    after = shown.capture("sphere")
    orange = (after[..., 0] > 200) & (abs(after[..., 1] - 140) < 60) & (after[..., 2] < 60)
    assert orange.sum() > 2_000


def test_an_error_is_shown(shown: Shown) -> None:
    before = shown.capture("no-error")
    shown.press("ctrl+alt+i")
    time.sleep(4)
    after = shown.capture("error")
    assert (np.abs(after - before).max(axis=2) > 20).sum() > 300
