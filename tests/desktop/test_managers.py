"""What is written for each file manager, read back as that manager reads it."""

from __future__ import annotations

import configparser
import plistlib
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from mattekit_desktop import managers
from mattekit_desktop.actions import ACTIONS, MEDIA_TYPES, command

#: Everything that has a meaning somewhere.
PYTHON = '/home/me & "you"/a $b `c` \\d %e/bin/python'
CALL = command(PYTHON, ACTIONS[0])


def read(text: bytes | str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(str(text))
    return parser


def words(exec_: str) -> list[str]:
    """Return the words of an ``Exec`` key: unescaped as a string, then unquoted."""
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', exec_.replace("\\\\", "\\"))
    return [re.sub(r"\\(.)", r"\1", one or other).replace("%%", "%") for one, other in found]


def test_scripts_run_what_they_say(tmp_path: Path) -> None:
    python = tmp_path / "a $b 'c' \"d\"" / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    python.chmod(0o755)
    files = managers.scripts(str(python))
    assert set(files) == {f"scripts/{action.title}" for action in ACTIONS}
    script = tmp_path / "script"
    script.write_text(str(files["scripts/Remove Background"]))
    said = subprocess.run(
        ["sh", script, "a b.jpg", "$(touch x)"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert said == ["-m", "mattekit_desktop", ACTIONS[0].name, "a b.jpg", "$(touch x)"]


def test_nemo() -> None:
    files = managers.nemo(PYTHON)
    entry = read(files["actions/mattekit-remove-background.nemo_action"])["Nemo Action"]
    assert entry["Name"] == "Remove Background"
    assert words(entry["Exec"]) == [*CALL, "%F"]
    assert "image/png" in entry["Mimetypes"].split(";")


def test_dolphin(tmp_path: Path) -> None:
    (text,) = managers.dolphin(PYTHON).values()
    menu = read(text)
    assert menu["Desktop Entry"]["MimeType"].rstrip(";").split(";") == list(MEDIA_TYPES)
    names = menu["Desktop Entry"]["Actions"].rstrip(";").split(";")
    assert names == [action.name for action in ACTIONS]
    for action in ACTIONS:
        entry = menu[f"Desktop Action {action.name}"]
        assert entry["Name"] == action.title
        assert words(entry["Exec"]) == [*CALL[:-1], action.name, "%F"]


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="no desktop-file-validate")
def test_dolphins_file_is_one_of_the_desktops(tmp_path: Path) -> None:
    (text,) = managers.dolphin("/usr/bin/python").values()
    path = tmp_path / "mattekit.desktop"
    path.write_text(str(text))
    said = subprocess.run(
        ["desktop-file-validate", path], capture_output=True, text=True, check=False
    ).stdout
    # A service menu is not one of the types that the specification knows.
    errors = [line for line in said.splitlines() if "error" in line and "Service" not in line]
    assert not errors


def test_finder() -> None:
    files = managers.finder(PYTHON)
    folder = "Remove Background.workflow/Contents"
    service = plistlib.loads(bytes(files[f"{folder}/Info.plist"]))["NSServices"][0]  # type: ignore[arg-type]
    assert service["NSMenuItem"] == {"default": "Remove Background"}
    assert service["NSSendFileTypes"] == ["public.image"]
    flow = plistlib.loads(bytes(files[f"{folder}/document.wflow"]))  # type: ignore[arg-type]
    (step,) = flow["actions"]
    parameters = step["action"]["ActionParameters"]
    assert shlex.split(parameters["COMMAND_STRING"]) == ["exec", *CALL, "$@"]
    assert parameters["inputMethod"] == 1
    assert len(files) == 2 * len(ACTIONS)
