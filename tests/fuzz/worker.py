"""Fuzzes one target by coverage; `campaign` starts this in an environment that has atheris.

An error in Python does not end the run: its input is made small and kept once per place where it
was raised, and the search goes on. A crash of native code ends the process; libFuzzer has then
written the input, and the campaign starts again where it stopped.
"""

from __future__ import annotations

import argparse
import mmap
import struct
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

import atheris

OURS = [
    "mattekit", "mattekit_bridge", "mattekit_client", "mattekit_gimp", "mattekit_server",
    "_gimpfu", "fuzz",
]  # fmt: skip
_TRIES = 400  # executions for making one input smaller


def place_of(error: BaseException) -> str:
    """Return what makes two errors the same fault: their kind, and where in our code they arose."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if "mattekit" in each.filename or "fuzz" in each.filename]
    last = (ours or list(frames))[-1]
    return f"{type(error).__name__}-{Path(last.filename).stem}-{last.lineno}"


def fault(run: Callable[[bytes], None], data: bytes) -> BaseException | None:
    """Return what a target raised."""
    try:
        run(data)
    except Exception as error:  # noqa: BLE001 - every error here is a finding
        return error
    return None


def smaller(run: Callable[[bytes], None], data: bytes, place: str) -> bytes:
    """Return a shorter input with the same fault: parts are left out while it stays."""
    tries, size = _TRIES, len(data) // 2
    while size and tries:
        at = 0
        while at < len(data) and tries:
            tries -= 1
            shorter = data[:at] + data[at + size :]
            error = fault(run, shorter)
            if error is not None and place_of(error) == place:
                data = shorter
            else:
                at += size
        size //= 2
    return data


class Counted:
    """A target that counts its executions in a file and keeps what it finds in a folder."""

    def __init__(self, run: Callable[[bytes], None], state: Path) -> None:
        self.run, self.findings = run, state / "findings"
        self.findings.mkdir(parents=True, exist_ok=True)
        path = state / "executions"
        if not path.exists():
            path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 8)
        (self.count,) = struct.unpack("<Q", self.memory[:])

    def __call__(self, data: bytes) -> None:
        self.count += 1
        self.memory[:] = struct.pack("<Q", self.count)
        error = fault(self.run, data)
        if error is None:
            return
        place = place_of(error)
        path = self.findings / f"{place}.bin"
        if path.exists() and path.stat().st_size <= len(data):
            return
        data = smaller(self.run, data, place)
        error = fault(self.run, data) or error
        path.write_bytes(data)
        text = "".join(traceback.format_exception(error))
        path.with_suffix(".txt").write_text(f"{text}\n{data!r}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target")
    parser.add_argument("state", type=Path)
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    with atheris.instrument_imports(include=OURS):
        from fuzz.targets import TARGETS
    target = TARGETS[given.target]
    if target.libraries:
        with atheris.instrument_imports(include=list(target.libraries)):
            for name in target.libraries:
                __import__(name)
    with atheris.instrument_imports(include=OURS):
        for seed in target.seeds():
            fault(target.run, seed)  # imports what is imported on use, so that it is measured too
    counted = Counted(target.run, given.state)
    atheris.Setup([sys.argv[0], *given.rest], counted)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
