"""The page: seconds from a dropped picture to its first result, and for each stroke of a brush.

What is timed are the calls that the page makes of a server on the same machine, files and previews
on their way included, the browser's own drawing (some 10 ms) not. The server is `mattekit serve`
with the built-in model; strokes are drawn one after the other: each call carries all before.
Seconds on processors, of the server alone, tell more than wall time where the machine is busy.

    python benchmarks/page.py --readme    (4 minutes)
"""

from __future__ import annotations

import contextlib
import http.client
import json
import math
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from common import argument_parser, data_folder, markdown_table, publish
from server import processor_seconds

SIZES = (1, 12, 24, 50)
STROKES = 20
MARKS = ("median s", "p95 s", "CPU s")


class Window:
    """A window of the page: one connection, one visitor."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self.headers = {"X-Mattekit-Page": "1"}
        cookie = self.call("GET", "session")[1]["Set-Cookie"]
        self.headers["Cookie"] = cookie.partition(";")[0]

    def call(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[bytes, Any]:
        """Make a call and return its answer and headers."""
        headers = {**self.headers, **({"Content-Type": kind} if kind else {})}
        self.connection.request(method, f"/page/{path}", body, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{path}: {answer.status} {data[:200]!r}")
        return data, answer.headers

    def drop(self, picture: bytes) -> dict[str, Any]:
        """Send a picture; return what the page is told of it."""
        head = b'--b\r\nContent-Disposition: form-data; name="image_file"; filename="x.jpg"\r\n\r\n'
        body = head + picture + b"\r\n--b--\r\n"
        data, _ = self.call("POST", "pictures", body, "multipart/form-data; boundary=b")
        found: dict[str, Any] = json.loads(data)
        self.call("GET", f"pictures/{found['id']}/original")
        return found

    def preview(self, number: str, marks: list[dict[str, Any]]) -> None:
        """Ask for a result as a screen shows it."""
        body = json.dumps({"options": {}, "background": "", "marks": marks}).encode()
        self.call("POST", f"pictures/{number}/preview", body, "application/json")


def stroke(width: int, height: int, chance: random.Random) -> dict[str, Any]:
    """Return a stroke somewhere in the picture, a tenth of it long."""
    x, y = chance.uniform(0.1, 0.9) * width, chance.uniform(0.1, 0.9) * height
    turn = chance.uniform(0, 2 * math.pi)
    step = min(width, height) / 200
    points = [
        value
        for index in range(20)
        for value in (x + index * step * math.cos(turn), y + index * step * math.sin(turn))
    ]
    inside = [min(max(0.0, each), (width, height)[i % 2] - 1.0) for i, each in enumerate(points)]
    keep = chance.random() < 0.5
    return {"keep": keep, "shape": "stroke", "size": min(width, height) / 40, "points": inside}


Measured = dict[str, list[float]]


def measure(port: int, pid: int, picture: bytes, rounds: int, strokes: int) -> Measured:
    window = Window(port)
    chance = random.Random(7)
    results: Measured = {"first": [], "first_cpu": [], "stroke": [], "stroke_cpu": []}

    @contextlib.contextmanager
    def timed(name: str) -> Iterator[None]:
        started, cpu = time.perf_counter(), processor_seconds(pid)
        yield
        results[name].append(time.perf_counter() - started)
        results[f"{name}_cpu"].append(processor_seconds(pid) - cpu)

    for _ in range(rounds):
        with timed("first"):
            found = window.drop(picture)
            window.preview(found["id"], [])
        marks: list[dict[str, Any]] = []
        for _ in range(strokes):
            marks.append(stroke(found["width"], found["height"], chance))
            with timed("stroke"):
                window.preview(found["id"], marks)
        window.call("DELETE", f"pictures/{found['id']}")
    return results


@contextlib.contextmanager
def serving() -> Iterator[tuple[int, int]]:
    """Serve; yields port and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "mattekit", "serve", "--no-auth", "--port", str(port)]
    process = subprocess.Popen([*command, "--max-file-mb", "200"], stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def report(results: dict[str, Measured]) -> str:
    rows = []
    for size, each in results.items():
        first, stroke = (cells(each[what], each[f"{what}_cpu"]) for what in ("first", "stroke"))
        rows.append([f"{size} MP", *first, *stroke])
    names = [f"{what}, {mark}" for what in ("first result", "a stroke") for mark in MARKS]
    return markdown_table(["picture", *names], rows)


def cells(seconds: list[float], cpu: list[float]) -> list[str]:
    """Return median and 95th percentile, and the median on processors, in seconds."""
    if not seconds:
        return ["–"] * len(MARKS)
    last = sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1]
    return [f"{each:.2f}" for each in (statistics.median(seconds), last, statistics.median(cpu))]


def main() -> None:
    parser = argument_parser(__doc__, rounds=3)
    parser.add_argument("--sizes", type=float, nargs="+", default=SIZES, help="megapixels")
    parser.add_argument("--strokes", type=int, default=STROKES, help="strokes on each picture")
    arguments = parser.parse_args()
    from pictures import large_jpeg

    source = data_folder() / "images" / "dev" / "hseg_088.jpg"
    results = {}
    with tempfile.TemporaryDirectory() as folder, serving() as (port, pid):
        for size in arguments.sizes:
            picture = Path(large_jpeg(source, size, folder)).read_bytes()
            measured = measure(port, pid, picture, arguments.rounds, arguments.strokes)
            results[f"{size:g}"] = measured
    publish("page", report(results), results, arguments)


if __name__ == "__main__":
    main()
