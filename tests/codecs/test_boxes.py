"""Boxes of JP2, JPEG XL and their kin: well-formed ones, and ones that lie."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattekit.codecs.boxes import MOST, boxes_in


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def found(data: bytes) -> list[tuple[bytes, bytes]]:
    return [(name, data[start:end]) for name, start, end in boxes_in(data, 0, len(data))]


def test_names_and_contents_in_order() -> None:
    assert found(box(b"ftyp", b"jp2 ") + box(b"free", b"")) == [(b"ftyp", b"jp2 "), (b"free", b"")]


def test_a_size_of_sixty_four_bits() -> None:
    data = struct.pack(">I4sQ", 1, b"jp2c", 19) + b"abc" + box(b"last", b"!")
    assert found(data) == [(b"jp2c", b"abc"), (b"last", b"!")]


def test_the_last_box_may_reach_to_the_end() -> None:
    assert found(struct.pack(">I4s", 0, b"jp2c") + b"the rest") == [(b"jp2c", b"the rest")]


def test_a_box_that_claims_more_than_there_is_ends_with_the_data() -> None:
    assert found(struct.pack(">I4s", 1000, b"jp2c") + b"abc") == [(b"jp2c", b"abc")]


@pytest.mark.parametrize("size", [2, 7])
def test_a_box_smaller_than_its_head_ends_the_list(size: int) -> None:
    data = box(b"good", b"x") + struct.pack(">I4s", size, b"bad ") + box(b"next", b"")
    assert found(data) == [(b"good", b"x")]


def test_nobody_has_so_many() -> None:
    assert len(found(box(b"free", b"") * (MOST + 9))) == MOST


@given(st.binary(max_size=200))
def test_whatever_it_is_it_ends_inside(data: bytes) -> None:
    for _, start, end in boxes_in(data, 0, len(data)):
        assert start >= 8
        assert end <= len(data)
