"""The heap of a serving process keeps what one picture gave back."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mattekit_server.heap import keep_heap

#: Page faults of a thread that takes and gives back 30 MB in pieces, from the second time on.
_PROGRAM = """
import resource, threading
import numpy as np
from mattekit_server.heap import keep_heap

def work():
    for round in range(20):
        if round == 1:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        arrays = [np.ones(1_000_000, np.uint8) for _ in range(30)]
        del arrays
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)

{call}
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


def faults(call: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(call=call)],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's")
def test_what_one_picture_gave_back_the_next_one_takes() -> None:
    if not keep_heap():
        pytest.skip("another C library")
    assert faults("assert keep_heap()") < faults("") / 4


@pytest.mark.parametrize(
    ("platform", "library"), [("win32", None), ("darwin", None), ("linux", object())]
)
def test_other_systems_do_without(
    monkeypatch: pytest.MonkeyPatch, platform: str, library: object
) -> None:
    monkeypatch.setattr("mattekit_server.heap.sys.platform", platform)
    monkeypatch.setattr("mattekit_server.heap.ctypes.CDLL", lambda name: library)
    assert keep_heap() is False
