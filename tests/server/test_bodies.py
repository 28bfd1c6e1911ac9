"""Bodies become fields: the same ones however they are cut on their way."""

from __future__ import annotations

import contextlib
import itertools
import random
import tracemalloc
import urllib.parse
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from mattekit_server.bodies import (
    Limits,
    MemoryLease,
    MemoryLimit,
    read_fields,
    read_json,
    read_object,
)
from mattekit_server.problems import Problem

PART = b'--B\r\nContent-Disposition: form-data; name="size"\r\n\r\nauto\r\n'


def fields(
    body: bytes, step: int, kind: str = "multipart/form-data; boundary=B", most: int = 2000
) -> Any:
    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(body), step):
            yield body[at : at + step]

    async def read() -> Any:
        return await read_fields(
            kind,
            None,
            chunks(),
            limits=Limits(1000, most, 60.0),
            lease=MemoryLease(MemoryLimit(3 * most)),
            known=lambda name: True,
        )

    return anyio.run(read)


@pytest.mark.parametrize(
    "body", [b"\n\4\0\0", b"\r\n", b"\r\n\r\na", b"\nwords" + PART + b"--B--\r\n", b"--B\r\n", PART]
)
def test_what_begins_and_is_no_form_is_refused_however_it_is_cut(body: bytes) -> None:
    for step in (1, 2, 3, len(body)):
        if not body.strip():
            assert fields(body, step) == {}
            continue
        with pytest.raises(Problem) as caught:
            fields(body, step)
        assert (caught.value.status, caught.value.code) == (400, "invalid_request")


@pytest.mark.parametrize("lead", [b"", b"\r\n", b"\r\n\r\n"])
def test_empty_lines_before_a_form_are_skipped(lead: bytes) -> None:
    body = lead + PART + b"--B--\r\n"
    read = [fields(body, step) for step in range(1, len(body) + 1)]
    assert read[0] == {"size": "auto"}
    assert all(one == other for one, other in itertools.pairwise(read))


URLENCODED = "application/x-www-form-urlencoded"


def test_escapes_are_read_as_everywhere() -> None:
    chance = random.Random(0)
    for _ in range(500):
        text = "".join(chance.choice("%%%abAF019+ =zü\x00") for _ in range(chance.randrange(12)))
        body = f"name={text}".encode()
        expected = urllib.parse.unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "replace")
        read = fields(body, 2000, URLENCODED)
        assert read == ({"name": expected} if expected.strip() else {}), text
    assert fields(b"a=1&a=&%62=c%26d&=&&c", 7, URLENCODED) == {"a": "1", "b": "c&d"}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (URLENCODED, b"image_file_b64=" + b"%3D" * 200_000),
        (URLENCODED, b"image_file_b64=" + b"%" * 600_000),
        (URLENCODED, b"&" * 600_000),
        ("application/json", b'{"a":[' + b"{}," * 200_000 + b"0]}"),
        ("application/json", b'{"a":[' + b"[[]]," * 120_000 + b"0]}"),
        ("application/json", b"{" + b",".join(b'"%d":{"":0}' % n for n in range(60_000)) + b"}"),
    ],
)
def test_what_is_read_is_not_many_times_what_was_sent(kind: str, body: bytes) -> None:
    tracemalloc.start()
    try:
        with contextlib.suppress(Problem):  # most of them are refused
            fields(body, 65536, kind, 10**6)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 12 * len(body)


@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ('{"a":', "}"), ('[0,{"a":', ',"b":0}]')])
def test_json_has_so_many_levels(begin: str, end: str) -> None:
    def nested(levels: int) -> bytes:
        times = levels // begin.replace("{", "[").count("[")
        return (begin * times + "0" + end * times).encode()

    read_json(nested(32))
    for levels in (34, 500):
        with pytest.raises(Problem, match="32 levels"):
            read_json(nested(levels))


def test_an_object_has_its_time_and_its_room() -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await anyio.sleep_forever()

    async def all_at_once() -> AsyncIterator[bytes]:
        yield b'{"a": ""}'

    def read(chunks: AsyncIterator[bytes], memory: int, seconds: float) -> Any:
        lease = MemoryLease(MemoryLimit(memory))
        limits = Limits(100, 100, seconds)

        async def main() -> Any:
            return await read_object(chunks, limits=limits, lease=lease, values=10)

        return anyio.run(main)

    assert read(all_at_once(), 100, 60) == {"a": ""}
    with pytest.raises(Problem) as caught:
        read(all_at_once(), 8, 60)
    assert caught.value.status == 503
    with pytest.raises(Problem) as caught:
        read(never(), 100, 0.01)
    assert caught.value.status == 408
