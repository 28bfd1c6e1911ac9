"""The server under load: requests per second, waiting times, memory, overload.

A picture of 625 × 400 pixels, the size of which the remove.bg API promises 500 a minute. Beside
mattekit's server: the library called directly by as many threads as there are cores, and, with the
same network in the same run, ``rembg s``. Seconds on processors, of the serving processes alone,
tell more than wall time where the machine is busy with other work.

    python benchmarks/server.py --rembg-python ~/venvs/rembg/bin/python --readme    (5 minutes)

``--before ROOT`` has an older checkout of mattekit take part, in this interpreter.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import http.client
import io
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from common import argument_parser, data_folder, markdown_table, publish
from worker_mattekit import CARD

CLIENTS = (1, 4, 16, 64)
PER_MINUTE = 500
DEADLINE = 10.0
#: Requests after which memory is read first.
MEMORY_AFTER = 50
MARKS = ("p50", "p95", "p99", "cpu")
REFINE = "balanced"
SERVE: list[str] = []
#: As many processes as cores, each with one picture at a time.
PROCESSES = f"--workers {os.cpu_count()} --concurrency 1"


class Target(NamedTuple):
    """Something that answers requests."""

    port: int
    path: str
    body: bytes
    content_type: str
    pid: int


class Sample(NamedTuple):
    """One request."""

    started: float
    seconds: float
    status: int


# ------------------------------------------------------------------------------------- requests


def form(picture: bytes, name: str, fields: dict[str, str]) -> tuple[bytes, str]:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="x.jpg"\r\n'
    parts.append(head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + picture + b"\r\n--b--\r\n")
    return b"".join(parts), "multipart/form-data; boundary=b"


class Caller:
    """A client that keeps its connection."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=120)

    def __call__(self) -> Sample:
        """Send one request and read its answer."""
        started = time.perf_counter()
        headers = {"Content-Type": self.target.content_type}
        try:
            self.connection.request("POST", self.target.path, self.target.body, headers)
            answer = self.connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException):
            self.connection.close()
            status = 0
        return Sample(started, time.perf_counter() - started, status)


def closed(target: Target, clients: int, seconds: float) -> list[Sample]:
    """Let so many clients call one after the other."""
    samples: list[Sample] = []
    end = time.perf_counter() + seconds

    def client() -> None:
        call = Caller(target)
        while time.perf_counter() < end:
            sample = call()
            samples.append(sample)
            if sample.status == 503:
                time.sleep(0.1)  # a client that does not wait at all measures itself

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return samples


def opened(target: Target, rate: float, seconds: float) -> list[Sample]:
    """Call at a fixed rate, whatever the answers."""
    count = int(rate * seconds)
    local = threading.local()
    start = time.perf_counter()

    def call(number: int) -> Sample:
        due = start + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        if not hasattr(local, "caller"):
            local.caller = Caller(target)
        sample: Sample = local.caller()
        # From when it was due: a late start is part of the wait.
        return sample._replace(started=due, seconds=sample.started + sample.seconds - due)

    with concurrent.futures.ThreadPoolExecutor(128) as pool:
        return list(pool.map(call, range(count)))


def facts(samples: list[Sample], cpu: float) -> dict[str, Any]:
    """Return rate and percentiles of the successes, and how many there were of what else."""
    good = sorted(sample.seconds for sample in samples if sample.status == 200)
    begin = min(sample.started for sample in samples)
    span = max(sample.started + sample.seconds for sample in samples) - begin
    marks = statistics.quantiles(good, n=100, method="inclusive") if len(good) > 1 else good * 99
    return {
        "rate": len(good) / span,
        "cpu": cpu / len(good) if good else None,
        "p50": marks[49] if marks else None,
        "p95": marks[94] if marks else None,
        "p99": marks[98] if marks else None,
        "longest": max(sample.seconds for sample in samples),
        "ok": len(good),
        "busy": sum(sample.status == 503 for sample in samples),
        "failed": sum(sample.status not in {200, 503} for sample in samples),
    }


def measured(target: Target, load: Callable[..., list[Sample]], *amount: float) -> dict[str, Any]:
    """Return the facts of a load."""
    before = processor_seconds(target.pid)
    samples = load(target, *amount)
    return facts(samples, processor_seconds(target.pid) - before)


# ------------------------------------------------------------------------------------- contenders


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def process(command: list[str], port: int, ready: str, **environment: str) -> Iterator[int]:
    child = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", ready)
                connection.getresponse().read()
                break
            if child.poll() is not None:
                raise SystemExit(f"{command[0]} ended with {child.returncode}")
            time.sleep(0.2)
        yield child.pid
    finally:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(20)
        child.kill()
        child.wait()


