"""What a call takes from its caller's rate and credits: kept where it succeeds, else given back."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

import anyio
from starlette.requests import Request

from mattekit.geometry import Size
from mattekit.options import Options
from mattekit_server import problems
from mattekit_server.access import entry_of
from mattekit_server.keys import Reservation
from mattekit_server.pool import ClientGone
from mattekit_server.prices import FULL_PRICE, PREVIEW_PRICE, Price, Purchase, price_of
from mattekit_server.problems import Problem
from mattekit_server.rates import Window, megapixel_units, time_units
from mattekit_server.requests import service_of
from mattekit_server.service import Caller, Service

__all__ = ["Charge", "charged", "charged_once"]

_log = logging.getLogger(__name__)


class Charge:
    """What a call has taken from its caller's rate and credits until it is committed.

    Parameters
    ----------
    service : Service
    caller : Caller

    Attributes
    ----------
    credits : float
        What the call costs.
    """

    def __init__(self, service: Service, caller: Caller) -> None:
        self.service, self.caller = service, caller
        account = caller.account
        #: Units per minute; 0 = no limit.
        self.rate = service.settings.rate_limit
        if account is not None and account.rate is not None:
            self.rate = account.rate
        self.rates = service.rates if self.rate else None
        self.window: Window | None = None
        self.reservation: Reservation | None = None
        self.units = 0
        self.credits = 0.0
        self._seconds = 0.0
        self._failed = False
        self._time_units = 0
        self._lock = threading.Lock()

    @property
    def headers(self) -> Mapping[str, str]:
        """The API's headers about the caller's rate; none where it is not counted."""
        return self.window.headers if self.window else {}

    def peek(self) -> None:
        """Refuse a caller who has nothing left in this minute, before reading the body.

        Raises
        ------
        Problem
            429.
        """
        if self.rates is not None:
            window = self.rates.peek(self.caller.identity, self.rate)
            if window.remaining < 1:
                raise problems.rate_limited(window.headers, window.retry_after)

    def admit(self, options: Options, probe: Callable[[], Size]) -> tuple[Options, Size]:
        """Let a picture in: look at it before anything is decoded, then take what it costs.

        Parameters
        ----------
        options : Options
            Of the result.
        probe : callable
            Returns the picture's size; the time that it takes counts.

        Returns
        -------
        Options
            As they can be paid for.
        Size
            The picture's.

        Raises
        ------
        MattekitError
            What `probe` raises.
        Problem
            As `take`.
        """
        with self.spending():
            size = probe()
        return self.take(options, size), size

    def take(self, options: Options, picture: Size) -> Options:
        """Count the call and set its price aside; return the options as they can be paid for.

        Raises
        ------
        Problem
            429 or 402.
        """
        if self.rates is not None:
            self.units = megapixel_units(picture.area)
            window = self.rates.hit(self.caller.identity, self.units, self.rate)
            if not window.allowed:
                raise problems.rate_limited(window.headers, window.retry_after)
            self.window = window
        price = price_of(options.size, picture)
        try:
            self._reserve(price)
        except Problem as problem:
            if problem.status != 402 or options.size != "auto" or price.credits < FULL_PRICE:
                raise
            # "auto" is the best that image and credits allow.
            self._reserve(Price(PREVIEW_PRICE, False))
            return options.replace(size="preview")
        return options

    def _reserve(self, price: Price) -> None:
        account, keys = self.caller.account, self.service.keys
        if account is None or keys is None:
            self.credits = price.credits
            return
        self.reservation = keys.reserve(
            account.id,
            price.credits,
            may_be_free=price.may_be_free,
            # Longer than any answer takes, so that it lapses only if this process is gone.
            seconds=2 * self.service.settings.deadline + 60,
        )
        self.credits = self.reservation.charge

    def commit(self) -> None:
        """Charge what was set aside."""
        if self.reservation is not None and self.service.keys is not None:
            if not self.service.keys.commit(self.reservation):
                _log.error("reservation %s had lapsed; nothing charged", self.reservation.id)
                self.credits = 0
            self.reservation = None
        self.service.metrics.credits.inc(self.credits)

    @contextlib.contextmanager
    def spending(self) -> Iterator[None]:
        """Count the processor time of this thread inside a ``with`` block."""
        started = time.thread_time()
        try:
            yield
        finally:
            self.spend(time.thread_time() - started)

    def spend(self, seconds: float) -> None:
        """Count processor time; work may end later than its call has failed."""
        with self._lock:
            self._seconds += seconds
        self._count_time()

    def give_back(self) -> None:
        """Return what a picture costs: an error is free but for the time that it took."""
        if self.window is not None and self.rates is not None:
            self.rates.give_back(self.caller.identity, self.units, self.window)
            self.window = None
        if self.reservation is not None and self.service.keys is not None:
            self.service.keys.release(self.reservation)
            self.reservation = None
        self._failed = True
        self._count_time()

    def _count_time(self) -> None:
        if not self._failed or self.rates is None:
            return
        with self._lock:
            due = time_units(self._seconds) - self._time_units
            self._time_units += due
        if due:
            self.rates.add(self.caller.identity, due, self.rate)


@contextlib.asynccontextmanager
async def charged(request: Request, caller: Caller) -> AsyncIterator[Charge]:
    """Charge what the block takes once it has succeeded; an error costs nothing.

    Yields
    ------
    Charge

    Raises
    ------
    Problem
        429 and 503 before the block: the caller, or the server, has nothing left.
    ClientGone
        Nobody waits for what the block has made; it is not paid for.
    """
    service = service_of(request)
    charge = Charge(service, caller)
    if charge.rates is not None:
        await anyio.to_thread.run_sync(charge.peek)
    service.pool.check(service.answer_by(caller))
    committed = False
    try:
        yield charge
        if await request.is_disconnected():
            raise ClientGone
        # The charge comes last: whatever fails before it costs nothing.
        if charge.reservation is None:
            charge.commit()  # waits for no database
        else:
            await anyio.to_thread.run_sync(charge.commit)
        entry_of(request)["credits"] = charge.credits
        committed = True
    finally:
        if not committed:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(charge.give_back)


@contextlib.asynccontextmanager
async def charged_once(
    request: Request,
    caller: Caller,
    purchase: Purchase,
    options: Options,
    picture: Size,
    *,
    deadline: float,
) -> AsyncIterator[Charge]:
    """Charge for a result the first time that the block succeeds; afterwards it is free.

    Parameters
    ----------
    request : Request
    caller : Caller
        Who pays.
    purchase : Purchase
        Which result.
    options : Options
        Their `size` says what it costs.
    picture : Size
        What it is made from.
    deadline : float
        Of `time.monotonic`: so long waits who asks while somebody else pays.

    Yields
    ------
    Charge

    Raises
    ------
    Problem
        As `charged` and `Charge.take`; 503 where who pays for it takes too long.
    """
    service = service_of(request)
    entry_of(request).update(width=picture.width, height=picture.height)
    if not purchase.paid:
        with service.pool.queued(deadline):
            await purchase.lock.acquire()
        try:
            if not purchase.paid:  # nobody has paid meanwhile
                async with charged(request, caller) as charge:
                    await anyio.to_thread.run_sync(charge.take, options, picture)
                    yield charge
                purchase.paid = True
                return
        finally:
            purchase.lock.release()
    entry_of(request)["credits"] = 0
    yield Charge(service, caller)
