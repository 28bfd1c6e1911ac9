"""How networks get here past a server that does everything wrong."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from mattekit.errors import (
    ModelCorrupt,
    ModelFetchError,
    OutputError,
)
from mattekit.models import Store
from support.model_server import (
    DATA,
    MD5,
    SHA256,
    Handler,
    Server,
    card,
    cut_after,
    files,
    first,
    good,
    store_for,
)
from support.tiers import spread

OTHER = DATA[::-1]


def wrong(handler: Handler) -> None:
    good(handler, OTHER)


def missing(handler: Handler) -> None:
    handler.head(404, Content_Length=0)


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
    def another_range(handler: Handler) -> None:
        handler.head(
            206,
            Content_Length=len(DATA) - 5,
            Content_Range=f"bytes 5-{len(DATA) - 1}/{len(DATA)}",
        )
        handler.wfile.write(DATA[5:])

    url = server.on("/a", first(cut_after(100_000), another_range, good))
    store = Store(tmp_path, cards=[card(url)], offline=False, timeout=60, retries=2)
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
    spread(
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
        4,
    ),
)
def test_a_bad_mirror_is_told_and_passed_over(server: Server, tmp_path: Path, behavior, message):
    bad = server.on("/bad", behavior)
    never = behavior in (stall, silent, drip)
    with pytest.raises(ModelFetchError) as caught:
        store_for(tmp_path / "alone", bad, timeout=0.3 if never else 60).fetch("mine")
    assert message in str(caught.value)
    assert bad in str(caught.value)
    assert not (tmp_path / "alone" / "mine.onnx").exists()
    both = bad, server.on("/good", good)
    path = store_for(tmp_path / "both", *both, timeout=3 if never else 60).fetch("mine")
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


@pytest.mark.slow
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
