"""Dialogs and messages on a real screen: GIMP 2.10 starts the plug-ins as its menus do."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from realkit import stock, window
from realkit.gimp2 import PLUGINS, equipped
from realkit.window import Shown

pytestmark = pytest.mark.install

# Entries of menus, under keys that nothing else has.
_KEYS = {
    "python-fu-every-widget": "<Primary><Alt>y",
    "python-fu-foggify": "<Primary><Alt>u",
    "python-fu-raises": "<Primary><Alt>i",
    "python-fu-sphere": "<Primary><Alt>j",
}


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
    with window.shown(made.gimp, home) as found:
        yield found


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
    shown.cancel("Every widget")


def test_a_stock_plug_in(shown: Shown) -> None:
    before = shown.capture("before")
    shown.press("ctrl+alt+u")
    shown.screen.wait_for("^Fog$")
    shown.capture("fog-dialog")
    shown.press("Return")
    shown.screen.wait_until_gone("^Fog$")
    shown.wait_for_change(before, "fog")
    shown.press("ctrl+z")  # one step
    time.sleep(2)
    assert shown.is_as(before, "undone")


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
