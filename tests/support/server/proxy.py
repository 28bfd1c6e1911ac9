"""A stand-in for the way to https://api.remove.bg that ends at a server of ours.

Clients are told of a proxy and of a private certificate authority by their environment. The proxy
answers ``CONNECT`` to any host and leads to an endpoint that ends TLS in the name of
``api.remove.bg`` and passes everything on to the server, byte for byte.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

HOST = "api.remove.bg"


def make_certificates(folder: Path) -> Path:
    """Make an authority and a certificate for `HOST`; return the authority's file."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    openssl(
        *("req", "-x509", *curve, "-subj", "/CN=test authority", "-keyout", "ca.key"),
        *("-addext", "basicConstraints=critical,CA:TRUE"),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", "ca.pem"),
    )
    openssl("req", *curve[:-2], "-subj", f"/CN={HOST}", "-keyout", "key.pem", "-out", "csr.pem")
    (folder / "ext").write_text(f"subjectAltName=DNS:{HOST}\nbasicConstraints=CA:FALSE\n")
    openssl(
        *("x509", "-req", "-in", "csr.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2"),
        *("-CAcreateserial", "-extfile", "ext", "-out", "cert.pem"),
    )
    return folder / "ca.pem"


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def _relay(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int
) -> None:
    try:
        there, back = await asyncio.open_connection(host, port)
    except OSError:
        writer.close()
        return
    tasks = [asyncio.create_task(_pump(reader, back)), asyncio.create_task(_pump(there, writer))]
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait(tasks, timeout=0.5)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for stream in (writer, back):
        stream.close()
        with contextlib.suppress(OSError, ssl.SSLError):
            await stream.wait_closed()


@contextlib.contextmanager
def way_to(port: int, folder: Path, seen: list[str]) -> Iterator[tuple[str, int]]:
    """Yield the proxy's URL and the port of the TLS endpoint; hosts asked for go to `seen`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    ready: list[int] = []
    started = threading.Event()
    loop = asyncio.new_event_loop()

    async def endpoint(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _relay(reader, writer, "127.0.0.1", port)

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, *_ = head.decode("latin-1").split()
        seen.append(target)
        if method != "CONNECT":
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        await _relay(reader, writer, "127.0.0.1", ready[0])

    async def main(stop: asyncio.Event) -> None:
        tls = await asyncio.start_server(endpoint, "127.0.0.1", 0, ssl=context)
        proxy = await asyncio.start_server(connect, "127.0.0.1", 0)
        ready.extend(each.sockets[0].getsockname()[1] for each in (tls, proxy))
        started.set()
        await stop.wait()
        for each in (tls, proxy):
            each.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(main(stop)))
    thread.start()
    started.wait(10)
    try:
        yield f"http://127.0.0.1:{ready[1]}", ready[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
