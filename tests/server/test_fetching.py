"""Fetching by URL: what is delivered, and what must never be reached."""

from __future__ import annotations

import gzip
import http.server
import ipaddress
import shutil
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattekit.errors import OptionError
from mattekit_server.fetching import Address, Allowed, Fetcher, is_public, parse_url, resolve
from mattekit_server.problems import Problem
from support.server.pictures import Make, picture
from support.server.proxy import make_certificates, way_to

PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "ff02::1",
]


@pytest.mark.parametrize("text", PRIVATE)
def test_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"]
)
def test_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@given(st.ip_addresses(v=4))
def test_what_an_address_carries_decides(inner: ipaddress.IPv4Address) -> None:
    number = int(inner)
    for outer in (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
        carried = ipaddress.IPv6Address(outer)
        assert is_public(carried) == is_public(inner), carried


def test_allowed() -> None:
    allowed = Allowed(["10.1.0.0/16", "fd00::/8", "images.corp"])
    assert allowed.covers("x", ipaddress.ip_address("10.1.2.3"))
    assert not allowed.covers("x", ipaddress.ip_address("10.2.2.3"))
    assert allowed.covers("IMAGES.corp.", ipaddress.ip_address("10.2.2.3"))
    assert not allowed.covers("evil-images.corp", ipaddress.ip_address("10.2.2.3"))
    with pytest.raises(OptionError, match="allow_internal"):
        Allowed(["10.0.0.0/99"])


# -- a server to fetch from ------------------------------------------------------------------------


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str]]

    def do_GET(self) -> None:
        Handler.seen.append((self.headers["Host"], self.path))
        name = self.path.strip("/")
        if name.startswith("to="):
            self.answer(302, b"", Location=name[3:])
        elif name == "loop":
            self.answer(302, b"", Location="/loop")
        elif name == "large":
            self.answer(200, bytes(5000))
        elif name == "endless":
            self.send_response(200)
            self.end_headers()
            self.close_connection = True
            for _ in range(100):
                self.wfile.write(bytes(100_000))
        elif name == "slow":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b".")
                time.sleep(0.1)
        elif name == "gzip":
            self.answer(200, gzip.compress(bytes(1000)), Content_Encoding="gzip")
        elif name == "missing":
            self.answer(404, b"")
        else:
            self.answer(200, b"picture")

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for header, value in headers.items():
            self.send_header(header.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # the fetcher hung up
            self.close_connection = True


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _forget() -> None:
    Handler.seen = []


LOCAL = Allowed(["127.0.0.0/8"])


def fetch(url: str, field: str = "image_url", **settings: object) -> bytes:
    fetcher = Fetcher(1000, **{"seconds": 3, "allowed": LOCAL, **settings})  # type: ignore[arg-type]
    return anyio.run(fetcher.fetch, url, field)


def failure(call: Callable[..., bytes], *args: object, **kwargs: object) -> Problem:
    with pytest.raises(Problem) as caught:
        call(*args, **kwargs)
    return caught.value


def test_fetch(port: int) -> None:
    assert fetch(f"http://127.0.0.1:{port}/x.jpg?size=1#part") == b"picture"
    assert Handler.seen == [(f"127.0.0.1:{port}", "/x.jpg?size=1")]


def test_redirects(port: int) -> None:
    assert fetch(f"http://127.0.0.1:{port}/to=/x.jpg") == b"picture"
    problem = failure(fetch, f"http://127.0.0.1:{port}/loop", redirects=2)
    assert problem.title.endswith("given image_url: Too many redirects")
    assert len(Handler.seen) == 2 + 3


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing", "HTTP Status 404"),
        ("gzip", "Compressed answer"),
        ("slow", "Timeout"),
        ("to=file:///etc/passwd", "Redirect to an invalid URL"),
        ("to=gopher://127.0.0.1/", "Redirect to an invalid URL"),
    ],
)
def test_failures(port: int, name: str, reason: str) -> None:
    problem = failure(fetch, f"http://127.0.0.1:{port}/{name}", seconds=1)
    assert problem.code == "failed_image_download"
    assert problem.title == f"Failed to download image from given image_url: {reason}"


@pytest.mark.parametrize(
    "host", ["xn--ls8h.la", "xn--a", "xn--a.example", "XN--LS8H.LA", "a_b.example"]
)
def test_names_that_only_the_name_server_knows(port: int, host: str) -> None:
    """Whether IDNA has the name is not asked: such hosts exist."""

    async def here(name: str, port: int) -> Sequence[Address]:
        assert name == host.lower()
        return [ipaddress.ip_address("127.0.0.1")]

    async def nowhere(name: str, port: int) -> Sequence[Address]:
        raise socket.gaierror(-2, "Name or service not known")

    assert fetch(f"http://{host}:{port}/x.jpg", resolver=here) == b"picture"
    assert Handler.seen == [(f"{host.lower()}:{port}", "/x.jpg")]
    for field in ("image_url", "bg_image_url"):
        problem = failure(fetch, f"http://{host}/x.jpg", field, resolver=nowhere)
        assert (problem.status, problem.code[:7]) == (400, "failed_")


