"""What is made to hurt, against a running server: it answers, and its memory stays what it was."""

from __future__ import annotations

import concurrent.futures
import contextlib
import http.server
import io
import ipaddress
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from support.server.bombs import BOMBS
from support.server.pictures import blank, picture
from support.server.program import Program, running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]

URL = "/v1.0/removebg"


def memory(program: Program, name: str = "VmHWM") -> float:
    """Megabytes: VmHWM is the most there ever was, VmRSS what there is now."""
    for line in Path(f"/proc/{program.process.pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise AssertionError(name)


def post(program: Program, **request: object) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=90) as client:
        return client.post(program.url + URL, **request)  # type: ignore[arg-type]


def code(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["code"]) if answer.status_code != 200 else "ok"


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with running(file_limit=12 * 2**20, concurrency=1, rate_limit=0) as program:
        for _ in range(5):
            assert post(program, files={"image_file": picture(1000, 800)}).status_code == 200
        yield program


# -- pictures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(program: Program, name: str) -> None:
    make, expected = BOMBS[name]
    data = make()
    assert len(data) < 12 * 2**20
    before, started = memory(program), time.monotonic()
    answer = post(program, files={"image_file": data})
    assert answer.status_code == 400
    assert code(answer) == expected, answer.text
    assert time.monotonic() - started < 20
    assert memory(program) - before < 60
    assert post(program, files={"image_file": picture()}).status_code == 200


@pytest.mark.parametrize("field", ["bg_image_file", "image_file"])
def test_a_bomb_in_either_field(program: Program, field: str) -> None:
    other = {"bg_image_file": "image_file", "image_file": "bg_image_file"}[field]
    bomb = BOMBS["a real PNG of 400 megapixels"][0]()
    before = memory(program)
    answer = post(program, files={field: bomb, other: picture()})
    assert code(answer) == "resolution_too_high"
    assert memory(program) - before < 40


def test_the_largest_picture_that_is_allowed(program: Program) -> None:
    """50 megapixels in 30 kB: legal, and paid for with time, not with memory without end."""
    data = blank(10_000, 5_000)
    assert len(data) < 400_000
    answer = post(program, files={"image_file": data})
    assert code(answer) == "unknown_foreground"
    assert memory(program) < 1200
    answer = post(program, files={"image_file": blank(10_000, 5_001)})
    assert answer.json()["errors"][0]["detail"] == (
        "Input image has 51 megapixels, maximum supported input resolution is 50 megapixels"
    )


def test_sixty_megapixels_and_thirteen_megabytes(program: Program) -> None:
    answer = post(program, files={"image_file": blank(10_000, 6_000)})
    assert answer.json()["errors"][0] == {
        "title": "Image resolution too high",
        "code": "resolution_too_high",
        "detail": "Input image has 60 megapixels, maximum supported input resolution is 50 "
        "megapixels",
    }
    answer = post(program, files={"image_file": picture() + bytes(13 * 2**20)})
    assert answer.json()["errors"][0] == {
        "title": "File too large",
        "code": "file_too_large",
        "detail": "File exceeds limit of 12MB",
    }


def test_slow_work_ends_at_its_deadline() -> None:
    """25 megapixels of noise with the slowest options: real work, of which no more is done."""
    noise = np.random.default_rng(0).integers(0, 120, (400, 625, 3), np.uint8)
    large = Image.fromarray(noise).resize((6250, 4000), Image.Resampling.BICUBIC)
    large.paste((230, 20, 20), (2000, 1000, 4500, 3000))
    out = io.BytesIO()
    large.save(out, "JPEG", quality=60)
    fields = {"size": "full", "refine": "best", "format": "webp", "quality": "100", "holes": "50"}
    with running(concurrency=1, deadline=1.0) as program:
        files = {"image_file": out.getvalue()}
        answer = post(program, files=files, data=fields)
        assert (answer.status_code, code(answer)) == (503, "server_busy")
        while httpx.get(f"{program.url}/health", trust_env=False).json()["running"]:
            time.sleep(0.05)
        text = httpx.get(f"{program.url}/metrics", trust_env=False).text
        assert "mattekit_pictures_canceled_total 1.0" in text
        assert 'mattekit_stage_seconds_count{stage="encode"}' not in text
        answer = post(program, files={"image_file": picture()})
        assert answer.status_code == 200  # the thread is free


