"""Dialogs, errors and undo on a real screen: GIMP 3 starts the plug-ins as its menus do."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from realkit import stock, window
from realkit.gimp2 import PLUGINS
from realkit.gimp3 import equipped3
from realkit.window import Shown

pytestmark = pytest.mark.install

# Entries of menus, under keys that nothing else has.
_KEYS = {
    "python-fu-every-widget": "<primary><alt>y",
    "python-fu-foggify": "<primary><alt>u",
    "python-fu-raises": "<primary><alt>i",
    "plug-in-repeat": "<primary>f",
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    home = tmp_path_factory.mktemp("windows3")
    made = equipped3(home)
    for name in ("every_widget", "habits"):
        made.add(PLUGINS / f"{name}.py")
    made.add(stock.folder() / "foggify.py")
    keys = "".join(f'(action "{action}" "{key}")\n' for action, key in _KEYS.items())
    (made.gimp.profile / "shortcutsrc").write_text("(file-version 1)\n" + keys)
    with window.shown(made.gimp, home) as found:
        yield found


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
    dialog = shown.screen.windows("Every widget")[-1]
    shown.click(dialog, 100, 42)  # the first field
    shown.press("ctrl+a", "7", "Tab")
    time.sleep(1)
    shown.capture("typed")
    shown.click(dialog, 609, 595)  # OK: Return would belong to the field
    assert shown.wait_for_values()[0] == "int 7"
    shown.press("ctrl+alt+y")
    shown.screen.wait_for("Every widget")
    shown.capture("last-values")
    shown.press("Return")
    assert shown.wait_for_values()[0] == "int 7"


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


def test_an_error_is_shown(shown: Shown) -> None:
    shown.press("ctrl+alt+i")
    shown.screen.wait_for("GIMP Message", 30)
    shown.capture("error")
    shown.press("Return")
