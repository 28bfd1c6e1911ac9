"""A server of models that does everything right or wrong, as it is told."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import threading
from collections.abc import Callable
from pathlib import Path

from mattekit.models import ModelCard, Store

DATA = bytes(range(256)) * 2000  # 512,000 bytes: several network blocks
SHA256 = hashlib.sha256(DATA).hexdigest()
MD5 = hashlib.md5(DATA, usedforsecurity=False).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the behaviour registered for the path says; keeps what it was asked."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.close_connection = True
        self.server.asked.append((self.path, dict(self.headers)))
        with contextlib.suppress(ConnectionError):
            self.server.behaviors[self.path](self)

    def log_message(self, format: str, *args: object) -> None:
        pass

    @property
    def offset(self) -> int:
        asked = self.headers.get("Range", "bytes=0-")
        return int(asked.removeprefix("bytes=").removesuffix("-"))

    def head(self, status: int, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviors: dict[str, Callable[[Handler], None]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # clients that hang up are part of the tests

    def on(self, path: str, behavior: Callable[[Handler], None]) -> str:
        self.behaviors[path] = behavior
        return f"http://127.0.0.1:{self.server_port}{path}"

    def ranges(self, path: str) -> list[str | None]:
        return [headers.get("Range") for asked, headers in self.asked if asked == path]


def good(handler: Handler, data: bytes = DATA, etag: str = '"one"') -> None:
    """Serve a file properly, ranges and If-Range included."""
    start = handler.offset
    if handler.headers.get("If-Range", etag) != etag:
        start = 0
    if start:
        handler.head(
            206,
            ETag=etag,
            Content_Length=len(data) - start,
            Content_Range=f"bytes {start}-{len(data) - 1}/{len(data)}",
        )
    else:
        handler.head(200, ETag=etag, Content_Length=len(data), Accept_Ranges="bytes")
    handler.wfile.write(data[start:])


def cut_after(count: int, *, ranges: bool = True, etag: str = '"one"') -> Callable[..., None]:
    """Promise everything, send `count` bytes, hang up."""

    def behavior(handler: Handler) -> None:
        start = handler.offset if ranges else 0
        handler.head(
            206 if start else 200,
            ETag=etag,
            Content_Length=len(DATA) - start,
            Content_Range=f"bytes {start}-{len(DATA) - 1}/{len(DATA)}",
        )
        handler.wfile.write(DATA[start : start + count])

    return behavior


def first(*behaviors: Callable[[Handler], None]) -> Callable[[Handler], None]:
    """Behave in turn, the last one for ever."""
    left = list(behaviors)

    def behavior(handler: Handler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return behavior


def card(*urls: str, **facts: object) -> ModelCard:
    given = {"bytes": len(DATA), "sha256": SHA256, "md5": MD5, "file": "mine.onnx", **facts}
    return ModelCard("mine", urls=urls, **given)  # type: ignore[arg-type]


def store_for(folder: Path, *urls: str, timeout: float = 60, **facts: object) -> Store:
    """Return a store that waits for a busy machine's answer; `timeout` is for who never answers."""
    return Store(folder, cards=[card(*urls, **facts)], offline=False, timeout=timeout, retries=1)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
