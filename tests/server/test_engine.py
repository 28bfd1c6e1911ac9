"""What the server believes of a file before it decodes it."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile

from fuzz import seeds
from mattekit import codecs
from mattekit.errors import MattekitError
from mattekit_server.engine import ACCEPTED_LOCAL, probe
from mattekit_server.problems import Problem, problem_of
from support.each_format import FILES


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tiff", "netpbm"])
def test_a_header_that_is_cut_short_is_the_client_s_fault(kind: str) -> None:
    for seed in getattr(seeds, kind)():
        for length in range(0, min(len(seed), 300)):
            try:
                size = probe(seed[:length], ACCEPTED_LOCAL, limit=1 << 20)
            except MattekitError as error:
                status = problem_of(error).status
            else:
                status = 200 if size.area else 500
            assert status in (200, 400), (kind, length)


@pytest.mark.parametrize("name", FILES)
def test_what_the_library_reads_a_local_worker_takes(name: str) -> None:
    """The page of `mattekit app` and the editors' worker refuse no picture that decodes."""
    assert probe(FILES[name], ACCEPTED_LOCAL, limit=1 << 20) == codecs.decode(FILES[name]).size


@pytest.mark.parametrize("data", [b"just a few words", bytes(range(7, 207)), b"%PDF-1.7 "])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(MattekitError) as caught:
        probe(data, ACCEPTED_LOCAL, limit=1 << 20)
    problem = problem_of(caught.value, local=True)
    assert (problem.status, problem.code) == (400, "invalid_file_type")


def thumbnail_first(height: int, width: int) -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        small = np.zeros((6, 9, 3), np.uint8)
        writer.write(small, photometric="rgb", subfiletype=1, metadata=None)
        full = np.zeros((height, width, 2), np.uint16)
        writer.write(full, photometric="minisblack", extrasamples=["unassalpha"], metadata=None)
    return file.getvalue()


def test_the_page_that_will_be_decoded_is_measured() -> None:
    data = thumbnail_first(60, 90)
    assert probe(data, ACCEPTED_LOCAL, limit=60 * 90) == (90, 60)
    assert codecs.decode(data).size == (90, 60)
    with pytest.raises(Problem, match="resolution_too_high"):
        probe(data, ACCEPTED_LOCAL, limit=60 * 90 - 1)