# -- bodies ----------------------------------------------------------------------------------------


def test_ten_thousand_fields(program: Program) -> None:
    before = memory(program)
    answer = post(program, data={f"f{number}": "x" for number in range(10_000)})
    assert (answer.status_code, code(answer)) == (400, "invalid_request")
    parts = [("f", (None, "x"))] * 10_000
    answer = post(program, files=parts)
    assert answer.json()["errors"][0]["detail"] == "More than 1000 fields."
    assert memory(program) - before < 40


def test_many_slow_bodies_do_not_keep_others_out() -> None:
    head = (
        f"POST {URL} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
    ).encode()
    with running(body_timeout=2) as program, contextlib.ExitStack() as stack:
        slow = [stack.enter_context(program.connect()) for _ in range(100)]
        for connection in slow:
            connection.sendall(head)
        assert post(program, files={"image_file": picture()}).status_code == 200
        started = time.monotonic()
        for connection in slow:
            assert connection.recv(100).startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - started < 15


# -- load ------------------------------------------------------------------------------------------


def test_memory_is_flat() -> None:
    with running(concurrency=2, rate_limit=0) as program:
        data = picture(625, 400, "JPEG")
        with (
            httpx.Client(trust_env=False, timeout=60) as client,
            concurrent.futures.ThreadPoolExecutor(4) as pool,
        ):

            def call(_: int) -> int:
                return client.post(program.url + URL, files={"image_file": data}).status_code

            assert set(pool.map(call, range(50))) == {200}
            before = memory(program, "VmRSS")
            assert set(pool.map(call, range(100))) == {200}
            assert memory(program, "VmRSS") - before < 25


@pytest.mark.parametrize("kind", ["good", "empty", "nonsense", "too large"])
def test_a_body_is_gone_with_its_answer(kind: str) -> None:
    """Not when the garbage collector happens to look."""
    start = {"good": picture(), "empty": blank()}.get(kind, b"")
    data = start + bytes((9 if kind == "too large" else 7) * 2**20)
    with running(concurrency=1, rate_limit=0, file_limit=8 * 2**20) as program:
        for _ in range(3):
            post(program, files={"image_file": data})
        before = memory(program)
        for _ in range(8):
            post(program, files={"image_file": data})
        assert memory(program) - before < 30  # 56 or more, if it were kept


def test_too_much_of_everything_at_once() -> None:
    """Large bodies, four times too many: each gets its answer in time, memory stays bounded."""
    deadline = 12
    with running(
        seconds=0.2, concurrency=1, queue=4, deadline=deadline, buffer_limit=8 * 2**20, rate_limit=0
    ) as program:
        data = picture(500, 400) + bytes(2**20)
        assert post(program, files={"image_file": data}).status_code == 200
        before = memory(program)

        form = httpx.Request("POST", program.url, files={"image_file": data})
        whole = form.read()

        def call(_: int) -> tuple[str, float]:
            sent = time.monotonic()

            def body() -> Iterator[bytes]:
                nonlocal sent
                for at in range(0, len(whole), 2**20):
                    yield whole[at : at + 2**20]
                    sent = time.monotonic()

            kind = {"Content-Type": form.headers["content-type"]}
            answer = post(program, content=body(), headers=kind)
            if answer.status_code == 503:
                assert int(answer.headers["retry-after"]) >= 1
            return code(answer), time.monotonic() - sent

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(call, range(64)))
        assert {name for name, _ in answers} == {"ok", "server_busy"}
        assert max(seconds for _, seconds in answers) < deadline + 6  # all on two cores
        # The bodies that are held, a copy of each while it is put together, and one picture.
        assert memory(program) - before < 2 * 8 + 50
        assert post(program, files={"image_file": picture()}).status_code == 200


# -- fetching --------------------------------------------------------------------------------------


