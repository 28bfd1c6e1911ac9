"""Data for C, copied only where it must be."""

from __future__ import annotations

import array
import ctypes
import mmap
from typing import Any

import pytest


@pytest.fixture
def memory(loaded: Any) -> Any:
    from _gimpfu import memory

    return memory


def test_bytes_and_writable_buffers_stay_where_they_are(memory: Any) -> None:
    data = b"abcdef"
    assert memory.as_data(data) is data
    mapped = mmap.mmap(-1, 6)
    mapped[:] = data
    view = memory.as_data(memoryview(mapped)[2:5])
    mapped[2] = ord("x")
    assert bytes(view) == b"xde"
    assert ctypes.string_at(memory.pointer(view), 3) == b"xde"
    assert ctypes.string_at(memory.pointer(data), 6) == data


@pytest.mark.parametrize(
    "given",
    [memoryview(b"abcd"), bytearray(b"abcd"), [97, 98, 99, 100], memoryview(b"a.b.c.d.")[::2]],
)
def test_everything_else_is_the_same_bytes(memory: Any, given: Any) -> None:
    assert bytes(memory.as_data(given)) == b"abcd"


def test_nothing_of_any_shape_is_no_bytes(memory: Any) -> None:
    assert bytes(memory.as_data(bytearray())) == b""
    numpy = pytest.importorskip("numpy", reason="arrays of several axes are its own")
    assert bytes(memory.as_data(numpy.empty((0, 3), "u1"))) == b""


def test_numbers_count_as_their_bytes(memory: Any) -> None:
    numbers = array.array("H", [1, 2, 3])
    assert bytes(memory.as_data(numbers)) == numbers.tobytes()


def test_memory_for_c_to_write_into(memory: Any) -> None:
    data = memory.uninitialized(4)
    ctypes.memmove(data, b"wxyz", 4)
    assert data == b"wxyz"
