"""Memory that is lent: what it holds, and when it is gone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mattekit_bridge.sharing import SharedMemory, can_share

pytestmark = pytest.mark.skipif(not can_share(), reason="this system has no such memory")


def opened(memory: SharedMemory) -> int:
    process, handle, name = memory.address.split()
    path = Path(f"/proc/{process}/fd/{handle}")
    assert str(path.readlink()) == f"/memfd:{name} (deleted)"
    return os.open(path, os.O_RDWR)


def test_what_is_appended_is_there_and_what_comes_back_stays() -> None:
    with SharedMemory() as memory:
        memory.append(memoryview(b"one "))
        memory.append(memoryview(b"two"))
        other = opened(memory)
        assert memory.length == 7
        assert os.pread(other, 99, 0) == b"one two"
        os.pwrite(other, b"an answer", 0)
        answer = memory.mapped("9")
    os.close(other)
    assert answer[:] == b"an answer"
    assert memoryview(answer).readonly is False  # GIMP's C takes no other buffers


def test_its_name_is_nobody_s_guess() -> None:
    with SharedMemory() as one, SharedMemory() as other:
        assert one.address.split()[2] != other.address.split()[2]


def test_it_is_gone_with_its_last_holder() -> None:
    before = set(Path("/proc/self/fd").iterdir())
    with SharedMemory() as memory:
        memory.append(memoryview(bytes(1000)))
    assert set(Path("/proc/self/fd").iterdir()) == before


@pytest.mark.parametrize("length", ["8", "0", "-1", "x", "1e3"])
def test_an_answer_that_cannot_be_is_an_error(length: str) -> None:
    with SharedMemory() as memory:
        memory.append(memoryview(b"one two"))
        with pytest.raises(OSError, match="of 7 are its answer"):
            memory.mapped(length)
