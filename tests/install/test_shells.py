"""Completion set up by the commands that its help shows, in real shells on a terminal."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mattekit_cli import completion

pytestmark = [pytest.mark.install, pytest.mark.usefixtures("home")]

SHELLS = {
    "bash": ["bash", "-i"],
    "zsh": ["zsh", "-i"],
    "fish": ["fish", "-i"],
}
#: What users of each have already, as far as completion needs it.
HAVE = {"bash": "PS1='ready> '\n", "zsh": "autoload -Uz compinit && compinit -u\nPS1='ready> '\n"}
ESCAPES = re.compile(r"\x1b(\[[0-9;?>=]*[a-zA-Z]|\][^\x07\x1b]*(\x07|\x1b\\)|[=>()][0-9A-B]?)")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, and a folder of pictures to work in."""
    for name in list(os.environ):
        if name.startswith(("XDG_", "MATTEKIT_", "ZDOTDIR", "BASH_", "fish_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / ".bashrc").write_text(HAVE["bash"])
    (tmp_path / ".zshrc").write_text(HAVE["zsh"])
    work = tmp_path / "work"
    (work / "holiday photos").mkdir(parents=True)
    (work / "holiday photos" / "beach.jpg").touch()
    (work / "portrait.jpg").touch()
    (work / "network.onnx").touch()
    monkeypatch.chdir(work)
    return tmp_path


class Terminal:
    """A shell in a terminal of its own."""

    def __init__(self, shell: str) -> None:
        if shutil.which(shell) is None:
            if os.environ.get("MATTEKIT_NO_SKIP"):
                pytest.fail(f"{shell} is not installed")
            pytest.skip(f"{shell} is not installed")
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.execvp(SHELLS[shell][0], SHELLS[shell])
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
        self.shown = ""

    def type(self, text: str) -> None:
        """Type something, and forget what was shown before."""
        self.shown = ""
        os.write(self.terminal, text.encode())

    def see(self, wanted: str, seconds: float = 60) -> str:
        """Wait until something is shown; returns all that was."""
        until = time.monotonic() + seconds
        while wanted not in self.shown:
            left = until - time.monotonic()
            assert left > 0, f"{wanted!r} does not appear: {self.shown!r}"
            if select.select([self.terminal], [], [], min(left, 1))[0]:
                with contextlib.suppress(OSError):
                    data = os.read(self.terminal, 65536).decode(errors="replace")
                    self.shown += ESCAPES.sub("", data)
        return self.shown

    def close(self) -> None:
        """Hang up."""
        os.close(self.terminal)
        os.waitpid(self.process, 0)


@pytest.fixture(params=sorted(SHELLS))
def shell(request: pytest.FixtureRequest, home: Path) -> Iterator[Terminal]:
    """A shell with completion, set up by the command that the help shows for it."""
    name = request.param
    if name == "fish":  # which has made its folders when it is used for the first time
        first = Terminal(name)
        first.type("echo on'ce'\r")
        first.see("once")
        first.close()
    else:
        Terminal(name).close()
    (line,) = [each for each in completion.command.examples.splitlines() if f" {name} " in each]
    subprocess.run(["sh", "-c", line.strip()], check=True)
    terminal = Terminal(name)
    # Joined by the shell: what is echoed while it is typed is not what is waited for.
    terminal.type("echo re'ady'\r")
    terminal.see("ready\r")
    yield terminal
    terminal.close()


def test_names_of_files_are_completed(shell: Terminal) -> None:
    shell.type("mattekit remove port\t")
    shell.see("portrait.jpg")
    shell.type(" hol\t")
    shell.see("photos")
    shell.type("bea\t")
    shell.see("beach.jpg")


def test_names_of_files_behind_flags_are_completed(shell: Terminal) -> None:
    shell.type("mattekit remove portrait.jpg --model net\t")
    shell.see("network.onnx")
    shell.type(" --output por\t")
    shell.see("portrait.jpg")


def test_folders_are_completed(shell: Terminal) -> None:
    shell.type("mattekit batch hol\t")
    shell.see("photos")


def test_commands_and_values_are_completed(shell: Terminal) -> None:
    shell.type("mattekit zip2\t")
    shell.see("zip2png")
    shell.type("\x15mattekit remove --refine bal\t")
    shell.see("balanced")
    shell.type("\x15mattekit remove --bg-color aliceb\t")
    shell.see("aliceblue")


@pytest.mark.parametrize("shell", ["zsh", "fish"], indirect=True)
def test_descriptions_are_whole(shell: Terminal) -> None:
    shell.type("mattekit \t\t")
    shell.see("models, plug-ins, editors")
