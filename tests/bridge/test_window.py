"""A progress window by a program of the desktop, which is played here."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from mattekit_bridge import window


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that is all that is found."""

    def which(name: str) -> str | None:
        return str(tmp_path / name) if (tmp_path / name).exists() else None

    monkeypatch.setattr(window.shutil, "which", which)
    monkeypatch.setattr(window, "_SOON", 0.0)
    monkeypatch.setenv("DISPLAY", ":9")
    return tmp_path


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="programs of Linux")
def test_progress_and_cancel(played: Path) -> None:
    program(played, "zenity", f'head -n 2 >"{played}/said"; exit 1')
    with window.progress_window("Cut") as tell:
        assert tell(0.25, "one\n99\ntwo") is True
        deadline = time.monotonic() + 20
        while tell(0.5, "more") is not False:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert (played / "said").read_text().splitlines() == ["# one 99 two", "25"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="programs of Linux")
def test_a_program_that_fails_is_no_cancel(played: Path) -> None:
    program(played, "zenity", "exit 127")
    with window.progress_window("Cut") as tell:
        deadline = time.monotonic() + 20
        while (said := tell(0.5, "what")) is True:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert said is None


def test_without_a_program_work_goes_on(played: Path) -> None:
    with window.progress_window("Cut") as tell:
        assert tell(0.5, "what") is None


def test_without_a_screen_nothing_is_cancelled(
    played: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(played, "zenity", "exit 1")
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with window.progress_window("Cut") as tell:
        assert tell(0.5, "what") is None
