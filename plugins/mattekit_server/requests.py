"""Reading a request: who makes it, what its body says, the pictures that it names."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

import anyio
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request

from mattekit_server.access import entry_of
from mattekit_server.authentication import bearer_of
from mattekit_server.bodies import Fields, MemoryLease, known_names, read_fields
from mattekit_server.parameters import Params, Source, read_request, read_source
from mattekit_server.problems import Problem
from mattekit_server.service import Caller, Service
from mattekit_server.sharing import lent_files

__all__ = ["Received", "caller_of", "content_length", "key_of", "received", "service_of"]

#: Of a number that long the first ones say enough: it is far too large.
_DIGITS: Final = 18


class _Number(Convertor[int]):
    """``{name:number}`` in a path: of few enough digits for every database, and for `int`."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("number", _Number())


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
    entry_of(request)["key"] = caller.account.id if caller.account else caller.identity
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


class Pictures(NamedTuple):
    """Files that a request of ``/removebg`` names.

    Attributes
    ----------
    picture : bytes or memoryview
        What is worked on.
    background : bytes or None
        What is put behind its subject.
    """

    picture: bytes | memoryview
    background: bytes | None


class Received:
    """A request whose body is complete; from here on the time until its answer counts.

    Attributes
    ----------
    fields : Fields
        What the body says.
    deadline : float
        Of `time.monotonic`: by then there is an answer.
    """

    def __init__(
        self, service: Service, caller: Caller, fields: Fields, lease: MemoryLease
    ) -> None:
        self.fields = fields
        self.deadline = service.answer_by(caller)
        self._service, self._caller, self._lease = service, caller, lease

    async def params(self) -> Params:
        """Return the meaning of the fields of ``/removebg``.

        Where they choose nothing, the caller's account decides, then the server's settings, then
        the API. Raises what `read_request` raises.
        """
        settings, account = self._service.settings, self._caller.account
        defaults = {"refine": settings.refine}
        size = (account.size if account else None) or settings.size
        if size:
            defaults["size"] = size
        return await anyio.to_thread.run_sync(
            lambda: read_request(
                {**defaults, **self.fields}, file_limit=settings.file_limit, local=settings.local
            )
        )

    def source(self) -> Source:
        """Return the one source among the fields; raises what `read_source` raises."""
        return read_source(self.fields, self._service.settings.file_limit)

    async def pictures(self, params: Params) -> Pictures:
        """Return the files of a request of ``/removebg``; raises what `fetched` raises."""
        picture = await self.fetched(params.source)
        background = await self.fetched(params.background) if params.background else None
        return Pictures(picture, None if background is None else bytes(background))

    async def fetched(self, source: Source) -> bytes | memoryview:
        """Return the bytes of a source, fetching them where it is a URL.

        Raises
        ------
        Problem
            The URL does not deliver a file, not in time, or there is no room for one.
        """
        if source.data is not None:
            return source.data
        service, limit = self._service, self._service.settings.file_limit
        self._lease.add(limit)  # so much may come
        with service.pool.in_time(self.deadline):
            data = await service.fetcher.fetch(source.url, source.field)
        self._lease.add(len(data) - limit)
        return data


def content_length(request: Request) -> int | None:
    """Return how many bytes a request announces; None where it does not."""
    length = request.headers.get("content-length", "")
    return int(length[:_DIGITS]) if length.isdecimal() else None


@contextlib.asynccontextmanager
async def received(
    request: Request, caller: Caller, names: frozenset[str]
) -> AsyncIterator[Received]:
    """Read the body of a request; its bytes count as held until the block ends.

    Parameters
    ----------
    request : Request
    caller : Caller
        Whose defaults and deadline hold.
    names : set of str
        Fields that are wanted.

    Yields
    ------
    Received

    Raises
    ------
    Problem
        The body is broken, too large or too slow, or there is no room for it.
    """
    service = service_of(request)
    lease = MemoryLease(service.memory)
    try:
        fields = await read_fields(
            request.headers.get("content-type", ""),
            content_length(request),
            request.stream(),
            limits=service.limits,
            lease=lease,
            known=known_names(names),
        )
        fields = await lent_files(request, fields, lease, service.limits.file)
        yield Received(service, caller, fields, lease)
    finally:
        lease.release()
