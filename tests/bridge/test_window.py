"""A progress window by a program of the desktop, which is played here."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mattekit_bridge import window


@pytest.fixture
def display() -> Iterator[str]:
    """A display that answers and shows nothing."""
    number = 10_000 + os.getpid() % 50_000
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0/tmp/.X11-unix/X{number}")
        server.listen()
        yield f":{number}"


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, display: str) -> Path:
    """A folder of programs that is all that is found."""

    def which(name: str) -> str | None:
        return str(tmp_path / name) if (tmp_path / name).exists() else None

    monkeypatch.setattr(window.shutil, "which", which)
    monkeypatch.setattr(window, "_SOON", 0.0)
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
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


@pytest.mark.parametrize("gone", ["", ":9999", "unix:9999.0", "localhost:59000", ":x", ":99999999"])
def test_without_a_screen_nothing_is_cancelled(
    played: Path, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    program(played, "zenity", "exit 1")
    monkeypatch.setenv("DISPLAY", gone)
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9999")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(played))
    with window.progress_window("Cut") as tell:
        assert [tell(0.5, "what") for _ in range(3)] == [None] * 3


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="programs of Linux")
def test_screens_that_answer(played: Path, monkeypatch: pytest.MonkeyPatch, display: str) -> None:
    program(played, "zenity", "exit 127")
    assert window._zenity()
    monkeypatch.setenv("DISPLAY", f"unix{display}.0")
    assert window._zenity()
    monkeypatch.setenv("DISPLAY", "")
    monkeypatch.setenv("WAYLAND_DISPLAY", "shown")
    monkeypatch.chdir(played)  # names of sockets are short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("shown")
        server.listen()
        monkeypatch.setenv("XDG_RUNTIME_DIR", ".")
        assert window._zenity()
