"""Where a GIMP keeps its plug-ins."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gimpfu_host.profiles import known_version, profile_of


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path


@pytest.mark.parametrize(
    ("platform", "program", "version", "expected"),
    [
        ("linux", "/usr/bin/gimp", "2.10.34", ".config/GIMP/2.10"),
        ("linux", "/usr/bin/gimp", "3.2", ".config/GIMP/3.2"),
        ("linux", "/var/lib/flatpak/exports/bin/org.gimp.GIMP", "3.0.4", ".config/GIMP/3.0"),
        ("linux", "/snap/bin/gimp", "3.0", "snap/gimp/current/.config/GIMP/3.0"),
        ("darwin", "/Applications/GIMP.app/Contents/MacOS/gimp", "3.0",
         "Library/Application Support/GIMP/3.0"),
        ("win32", "C:/Program Files/GIMP 3/bin/gimp-3.0.exe", "3.0", "AppData/Roaming/GIMP/3.0"),
    ],
)  # fmt: skip
def test_where_profiles_are(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    program: str,
    version: str,
    expected: str,
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    (home / ".config" / "GIMP").mkdir(parents=True)
    assert profile_of(Path(program), version, {}).folder == home / expected


def test_a_flatpak_with_settings_of_its_own(home: Path) -> None:
    own = home / ".var/app/org.gimp.GIMP/config/GIMP"
    (own / "3.0").mkdir(parents=True)
    (own / "2.10").mkdir()
    program = Path("/var/lib/flatpak/exports/bin/org.gimp.GIMP")
    assert known_version(program, {}) == "3.0"
    assert profile_of(program, "3.0", {}).folder == own / "3.0"


def test_variables_that_gimp_reads(home: Path) -> None:
    named = profile_of(Path("/usr/bin/gimp"), "3.0", {"GIMP3_DIRECTORY": "/elsewhere"})
    assert named.folder == Path("/elsewhere")
    assert profile_of(Path("gimp"), "2.10", {"GIMP2_DIRECTORY": "mine"}).folder == home / "mine"
    assert profile_of(Path("gimp"), "2.10", {"XDG_CONFIG_HOME": "/c"}).folder == Path(
        "/c/GIMP/2.10"
    )
