"""A gate on the way of a picture: whoever comes there says so, and waits until a test opens it.

What is killed or canceled while it waits there cannot have answered before, however fast the
machine, and has certainly begun, however slow. ``python gates.py`` is an editors' worker with a
gate before its networks; a program of one's own calls `pass_gate` where it is to wait.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "MATTEKIT_TEST_GATE"
_PATIENCE = 120.0


class Gate:
    """The test's side of a gate, which stands open until it is shut: programs warm up first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.variables = {VARIABLE: str(folder)}

    def wait(self) -> int:
        """Wait until somebody stands at the gate, and return the process."""
        end = time.monotonic() + _PATIENCE
        while not (waiting := [path for path in self.folder.iterdir() if path.name.isdecimal()]):
            assert time.monotonic() < end, "nobody came to the gate"
            time.sleep(0.01)
        return int(waiting[0].name)

    def shut(self) -> None:
        """Let nobody pass from now on."""
        (self.folder / "shut").touch()

    def open(self) -> None:
        """Let everybody pass, now and later."""
        (self.folder / "shut").unlink(missing_ok=True)


@contextlib.contextmanager
def gate() -> Iterator[Gate]:
    """Make a gate; nobody waits at it any more when the test has ended."""
    with tempfile.TemporaryDirectory() as folder:
        made = Gate(Path(folder))
        try:
            yield made
        finally:
            made.open()


def pass_gate() -> None:
    """Wait at the gate that this process was given, if it was given one."""
    folder = Path(os.environ.get(VARIABLE, ""))
    shut = folder / "shut"
    if VARIABLE in os.environ and shut.exists():
        (folder / str(os.getpid())).touch()
        while shut.exists():  # a test that has ended has taken the folder away
            time.sleep(0.01)


@contextlib.contextmanager
def waiting_worker(**variables: str) -> Iterator[Gate]:
    """Have the editors' worker of ``MATTEKIT_WORKER_DIR`` wait before each picture.

    Hosts find it there and start none of their own, unless it is killed.
    """
    import mattekit_bridge as bridge

    bridge.stop()
    with gate() as made:
        environment = {**os.environ, **variables, **made.variables}
        process = subprocess.Popen([sys.executable, __file__], env=environment)
        try:
            end = time.monotonic() + _PATIENCE
            while (found := bridge.find()) is None or found.pid != process.pid:
                assert process.poll() is None, "the worker ended"
                assert time.monotonic() < end, "the worker does not answer"
                time.sleep(0.02)
            made.shut()
            yield made
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    import mattekit.matting
    from mattekit_server import worker

    segment = mattekit.matting.segment

    def held(*given, **named):  # type: ignore[no-untyped-def]
        pass_gate()
        return segment(*given, **named)

    mattekit.matting.segment = held
    worker.run()
