"""The server as a real program: what only shows on a real socket and with real signals."""

from __future__ import annotations

import concurrent.futures
import json
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mattekit_server.keys import KeyStore
from support.gates import gate
from support.server.pictures import picture
from support.server.program import Program, running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals"),
]

PATH = "/v1.0/removebg"


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with running(body_timeout=2, file_limit=2**20) as program:
        yield program


def post(program: Program, data: bytes | None = None, **kwargs: object) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=60) as client:
        files = {"image_file": data if data is not None else picture()}
        return client.post(program.url + PATH, files=files, **kwargs)  # type: ignore[arg-type]


def read_all(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def multipart(data: bytes) -> bytes:
    return (
        b'--b\r\nContent-Disposition: form-data; name="image_file"; filename="x"\r\n\r\n'
        + data
        + b"\r\n--b--\r\n"
    )


def head(*lines: str) -> bytes:
    fixed = (
        f"POST {PATH} HTTP/1.1",
        "Host: x",
        "Content-Type: multipart/form-data; boundary=b",
        *lines,
        "",
        "",
    )
    return "\r\n".join(fixed).encode()


def test_a_connection_is_kept(program: Program) -> None:
    with httpx.Client(trust_env=False) as client:
        for _ in range(3):
            response = client.post(program.url + PATH, files={"image_file": picture()})
            assert response.status_code == 200
            stream = response.extensions["network_stream"]
            address = stream.get_extra_info("client_addr")
        assert (
            client.get(program.url + "/health")
            .extensions["network_stream"]
            .get_extra_info("client_addr")
            == address
        )


def test_chunked_body(program: Program) -> None:
    body = multipart(picture())

    def parts() -> Iterator[bytes]:
        for at in range(0, len(body), 100):
            yield body[at : at + 100]

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    with httpx.Client(trust_env=False) as client:
        response = client.post(program.url + PATH, content=parts(), headers=headers)
    assert response.status_code == 200


def test_expect_100_continue(program: Program) -> None:
    body = multipart(picture())
    with program.connect() as connection:
        connection.sendall(head(f"Content-Length: {len(body)}", "Expect: 100-continue"))
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


def test_a_slow_body_ends_in_time(program: Program) -> None:
    with program.connect() as connection:
        connection.sendall(head("Content-Length: 100000"))
        started = time.monotonic()
        for _ in range(3):
            time.sleep(0.3)
            connection.sendall(b"--b")
        answer = connection.recv(1000)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - started < 15


def test_half_a_body_and_gone(program: Program) -> None:
    with program.connect() as connection:
        connection.sendall(head("Content-Length: 100000") + b"--b\r\n")
    time.sleep(0.2)
    assert post(program).status_code == 200


def test_a_large_body_gets_its_answer(program: Program) -> None:
    """The answer comes while the client still sends, and must reach it all the same."""
    response = post(program, bytes(9 * 2**20))
    assert response.json()["errors"][0]["code"] == "file_too_large"

    def endless() -> Iterator[bytes]:
        yield multipart(b"")[:-9]
        for _ in range(40):
            yield bytes(2**17)

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    with httpx.Client(trust_env=False) as client:
        response = client.post(program.url + PATH, content=endless(), headers=headers)
    assert response.json()["errors"][0]["code"] == "file_too_large"


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1.0/removebg HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1.0/removebg HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST /v1.0/removebg HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_nonsense_does_no_harm(program: Program, raw: bytes) -> None:
    with program.connect() as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = read_all(connection)
    if answer:
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        assert lines[0].startswith(b"http/1.1 4"), answer
        assert b"content-type: application/json; charset=utf-8" in lines
        assert b"access-control-allow-origin: *" in lines
        assert f"content-length: {len(body)}".encode() in lines
        assert json.loads(body)["errors"][0]["title"]
    assert post(program).status_code == 200


def test_health_answers_under_load(program: Program) -> None:
    with (
        concurrent.futures.ThreadPoolExecutor(6) as pool,
        gate() as closed,
        running(gate=closed, concurrency=1, queue=4) as slow,
    ):
        calls = [pool.submit(post, slow) for _ in range(2)]
        closed.wait()
        started = time.monotonic()
        health = httpx.get(f"{slow.url}/health", trust_env=False).json()
        assert time.monotonic() - started < 2
        assert (health["running"], health["concurrency"]) == (1, 1)
        closed.open()
        assert [call.result().status_code for call in calls] == [200] * 2


def test_overload_is_answered(program: Program) -> None:
    """Four times what can be done: every call gets an answer, none after its deadline."""
    with (
        running(seconds=0.25, concurrency=1, queue=3, deadline=4) as slow,
        concurrent.futures.ThreadPoolExecutor(16) as pool,
    ):

        def call() -> tuple[int, float, str]:
            started = time.monotonic()
            response = post(slow)
            wait = response.headers.get("retry-after", "")
            return response.status_code, time.monotonic() - started, wait

        answers = list(pool.map(lambda _: call(), range(48)))
    codes = [status for status, _, _ in answers]
    assert set(codes) == {200, 503}
    assert codes.count(200) >= 3
    assert all(wait.isdecimal() and int(wait) >= 1 for status, _, wait in answers if status == 503)
    assert max(seconds for _, seconds, _ in answers) < 4 + 4  # the deadline, and 16 busy threads


def test_a_running_picture_is_finished_before_the_end() -> None:
    with (
        concurrent.futures.ThreadPoolExecutor(1) as pool,
        gate() as closed,
        running(gate=closed, concurrency=1) as slow,
    ):
        call = pool.submit(post, slow)
        closed.wait()
        slow.terminate()
        closed.open()
        assert call.result().status_code == 200
        assert slow.process.wait(20) in {0, -signal.SIGTERM}


def test_killed_in_the_middle(tmp_path: Path) -> None:
    """Nothing is lost and nothing charged twice when the process is killed and started again."""
    database = tmp_path / "keys.sqlite3"
    store = KeyStore(database)
    key = store.create("a", credits=2, free_calls=0)
    headers = {"X-API-Key": key}
    settings = {"auth": True, "database": database, "concurrency": 1}

    def full(program: Program) -> httpx.Response:
        with httpx.Client(trust_env=False, timeout=60) as client:
            return client.post(
                program.url + PATH,
                files={"image_file": picture()},
                data={"size": "full"},
                headers=headers,
            )

    with (
        concurrent.futures.ThreadPoolExecutor(1) as pool,
        gate() as closed,
        running(gate=closed, **settings) as slow,
    ):
        call = pool.submit(full, slow)
        closed.wait()
        os.kill(slow.process.pid, signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            call.result()
    assert store.records()[0].credits == 2
    with running(**settings) as again:
        assert full(again).status_code == 200
    assert store.records()[0].credits == 1
    with sqlite3.connect(database) as db:
        assert db.execute("SELECT count(*) FROM charges").fetchone() == (1,)
    db.close()
    store.close()


def test_several_processes(tmp_path: Path) -> None:
    database = tmp_path / "keys.sqlite3"
    store = KeyStore(database)
    key = store.create("a", credits=1.5, free_calls=0)
    with running(auth=True, database=database, workers=2, rate_limit=8) as program:
        headers = {"X-API-Key": key}
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: post(program, headers=headers), range(8)))
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [200] * 6 + [402] * 2  # 1.5 credits, no matter which process
        remaining = {a.headers["x-ratelimit-remaining"] for a in answers if a.status_code == 200}
        assert len(remaining) >= 3
        text = httpx.get(f"{program.url}/metrics", trust_env=False).text
        assert "mattekit_requests_total" in text
        assert 'path="/v1.0/removebg",status="402"' in text
    assert store.records()[0].credits == 0
    store.close()
