"""Hints as planes: painted, joined, kept in a document."""

from __future__ import annotations

import json
import zlib

import numpy as np
import pytest

from mattekit_krita.plugin import hints
from mattekit_krita.plugin.hints import NONE, Hints, Record

WIDTH, HEIGHT = 6, 4


def plane(*at: int) -> bytes:
    data = bytearray(WIDTH * HEIGHT)
    for each in at:
        data[each] = 255
    return bytes(data)


def test_the_later_hint_counts() -> None:
    found = NONE.kept(plane(1, 2)).removed(plane(2, 3)).kept(plane(3))
    assert found == Hints(plane(1, 3), plane(2))
    assert found.any
    assert not NONE.any
    assert not Hints(plane(), b"").any


def test_what_is_painted_is_what_was_drawn() -> None:
    wanted = Hints(plane(0, 7), plane(8, 23))
    pixels = hints.drawn(wanted, WIDTH * HEIGHT)
    assert pixels[:4] == hints.KEEP
    assert pixels[4:8] == bytes(4)
    assert hints.painted(pixels) == wanted
    assert hints.painted(hints.drawn(NONE, WIDTH * HEIGHT)) == Hints(plane(), plane())


def test_faint_and_foreign_paint_marks_nothing() -> None:
    blue, faint = (200, 10, 10, 255), (60, 190, 40, 100)
    yellow = (0, 200, 200, 255)
    pixels = np.array([blue, faint, yellow], np.uint8).tobytes()
    assert hints.painted(pixels) == Hints(bytes(3), bytes(3))


def test_rows_of_what_is_marked() -> None:
    assert hints.rows(plane(), WIDTH) == (0, b"")
    assert hints.rows(plane(8), WIDTH) == (1, plane(8)[6:12])
    assert hints.rows(plane(8, 17), WIDTH) == (1, plane(8, 17)[6:18])


def test_a_document_tells_how_a_mask_came_about() -> None:
    mask = bytes(range(24))
    record = Record({"refine": "best"}, Hints(plane(1), plane(2)), bytes(range(1, 25)))
    assert hints.read(hints.write(record, mask), mask) == record
    assert hints.read(hints.write(Record({}), mask), mask) == Record({})
    assert hints.read(hints.write(record, mask), mask[:-1] + b"x") is None  # somebody painted


def _spoilt(change: dict[str, object]) -> bytes:
    mask = bytes(24)
    facts = json.loads(hints.write(Record({"refine": "best"}, Hints(plane(1), b"")), mask))
    return json.dumps(facts | change).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        _spoilt({"version": 2}),
        _spoilt({"options": 3}),
        _spoilt({"keep": "no base64"}),
        _spoilt({"keep": "AAAA"}),
        _spoilt({"keep": __import__("base64").b64encode(zlib.compress(bytes(10**6))).decode()}),
    ],
)
def test_what_is_no_record_is_none(data: bytes) -> None:
    assert hints.read(data, bytes(24)) is None