class Canary(http.server.BaseHTTPRequestHandler):
    """Answers whoever comes, and takes note."""

    def do_GET(self) -> None:
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        body = picture()
        self.send_response(302 if self.path.startswith("/to=") else 200)
        self.send_header("Location", self.path[4:])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@contextlib.contextmanager
def canary(address: str, port: int = 0) -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer((address, port), Canary)
    server.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


HOSTS = [
    *("127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1"),
    *("017700000001", "0", "0.0.0.0", "localhost", "LOCALHOST.", "127.0.0.1.", "[::1]", "[::]"),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]"),
    *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "①②⑦.⓪.⓪.①", "127。0。0。1"),
    *("127.0.0.1%00.example.com", "127.0.0.1#@example.com", "example.com@127.0.0.1"),
    *("169.254.169.254", "[fd00:ec2::254]", "[fe80::1]", "10.0.0.1", "192.168.0.1", "100.64.0.1"),
]


def test_no_notation_of_a_private_host_is_fetched_from(program: Program) -> None:
    with canary("127.0.0.1") as server:
        port = server.server_port
        for host in HOSTS:
            started = time.monotonic()
            answer = post(program, data={"image_url": f"http://{host}:{port}/x.png"})
            assert answer.status_code == 400, host
            assert code(answer) in {"failed_image_download", "invalid_image_url"}, host
            assert time.monotonic() - started < 15, host
        assert server.seen == []  # type: ignore[attr-defined]


class Names(threading.Thread):
    """A name server on this machine that answers each question differently (RFC 1035)."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        super().__init__(daemon=True)
        self.answers, self.asked = answers, list[str]()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.start()

    def run(self) -> None:
        while True:
            try:
                query, sender = self.socket.recvfrom(512)
            except OSError:
                return
            at, labels = 12, []
            while length := query[at]:
                labels.append(query[at + 1 : at + 1 + length].decode())
                at += 1 + length
            question, name = query[12 : at + 5], ".".join(labels)
            row = self.answers[name]
            address = row[min(self.asked.count(name), len(row) - 1)]
            self.asked.append(name)
            head = query[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0)
            packed = ipaddress.ip_address(address).packed
            answer = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 0, 4) + packed  # to be kept for 0 s
            self.socket.sendto(head + question + answer, sender)

    def close(self) -> None:
        self.socket.close()


def test_a_name_that_changes_its_mind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: the name is public when it is checked, and private when it is asked again.

    127.0.0.1 stands for a public host, by the allow-list; 127.0.0.2 for one inside.
    """
    answers = {
        "flip.example": ["127.0.0.1", "127.0.0.2"],
        "inside.example": ["127.0.0.2"],
        "outside.example": ["127.0.0.1"],
    }
    names = Names(answers)
    monkeypatch.setenv("MATTEKIT_FAKE_DNS", str(names.port))
    with (
        contextlib.closing(names),
        canary("127.0.0.1") as outside,
        canary("127.0.0.2", outside.server_port) as inside,
        running(allow_internal=("127.0.0.1/32",), rate_limit=0) as program,
    ):
        port = outside.server_port

        def ask(url: str, **more: str) -> httpx.Response:
            return post(program, data={"image_url": url, **more})

        assert ask(f"http://flip.example:{port}/a").status_code == 200
        assert names.asked == ["flip.example"]  # once, for the check and for the connection
        assert outside.seen == ["/a"]  # type: ignore[attr-defined]
        for url in (
            f"http://flip.example:{port}/b",
            f"http://inside.example:{port}/c",
            f"http://outside.example:{port}/to=http://inside.example:{port}/d",
            f"http://outside.example:{port}/to=//127.0.0.2:{port}/e",
        ):
            title = ask(url).json()["errors"][0]["title"]
            assert title.endswith("Host not found or not allowed"), url
        answer = ask(
            f"http://outside.example:{port}/f", bg_image_url=f"http://inside.example:{port}/g"
        )
        assert code(answer) == "failed_bg_download"
        assert inside.seen == []  # type: ignore[attr-defined]
