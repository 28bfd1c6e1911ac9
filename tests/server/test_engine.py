"""What the server believes of a file before it decodes it."""

from __future__ import annotations

import pytest

from fuzz import seeds
from mattekit.errors import MattekitError
from mattekit_server.engine import ACCEPTED_LOCAL, probe
from mattekit_server.problems import problem_of


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
