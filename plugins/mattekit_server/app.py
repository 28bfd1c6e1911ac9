"""`mattekit app`: the page in a browser, on a port of this machine that nobody else can use.

The address that the browser is given holds a random ticket, which the server takes once and answers
with a cookie: other users of the machine may see the browser's command line, but come too late. The
server ends with the last window.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import urllib.parse
import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from mattekit_server.settings import MEBIBYTE, Settings

if TYPE_CHECKING:
    import uvicorn

    from mattekit_server.page.endpoints import Page

__all__ = ["address", "app_settings", "run"]

_LOOK_SECONDS: Final = 0.5
#: A photographer's files, not those of strangers.
_FILE_LIMIT: Final = 512 * MEBIBYTE
_PIXEL_LIMIT: Final = 200_000_000
_MEMORY: Final = 4096 * MEBIBYTE


def app_settings(port: int, **values: object) -> Settings:
    """Return how the server of one person behaves.

    Parameters
    ----------
    port : int
        Where it listens.
    **values
        Further fields of `Settings`.
    """
    return Settings(
        port=port,
        token=secrets.token_urlsafe(32),
        app=True,
        rate_limit=0,
        file_limit=_FILE_LIMIT,
        pixel_limit=_PIXEL_LIMIT,
        buffer_limit=4 * _FILE_LIMIT,
        page_memory=_MEMORY,
        page_seconds=12 * 3600.0,
        deadline=600.0,
        **values,  # type: ignore[arg-type]
    )


def address(port: int, ticket: str) -> str:
    """Return the address that opens the page, once."""
    return f"http://127.0.0.1:{port}/?{urllib.parse.urlencode({'ticket': ticket})}"


def run(
    *,
    model: str,
    device: str,
    note: Callable[[str], None],
    open_browser: Callable[[str], bool] | None = webbrowser.open,
) -> None:
    """Serve the page until its last window is closed.

    Parameters
    ----------
    model, device : str
        As the options of the same names.
    note : callable
        Told what happens, in sentences.
    open_browser : callable or None
        Opens an address; returns False where it cannot. None: the user opens it.

    Raises
    ------
    MattekitError
        The network cannot run.
    """
    import uvicorn

    from mattekit_server.application import create_app
    from mattekit_server.serving import quiet, serve_watched

    quiet()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings = app_settings(listener.getsockname()[1], model=model, device=device)
        app = create_app(settings)
        app.state.service.engine.warm_up()
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            http="mattekit_server.protocol:LocalProtocol",
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)
        watch = _watch(server, app.state.page, note, open_browser)
        asyncio.run(serve_watched(server, listener, watch))


async def _watch(
    server: uvicorn.Server,
    page: Page,
    note: Callable[[str], None],
    open_browser: Callable[[str], bool] | None,
) -> None:
    while not server.started:
        await asyncio.sleep(0.02)
    link = address(page.service.settings.port, page.issue_ticket())
    if open_browser is not None and await asyncio.to_thread(open_browser, link):
        note(
            "The page opens in your browser. `mattekit app --no-browser` tells its address instead."
        )
    else:
        note(f"Open {link} in a browser of this machine. The address works once.")
    note("Your pictures stay on this machine. Close the window, or press Ctrl-C, to end.")
    while not page.windows.all_closed:
        await asyncio.sleep(_LOOK_SECONDS)
    note("The last window is closed.")
    server.should_exit = True
