"""What the tests of batches share: many small pictures, broken ones, and what became of them."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from support import tiny_onnx

#: A network that takes what is bright for subject, for processes that see nothing of this one.
CARD = tiny_onnx.CARD


def write_model(folder: Path) -> str:
    """Write a network of one operation and its card; returns its path."""
    path = tiny_onnx.write_network(folder / "bright.onnx")
    path.with_suffix(".toml").write_text(CARD, encoding="utf-8")
    return str(path)


def picture(number: int, form: str = "JPEG", size: tuple[int, int] = (32, 24)) -> bytes:
    """Return the file of a bright box on black, different for each number."""
    chance = np.random.default_rng(number)
    pixels = chance.integers(0, 24, (size[1], size[0], 3), np.uint8)
    top, left = chance.integers(2, 6, 2)
    pixels[top : size[1] - 3, left : size[0] - 4] += np.uint8(180)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form)
    return file.getvalue()


def _png(width: int, height: int) -> bytes:
    """Return a PNG file that claims to have a size and has no pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 7))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + pixels + chunk(b"IEND", b"")


def _large() -> bytes:
    """Return a BMP file whose header says that it has 400 megapixels."""
    data = bytearray(picture(0, "BMP"))
    data[18:26] = struct.pack("<II", 20_000, 20_000)
    return bytes(data)


def _gray() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 24), "black").save(file, "PNG")
    return file.getvalue()


def broken(kind: int) -> tuple[str, bytes, str]:
    """Return suffix, content and expected error of one of `BROKEN` kinds of broken files."""
    png = picture(kind, "PNG")
    noise = random.Random(kind).randbytes(400)
    return [
        ("jpg", b"", "InvalidFileType"),
        ("jpg", picture(kind)[:300], "UnreadableImage"),
        ("png", png[: len(png) // 2], "UnreadableImage"),
        ("bmp", _large(), "ResolutionTooHigh"),
        ("png", _png(0, 10), "InvalidDimensions"),
        ("jpg", b"<!doctype html><title>404</title>", "InvalidFileType"),
        ("jpg", b"%PDF-1.7\n" + noise, "InvalidFileType"),
        ("webp", b"\0\xfe" + noise, "InvalidFileType"),
        ("tif", b"II*\0" + noise, "UnreadableImage"),
        ("png", _gray(), "ForegroundNotFound"),
    ][kind]


BROKEN = 10


def write_pictures(folder: Path, count: int, every: int = 33) -> dict[str, str]:
    """Write pictures in a tree, each `every`-th broken; returns the expected error by path."""
    expected = {}
    for number in range(count):
        place = folder / f"{number // 100:02}"
        place.mkdir(parents=True, exist_ok=True)
        if number % every == every - 1:
            suffix, data, error = broken(number // every % BROKEN)
        else:
            suffix, data, error = "jpg", picture(number), ""
        path = place / f"{number:05}.{suffix}"
        path.write_bytes(data)
        expected[path.relative_to(folder).as_posix()] = error
    return expected


def set_age(path: Path, age: float = 100.0) -> None:
    """Make a file so many seconds older, or younger."""
    then = path.stat().st_mtime_ns - int(age * 1e9)
    os.utime(path, ns=(then, then))


def tree(folder: Path) -> dict[str, str]:
    """Return the digest of every file below a folder, but for what batches write for themselves."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".mattekit" not in path.parts:
            # A batch that is at work gives a file its name in the very moment it is read.
            with contextlib.suppress(FileNotFoundError):
                name = path.relative_to(folder).as_posix()
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def start(*arguments: object, **keywords: object) -> subprocess.Popen[bytes]:
    """Start `mattekit` in a process group of its own."""
    command = [sys.executable, "-m", "mattekit_cli", *map(str, arguments)]
    keywords = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **keywords}
    process = subprocess.Popen(command, start_new_session=True, **keywords)  # type: ignore[call-overload]
    _started.append(process)
    return process


#: What `start` has started, for `end_all`.
_started: list[subprocess.Popen[bytes]] = []


def end_all() -> None:
    """End what a test has left running, with its children, and close what it has left open."""
    while _started:
        process = _started.pop()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def call(*arguments: object, timeout: float = 300, **keywords: object) -> tuple[int, str, str]:
    """Run `mattekit` and return exit code, output and errors."""
    process = start(*arguments, **keywords)
    out, err = process.communicate(timeout=timeout)
    assert b"Traceback" not in err, err.decode()
    return process.returncode, out.decode(), err.decode()


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process, and no other, and wait for its end; it may have ended by itself."""
    process.kill()
    process.wait()


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def statuses(results):
    return {source: result.status for source, result in results.items()}
