"""The server as a program of its own, with a network that takes a while if it is told so.

``python program.py SETTINGS`` serves; SETTINGS is what `Settings.to_json` wrote. The fake network
sleeps for ``MATTEKIT_FAKE_SECONDS``, after it has passed the gate (`support.gates`).
``MATTEKIT_FAKE_DNS`` is the port of a name server on this machine that is asked instead of the
system's.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np

from mattekit_server.settings import Settings
from support.gates import Gate, pass_gate

HERE = Path(__file__).resolve()


def fake_app():  # type: ignore[no-untyped-def]
    from mattekit.geometry import Size
    from mattekit.models import InputSpec, ModelCard
    from mattekit.runtime import FakeSession, Runtime
    from mattekit_server.application import create_app

    seconds = float(os.environ.get("MATTEKIT_FAKE_SECONDS", "0"))

    def network(batch: np.ndarray) -> np.ndarray:
        pass_gate()
        time.sleep(seconds)
        return np.clip((batch[:, :1] - batch[:, 2:3]) * 4 + 0.5, 0, 1).astype(np.float32)

    runtime = Runtime()
    card = ModelCard("fake", input=InputSpec(size=Size(64, 64)))
    runtime.use("auto", FakeSession(network, card))
    app = create_app(Settings.from_json(os.environ["MATTEKIT_SERVER_SETTINGS"]), runtime)
    if port := os.environ.get("MATTEKIT_FAKE_DNS"):
        app.state.service.fetcher.resolver = resolver(int(port))
    return app


def resolver(port: int):  # type: ignore[no-untyped-def]
    """Return a resolver that asks the name server at a port of this machine, each time anew."""
    import ipaddress
    import struct

    async def resolve(host: str, _: int):  # type: ignore[no-untyped-def]
        try:
            return [ipaddress.ip_address(host)]
        except ValueError:
            pass
        labels = b"".join(bytes([len(each)]) + each.encode() for each in host.split("."))
        query = struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0\0\1\0\1"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(5)
            asking.sendto(query, ("127.0.0.1", port))
            answer = asking.recv(512)
        return [ipaddress.ip_address(answer[-4:])]

    return resolve


class Program:
    """A running server."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port
        self.url = f"http://127.0.0.1:{port}"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def terminate(self) -> None:
        """Tell it to end, and wait until it takes no more connections."""
        self.process.terminate()
        end = time.monotonic() + 60
        with contextlib.suppress(ConnectionRefusedError):
            while True:
                self.connect().close()
                assert time.monotonic() < end, "it still takes connections"
                time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(
    seconds: float = 0.0, *, gate: Gate | None = None, **settings: object
) -> Iterator[Program]:
    """Run a server; a `gate` is shut as soon as it answers, and each picture waits at it.

    At the end it is opened, so that whoever waits for an answer, where a test has failed, gets one.
    """
    port = free_port()
    values = {"auth": False, "port": port, **settings}
    environment = {
        **os.environ,
        "MATTEKIT_FAKE_SECONDS": str(seconds),
        **(gate.variables if gate is not None else {}),
        "PYTHONPATH": os.pathsep.join([str(HERE.parents[2]), os.environ.get("PYTHONPATH", "")]),
    }
    log = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
    process = subprocess.Popen(
        [sys.executable, str(HERE), Settings(**values).to_json()],  # type: ignore[arg-type]
        env=environment,
        stderr=log,
    )
    program = Program(process, port)
    try:
        for _ in range(300):
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{program.url}/health", trust_env=False)
                break
            if process.poll() is not None:
                raise RuntimeError("the server did not start")
            time.sleep(0.1)
        if gate is not None:
            gate.shut()
        yield program
    finally:
        if gate is not None:
            gate.open()
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        log.seek(0)
        said = log.read().decode(errors="replace")
        log.close()
        if "Traceback" in said:
            print(said, file=sys.stderr)  # shown where a test fails


if __name__ == "__main__":
    from mattekit_server import serving

    serving.APPLICATION = "program:fake_app"
    serving.serve(Settings.from_json(sys.argv[1]))
