"""The local worker: one private server per user, for editors and scripts of this machine.

It is the same application as `mattekit serve`, on a loopback address and a port of the system's
choice, one picture at a time, uncompressed formats and full size. Who may use it is decided by a
token in a file that only its user can read: ``worker.json`` in `mattekit_bridge.folder`, with these
keys.

============  ======================================================================================
``protocol``  `PROTOCOL`; another number means that the two sides do not understand each other
``version``   mattekit's version
``pid``       the process
``url``       where it listens
``token``     to be sent as ``X-API-Key``
``shared_memory``  whether it can be lent memory, see `mattekit_bridge.sharing`
============  ======================================================================================

The file exists while the worker answers. A lock that the system frees with the process makes sure
that there is one worker, also when two editors start it at the same moment. It ends by itself after
some time without work.

``python -m mattekit_server.worker`` is the worker itself; `mattekit_bridge.start` runs that in the
background.
"""

from __future__ import annotations

import asyncio
import json
import logging
import logging.handlers
import os
import secrets
import socket
import time
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from mattekit import __version__
from mattekit.errors import OutputError
from mattekit.files import make_folder
from mattekit.locking import locked_if_free
from mattekit_bridge.sharing import can_share
from mattekit_bridge.worker import PROTOCOL, folder
from mattekit_server.private import make_private
from mattekit_server.settings import Settings

__all__ = ["run"]

_IDLE: Final = 15 * 60.0
_GIB: Final = 2**30

_log = logging.getLogger(__name__)


def run(*, idle: float = _IDLE) -> bool:
    """Be the worker until told to stop or idle; return False at once where there is one already."""
    place = folder()
    _prepare(place)
    with locked_if_free(place / "worker.lock") as first:
        if not first:
            return False
        _log_to(place / "worker.log")
        try:
            asyncio.run(_serve(place, idle))
        finally:
            (place / "worker.json").unlink(missing_ok=True)
    return True


# -- inside ------------------------------------------------------------------------------------


async def _serve(place: Path, idle: float) -> None:
    import uvicorn

    from mattekit_server.application import create_app
    from mattekit_server.serving import serve_watched

    listener = socket.create_server(("127.0.0.1", 0))
    settings = Settings(
        port=listener.getsockname()[1],
        token=secrets.token_urlsafe(32),
        local=True,
        rate_limit=0,
        concurrency=1,
        file_limit=2 * _GIB,
        pixel_limit=200_000_000,
        buffer_limit=4 * _GIB,
        editor_memory=2 * _GIB,
        deadline=600,
        body_timeout=120,
        idle=idle,
    )
    app = create_app(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            http="mattekit_server.protocol:LocalProtocol",
            timeout_keep_alive=60,
            timeout_graceful_shutdown=60,
        )
    )
    service = app.state.service

    async def watch() -> None:
        while not server.started and not server.should_exit:
            await asyncio.sleep(0.01)
        _announce(place, settings)
        while not server.should_exit:
            await asyncio.sleep(0.1)
            quiet = time.monotonic() - service.last_request
            busy = service.pool.running or service.pool.waiting or service.memory.used
            busy = busy or len(service.editors)  # somebody may go on; they are forgotten in time
            if service.stop_asked or (idle and quiet > idle and not busy):
                # First unlisted, then gone: whoever looks now starts a new one.
                (place / "worker.json").unlink(missing_ok=True)
                server.should_exit = True

    with listener:
        await serve_watched(server, listener, watch())


def _announce(place: Path, settings: Settings) -> None:
    facts = {
        "protocol": PROTOCOL,
        "version": __version__,
        "pid": os.getpid(),
        "url": f"http://127.0.0.1:{settings.port}",
        "token": settings.token,
        "shared_memory": can_share(),
    }
    part = place / f"worker.json.{os.getpid()}.part"
    # Created unreadable for others; a mode set afterwards would come too late.
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(facts, file)
    part.replace(place / "worker.json")
    _log.info("worker %d listens on port %d", os.getpid(), settings.port)


def _prepare(place: Path) -> None:
    make_folder(place, private=True)
    try:
        if os.name == "posix":
            if place.stat().st_uid != os.getuid():
                raise OutputError(str(place), "the folder belongs to another user.")
            place.chmod(0o700)
    except OSError as error:
        raise OutputError(
            str(place), f"the worker cannot keep its files there ({error})."
        ) from error


class _PrivateLog(logging.handlers.RotatingFileHandler):
    """A log that only its owner can read, also where its folder was opened to others."""

    def _open(self) -> TextIOWrapper:
        make_private(Path(self.baseFilename))
        return super()._open()


def _log_to(path: Path) -> None:
    from mattekit_server.serving import quiet

    handler = _PrivateLog(path, maxBytes=1_000_000, backupCount=2, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    quiet()


if __name__ == "__main__":
    run(idle=float(os.environ.get("MATTEKIT_WORKER_IDLE", _IDLE)))
