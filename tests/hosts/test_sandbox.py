"""What a user has to do for a program in a sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattekit_hosts.sandbox import advice, worker_folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


def test_most_programs_need_nothing() -> None:
    assert worker_folder("plain", "gimp") is None
    assert advice("plain", "gimp", "GIMP") == []


def test_a_flatpak_sees_the_usual_folder() -> None:
    assert worker_folder("flatpak", "gimp") is None
    (line,) = advice("flatpak", "gimp", "GIMP")
    assert "this GIMP runs in a sandbox" in line
    assert "`mattekit worker start`" in line


def test_a_snap_sees_a_folder_of_its_own(home: Path) -> None:
    folder = home / "snap/krita/common/mattekit-worker"
    assert worker_folder("snap", "krita") == folder
    (line,) = advice("snap", "krita", "Krita")
    assert f"`MATTEKIT_WORKER_DIR={folder} mattekit worker start`" in line
