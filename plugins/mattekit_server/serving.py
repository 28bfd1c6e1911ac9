"""Running the application: processes, signals, sockets."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from typing import Final

from starlette.applications import Starlette

from mattekit_server.settings import Settings

__all__ = ["app_from_environment", "quiet", "serve"]

#: How settings reach the processes that uvicorn starts.
_VARIABLE: Final = "MATTEKIT_SERVER_SETTINGS"

#: Seconds that a process may take to say that it lives.
_PATIENCE: Final = 120

#: What uvicorn imports in every process; tests have their own.
APPLICATION = "mattekit_server.serving:app_from_environment"


def app_from_environment() -> Starlette:
    """Return the application with the settings of the process that started this one."""
    from mattekit_server.application import create_app

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    quiet()
    return create_app(Settings.from_json(os.environ[_VARIABLE]))


def quiet() -> None:
    """Keep what clients can make up, as broken forms and URLs, out of the log."""
    for name in ("httpx", "python_multipart"):
        logging.getLogger(name).setLevel(logging.ERROR)


def serve(settings: Settings, *, access_log: bool = False) -> None:
    """Serve until a signal ends it; running pictures are finished first.

    Parameters
    ----------
    settings : Settings
        How the server behaves.
    access_log : bool
        Whether each request is logged.

    Raises
    ------
    MattekitError
        The settings cannot be served: no such model or device, a storage that does not answer.
    """
    import uvicorn

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
            workers=settings.workers,
            access_log=access_log,
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


def _checked() -> Starlette:
    """Return an application whose network runs: what is wrong is said before anything listens."""
    from uvicorn.importer import import_from_string

    app: Starlette = import_from_string(APPLICATION)()
    app.state.service.engine.warm_up()
    return app
