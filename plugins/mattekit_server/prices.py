"""What a call costs, and what is paid for once. Nothing here takes anything: `charging` does."""

from __future__ import annotations

import asyncio
from typing import Final, NamedTuple

from mattekit.geometry import Size

__all__ = [
    "FULL_PRICE",
    "PREVIEW_PIXELS",
    "PREVIEW_PRICE",
    "PREVIEW_SIZES",
    "Price",
    "Purchase",
    "price_of",
]

#: Values of the option `size` whose results are small.
PREVIEW_SIZES: Final = frozenset({"preview", "small", "regular"})
#: Pixels of such a result, about.
PREVIEW_PIXELS: Final = 250_000
PREVIEW_PRICE: Final = 0.25
FULL_PRICE: Final = 1.0


class Price(NamedTuple):
    """What a call costs.

    Attributes
    ----------
    credits : float
        Without free calls.
    may_be_free : bool
        Whether a free call may pay for it.
    """

    credits: float
    may_be_free: bool


def price_of(size: str, picture: Size) -> Price:
    """Return the price of a result of `size` (the option) for a picture."""
    if size in PREVIEW_SIZES:
        return Price(PREVIEW_PRICE, True)
    if size == "auto" and picture.area <= PREVIEW_PIXELS:
        return Price(PREVIEW_PRICE, False)
    return Price(FULL_PRICE, False)


class Purchase:
    """A result that may be asked for often and is paid for once.

    Attributes
    ----------
    paid : bool
        Whether it costs nothing any more.
    lock : asyncio.Lock
        Held by who pays for it: whoever asks meanwhile waits, and then need not pay, or tries again
        where that has failed.
    """

    def __init__(self, *, paid: bool = False) -> None:
        self.paid = paid
        self.lock = asyncio.Lock()
