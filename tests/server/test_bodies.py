"""Bodies become fields: the same ones however they are cut on their way."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from mattekit_server.bodies import Limits, MemoryLease, MemoryLimit, read_fields
from mattekit_server.problems import Problem

PART = b'--B\r\nContent-Disposition: form-data; name="size"\r\n\r\nauto\r\n'


def fields(body: bytes, step: int) -> Any:
    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(body), step):
            yield body[at : at + step]

    async def read() -> Any:
        return await read_fields(
            "multipart/form-data; boundary=B",
            None,
            chunks(),
            limits=Limits(1000, 2000, 60.0),
            lease=MemoryLease(MemoryLimit(5000)),
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
