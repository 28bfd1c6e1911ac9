"""A restart under load: no request is lost, and every one is paid once."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from mattekit_server.keys import KeyStore
from mattekit_server.settings import Settings
from support.server import program
from support.server.pictures import picture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="systemd hands over sockets"),
]

#: As systemd starts a service with a socket: its third file, and its own number.
START = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        yield listener


@contextmanager
def service(listener: socket.socket, settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    number = listener.fileno()
    paths = os.pathsep.join([str(program.HERE.parents[2]), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(number), program.HERE, settings.to_json()],
        env={**os.environ, "MATTEKIT_FAKE_SECONDS": "0.05", "PYTHONPATH": paths},
        pass_fds=[number],
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def shop(tmp_path: Path, listener: socket.socket) -> tuple[Settings, str, str]:
    """Settings with a ledger on the disk, the address that is listened on, and a key."""
    database = tmp_path / "keys.sqlite3"
    with closing(KeyStore(database)) as keys:
        key = keys.create("shop", credits=10_000, free_calls=0)
    settings = Settings(database=database, concurrency=2, rate_limit=0, port=1)
    return settings, f"http://127.0.0.1:{listener.getsockname()[1]}", key


class Load:
    """Clients that go on calling, half of them over one connection each."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url, key
        self.codes: Counter[object] = Counter()
        self.ended = threading.Event()
        self.threads = [
            threading.Thread(target=self.call, args=(number % 2 == 0,)) for number in range(6)
        ]

    def call(self, kept: bool) -> None:
        headers = {"X-API-Key": self.key, **({} if kept else {"Connection": "close"})}
        with httpx.Client(trust_env=False, timeout=60, headers=headers) as client:
            while not self.ended.is_set():
                try:
                    files = {"image_file": picture()}
                    answer = client.post(self.url + "/v1.0/removebg", files=files)
                    self.codes[answer.status_code] += 1
                except httpx.TransportError as error:
                    self.codes[repr(error)] += 1

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def some_more(self) -> None:
        """Wait until more calls are answered."""
        before = self.codes[200]
        while self.codes[200] < before + 12 and len(self.codes) < 2:
            time.sleep(0.05)


def answers(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a process answers at an address that others may share."""
    while process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(f"{url}/health", trust_env=False).json()["pid"] == process.pid:
                return
        time.sleep(0.02)
    raise AssertionError("it ended")


@pytest.mark.parametrize("way", ["one after the other", "side by side"])
def test_no_request_is_lost(
    listener: socket.socket, shop: tuple[Settings, str, str], way: str
) -> None:
    settings, url, key = shop
    with service(listener, settings) as first:
        answers(url, first)
        with Load(url, key) as load:
            load.some_more()
            if way == "side by side":
                with service(listener, settings) as second:
                    answers(url, second)
                    first.send_signal(signal.SIGTERM)
                    assert first.wait(60) in {0, -signal.SIGTERM}
                    load.some_more()
                    load.__exit__()
            else:
                # As `systemctl restart` with mattekit.socket: who comes meanwhile waits.
                first.send_signal(signal.SIGTERM)
                assert first.wait(60) in {0, -signal.SIGTERM}
                with service(listener, settings) as second:
                    answers(url, second)
                    load.some_more()
                    load.__exit__()
    assert set(load.codes) == {200}, load.codes
    with closing(sqlite3.connect(settings.database)) as db:
        assert db.execute("SELECT count(*) FROM charges").fetchone() == (load.codes[200],)
        assert db.execute("SELECT count(*) FROM reservations").fetchone() == (0,)


def test_killed_under_load_the_ledger_is_exact(
    listener: socket.socket, shop: tuple[Settings, str, str]
) -> None:
    """What was answered is paid once, and of the rest at most what had been on its way back."""
    settings, url, key = shop
    with service(listener, settings) as first:
        answers(url, first)
        with Load(url, key) as load:
            load.some_more()
            first.kill()
            first.wait(30)
            answered = load.codes[200]
            with service(listener, settings) as second:
                answers(url, second)
                while load.codes[200] < answered + 12:
                    assert second.poll() is None
                    time.sleep(0.05)
                load.__exit__()
    good = load.codes.pop(200)
    lost = sum(load.codes.values())
    # Nobody is refused, and each client loses what it was waiting for, no more.
    assert all(isinstance(code, str) for code in load.codes), load.codes
    assert 1 <= lost <= len(load.threads), load.codes
    with closing(sqlite3.connect(settings.database)) as db:
        count, paid = db.execute("SELECT count(*), sum(price) FROM charges").fetchone()
        assert good <= count <= good + lost
        assert paid == 25 * count
        assert db.execute("SELECT credits FROM keys").fetchone() == (1_000_000 - paid,)
        assert db.execute("SELECT count(*) FROM reservations").fetchone() == (0,)


def test_without_keys_a_socket_that_others_reach_is_refused() -> None:
    with socket.create_server(("0.0.0.0", 0)) as listener:
        settings = Settings(auth=False, port=1)
        with service(listener, settings) as process:
            assert process.wait(60) not in {0, -signal.SIGTERM}


def test_what_is_sent_while_the_server_ends_is_answered() -> None:
    """A connection that is idle at that moment may have a request on its way."""
    get = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    with program.running() as server, server.connect() as connection:
        connection.sendall(get)
        first = b""
        while not first.endswith(b"}"):  # head and body may come apart
            first += connection.recv(4096)
        assert first.startswith(b"HTTP/1.1 200 ")
        server.terminate()
        connection.sendall(get.replace(b"/health", b"/ready"))
        answer = b""
        while part := connection.recv(4096):
            answer += part
        assert answer.startswith(b"HTTP/1.1 503 ")  # no balancer should send more
        assert b"connection: close" in answer.lower()
        assert b'"it ends"' in answer
        assert server.process.wait(20) in {0, -signal.SIGTERM}
