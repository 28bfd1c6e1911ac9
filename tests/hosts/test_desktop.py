"""Messages with programs of the desktop, which are played here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mattekit_hosts import desktop

NASTY = '\'; rm -rf "$HOME" <b>& %s'


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that is all of PATH but for what a script needs."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(desktop.shutil, "which", lambda name: _which(tmp_path, name))
    return tmp_path


def _which(folder: Path, name: str) -> str | None:
    return str(folder / name) if (folder / name).exists() else None


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="programs of Linux")
def test_a_message_is_an_argument(played: Path) -> None:
    assert not desktop.notify("title", "text")
    program(played, "notify-send", f'printf "%s\\n" "$@" >"{played}/said"')
    assert desktop.notify("title", NASTY)
    lines = (played / "said").read_text().splitlines()
    assert lines[-3:] == ["--", "title", NASTY]


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_texts_never_become_part_of_a_script(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    command, variables = desktop._command("title", NASTY)
    script = [word for word in command if "display" in word or "Balloon" in word]
    assert len(script) == 1
    assert NASTY not in script[0]
    assert command[-1] == NASTY or variables["NOTICE_TEXT"] == NASTY


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Unix")
@pytest.mark.parametrize("shown_by", ["notify-send", "zenity", "nothing"])
def test_a_python_that_is_gone_is_told(played: Path, shown_by: str) -> None:
    """Before anything of ours could run, and only then."""
    for name in ("notify-send", "zenity"):
        kind = f'printf "%s\\n" "$@" >"{played}/said"' if name == shown_by else "exit 1"
        program(played, name, kind)
    python = played / "it's a $python"
    words = desktop.launcher(str(python), "mattekit_desktop", "remove-background")
    done = subprocess.run([*words, "a b.jpg"], capture_output=True, text=True, check=False)
    said = done.stderr if shown_by == "nothing" else (played / "said").read_text()
    assert f"mattekit was installed with {python}, which is not there any more." in said
    assert done.returncode == 127
    program(played, python.name, 'printf "%s\\n" "$@"')
    done = subprocess.run([*words, "a b.jpg"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["-m", "mattekit_desktop", "remove-background", "a b.jpg"]


def test_no_console_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python.exe"
    monkeypatch.setattr(sys, "platform", "win32")
    assert desktop.launcher(str(python), "a") == [str(python), "-m", "a"]
    (tmp_path / "pythonw.exe").touch()
    assert desktop.launcher(str(python), "a") == [str(tmp_path / "pythonw.exe"), "-m", "a"]