@pytest.mark.parametrize("host", ["xn--ls8h.la", "xn--a", "a..b", "[::1", "[fe80::1%25x]"])
def test_redirects_to_odd_names_are_the_client_s_affair(port: int, host: str) -> None:
    problem = failure(fetch, f"http://127.0.0.1:{port}/to=http://{host}/x")
    assert (problem.status, problem.code) == (400, "failed_image_download")


@pytest.mark.parametrize("name", ["large", "endless"])
def test_too_large(port: int, name: str) -> None:
    assert failure(fetch, f"http://127.0.0.1:{port}/{name}").code == "file_too_large"


def test_nothing_listens() -> None:
    assert failure(fetch, "http://127.0.0.1:1/").title.endswith("ConnectError")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x.jpg",
        "//example.com/x.jpg",
        "ftp://example.com/x.jpg",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "http://",
        "http:///x",
        "http://user:secret@example.com/",
        "http://[::1/",
        "http://example.com:99999/",
        "http://exa mple.com\r\nX: y/",
        "http://\x80/",
        "http://\N{PILE OF POO}.la/",
    ],
)
def test_invalid_urls(url: str) -> None:
    for field in ("image_url", "bg_image_url"):
        problem = failure(fetch, url, field)
        assert problem.code in {f"invalid_{field}", "failed_image_download", "failed_bg_download"}
        if problem.code.startswith("invalid"):
            assert problem.title == f"Invalid {field}: Please provide a valid URL."


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
        "①②⑦.⓪.⓪.①",
        "169.254.169.254",
        "[fe80::1]",
        "10.0.0.1",
    ],
)
def test_private_hosts_in_every_notation(port: int, host: str) -> None:
    problem = failure(fetch, f"http://{host}:{port}/", allowed=Allowed())
    assert problem.status == 400
    assert Handler.seen == []


def test_redirect_to_a_private_host(port: int) -> None:
    async def resolver(host: str, number: int) -> Sequence[Address]:
        return [ipaddress.ip_address("127.0.0.1" if host == "outside.example" else "127.0.0.2")]

    allowed = Allowed(["outside.example"])
    url = f"http://outside.example:{port}/to=http://inside.example:{port}/"
    problem = failure(fetch, url, allowed=allowed, resolver=resolver)
    assert problem.title.endswith("Host not found or not allowed")
    assert Handler.seen == [(f"outside.example:{port}", f"/to=http://inside.example:{port}/")]


def test_rebinding_meets_the_address_that_was_checked(port: int) -> None:
    """The name server changes its mind after the check: nobody asks it again."""
    answers = iter(["127.0.0.1", "127.0.0.99", "127.0.0.99"])

    async def resolver(host: str, number: int) -> Sequence[Address]:
        return [ipaddress.ip_address(next(answers))]

    allowed = Allowed(["127.0.0.1/32"])
    url = f"http://rebinding.example:{port}/x"
    assert fetch(url, allowed=allowed, resolver=resolver) == b"picture"
    assert Handler.seen == [(f"rebinding.example:{port}", "/x")]
    problem = failure(fetch, url, allowed=allowed, resolver=resolver)
    assert problem.title.endswith("Host not found or not allowed")


def test_one_private_address_among_public_ones_is_enough() -> None:
    async def resolver(host: str, number: int) -> Sequence[Address]:
        return [ipaddress.ip_address("93.184.216.34"), ipaddress.ip_address("10.0.0.1")]

    problem = failure(fetch, "http://mixed.example/", allowed=Allowed(), resolver=resolver)
    assert problem.title.endswith("Host not found or not allowed")


@pytest.mark.parametrize("field", ["image_url", "bg_image_url"])
def test_names_of_inside_read_as_those_that_do_not_exist(field: str) -> None:
    """Nobody may list the names of a network by asking for pictures."""

    async def resolver(host: str, number: int) -> Sequence[Address]:
        if host == "db.corp":
            return [ipaddress.ip_address("10.0.0.1")]
        if host == "empty.corp":
            return []
        raise socket.gaierror(-2, "Name or service not known")

    told = {
        failure(fetch, f"http://{host}{port}/", field, allowed=Allowed(), resolver=resolver).title
        for host in ("db.corp", "empty.corp", "nothing.corp")
        for port in ("", ":443", ":5432")
    }
    (title,) = told
    assert title.endswith(": Host not found or not allowed")


