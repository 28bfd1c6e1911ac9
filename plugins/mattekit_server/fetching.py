"""Fetching a picture that a client names by URL, without becoming the client's way in.

A server that fetches what strangers name can be made to talk to machines that only it can reach
(server-side request forgery). Therefore: http and https only; the host is resolved once, every
address that it has must be public, and the connection goes to that very address, so that a second
answer of the name server cannot change it; each redirect is checked afresh; bytes, time and the
number of redirects are bounded. Ports are those of the web, or a server would scan those of others
in a stranger's name. What the operator names in an allow-list is exempt.

An answer never tells more of a host than that it is not fetched from: whether a name exists inside
is none of the client's business, nor where it leads.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import anyio

from mattekit.errors import OptionError
from mattekit_server.certificates import system_certificates
from mattekit_server.problems import failed_download, file_too_large, invalid_url

if TYPE_CHECKING:
    import httpx

__all__ = ["Allowed", "Fetcher", "is_public", "resolve"]

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[Address]]]

#: Refused whatever this version of Python thinks of them.
_NEVER: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "168.63.129.16/32",  # public by registry, yet answered by the host of a machine (Azure)
        "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is metadata (Oracle)
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # protocol assignments
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local
    )
)
_NAT64: Final = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
#: Ports of the web.
_PORTS: Final = frozenset({80, 443})
_NO_HOST: Final = "Host not found or not allowed"
#: IPv4 written at the end of an IPv6 address, long deprecated, still routed by some stacks.
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")


def is_public(address: Address) -> bool:
    """Return whether an address belongs to the public internet.

    IPv6 addresses that carry an IPv4 address (mapped, compatible, 6to4, Teredo, NAT64) are as
    public as what they carry.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = _carried(address)
        if inner is not None:
            return is_public(inner)
        if address in _NAT64[1]:  # NAT64 of a local network: whatever its operator chose
            return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
        and not any(address in network for network in _NEVER)
    )


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64[0] or address in _COMPATIBLE:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


class Allowed:
    """Hosts and networks that may be fetched from though they are not public.

    Parameters
    ----------
    entries : sequence of str
        Host names, addresses or networks such as ``10.1.0.0/16``.

    Raises
    ------
    OptionError
        An entry that is none of these.
    """

    def __init__(self, entries: Sequence[str] = ()) -> None:
        self.hosts: set[str] = set()
        self.networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        for entry in entries:
            try:
                self.networks.append(ipaddress.ip_network(entry))
            except ValueError:
                if "/" in entry or not entry:
                    raise OptionError(
                        "allow_internal", entry, "a host name, an address or a network"
                    ) from None
                self.hosts.add(entry.lower().rstrip("."))

    def covers(self, host: str, address: Address) -> bool:
        """Return whether the operator allows this host or address."""
        if host.lower().rstrip(".") in self.hosts:
            return True
        return any(address in network for network in self.networks)


