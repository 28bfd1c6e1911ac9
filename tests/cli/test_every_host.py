"""`mattekit hosts install|list|remove NAME`, for every program that takes files or an entry."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from desktop.test_verbs import Registry
from mattekit import hooks
from mattekit_cli import remembered

NAMES = (
    *("darktable", "art", "inkscape", "comfyui"),
    *("nautilus", "nemo", "caja", "dolphin", "thunar", "finder", "explorer"),
    *("claude", "cursor", "gemini", "vscode"),
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "MATTEKIT_PLUGINS_OFF"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(remembered, "data_folder", lambda variable: tmp_path / "data")
    monkeypatch.setitem(sys.modules, "winreg", Registry())  # of Windows
    return home


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("name", NAMES)
def test_installed_listed_removed(home: Path, mattekit: Any, name: str) -> None:
    program = home / "program" / "main.py"
    program.parent.mkdir()
    program.touch()

    def listed() -> bool:
        found = json.loads(mattekit("hosts", "list", "--json").stdout)
        return any(each["installed"] for each in found if each["path"] == str(program))

    before = files_in(home)
    result = mattekit("hosts", "install", name, "--at", program)
    assert result.exit_code == 0, result.stderr
    assert "restart" in result.stdout
    assert listed()
    assert mattekit("hosts", "install").exit_code == 0  # renewed, as after an update
    result = mattekit("hosts", "remove", name)
    assert result.exit_code == 0, result.stderr
    assert not listed()
    left = {path: data for path, data in files_in(home).items() if data.strip() not in {b""}}
    left = {path: data for path, data in left.items() if b"mattekit" in data}
    assert not left
    assert set(before) <= set(files_in(home))


def test_none_is_forgotten(home: Path) -> None:
    assert set(hooks.hosts()) - {"gimp", "gimpfu", "krita"} == set(NAMES)
