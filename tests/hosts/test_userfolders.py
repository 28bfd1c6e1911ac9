"""Where programs keep settings and data."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mattekit_hosts.userfolders import config_folder, share_folder


@pytest.mark.parametrize(
    ("system", "config", "share"),
    [
        ("linux", ".config", ".local/share"),
        ("darwin", "Library/Application Support", "Library/Application Support"),
        ("win32", "AppData/Roaming", "AppData/Roaming"),
    ],
)
def test_by_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, config: str, share: str
) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", system)
    assert (config_folder(), share_folder()) == (tmp_path / config, tmp_path / share)


def test_what_variables_and_flatpak_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/elsewhere")
    assert config_folder() == Path("/elsewhere")
    own = tmp_path / ".var/app/org.example.Draw"
    assert config_folder("org.example.Draw") == own / "config"
    assert share_folder("org.example.Draw") == own / "data"
