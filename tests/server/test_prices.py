"""What a call costs, by its size and its picture."""

from __future__ import annotations

import pytest

from mattekit.geometry import Size
from mattekit_server.prices import Price, price_of

SMALL, LARGE = Size(500, 500), Size(501, 500)


@pytest.mark.parametrize(
    ("size", "picture", "price"),
    [
        ("preview", LARGE, Price(0.25, True)),
        ("small", SMALL, Price(0.25, True)),
        ("regular", LARGE, Price(0.25, True)),
        ("auto", SMALL, Price(0.25, False)),
        ("auto", LARGE, Price(1, False)),
        ("full", SMALL, Price(1, False)),
        ("4k", LARGE, Price(1, False)),
    ],
)
def test_what_a_call_costs(size: str, picture: Size, price: Price) -> None:
    assert price_of(size, picture) == price
