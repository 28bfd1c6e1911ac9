"""Results that are kept for an agent."""

from __future__ import annotations

import pytest

from mattekit.errors import InputError
from mattekit_mcp.results import Results


def test_the_oldest_go() -> None:
    results = Results(room=10)
    first, second = results.keep(b"1234", ".png"), results.keep(b"567890", ".jpg")
    assert (first, second) == ("mattekit://results/1.png", "mattekit://results/2.jpg")
    assert results.read(first) == b"1234"
    large = results.keep(bytes(100), ".png")
    assert results.read(large) == bytes(100)
    for gone in (first, second, "mattekit://results/../x"):
        with pytest.raises(InputError, match="not kept any more"):
            results.read(gone)
