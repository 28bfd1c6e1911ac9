"""Where networks lie, and how they get there past a server that does everything wrong."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from mattekit.errors import (
    ModelCorrupt,
    ModelError,
    ModelFetchError,
    ModelNotPresent,
    OfflineError,
    OutputError,
    UnknownModel,
)
from mattekit.models import ModelCard, Store

DATA = bytes(range(256)) * 2000  # 512,000 bytes: several network blocks
SHA256 = hashlib.sha256(DATA).hexdigest()
MD5 = hashlib.md5(DATA, usedforsecurity=False).hexdigest()
OTHER = DATA[::-1]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the behaviour registered for the path says; keeps what it was asked."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.close_connection = True
        self.server.asked.append((self.path, dict(self.headers)))
        with contextlib.suppress(ConnectionError):
            self.server.behaviors[self.path](self)

    def log_message(self, format: str, *args: object) -> None:
        pass

    @property
    def offset(self) -> int:
        asked = self.headers.get("Range", "bytes=0-")
        return int(asked.removeprefix("bytes=").removesuffix("-"))

    def head(self, status: int, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviors: dict[str, Callable[[Handler], None]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # clients that hang up are part of the tests

    def on(self, path: str, behavior: Callable[[Handler], None]) -> str:
        self.behaviors[path] = behavior
        return f"http://127.0.0.1:{self.server_port}{path}"

    def ranges(self, path: str) -> list[str | None]:
        return [headers.get("Range") for asked, headers in self.asked if asked == path]


@pytest.fixture(autouse=True)
def _impatience(monkeypatch):
    monkeypatch.setattr("mattekit.models.fetching.PAUSE", 0.01)
    # Reading the certificates of the world takes longer than most tests, and all are plain http.
    monkeypatch.setattr("ssl.SSLContext.load_verify_locations", lambda *given, **named: None)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


def good(handler: Handler, data: bytes = DATA, etag: str = '"one"') -> None:
    """Serve a file properly, ranges and If-Range included."""
    start = handler.offset
    if handler.headers.get("If-Range", etag) != etag:
        start = 0
    if start:
        handler.head(
            206,
            ETag=etag,
            Content_Length=len(data) - start,
            Content_Range=f"bytes {start}-{len(data) - 1}/{len(data)}",
        )
    else:
        handler.head(200, ETag=etag, Content_Length=len(data), Accept_Ranges="bytes")
    handler.wfile.write(data[start:])


def wrong(handler: Handler) -> None:
    good(handler, OTHER)


def missing(handler: Handler) -> None:
    handler.head(404, Content_Length=0)


def cut_after(count: int, *, ranges: bool = True, etag: str = '"one"') -> Callable[..., None]:
    """Promise everything, send `count` bytes, hang up."""

    def behavior(handler: Handler) -> None:
        start = handler.offset if ranges else 0
        handler.head(
            206 if start else 200,
            ETag=etag,
            Content_Length=len(DATA) - start,
            Content_Range=f"bytes {start}-{len(DATA) - 1}/{len(DATA)}",
        )
        handler.wfile.write(DATA[start : start + count])

    return behavior


def first(*behaviors: Callable[[Handler], None]) -> Callable[[Handler], None]:
    """Behave in turn, the last one for ever."""
    left = list(behaviors)

    def behavior(handler: Handler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return behavior


def card(*urls: str, **facts: object) -> ModelCard:
    given = {"bytes": len(DATA), "sha256": SHA256, "md5": MD5, "file": "mine.onnx", **facts}
    return ModelCard("mine", urls=urls, **given)  # type: ignore[arg-type]


def store_for(folder: Path, *urls: str, **facts: object) -> Store:
    return Store(folder, cards=[card(*urls, **facts)], offline=False, timeout=0.3, retries=1)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# -- fetching --------------------------------------------------------------------------------


def test_a_file_arrives_with_progress(server: Server, tmp_path: Path):
    store = store_for(tmp_path / "deep" / "er", server.on("/a", good))
    seen: list[tuple[int, int]] = []
    assert not store.present("mine")
    path = store.fetch("mine", lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == DATA
    assert files(path.parent) == ["mine.onnx"]
    assert store.present("mine")
    assert store.verify("mine") == store.require("mine") == store.path("mine") == path
    assert seen[0] == (0, len(DATA))
    assert seen[-1] == (len(DATA), len(DATA))
    assert seen == sorted(seen)


def test_what_is_there_is_not_fetched_again(server: Server, tmp_path: Path):
    store = store_for(tmp_path, server.on("/a", good))
    store.fetch("mine")
    store.fetch("mine")
    assert len(server.asked) == 1
    store.fetch("mine", force=True)
    assert len(server.asked) == 2


@pytest.mark.parametrize("bad", [OTHER, DATA[:1000], b""])
def test_a_file_that_is_not_the_right_one_is_replaced(server: Server, tmp_path: Path, bad):
    store = store_for(tmp_path, server.on("/a", good))
    (tmp_path / "mine.onnx").write_bytes(bad)
    with pytest.raises(ModelCorrupt, match="mattekit models fetch mine"):
        store.verify("mine")
    assert store.fetch("mine").read_bytes() == DATA


def test_a_cut_connection_is_resumed(server: Server, tmp_path: Path):
    url = server.on("/a", first(cut_after(100_000), cut_after(200_000), good))
    assert store_for(tmp_path, url).fetch("mine").read_bytes() == DATA
    assert server.ranges("/a") == [None, "bytes=100000-", "bytes=300000-"]
    assert server.asked[1][1]["If-Range"] == '"one"'
    assert files(tmp_path) == ["mine.onnx"]


def test_a_later_call_goes_on_where_this_one_stopped(server: Server, tmp_path: Path):
    url = server.on("/a", first(cut_after(100_000), cut_after(0)))
    with pytest.raises(ModelFetchError, match="given up"):
        store_for(tmp_path, url).fetch("mine")
    assert files(tmp_path) == ["mine.onnx.part", "mine.onnx.part.json"]
    server.on("/a", good)
    server.asked.clear()
    seen: list[int] = []
    store_for(tmp_path, url).fetch("mine", lambda done, total: seen.append(done))
    assert server.ranges("/a") == ["bytes=100000-"]
    assert seen[0] == 100_000
    assert files(tmp_path) == ["mine.onnx"]


def test_progress_renews_patience_and_its_lack_ends_it(server: Server, tmp_path: Path):
    url = server.on("/a", cut_after(70_000))  # eight cuts, one retry, but always progress
    store_for(tmp_path / "a", url).fetch("mine")
    server.asked.clear()
    url = server.on("/b", cut_after(10))
    with pytest.raises(ModelFetchError):
        store_for(tmp_path / "b", url).fetch("mine")
    assert len(server.asked) == 2


def test_a_server_that_ignores_ranges_starts_over(server: Server, tmp_path: Path):
    def whole(handler: Handler) -> None:
        handler.head(200, ETag='"one"', Content_Length=len(DATA))
        handler.wfile.write(DATA)

    url = server.on("/a", first(cut_after(100_000), whole))
    assert store_for(tmp_path, url).fetch("mine").read_bytes() == DATA
    assert server.ranges("/a") == [None, "bytes=100000-"]


def test_a_server_that_sends_another_range_starts_over(server: Server, tmp_path: Path):
    def elsewhere(handler: Handler) -> None:
        handler.head(
            206,
            Content_Length=len(DATA) - 5,
            Content_Range=f"bytes 5-{len(DATA) - 1}/{len(DATA)}",
        )
        handler.wfile.write(DATA[5:])

    url = server.on("/a", first(cut_after(100_000), elsewhere, good))
    store = Store(tmp_path, cards=[card(url)], offline=False, timeout=0.3, retries=2)
    assert store.fetch("mine").read_bytes() == DATA
    assert server.ranges("/a") == [None, "bytes=100000-", None]


def test_a_range_that_cannot_be_had_starts_over(server: Server, tmp_path: Path):
    url = server.on("/a", first(cut_after(100_000), lambda h: h.head(416), good))
    assert store_for(tmp_path, url).fetch("mine").read_bytes() == DATA
    assert server.ranges("/a") == [None, "bytes=100000-", None]


def test_a_file_that_changed_meanwhile_starts_over(server: Server, tmp_path: Path):
    url = server.on("/a", first(cut_after(100_000, etag='"old"'), good))
    assert store_for(tmp_path, url).fetch("mine").read_bytes() == DATA
    assert server.asked[1][1]["If-Range"] == '"old"'


def test_two_versions_in_one_file_are_found_and_fetched_anew(server: Server, tmp_path: Path):
    def spliced(handler: Handler) -> None:  # answers 206 whatever If-Range says
        start = handler.offset
        handler.head(
            206,
            Content_Length=len(DATA) - start,
            Content_Range=f"bytes {start}-{len(DATA) - 1}/{len(DATA)}",
        )
        handler.wfile.write(OTHER[start:])

    url = server.on("/a", first(cut_after(100_000), spliced, good))
    assert store_for(tmp_path, url).fetch("mine").read_bytes() == DATA
    assert server.ranges("/a") == [None, "bytes=100000-", None]
    assert files(tmp_path) == ["mine.onnx"]


def test_another_mirror_goes_on_because_the_digest_will_tell(server: Server, tmp_path: Path):
    urls = server.on("/a", first(cut_after(100_000), cut_after(0))), server.on("/b", good)
    assert store_for(tmp_path, *urls).fetch("mine").read_bytes() == DATA
    assert server.ranges("/b") == ["bytes=100000-"]
    assert "If-Range" not in server.asked[-1][1]


def test_bytes_are_not_kept_where_nothing_would_tell(server: Server, tmp_path: Path):
    urls = server.on("/a", first(cut_after(100_000), cut_after(0))), server.on("/b", good)
    store = store_for(tmp_path, *urls, sha256="", md5="")
    assert store.fetch("mine").read_bytes() == DATA
    assert server.ranges("/b") == [None]


@pytest.mark.parametrize("facts", ["", "{", "[]", "null", '{"file": 3}', '{"file": "else"}', None])
def test_an_unfinished_file_of_unknown_origin_is_dropped(server: Server, tmp_path: Path, facts):
    (tmp_path / "mine.onnx.part").write_bytes(OTHER[:1000])
    if facts is not None:
        (tmp_path / "mine.onnx.part.json").write_text(facts)
    store = store_for(tmp_path, server.on("/a", good))
    assert store.fetch("mine").read_bytes() == DATA
    assert server.ranges("/a") == [None]


@pytest.mark.parametrize("size", [len(DATA), len(DATA) + 5])
def test_an_unfinished_file_that_is_as_long_as_the_whole(server: Server, tmp_path: Path, size):
    (tmp_path / "mine.onnx.part").write_bytes((DATA + OTHER)[:size])
    facts = {"file": f"{len(DATA)}:{SHA256}:{MD5}", "url": "", "etag": ""}
    (tmp_path / "mine.onnx.part.json").write_text(json.dumps(facts))
    store = store_for(tmp_path, server.on("/a", good))
    assert store.fetch("mine").read_bytes() == DATA
    assert len(server.asked) == (size != len(DATA))


@pytest.mark.parametrize(
    "facts", [{}, {"sha256": ""}, {"md5": ""}, {"md5": "0" * 32}, {"sha256": "0" * 64}]
)
def test_every_digest_that_is_given_is_checked(server: Server, tmp_path: Path, facts):
    bad = wrong if not any(value.startswith("0") for value in facts.values()) else good
    store = store_for(tmp_path, server.on("/a", bad), **facts)
    with pytest.raises(ModelFetchError, match="expected"):
        store.fetch("mine")
    assert files(tmp_path) == []
    assert len(server.asked) == 1  # the same bytes would come again


def stall(handler: Handler) -> None:
    handler.head(200, Content_Length=len(DATA))
    handler.wfile.write(DATA[:1000])
    handler.wfile.flush()
    handler.server.over.wait(20)


def silent(handler: Handler) -> None:
    handler.server.over.wait(20)


def drip(handler: Handler) -> None:
    handler.head(200, Content_Length=len(DATA))
    while not handler.server.over.wait(0.05):
        handler.wfile.write(b"x")
        handler.wfile.flush()


def compressed(handler: Handler) -> None:
    handler.head(200, Content_Length=10, Content_Encoding="gzip")


def claims(count: int) -> Callable[[Handler], None]:
    def behavior(handler: Handler) -> None:
        handler.head(200, Content_Length=count)
        handler.wfile.write(DATA)

    return behavior


def endless(handler: Handler) -> None:
    handler.head(200, Transfer_Encoding="chunked")
    while True:
        handler.wfile.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")


def short(handler: Handler) -> None:
    handler.head(200, Transfer_Encoding="chunked")
    handler.wfile.write(b"5\r\nhello\r\n0\r\n\r\n")


def garbage(handler: Handler) -> None:
    handler.wfile.write(b"hello, I am no web server\r\n\r\n")


@pytest.mark.parametrize(
    ("behavior", "message"),
    [
        (missing, "it answered 404 Not Found"),
        (lambda handler: handler.head(403), "it answered 403"),
        (lambda handler: handler.head(503), "given up (it answered 503"),
        (wrong, "what arrived has the sha256"),
        (claims(len(DATA) - 1), "the file there has 511,999 bytes, expected 512,000"),
        (claims(len(DATA) + 1), "the file there has 512,001 bytes, expected 512,000"),
        (claims(1 << 50), "bytes, expected 512,000"),
        (endless, "it sends more than 512,000 bytes"),
        (short, "given up (it ended after 5 of 512,000 bytes)"),
        (stall, "given up"),
        (silent, "given up"),
        (drip, "given up (it sends less than 1024 bytes per second)"),
        (compressed, "it compresses the file"),
        (garbage, "given up"),
        (cut_after(0), "given up"),
    ],
)
def test_a_bad_mirror_is_told_and_passed_over(server: Server, tmp_path: Path, behavior, message):
    bad = server.on("/bad", behavior)
    with pytest.raises(ModelFetchError) as caught:
        store_for(tmp_path / "alone", bad).fetch("mine")
    assert message in str(caught.value)
    assert bad in str(caught.value)
    assert not (tmp_path / "alone" / "mine.onnx").exists()
    path = store_for(tmp_path / "both", bad, server.on("/good", good)).fetch("mine")
    assert path.read_bytes() == DATA
    assert files(path.parent) == ["mine.onnx"]


def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path):
    store = store_for(tmp_path, server.on("/a", first(lambda h: h.head(503), good)))
    assert store.fetch("mine").read_bytes() == DATA


def test_nobody_listens(tmp_path: Path):
    with pytest.raises(ModelFetchError, match="given up"):
        store_for(tmp_path, "http://127.0.0.1:9/a").fetch("mine")


def test_a_file_of_unknown_size(server: Server, tmp_path: Path, monkeypatch):
    def chunked(handler: Handler) -> None:
        handler.head(200, Transfer_Encoding="chunked")
        handler.wfile.write(b"%x\r\n" % len(DATA) + DATA + b"\r\n0\r\n\r\n")

    seen: list[tuple[int, int]] = []
    store = store_for(tmp_path, server.on("/a", chunked), bytes=0)
    store.fetch("mine", lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(DATA), 0)
    monkeypatch.setattr("mattekit.models.fetching.MAX_BYTES", 1000)
    for url in (server.on("/a", endless), server.on("/b", claims(1001))):
        with pytest.raises(ModelFetchError, match="1,000"):
            store_for(tmp_path, url, bytes=0).fetch("mine", force=True)
    assert store.verify("mine").read_bytes() == DATA  # what was there stays until it is replaced
    assert files(tmp_path) == ["mine.onnx"]


# -- redirects and addresses -----------------------------------------------------------------


def to(target: str) -> Callable[[Handler], None]:
    return lambda handler: handler.head(302, Location=target, Content_Length=0)


def test_redirects_are_followed_with_the_range(server: Server, tmp_path: Path):
    server.on("/real", first(cut_after(100_000), good))
    server.on("/b", to("/real"))
    store = store_for(tmp_path, server.on("/a", to("/b")))
    assert store.fetch("mine").read_bytes() == DATA
    assert server.ranges("/real") == [None, "bytes=100000-"]


def test_redirects_end(server: Server, tmp_path: Path):
    with pytest.raises(ModelFetchError, match="redirects more than 5 times"):
        store_for(tmp_path, server.on("/a", to("/a"))).fetch("mine")
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    "target", ["http://example.org/a", "ftp://example.org/a", "http://u:p@127.0.0.1/a"]
)
def test_redirects_to_elsewhere_are_refused(server: Server, tmp_path: Path, target):
    with pytest.raises(ModelFetchError, match="which is not allowed"):
        store_for(tmp_path, server.on("/a", to(target))).fetch("mine")


@pytest.mark.parametrize("host", ["xn--a", "xn--ls8h.la", "a..b"])
def test_hosts_that_cannot_be_named(tmp_path: Path, host):
    with pytest.raises(ModelFetchError, match=f"https://{host}/a: it names no host"):
        store_for(tmp_path, f"https://{host}/a").fetch("mine")


def test_plain_http_to_others_is_refused(tmp_path: Path):
    with pytest.raises(ModelFetchError, match="must be https"):
        store_for(tmp_path, "http://example.org/a").fetch("mine")


# -- more than one at once -------------------------------------------------------------------


def test_threads_take_turns(server: Server, tmp_path: Path):
    def slow(handler: Handler) -> None:
        handler.server.over.wait(0.2)
        good(handler)

    store = store_for(tmp_path, server.on("/a", slow))
    threads = [threading.Thread(target=store.fetch, args=("mine",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.asked) == 1
    assert files(tmp_path) == ["mine.onnx"]


def test_processes_take_turns(server: Server, tmp_path: Path):
    def slow(handler: Handler) -> None:
        handler.server.over.wait(1.0)
        good(handler)

    url = server.on("/a", slow)
    program = (
        "import sys; from mattekit.models import ModelCard, Store; "
        "card = ModelCard('mine', file='mine.onnx', urls=(sys.argv[2],), sha256=sys.argv[3]); "
        "Store(sys.argv[1], cards=[card], offline=False).fetch('mine')"
    )
    command = [sys.executable, "-c", program, str(tmp_path), url, SHA256]
    running = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    assert len(server.asked) == 1
    assert files(tmp_path) == ["mine.onnx"]


# -- the folder ------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_made(server: Server, tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    store = store_for(tmp_path / "file" / "models", server.on("/a", good))
    assert not store.present("mine")
    with pytest.raises(OutputError, match="MATTEKIT_MODEL_DIR names another folder"):
        store.fetch("mine")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind here")
def test_a_folder_that_is_read_only(server: Server, tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        store_for(tmp_path, server.on("/a", good)).fetch("mine")


def test_a_disk_that_is_too_small(server: Server, tmp_path: Path, monkeypatch):
    free = SimpleNamespace(total=0, used=0, free=511_999)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: free)
    with pytest.raises(OutputError, match="512,000 bytes are needed, 511,999 are free"):
        store_for(tmp_path, server.on("/a", good)).fetch("mine")
    assert files(tmp_path) == []


def test_a_disk_that_fills_up(server: Server, tmp_path: Path, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        store_for(tmp_path, server.on("/a", good)).fetch("mine")
    assert not (tmp_path / "mine.onnx").exists()


def test_an_interrupted_fetch_can_be_resumed(server: Server, tmp_path: Path):
    def stop(done: int, total: int) -> None:
        if done > 200_000:
            raise KeyboardInterrupt

    store = store_for(tmp_path, server.on("/a", good))
    with pytest.raises(KeyboardInterrupt):
        store.fetch("mine", stop)
    assert files(tmp_path) == ["mine.onnx.part", "mine.onnx.part.json"]
    assert store.fetch("mine").read_bytes() == DATA
    assert server.ranges("/a")[1] is not None


def test_folders(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("MATTEKIT_MODEL_DIR", str(tmp_path))
    assert Store().folder == tmp_path.resolve()
    assert Store(tmp_path / "other").folder == (tmp_path / "other").resolve()
    monkeypatch.setenv("MATTEKIT_MODEL_DIR", " ")
    assert Store().folder.name == "models"
    assert "mattekit" in str(Store().folder)


@pytest.mark.parametrize(
    ("value", "off"),
    [
        ("1", True),
        ("true", True),
        ("YES", True),
        ("2", True),
        ("0", False),
        ("", False),
        ("No", False),
    ],
)
def test_offline(tmp_path: Path, monkeypatch, value, off):
    monkeypatch.setenv("MATTEKIT_OFFLINE", value)
    store = Store(tmp_path, cards=[card("http://127.0.0.1:9/a")], timeout=0.1, retries=0)
    assert store.offline is off
    with pytest.raises(OfflineError if off else ModelFetchError):
        store.fetch("mine")
    (tmp_path / "mine.onnx").write_bytes(DATA)
    assert store.fetch("mine").read_bytes() == DATA  # it is there: nothing is asked for


def test_what_is_not_there(tmp_path: Path):
    store = store_for(tmp_path, "https://example.org/a")
    with pytest.raises(UnknownModel, match="Did you mean 'u2netp'"):
        store.path("u2nepp")
    with pytest.raises(ModelNotPresent) as caught:
        store.verify("mine")
    message = str(caught.value)
    for fact in ("mattekit models fetch mine", "https://example.org/a", str(tmp_path), SHA256):
        assert fact in message
    with pytest.raises(ModelFetchError, match="names no mirror"):
        store_for(tmp_path).fetch("mine")


def test_removing(server: Server, tmp_path: Path):
    store = store_for(tmp_path, server.on("/a", first(cut_after(100_000), cut_after(0))))
    assert not store.remove("mine")
    with pytest.raises(ModelFetchError):
        store.fetch("mine")
    assert store.remove("mine")
    assert files(tmp_path) == []
    server.on("/a", good)
    store.fetch("mine")
    assert store.remove("mine")
    assert not store.present("mine")
    (tmp_path / "mine.onnx").mkdir()
    with pytest.raises(OutputError, match="cannot be deleted"):
        store.remove("mine")


def test_the_builtin_model_is_part_of_the_package(tmp_path: Path):
    store = Store(tmp_path, offline=True)
    assert store.present("builtin")
    assert store.fetch("builtin") == store.verify("builtin") == store.path("builtin")
    with pytest.raises(ModelError, match="stays"):
        store.remove("builtin")
    assert store.present("builtin")


def test_names_are_taken_once(tmp_path: Path):
    with pytest.raises(ModelError, match="two models have this name"):
        Store(tmp_path, cards=[ModelCard("u2net")])


def test_fetching_is_imported_by_those_who_fetch():
    program = (
        "import sys, mattekit.models; mattekit.models.Store('.').present('u2net'); "
        "print(*{'httpx', 'onnxruntime', 'platformdirs'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert answer.stdout.split() == []
