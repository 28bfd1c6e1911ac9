"""darktable's script in a Lua of its own; what it asks of darktable is played here.

In darktable itself: `test_in_darktable`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lupa import lua54

from mattekit_raw.installing import HOSTS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell of Unix")

PHOTOS = ("good's.dng", "bad.dng", "third.dng")
DARKTABLE = """
return {
  configuration = { has_gui = true, running_os = "linux" },
  preferences = { read = function() return folder end },
  control = { execute = execute },
  gui = { libs = { image = { register_action = action } }, create_job = job },
  register_event = function() end,
  print = said, print_error = said,
}
"""


class Played:
    """darktable's side: its selected pictures, its progress bar, what it shows.

    Attributes
    ----------
    button : callable
        What the button in the lighttable calls.
    shown : list of str
        Messages.
    steps : list of float
        Of the progress bar.
    """

    def __init__(self, folder: Path, python: Path) -> None:
        self.folder, self.shown, self.steps = folder, [], []
        self.cancel_at = 0
        self.button: Callable[..., Any] = print
        lua = self.lua = lua54.LuaRuntime()
        names = lua.globals()
        names.folder, names.said, names.action = str(folder), self.shown.append, self.action
        names.execute, names.job = self.execute, self.job
        files = HOSTS["darktable"].files(str(python), "plain")
        for name, code in (
            ("darktable", DARKTABLE),
            ("mattekit_settings", files["mattekit_settings.lua"]),
            ("mattekit", files["mattekit.lua"]),
        ):
            text = code.decode() if isinstance(code, bytes) else code
            names.package.preload[name] = lua.eval(f"function() {text} end")
        lua.execute('require "mattekit"')

    def action(self, name: str, label: str, button: Callable[..., Any], tip: str) -> None:
        self.button = button

    def execute(self, line: str) -> int:
        return subprocess.run(line, shell=True, check=False).returncode

    def job(self, title: str, can_cancel: bool, cancel: Callable[[], None]) -> Any:
        assert can_cancel
        self.cancel = cancel
        step = self.lua.eval(
            """function(step) return setmetatable({}, { __newindex = function(_, key, value)
            if key == "percent" then step(value) end end }) end"""
        )
        return step(self.step)

    def step(self, value: float) -> None:
        self.steps.append(value)
        if len(self.steps) == self.cancel_at:
            self.cancel()

    def press(self) -> None:
        photos = [self.lua.table(path="/a b", filename=name) for name in PHOTOS]
        self.button(None, self.lua.table(*photos))


@pytest.fixture
def python(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "it's a python"
    path.write_text(
        '#!/bin/sh\nfor last; do :; done\necho "$last" >>"$(dirname "$0")/asked"\n'
        'case "$last" in *bad*) echo "No subject was found." >"$7"; exit 1;; esac\n'
    )
    path.chmod(0o755)
    return path


def asked(folder: Path) -> list[str]:
    return [Path(line).name for line in (folder / "asked").read_text().splitlines()]


def test_one_call_for_all_that_are_selected(tmp_path: Path, python: Path) -> None:
    played = Played(tmp_path / "masks", python)
    played.press()
    assert asked(tmp_path) == list(PHOTOS)
    assert played.steps == pytest.approx([1 / 3, 2 / 3, 1])
    assert played.shown[0].strip() == "mattekit: 2 of 3 masks. bad.dng: No subject was found."


def test_cancel_leaves_the_rest(tmp_path: Path, python: Path) -> None:
    played = Played(tmp_path / "masks", python)
    played.cancel_at = 1
    played.press()
    assert asked(tmp_path) == list(PHOTOS[:1])


def test_without_mattekit_it_says_so(tmp_path: Path) -> None:
    played = Played(tmp_path / "masks", tmp_path / "gone")
    played.press()
    assert played.shown[0] == (
        f"mattekit: 0 of 3 masks. {PHOTOS[0]}: mattekit was installed with {tmp_path}/gone, which "
        "is not there any more. Install mattekit again and run `mattekit hosts install`."
    )


def test_where_nothing_answers_it_says_what_to_do(tmp_path: Path, python: Path) -> None:
    python.write_text("#!/bin/sh\nexit 1\n")
    played = Played(tmp_path / "masks", python)
    played.press()
    assert "mattekit did not answer; run `mattekit doctor`" in played.shown[0]