@contextlib.contextmanager
def mattekit(picture: bytes, model: str, *flags: str, root: Path | None = None) -> Iterator[Target]:
    """Serve `model`; `root` is another checkout than that which is installed."""
    port = free_port()
    command = [sys.executable, "-m", "mattekit_cli", "serve", "--no-auth", "--port", str(port)]
    if not (Path(__file__).parents[1] / "plugins/mattekit_cli/__main__.py").exists():
        command[1:3] = ["-c", "from mattekit_cli import main; main()"]
    command += ["--rate-limit", "0", "--model", model, *flags]
    body, content_type = form(picture, "image_file", {"size": "preview", "format": "png"})
    command += ["--refine", REFINE, *SERVE]
    environment = {"PYTHONPATH": f"{root}/core:{root}/plugins"} if root else {}
    with process(command, port, "/health", **environment) as pid:
        yield Target(port, "/v1.0/removebg", body, content_type, pid)


@contextlib.contextmanager
def rembg(python: str, picture: bytes, network: Path) -> Iterator[Target]:
    port = free_port()
    command = [str(Path(python).with_name("rembg")), "s", "-h", "127.0.0.1", "-p", str(port)]
    command += ["--no-ui", "-l", "error"]
    body, content_type = form(picture, "file", {"model": "u2netp"})
    environment = {
        "U2NET_HOME": str(network.parent),
        "MODEL_CHECKSUM_DISABLED": "1",  # the same network, saved by another version of its tool
        "BROWSER": "true",  # it opens one
    }
    with process(command, port, "/api", **environment) as pid:
        yield Target(port, "/api/remove", body, content_type, pid)


def direct(picture: bytes, model: str, seconds: float) -> dict[str, Any]:
    """Call the library from as many threads as there are cores."""
    import mattekit as library
    from mattekit.runtime import Runtime

    threads = os.cpu_count() or 1
    samples: list[Sample] = []
    with Runtime(threads=1, parallel=threads) as runtime:

        def call() -> None:
            started = time.perf_counter()
            cutout = library.remove_background(
                picture, runtime=runtime, model=model, size="preview", refine=REFINE
            )
            cutout.encode(format="png")
            samples.append(Sample(started, time.perf_counter() - started, 200))

        call()
        samples.clear()
        before = time.process_time()
        end = time.perf_counter() + seconds

        def loop(_: int) -> None:
            while time.perf_counter() < end:
                call()

        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            list(pool.map(loop, range(threads)))
    return facts(samples, time.process_time() - before)


def status(pid: int, name: str) -> float:
    """Return a line of /proc/PID/status in MB: VmRSS is now, VmHWM the most there ever was."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024 / 1e6
    return float("nan")


def processor_seconds(pid: int) -> float:
    """Return what a process and its children have had of all processors."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(processor_seconds(int(child)) for child in children)


# ------------------------------------------------------------------------------------- measurements


def measure(arguments: argparse.Namespace, picture: bytes, folder: Path) -> dict[str, Any]:
    network = folder / "u2netp.onnx"
    network.write_bytes((data_folder() / "models" / "u2netp-fp32.onnx").read_bytes())
    network.with_suffix(".toml").write_text(CARD)
    contenders: dict[str, Callable[[], contextlib.AbstractContextManager[Target]]] = {
        "mattekit, built-in": lambda: mattekit(picture, "builtin"),
        f"mattekit, built-in, {PROCESSES}": lambda: mattekit(
            picture, "builtin", *PROCESSES.split()
        ),
        "mattekit, u2netp": lambda: mattekit(picture, str(network)),
    }
    if arguments.before:
        contenders["before: mattekit, built-in"] = lambda: mattekit(
            picture, "builtin", root=arguments.before
        )
        contenders["before: mattekit, u2netp"] = lambda: mattekit(
            picture, str(network), root=arguments.before
        )
    if arguments.rembg_python:
        contenders["rembg s, u2netp"] = lambda: rembg(arguments.rembg_python, picture, network)
    results: dict[str, Any] = {"load": {}, "direct": {}}
    for name, model in (("built-in", "builtin"), ("u2netp", str(network))):
        results["direct"][name] = direct(picture, model, arguments.seconds)
    with contextlib.ExitStack() as stack:
        targets = {name: stack.enter_context(start()) for name, start in contenders.items()}
        for target in targets.values():
            closed(target, 2, 2)  # warm up
        for (
            clients
        ) in arguments.clients:  # one after the other, so that a busy neighbour falls on all
            for name, target in targets.items():
                load = measured(target, closed, clients, arguments.seconds)
                results["load"].setdefault(name, {})[clients] = load
    rate = PER_MINUTE / 60
    with mattekit(picture, "builtin") as target:
        memory = results["memory"] = {}
        counted = 0

        def steady(target: Target, rate: float, seconds: float) -> list[Sample]:
            nonlocal counted
            samples = opened(target, rate, seconds)
            counted += len(samples)
            memory[counted] = status(target.pid, "VmRSS")
            return samples

        first = steady(target, rate, MEMORY_AFTER / rate)
        before = processor_seconds(target.pid)
        rest = steady(target, rate, arguments.sustained - MEMORY_AFTER / rate)
        results["sustained"] = facts(rest, processor_seconds(target.pid) - before)
        results["sustained"]["early"] = len(first)
    if arguments.before:
        with mattekit(picture, "builtin", root=arguments.before) as target:
            opened(target, rate, MEMORY_AFTER / rate)
            results["sustained before"] = measured(
                target, opened, rate, arguments.sustained - MEMORY_AFTER / rate
            )
            results["before"] = checkout(arguments.before)
    best = max(each["rate"] for each in results["load"]["mattekit, built-in"].values())
    with mattekit(picture, "builtin", "--deadline", str(DEADLINE)) as target:
        closed(target, 2, 2)
        before = status(target.pid, "VmRSS")
        results["overload"] = measured(target, opened, 4 * best, arguments.seconds * 3)
        results["overload"]["offered"] = 4 * best
        results["overload"]["memory"] = [before, status(target.pid, "VmHWM")]
    return results


