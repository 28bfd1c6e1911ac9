"""Run a program in an empty home and tell what it leaves behind and whom it asks.

The system itself is the witness: strace sees the calls of every thread and child process, in
whatever language and however linked.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

#: Needed wherever a program is watched.
needs_strace = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("strace") is None, reason="strace is not installed"
)

_CALLS = "connect,sendto,sendmsg,sendmmsg"
_CALL = re.compile(rf"^(?:\d+ +)?({_CALLS.replace(',', '|')})\((.*)")
_ADDRESS = re.compile(
    r"sin6?_port=htons\((\d+)\).*?(?:inet_addr\(\"([^\"]+)\"\)|inet_pton\(AF_INET6, \"([^\"]+)\")"
)
#: Names are asked of a server, or of a service of this machine that asks one.
_RESOLVERS = ("/run/systemd/resolve", "/run/avahi-daemon", "/run/dbus")


class Seen(NamedTuple):
    """What a program did.

    Attributes
    ----------
    files : list of str
        What lies in its home and its folder for temporary files after its end.
    asked : list of str
        Addresses outside this machine, and name servers, that it called.
    output : str
        What it said.
    """

    files: list[str]
    asked: list[str]
    output: str


def write_photo(path: Path, size: tuple[int, int] = (320, 240)) -> Path:
    """Write a picture in which the built-in network finds a subject, and no flat graphic."""
    chance = np.random.default_rng(0)
    width, height = size
    y, x = np.mgrid[:height, :width] / np.float64([[[height]], [[width]]])
    pixels = 60 + 40 * y[..., None] + chance.normal(0, 6, (height, width, 3))
    subject = ((x - 0.5) / 0.22) ** 2 + ((y - 0.55) / 0.37) ** 2 < 1
    pixels[subject] = np.float64([200, 120, 40]) + chance.normal(0, 8, (subject.sum(), 3))
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path, quality=92)
    return path


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a user who has just arrived: nothing is set, nothing turned off.

    Nothing says that this is a test either: programs that call home are quiet in known CI services.
    """
    for name in ("home", "tmp"):
        (home / name).mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return {**kept, "HOME": str(home / "home"), "TMPDIR": str(home / "tmp")}


def watch(
    command: list[str], folder: Path, *, timeout: float = 240, fails: bool = False, **more: str
) -> Seen:
    """Run a program to its end, and that of all its children, and return what it did."""
    notes = folder / "strace.txt"
    result = subprocess.run(
        ["strace", "-f", "-qq", "-e", f"trace={_CALLS}", "-o", str(notes), *command],
        env={**environment(folder), **more},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    output = result.stdout + result.stderr
    assert fails or result.returncode == 0, output
    files = [
        str(path.relative_to(folder))
        for name in ("home", "tmp")
        for path in sorted((folder / name).rglob("*"))
    ]
    return Seen(files, outside(notes.read_text("utf-8", "replace")), output)


def outside(trace: str) -> list[str]:
    """Return the addresses that the calls in a trace of strace go to, but for this machine's own.

    A datagram socket that is connected sends nothing: only port 53 counts there.
    """
    found = []
    for line in trace.splitlines():
        if (call := _CALL.match(line)) is None:
            continue
        if any(name in call[2] for name in _RESOLVERS):
            found.append(call[2])
        for port, four, six in _ADDRESS.findall(call[2]):
            address = four or six
            if port == "53" or not (address.startswith("127.") or address == "::1"):
                found.append(f"{call[1]} {address} port {port}")
    return found
