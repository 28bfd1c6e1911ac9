"""Running the application: processes, signals, sockets."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import errno
import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette

from mattekit.errors import OptionError
from mattekit_server.heap import keep_heap
from mattekit_server.settings import Settings

if TYPE_CHECKING:
    import uvicorn

__all__ = ["app_from_environment", "inherited_socket", "quiet", "serve", "serve_watched"]

#: How settings reach the processes that uvicorn starts.
_VARIABLE: Final = "MATTEKIT_SERVER_SETTINGS"

#: Seconds that a process may take to say that it lives.
_PATIENCE: Final = 120

#: The number of the first file that systemd hands over.
_FIRST_SOCKET: Final = 3

#: What uvicorn imports in every process; tests have their own.
APPLICATION = "mattekit_server.serving:app_from_environment"


def app_from_environment() -> Starlette:
    """Return the application with the settings of the process that started this one."""
    from mattekit_server.application import create_app

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    quiet()
    keep_heap()
    return create_app(Settings.from_json(os.environ[_VARIABLE]))


def quiet() -> None:
    """Keep what clients can make up, as broken forms and URLs, out of the log."""
    for name in ("httpx", "python_multipart"):
        logging.getLogger(name).setLevel(logging.ERROR)


def serve(settings: Settings) -> None:
    """Serve until a signal ends it; running pictures are finished first.

    Where systemd hands over a listening socket (``LISTEN_FDS``), that one is served, and `host` and
    `port` say nothing. It outlives this process, so that a restart refuses nobody.

    Parameters
    ----------
    settings : Settings
        How the server behaves.

    Raises
    ------
    MattekitError
        The settings cannot be served: no such model or device, a storage that does not answer, a
        socket that others can reach where there are no keys.
    """
    import uvicorn

    inherited = inherited_socket()
    if inherited is not None and not settings.auth:
        settings = dataclasses.replace(settings, host=_address(inherited))
    if inherited is None:
        _refuse_taken(settings.host, settings.port)
    os.environ[_VARIABLE] = settings.to_json()
    checked = _checked()
    app: Starlette | str = checked
    shared = None
    if settings.workers > 1:
        checked.state.service.close()
        checked.state.service.runtime.close()
        from mattekit_server.metrics import MULTIPROCESS

        app, shared = APPLICATION, tempfile.mkdtemp(prefix="mattekit-metrics-")
        os.environ[MULTIPROCESS] = shared
    try:
        uvicorn.run(
            app,
            factory=shared is not None,
            host=settings.host,
            port=settings.port,
            fd=None if inherited is None else inherited.fileno(),
            workers=settings.workers,
            access_log=False,  # `mattekit_server.access` logs, and no query
            log_level="info",
            server_header=False,
            # Clients that send a few pictures a minute keep their connection.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=int(settings.deadline) + 5,
            # A process that loads a large network, or has none of a busy machine's time, is alive.
            timeout_worker_healthcheck=_PATIENCE,
            ws="none",
            http="mattekit_server.protocol:PublicProtocol",
        )
    finally:
        if shared is not None:
            shutil.rmtree(shared, ignore_errors=True)


async def serve_watched(
    server: uvicorn.Server, listener: socket.socket, watch: Coroutine[Any, Any, None]
) -> None:
    """Serve one socket until `server.should_exit`, with a coroutine beside it that may set that."""
    watcher = asyncio.create_task(watch)
    try:
        await server.serve(sockets=[listener])
    finally:
        watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watcher


def inherited_socket() -> socket.socket | None:
    """Return the first socket that systemd hands over (sd_listen_fds(3)); None = there is none."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    if int(os.environ.get("LISTEN_FDS", "0")) < 1:
        return None
    # Not for the processes that this one starts.
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)
    listener = socket.socket(fileno=_FIRST_SOCKET)
    if listener.family != socket.AF_UNIX:
        # uvicorn takes any for a local one, and would let heads and bodies wait for each other.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket) -> str:
    # A socket in the file system can be reached from this machine only.
    return "localhost" if listener.family == socket.AF_UNIX else str(listener.getsockname()[0])


def _refuse_taken(host: str, port: int) -> None:
    """Say that nothing can listen there before a network is loaded, and what to do."""
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)
        families = {each[0] for each in found}
        family = socket.AF_INET if socket.AF_INET in families else socket.AF_INET6
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        number = error.errno or 0  # of a name that leads nowhere it is none of the system's
        reason = os.strerror(number) if number in errno.errorcode else str(error)
        raise OptionError(
            "port",
            port,
            # Those below 1024 are the system's to give.
            f"a port that is free on {host}, such as --port {port + (1 if port >= 1024 else 8000)}",
            f"{reason[:1].lower()}{reason[1:]}",
        ) from error


def _checked() -> Starlette:
    """Return an application whose network runs: what is wrong is said before anything listens."""
    from uvicorn.importer import import_from_string

    app: Starlette = import_from_string(APPLICATION)()
    app.state.service.engine.warm_up()
    return app