def checkout(root: Path) -> str:
    """Return the commit of a checkout."""
    done = subprocess.run(
        ["git", "-C", root, "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def pace(steady: dict[str, Any]) -> str:
    """Return what a sustained load came to, in words."""
    return (
        f"{steady['ok']} answered, {steady['busy']} told to wait, {steady['failed']} failed; "
        f"{steady['rate'] * 60:.0f} a minute, p50 {milliseconds(steady['p50'])} ms, "
        f"p95 {milliseconds(steady['p95'])} ms, p99 {milliseconds(steady['p99'])} ms, "
        f"{milliseconds(steady['cpu'])} ms of processor time each"
    )


def milliseconds(value: float | None) -> str:
    return "–" if value is None else f"{value * 1000:.0f}"


def report(results: dict[str, Any]) -> str:
    rows = []
    for name, loads in results["load"].items():
        for clients, each in loads.items():
            marks = [milliseconds(each[mark]) for mark in MARKS]
            rows.append([name, clients, f"{each['rate']:.2f}", *marks, each["busy"]])
    for name, each in results["direct"].items():
        marks = [milliseconds(each[mark]) for mark in MARKS]
        rows.append([f"library, {name}", os.cpu_count(), f"{each['rate']:.2f}", *marks, "–"])
    table = markdown_table(
        ["", "clients", "pictures/s", "p50 ms", "p95 ms", "p99 ms", "CPU ms", "told to wait"],
        rows,
    )
    steady, over = results["sustained"], results["overload"]
    memory = ", ".join(f"{mb:.0f} MB after {n}" for n, mb in results["memory"].items())
    total = over["ok"] + over["busy"] + over["failed"]
    idle, most = over["memory"]
    before = (
        f" Before, at {results['before']}: {pace(results['sustained before'])}."
        if "before" in results
        else ""
    )
    return (
        f"625 × 400 JPEG in, PNG out, refine {REFINE}; the flags of `mattekit serve` are the "
        f"defaults where none are named.\n\n{table}\n\n"
        f"**{PER_MINUTE} a minute** (goal of the API page), sustained: {pace(steady)} "
        f"({60_000 * (os.cpu_count() or 1) / PER_MINUTE:.0f} is what {os.cpu_count()} cores have)."
        f"{before}\n\n"
        f"**Memory**: {memory} requests.\n\n"
        f"**Four times too much** ({over['offered']:.1f} a second, deadline {DEADLINE:.0f} s): of "
        f"{total} requests {over['ok']} were answered, {over['busy']} told to come back, "
        f"{over['failed']} failed; the longest took {over['longest']:.1f} s; "
        f"{idle:.0f} MB before, at most {most:.0f} MB meanwhile."
    )


def main() -> None:
    parser = argument_parser(__doc__, rounds=1)
    parser.add_argument("--rembg-python", metavar="PATH", help="interpreter that has rembg[cli]")
    parser.add_argument("--before", metavar="ROOT", type=Path, help="an older checkout")
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENTS, help="at once")
    parser.add_argument("--seconds", type=float, default=4, help="of each closed measurement")
    parser.add_argument(
        "--sustained", type=float, default=120, help="seconds at 500 a minute: 1000 requests"
    )
    parser.add_argument("--refine", default=REFINE, help="the option of that name")
    parser.add_argument(
        "--serve",
        default="",
        help="further flags of the server, as in '--workers 2 --concurrency 1'",
    )
    arguments = parser.parse_args()
    globals().update(REFINE=arguments.refine, SERVE=arguments.serve.split())
    from PIL import Image

    source = data_folder() / "images" / "dev" / "hseg_088.jpg"
    out = io.BytesIO()
    with Image.open(source) as image:
        image.convert("RGB").resize((625, 400), Image.Resampling.LANCZOS).save(out, "JPEG")
    with tempfile.TemporaryDirectory() as folder:
        results = measure(arguments, out.getvalue(), Path(folder))
    publish("server", report(results), results, arguments)


if __name__ == "__main__":
    main()
