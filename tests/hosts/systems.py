"""Where host programs run: this machine, or a folder with a newer Debian.

A program in the folder sees ``/tmp`` and this checkout at their usual paths, so a test hands files
over as if it ran outside. The whole of this machine is at ``/outer``; `Place.python` uses that to
give host plug-ins an interpreter that runs outside, as the worker must.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

import pytest

from hosts import install
from support.helpers import ROOT

__all__ = ["DEBIAN_12", "NEWER", "Place", "debian"]

#: Whether the tests run in the newest GIMP 3 and Krita 5 instead of those of Debian 13; see
#: ``scripts/test newer``.
NEWER = bool(os.environ.get("MATTEKIT_NEWER"))

# In a mount namespace of its own: nothing stays mounted, whatever happens to the program.
_ENTER = """
set -e
root=$1; shift
mkdir -p "$root/outer"
mount --rbind / "$root/outer"
while [ "$1" != -- ]; do mkdir -p "$root$1"; mount --rbind "$1" "$root$1"; shift; done
shift
exec chroot "$root" "$@"
"""


@dataclass(frozen=True)
class Place:
    """A Debian that programs run in.

    Attributes
    ----------
    root : pathlib.Path or None
        Its folder; None for this machine.
    """

    root: Path | None = None

    def has(self, program: str) -> bool:
        """Whether a program is installed there."""
        folder = Path("/usr/bin") if self.root is None else self.root / "usr/bin"
        return (folder / program).exists()

    def run(
        self,
        command: Sequence[str | Path],
        env: Mapping[str, str] | None = None,
        timeout: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end and return what it said; its exit status is not checked."""
        return subprocess.run(
            self._command(command),
            env=_environment(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            errors="replace",
            timeout=timeout,
        )

    def start(
        self,
        command: Sequence[str | Path],
        env: Mapping[str, str] | None = None,
        log: IO[Any] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program and return it; what it says goes to `log`."""
        return subprocess.Popen(
            self._command(command),
            env=_environment(env),
            stdin=subprocess.DEVNULL,
            stdout=log or subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )

    def python(self, folder: Path, python: str = sys.executable) -> Path:
        """Return what a program there can run as this machine's Python.

        In the folder that is a script, written to `folder`, which goes back outside.
        """
        if self.root is None:
            return Path(python)
        script = folder / "python-outside"
        script.write_text(f'#!/bin/sh\nexec chroot /outer "{python}" "$@"\n')
        script.chmod(0o755)
        return script

    def _command(self, command: Sequence[str | Path]) -> list[str]:
        words = [str(word) for word in command]
        if self.root is None:
            return words
        seen = {Path(tempfile.gettempdir()).resolve(), Path("/tmp"), Path("/proc"), ROOT}
        paths = sorted(str(path) for path in seen)
        return [
            "unshare",
            "--mount",
            "sh",
            "-c",
            _ENTER,
            "sh",
            str(self.root),
            *paths,
            "--",
            *words,
        ]


#: This machine: GIMP 2.10 and Krita 5.1 where it is Debian 12.
DEBIAN_12 = Place()


def debian(suite: install.Suite) -> Place:
    """Return the folder with a Debian; skip the test where there is none."""
    reason = _why_not(suite)
    if reason:
        pytest.skip(reason)
    return Place(install.folder(suite))


@cache
def _why_not(suite: install.Suite) -> str:
    folder = install.folder(suite)
    if not shutil.which("unshare"):
        return "no unshare on this system"
    if install.missing(suite.packages, folder):
        return f"no {suite.what} in {folder}: python tests/hosts/install.py {suite.name}"
    check = Place(folder).run(["true"])
    return f"cannot enter {folder}: {check.stderr.strip()}" if check.returncode else ""


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    # Nothing of the environment that the tests run in: a virtual environment, proxies, a display.
    plain = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
    }
    if "TMPDIR" in os.environ:
        plain["TMPDIR"] = os.environ["TMPDIR"]
    return {**plain, **(extra or {})}
