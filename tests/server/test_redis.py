"""The rate limit in a real Redis, shared by servers that do not know each other."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.server.pictures import blank, picture
from support.server.program import Program, free_port, running

pytestmark = [
    pytest.mark.install,
    pytest.mark.skipif(importlib.util.find_spec("redis") is None, reason="redis is not installed"),
    pytest.mark.skipif(sys.platform == "win32", reason="POSIX programs"),
]

FOLDER = Path(os.environ.get("MATTEKIT_CLIENTS", "/nowhere")) / "redis"


@contextlib.contextmanager
def redis(port: int) -> Iterator[subprocess.Popen[bytes]]:
    program = shutil.which("redis-server", path=f"{FOLDER}/usr/bin:{os.environ['PATH']}")
    if program is None:
        pytest.skip("no redis-server under MATTEKIT_CLIENTS, nor in PATH")
    libraries = ":".join(map(str, FOLDER.glob("usr/lib/*-linux-gnu")))
    process = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--bind", "127.0.0.1"],
        env={**os.environ, **({"LD_LIBRARY_PATH": libraries} if libraries else {})},
        stdout=subprocess.DEVNULL,
    )
    try:
        import redis as client

        with client.Redis(port=port) as connection:
            for _ in range(200):
                with contextlib.suppress(client.ConnectionError):
                    connection.ping()
                    break
                assert process.poll() is None
                time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait(10)


def send(program: Program, data: bytes) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=60) as client:
        return client.post(program.url + "/v1.0/removebg", files={"image_file": data})


def test_several_machines_count_together(tmp_path: Path) -> None:
    port = free_port()
    settings = {"rate_storage": f"redis://127.0.0.1:{port}", "rate_limit": 8}
    with redis(port), running(**settings) as one, running(**settings) as other:
        assert send(one, blank()).status_code == 400  # costs nothing
        first = send(one, picture())
        second = send(other, picture(1500, 1000))  # 2 units
        assert [r.headers["x-ratelimit-remaining"] for r in (first, second)] == ["7", "5"]
        resets = [int(r.headers["x-ratelimit-reset"]) for r in (first, second)]
        assert abs(resets[1] - resets[0]) <= 1  # one window, from the first call on
        assert resets[0] == pytest.approx(time.time() + 60, abs=30)
        large = send(one, picture(3000, 2000))  # 6 units
        assert large.status_code == 429
        assert 1 <= int(large.headers["retry-after"]) <= 60
        assert large.headers["x-ratelimit-remaining"] == "5"
        codes = [send((one, other)[number % 2], picture()).status_code for number in range(6)]
        assert codes == [200] * 5 + [429]

        import redis as client

        with client.Redis(port=port) as connection:
            (key,) = connection.keys()
            assert 1 <= connection.ttl(key) <= 60
            assert int(connection.get(key)) == 8


def test_a_storage_that_is_gone_is_said_and_comes_back() -> None:
    port = free_port()
    with contextlib.ExitStack() as stack:
        with redis(port) as process:
            program = stack.enter_context(running(rate_storage=f"redis://127.0.0.1:{port}"))
            assert send(program, picture()).status_code == 200
            process.kill()
            process.wait()
        started = time.monotonic()
        answer = send(program, picture())
        assert time.monotonic() - started < 10
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["errors"][0]["code"] == "server_busy"
        assert httpx.get(f"{program.url}/health", trust_env=False).status_code == 200
        with redis(port):
            assert send(program, picture()).status_code == 200