@pytest.mark.parametrize(
    ("url", "settings", "opened"),
    [
        ("http://a.example/", {}, True),
        ("http://a.example:80/", {}, True),
        ("https://a.example/", {}, True),
        ("http://a.example:443/", {}, True),
        ("https://a.example:80/", {}, True),
        ("http://a.example:22/", {}, False),
        ("https://a.example:8443/", {}, False),
        ("https://a.example:8443/", {"ports": (8443,)}, True),
        ("http://a.example:8080/", {"ports": (8443,)}, False),
        ("http://a.example:8080/", {"allowed": Allowed(["a.example"])}, True),
        ("http://a.example:8080/", {"allowed": Allowed(["93.184.216.0/24"])}, True),
        ("http://a.example:8080/", {"allowed": Allowed(["b.example"])}, False),
    ],
)
def test_ports(url: str, settings: dict[str, object], opened: bool) -> None:
    async def resolver(host: str, number: int) -> Sequence[Address]:
        return [ipaddress.ip_address("93.184.216.34")]

    fetcher = Fetcher(1000, resolver=resolver, **{"allowed": Allowed(), **settings})  # type: ignore[arg-type]
    target = parse_url(url)
    assert target is not None
    if opened:
        assert anyio.run(fetcher._check, target, "image_url").url == target
    else:
        problem = failure(anyio.run, fetcher._check, target, "image_url")
        assert problem.title.endswith("Port not allowed")


def test_a_redirect_opens_no_port(port: int) -> None:
    async def resolver(host: str, number: int) -> Sequence[Address]:
        return [ipaddress.ip_address("127.0.0.1" if host == "inside" else "93.184.216.34")]

    url = f"http://inside:{port}/to=http://outside.example:22/"
    problem = failure(fetch, url, allowed=Allowed(["127.0.0.1"]), resolver=resolver)
    assert problem.title.endswith("Port not allowed")


def test_the_environment_has_no_say(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert fetch(f"http://127.0.0.1:{port}/x") == b"picture"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here")
def test_certificates_are_checked_for_the_name(port: int, tmp_path: Path) -> None:
    make_certificates(tmp_path)
    seen: list[str] = []

    async def resolver(host: str, number: int) -> Sequence[Address]:
        return [ipaddress.ip_address("127.0.0.1")]

    context = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    with way_to(port, tmp_path, seen) as (_, tls_port):

        def get(host: str, **more: object) -> bytes:
            return fetch(f"https://{host}:{tls_port}/x", resolver=resolver, **more)

        assert get("api.remove.bg", context=context) == b"picture"
        assert failure(get, "other.example", context=context).title.endswith("ConnectError")
        assert failure(get, "api.remove.bg").title.endswith("ConnectError")  # unknown authority


def test_addresses_of_version_6() -> None:
    async def resolver(host: str, number: int) -> Sequence[Address]:
        return [ipaddress.ip_address("::1")]

    try:
        server = http.server.ThreadingHTTPServer.__new__(http.server.ThreadingHTTPServer)
        server.address_family = socket.AF_INET6
        server.__init__(("::1", 0), Handler)  # type: ignore[misc]
    except OSError:
        pytest.skip("no IPv6 here")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        url = f"http://six.example:{server.server_port}/x"
        assert fetch(url, resolver=resolver, allowed=Allowed(["::1"])) == b"picture"
        assert Handler.seen == [(f"six.example:{server.server_port}", "/x")]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_resolve_reads_numbers_as_the_system_does() -> None:
    for host in ("127.0.0.1", "::1"):
        assert anyio.run(resolve, host, 80) == [ipaddress.ip_address(host)]


def test_over_http(make: Make, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = picture()
    real = Handler.answer

    def answer(self: Handler, status: int, body: bytes, **headers: str) -> None:
        real(self, status, data if body == b"picture" else body, **headers)

    monkeypatch.setattr(Handler, "answer", answer)
    client = make(allow_internal=("127.0.0.1",))
    url = f"http://127.0.0.1:{port}/x.png"
    assert client.post("/v1.0/removebg", data={"image_url": url}).status_code == 200
    response = client.post("/v1.0/removebg", json={"image_url": url, "bg_image_url": url})
    assert response.status_code == 200, response.text
    response = client.post("/v1.0/removebg", data={"image_url": f"{url[:-6]}/missing"})
    assert response.json()["errors"][0]["title"] == (
        "Failed to download image from given image_url: HTTP Status 404"
    )
    response = client.post(
        "/v1.0/removebg",
        data={"bg_image_url": "http://10.0.0.1/"},
        files={"image_file": picture()},
    )
    assert response.json()["errors"][0] == {
        "title": "Failed to download background image from given image_url: "
        "Host not found or not allowed",
        "code": "failed_bg_download",
    }
