"""``POST /v1.0/removebg``: from a request to its answer, one step after the other."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Final, NamedTuple

import anyio
from starlette.requests import Request
from starlette.responses import Response

from mattekit.geometry import Size
from mattekit.tasks import Task
from mattekit_server import problems
from mattekit_server.answers import FACTS, picture_answer, wants_json
from mattekit_server.authentication import bearer_of
from mattekit_server.bodies import Fields, MemoryLease, known_names, read_fields
from mattekit_server.engine import Result
from mattekit_server.keys import Reservation
from mattekit_server.parameters import REMOVE_FIELDS, Params, Source, read_request
from mattekit_server.pool import ClientGone
from mattekit_server.problems import Problem
from mattekit_server.rates import Window, megapixel_units, time_units
from mattekit_server.service import Caller, Service

__all__ = ["charged", "key_of", "remove_background", "service_of"]

_log = logging.getLogger(__name__)

PREVIEW_SIZES: Final = frozenset({"preview", "small", "regular"})
PREVIEW_PIXELS: Final = 250_000
PREVIEW_PRICE: Final = 0.25
FULL_PRICE: Final = 1.0


def service_of(request: Request) -> Service:
    """Return what the requests of this process share."""
    service: Service = request.app.state.service
    return service


def key_of(request: Request) -> str:
    """Return the key that a request carries; empty where it carries none."""
    key: str = request.headers.get("x-api-key", "").strip()
    if key:
        return key
    return bearer_of(request)


async def caller_of(request: Request) -> Caller:
    """Return who makes a request.

    Raises
    ------
    Problem
        403; with an issuer of access tokens 401 and 503, too.
    """
    caller = await _caller_of(request)
    request.scope[FACTS]["key"] = caller.account.id if caller.account else caller.identity
    return caller


async def _caller_of(request: Request) -> Caller:
    address = request.client.host if request.client else "unknown"
    service = service_of(request)
    authenticator = service.authenticator
    if authenticator is not None:
        account = await authenticator.account_of(request)
        if account is not None:
            return Caller(f"key-{account.id}", account)
    key = key_of(request)
    try:
        if not service.waits_for_callers:
            return service.caller(key, address)
        return await anyio.to_thread.run_sync(service.caller, key, address)
    except Problem as problem:
        if authenticator is None:
            raise
        raise authenticator.challenged(problem, request) from None


@contextlib.asynccontextmanager
async def fields_of(
    request: Request, names: frozenset[str], service: Service
) -> AsyncIterator[tuple[Fields, MemoryLease]]:
    """Read the fields of a request; its bytes count as held until the block ends."""
    lease = MemoryLease(service.memory)
    length = request.headers.get("content-length", "")
    try:
        fields = await read_fields(
            request.headers.get("content-type", ""),
            int(length) if length.isdecimal() else None,
            request.stream(),
            limits=service.limits,
            lease=lease,
            known=known_names(names),
        )
        yield fields, lease
    finally:
        lease.release()


async def fetched(source: Source, service: Service, lease: MemoryLease) -> bytes:
    """Return the bytes of a source, fetching them where it is a URL.

    Raises
    ------
    Problem
        The URL does not deliver a file, or there is no room for one.
    """
    if source.data is not None:
        return source.data
    lease.add(service.settings.file_limit)  # so much may come
    data = await service.fetcher.fetch(source.url, source.field)
    lease.add(len(data) - service.settings.file_limit)
    return data


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


class Charge:
    """What a call has taken from its caller's rate and credits until it is committed.

    Parameters
    ----------
    service : Service
    caller : Caller
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

    def take(self, params: Params, picture: Size) -> Params:
        """Count the call and set its price aside; return the parameters as they can be paid for.

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
        price = price_of(params.options.size, picture)
        try:
            self._reserve(price)
        except Problem as problem:
            if problem.status != 402 or params.options.size != "auto" or price.credits < FULL_PRICE:
                raise
            # "auto" is the best that image and credits allow.
            self._reserve(Price(PREVIEW_PRICE, False))
            return params._replace(options=params.options.replace(size="preview"))
        return params

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
async def charged(service: Service, caller: Caller) -> AsyncIterator[Charge]:
    """Charge what the block takes once it has succeeded; an error costs nothing."""
    charge = Charge(service, caller)
    await anyio.to_thread.run_sync(charge.peek)
    seconds = service.deadline_of(caller)
    service.pool.check(time.monotonic() + seconds)
    committed = False
    try:
        yield charge
        await anyio.to_thread.run_sync(charge.commit)
        committed = True
    finally:
        if not committed:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(charge.give_back)


async def remove_background(request: Request) -> Response:
    """Answer ``POST /v1.0/removebg``."""
    service = service_of(request)
    caller = await caller_of(request)
    facts = request.scope[FACTS]
    charge = Charge(service, caller)
    if charge.rates is not None:
        await anyio.to_thread.run_sync(charge.peek)
    seconds = service.deadline_of(caller)
    service.pool.check(time.monotonic() + seconds)
    committed = False
    try:
        async with fields_of(request, REMOVE_FIELDS, service) as (fields, lease):
            deadline = time.monotonic() + seconds
            result = await _result(request, service, charge, fields, lease, deadline)
        if await request.is_disconnected():
            raise ClientGone
        # The charge comes last: whatever fails before it costs nothing.
        if charge.reservation is None:
            charge.commit()  # waits for no database
        else:
            await anyio.to_thread.run_sync(charge.commit)
        facts["credits"] = charge.credits
        committed = True
    finally:
        if not committed:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(charge.give_back)
    rate = charge.window.headers if charge.window else {}
    as_json = wants_json(",".join(request.headers.getlist("accept")), result.media_type)
    if as_json and len(result.data) > 2**20:
        return await anyio.to_thread.run_sync(
            lambda: picture_answer(result, charge.credits, rate, as_json=True)
        )
    return picture_answer(result, charge.credits, rate, as_json=as_json)


async def _result(
    request: Request,
    service: Service,
    charge: Charge,
    fields: Fields,
    lease: MemoryLease,
    deadline: float,
) -> Result:
    settings = service.settings
    account = charge.caller.account
    default_size = (account.size if account else None) or settings.size
    defaults = {"refine": settings.refine, **({"size": default_size} if default_size else {})}
    params = await anyio.to_thread.run_sync(
        lambda: read_request(
            {**defaults, **fields},
            file_limit=settings.file_limit,
            local=settings.local,
        )
    )
    try:
        with anyio.fail_after(max(0.0, deadline - time.monotonic())):
            picture = await fetched(params.source, service, lease)
            background = (
                await fetched(params.background, service, lease) if params.background else None
            )
    except TimeoutError:
        raise service.pool.too_late() from None

    def admit() -> tuple[Params, Size]:
        with charge.spending():
            size = service.engine.probe(picture)
            if background is not None:
                service.engine.probe(background)
            service.engine.probe_all(params.options)
        return charge.take(params, size), size

    paid, size = await anyio.to_thread.run_sync(admit)
    facts = request.scope[FACTS]
    facts.update(width=size.width, height=size.height)

    task, asked = Task(), time.perf_counter()

    def work() -> Result:
        service.metrics.wait.observe(time.perf_counter() - asked)
        with charge.spending(), service.metrics.picture(task, size):
            return service.engine.remove_background(picture, background, paid.options, paid.output)

    try:
        result = await service.pool.run(
            work, deadline=deadline, gone=request.is_disconnected, task=task
        )
    finally:
        facts["stages"] = {name: round(each, 4) for name, each in task.stages.items()}
    facts["type"] = result.kind
    return result
