"""Where Krita keeps its folders."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mattekit_krita import kritarc, profiles

pytest.importorskip("uvicorn", reason="the extra `server` is not installed")
PROGRAM = Path("/usr/bin/krita")
_PLACES = [
    ("linux", "/usr/bin/krita", ".local/share/krita", ".config/kritarc"),
    ("linux", "/home/me/Applications/krita-5.2.9-x86_64.AppImage", ".local/share/krita",
     ".config/kritarc"),
    ("linux", "/var/lib/flatpak/exports/bin/org.kde.krita", ".var/app/org.kde.krita/data/krita",
     ".var/app/org.kde.krita/config/kritarc"),
    ("linux", "/snap/bin/krita", "snap/krita/current/.local/share/krita",
     "snap/krita/current/.config/kritarc"),
    ("darwin", "/Applications/krita.app/Contents/MacOS/krita", "Library/Application Support/krita",
     "Library/Preferences/kritarc"),
    ("win32", "C:/Program Files/Krita (x64)/bin/krita.exe", "AppData/Roaming/krita",
     "AppData/Local/kritarc"),
]  # fmt: skip


@pytest.mark.parametrize(("system", "program", "resources", "settings"), _PLACES)
def test_folders(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    system: str,
    program: str,
    resources: str,
    settings: str,
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    found = profiles.profile_of(Path(program), {})
    assert found.resources == home / resources
    assert found.settings == home / settings
    sandboxed = "flatpak" in program or "snap" in program
    assert (found.packaging == "plain") is not sandboxed


def test_folders_that_the_environment_or_the_settings_name(home: Path, tmp_path: Path) -> None:
    env = {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    assert profiles.profile_of(PROGRAM, env).resources == tmp_path / "data/krita"
    settings = tmp_path / "config/kritarc"
    kritarc.put(settings, "", "x", "y")
    settings.write_text("ResourceDirectory=/elsewhere/krita\n")
    assert profiles.profile_of(PROGRAM, env).resources == Path("/elsewhere/krita")
