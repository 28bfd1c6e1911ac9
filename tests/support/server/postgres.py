"""A real PostgreSQL of the test's own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.server.program import free_port

__all__ = ["Cluster", "running_postgres"]

FOLDER = Path(os.environ.get("MATTEKIT_CLIENTS", "/nowhere")) / "postgres"


class Cluster:
    """A running server, which can be stopped and started."""

    def __init__(self, programs: Path, folder: Path, port: int, **how: object) -> None:
        self.programs, self.folder, self.port, self.how = programs, folder, port, how
        self.url = f"postgresql://matte@127.0.0.1:{port}/postgres"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                *(self.programs / "postgres", "-D", self.folder / "data", "-p", str(self.port)),
                *("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"),
                *("-c", f"unix_socket_directories={self.folder}"),
            ],
            stderr=subprocess.DEVNULL,
            **self.how,  # type: ignore[call-overload]
        )
        import psycopg

        for _ in range(600):
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url):
                return
            assert self.process.poll() is None
            time.sleep(0.05)

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(2)  # SIGINT: fast, clients are sent away
        self.process.wait(30)


@contextlib.contextmanager
def running_postgres() -> Iterator[Cluster]:
    places = [*FOLDER.glob("usr/lib/postgresql/*/bin"), *Path("/usr/lib/postgresql").glob("*/bin")]
    found = shutil.which("initdb", path=":".join([*map(str, places), os.environ["PATH"]]))
    if found is None:
        pytest.skip("no PostgreSQL under MATTEKIT_CLIENTS, nor in PATH")
    programs = Path(found).resolve().parent
    how: dict[str, object] = {"env": {**os.environ, "LC_ALL": "C"}}
    with tempfile.TemporaryDirectory(prefix="mattekit-postgres-") as name:
        folder = Path(name)
        if programs.is_relative_to(FOLDER):
            # Who it runs as may not get into the folder of the clients.
            shutil.copytree(FOLDER / "usr", folder / "usr", symlinks=True)
            programs = folder / programs.relative_to(FOLDER)
            libraries = ":".join(map(str, folder.glob("usr/lib/*-linux-gnu")))
            how["env"] = {**os.environ, "LC_ALL": "C", "LD_LIBRARY_PATH": libraries}
        if os.getuid() == 0:  # which it refuses to run as
            shutil.chown(folder, "nobody")
            how["user"] = "nobody"
        subprocess.run(
            [
                *(programs / "initdb", "-D", folder / "data", "-U", "matte", "-A", "trust"),
                *("--no-sync", "--encoding", "UTF8"),
            ],
            check=True,
            capture_output=True,
            **how,  # type: ignore[call-overload]
        )
        cluster = Cluster(programs, folder, free_port(), **how)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