async def resolve(host: str, port: int) -> Sequence[Address]:
    """Return the addresses of a host, as the system finds them.

    This reads every notation that the system's own connect would: decimal, octal and short IPv4
    addresses come out as what they mean.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    texts = dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found)
    return [ipaddress.ip_address(text) for text in texts]


class Target(NamedTuple):
    """A URL that has passed the checks, and the addresses it may be fetched from."""

    url: httpx.URL
    addresses: tuple[Address, ...]


class Fetcher:
    """Fetches pictures by URL.

    Parameters
    ----------
    limit : int
        Bytes of a file.
    seconds : float
        Time for everything, redirects included.
    redirects : int
        Redirects that are followed.
    allowed : Allowed
        Exceptions: hosts and networks, at any port.
    ports : collection of int
        Ports of public hosts besides 80 and 443.
    resolver : callable
        Finds the addresses of a host; tests have their own.
    context : ssl.SSLContext, optional
        Which certificates are believed; by default those that the system believes.
    """

    def __init__(
        self,
        limit: int,
        *,
        seconds: float = 20,
        redirects: int = 5,
        allowed: Allowed | None = None,
        ports: Collection[int] = (),
        resolver: Resolver = resolve,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.limit, self.seconds, self.redirects = limit, seconds, redirects
        self.allowed = allowed or Allowed()
        self.ports = _PORTS.union(ports)
        self.resolver = resolver
        self.context = context

    async def fetch(self, url: str, field: str = "image_url") -> bytes:
        """Return the bytes at `url`.

        Parameters
        ----------
        url : str
            An absolute http or https URL.
        field : str
            The field that named it, for the error.

        Raises
        ------
        Problem
            The URL is no such URL, leads where it must not, or does not deliver in time and size.
        """
        import httpx

        target = parse_url(url)
        if target is None:
            raise invalid_url(field)
        try:
            with anyio.fail_after(self.seconds):
                for _ in range(self.redirects + 1):
                    data, target = await self._get(await self._check(target, field), field)
                    if target is None:
                        return data
                raise failed_download(field, "Too many redirects")
        except TimeoutError:
            raise failed_download(field, "Timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise failed_download(field, type(error).__name__) from error

    async def _check(self, url: httpx.URL, field: str) -> Target:
        port = url.port or (443 if url.scheme == "https" else 80)
        # `raw_host` is the IDNA form: what is checked is what is resolved.
        host = url.raw_host.decode("ascii").strip("[]")
        try:
            addresses = await self.resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise failed_download(field, _NO_HOST) from error
        strange = [address for address in addresses if not self.allowed.covers(host, address)]
        if not addresses or not all(map(is_public, strange)):
            raise failed_download(field, _NO_HOST)
        if strange and port not in self.ports:
            raise failed_download(field, "Port not allowed")
        return Target(url, tuple(addresses))

    async def _get(self, target: Target, field: str) -> tuple[bytes, httpx.URL | None]:
        """Return the body, or the URL of a redirect."""
        import httpx

        problem: httpx.HTTPError | None = None
        for address in target.addresses[:3]:
            try:
                return await self._get_from(target.url, address, field)
            except httpx.ConnectError as error:
                problem = error
        assert problem is not None
        raise problem

    async def _get_from(
        self, url: httpx.URL, address: Address, field: str
    ) -> tuple[bytes, httpx.URL | None]:
        import httpx

        host = url.raw_host.decode("ascii").strip("[]")
        pinned = url.copy_with(host=str(address))
        # No proxy and no credentials of the environment; certificates are checked for the host.
        async with (
            httpx.AsyncClient(
                trust_env=False, timeout=self.seconds, verify=self.context or system_certificates()
            ) as client,
            client.stream(
                "GET",
                pinned,
                headers={
                    "Host": url.netloc.decode("ascii"),
                    "Accept": "image/*,*/*;q=0.5",
                    # No compression: a small body must not become a large one.
                    "Accept-Encoding": "identity",
                    "User-Agent": "mattekit",
                },
                extensions={"sni_hostname": host},
            ) as response,
        ):
            if response.is_redirect and "location" in response.headers:
                following = parse_url(str(url.join(response.headers["location"])))
                if following is None:
                    raise failed_download(field, "Redirect to an invalid URL")
                return b"", following
            if response.status_code != 200:
                raise failed_download(field, f"HTTP Status {response.status_code}")
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise failed_download(field, "Compressed answer")
            return await self._body(response), None

    async def _body(self, response: httpx.Response) -> bytes:
        length = response.headers.get("content-length", "")
        if length.isdecimal() and int(length) > self.limit:
            raise file_too_large(self.limit)
        data = bytearray()
        async for chunk in response.aiter_raw():
            data += chunk
            if len(data) > self.limit:
                raise file_too_large(self.limit)
        return bytes(data)


def parse_url(text: str) -> httpx.URL | None:
    """Return an absolute http or https URL without credentials, or None."""
    import httpx

    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        return None
    # `raw_host`, since `host` reads an IDNA name and raises where it holds what the standard has
    # not: real hosts have such names (xn--ls8h.la), and the name server decides which there are.
    if url.scheme not in {"http", "https"} or not url.raw_host or url.userinfo:
        return None
    return url.copy_with(fragment=None)
