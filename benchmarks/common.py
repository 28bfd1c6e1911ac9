"""What all benchmarks share: workers, interleaved timing, memory, machine facts, tables.

Standard library only, so that the interpreter of a competitor, which has none of our packages, can
import it as well. A contender lives in a worker, a child process of any interpreter that answers
one request after the other over a pipe; the workers of one comparison take turns, so that whatever
else the machine does falls on all of them alike.

A worker is a script that ends in ``serve({"name": function, ...})``:

>>> with Worker("worker.py") as worker:  # doctest: +SKIP
...     worker.call("load", model="net.onnx")
...     times = interleave({"ours": lambda: worker.call("cut", path="photo.jpg").seconds}, 7)
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import gc
import importlib.metadata
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

__all__ = [
    "Answer",
    "Summary",
    "Worker",
    "WorkerError",
    "argument_parser",
    "data_folder",
    "interleave",
    "machine",
    "machine_line",
    "markdown_table",
    "measure_peak",
    "peak",
    "publish",
    "ratio",
    "replace_block",
    "reset_peak",
    "resident",
    "serve",
    "summarize",
    "timed",
    "versions",
]

HERE = Path(__file__).resolve().parent
README = HERE / "README.md"
PACKAGES = (
    "mattekit",
    "numpy",
    "pillow",
    "imagecodecs",
    "simplejpeg",
    "isal",
    "zlib-ng",
    "onnxruntime",
    "scikit-image",
    "pymatting",
    "rembg",
)
MEGABYTE = 1_000_000


# -------------------------------------------------------------------------------- statistics


@dataclasses.dataclass(frozen=True)
class Summary:
    """Median and quartiles of repeated measurements, in the unit of the measurements."""

    median: float
    low: float
    high: float
    runs: int

    def text(self, digits: int = 2, unit: str = "") -> str:
        """Write as ``median (low–high)``, the quartiles in brackets."""
        head = f"{self.median:.{digits}f}{unit}"
        if self.runs < 3:
            return head
        return f"{head} ({self.low:.{digits}f}–{self.high:.{digits}f})"


def summarize(values: Iterable[float]) -> Summary:
    """Return median and quartiles of at least one value."""
    ordered = sorted(values)
    if len(ordered) == 1:
        return Summary(ordered[0], ordered[0], ordered[0], 1)
    low, _, high = statistics.quantiles(ordered, n=4, method="inclusive")
    return Summary(statistics.median(ordered), low, high, len(ordered))


def ratio(values: Sequence[float], against: Sequence[float]) -> Summary:
    """Return the summary of the ratios of runs of the same round.

    Runs of one round share the state of the machine; their ratio moves far less than either time.
    """
    return summarize(a / b for a, b in zip(values, against, strict=True))


def interleave(
    contenders: Mapping[str, Callable[[], float]], rounds: int, *, warm_up: int = 1
) -> dict[str, list[float]]:
    """Run the contenders in turns and return their measurements by name.

    Parameters
    ----------
    contenders : mapping of str to callable
        Each does its work once and returns what it measured, e.g. seconds (see `timed`).
    rounds : int
        Measurements of each. The order changes from round to round, so that nobody always runs
        after the same neighbour.
    warm_up : int
        Rounds before that are not counted.
    """
    names = list(contenders)
    results: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-warm_up, rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            value = contenders[name]()
            if number >= 0:
                results[name].append(value)
    return results


def timed(function: Callable[..., object], *args: Any, **kwargs: Any) -> Callable[[], float]:
    """Return a callable that runs `function` once and returns the seconds that it took."""

    def run() -> float:
        start = time.perf_counter()
        function(*args, **kwargs)
        return time.perf_counter() - start

    return run


# ------------------------------------------------------------------------------------ memory


def measure_peak(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, int, int]:
    """Run `function` and return its result and this process's resident memory.

    Returns
    -------
    result : object
        What the function returned.
    added : int
        Bytes by which the peak during the call exceeds what was resident before it.
    peak : int
        Bytes resident at the peak.

    Notes
    -----
    On Linux the kernel's high-water mark is reset before the call and read after it. Where that is
    not possible it is sampled every 5 ms, which misses short peaks. Memory that the allocator kept
    from earlier calls hides growth: measure once per fresh process.
    """
    gc.collect()
    before = resident()
    if reset_peak():
        result = function(*args, **kwargs)
        highest = peak()
    else:
        result, highest = _sampled(function, *args, **kwargs)
    return result, max(highest - before, 0), highest


def peak() -> int:
    """Return the bytes resident at the highest since `reset_peak`, on Linux."""
    return _status("VmHWM")


def _status(field: str) -> int:
    text = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    match = re.search(rf"^{field}:\s+(\d+) kB", text, re.MULTILINE)
    return int(match[1]) * 1024 if match else 0


def resident() -> int:
    """Return the bytes of this process that are resident now."""
    if Path("/proc/self/status").exists():
        return _status("VmRSS")
    try:
        import psutil
    except ImportError:
        raise SystemExit(
            "memory is measured on Linux, or elsewhere with psutil installed"
        ) from None
    return int(psutil.Process().memory_info().rss)


def reset_peak() -> bool:
    """Forget the peak so far; return whether the system can do that."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def _sampled(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, int]:
    highest = resident()
    done = threading.Event()

    def watch() -> None:
        nonlocal highest
        while not done.wait(0.005):
            highest = max(highest, resident())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        result = function(*args, **kwargs)
    finally:
        done.set()
        watcher.join()
    return result, max(highest, resident())


# ----------------------------------------------------------------------------------- workers


class WorkerError(RuntimeError):
    """A worker answered with a traceback, or not at all."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a worker says about one call.

    Attributes
    ----------
    seconds : float
        Wall time of the function inside the worker.
    value : object
        What it returned: anything that JSON can carry.
    added, peak : int
        Memory in bytes as `measure_peak` says; 0 unless asked for.
    cpu : float
        Seconds of all its threads on processors, which a busy machine distorts less.
    """

    seconds: float
    value: Any
    added: int = 0
    peak: int = 0
    cpu: float = 0.0


def serve(functions: Mapping[str, Callable[..., Any]]) -> None:
    """Answer requests from standard input until it is closed. Call this at a worker's end."""
    # Libraries that print must not garble the protocol.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        function, keywords = functions[request["call"]], request["with"]
        try:
            start, busy = time.perf_counter(), time.process_time()
            if request["memory"]:
                value, added, highest = measure_peak(function, **keywords)
            else:
                value, added, highest = function(**keywords), 0, 0
            reply = {
                "seconds": time.perf_counter() - start,
                "cpu": time.process_time() - busy,
                "value": value,
                "added": added,
                "peak": highest,
            }
        except BaseException:  # noqa: BLE001 - the parent is told and decides
            reply = {"error": traceback.format_exc()}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


class Worker:
    """A child process that runs a worker script.

    Parameters
    ----------
    script : str
        File name beside this module.
    python : str, optional
        Interpreter; by default the one that runs the benchmark.
    environment : mapping of str to str, optional
        Variables on top of this process's own.
    """

    def __init__(
        self,
        script: str,
        python: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.script = script
        self._process = subprocess.Popen(
            [python or sys.executable, str(HERE / script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            # Nobody measured here calls home, in whatever way it imports onnxruntime.
            env={**os.environ, "ORT_DISABLE_TELEMETRY": "1", **(environment or {})},
        )

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, name: str, *, memory: bool = False, **keywords: Any) -> Answer:
        """Let the worker run one of its functions.

        Raises
        ------
        WorkerError
            The function failed (its traceback is the message) or the worker died.
        """
        request = json.dumps({"call": name, "memory": memory, "with": keywords})
        stdin, stdout = _pipes(self._process)
        try:
            stdin.write(request + "\n")
            stdin.flush()
            line = stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise WorkerError(f"{self.script} died with exit code {self._process.wait()}")
        reply = json.loads(line)
        if "error" in reply:
            raise WorkerError(f"{self.script}, {name}:\n{reply['error']}")
        return Answer(**reply)

    def close(self) -> None:
        """End the worker and wait for it."""
        stdin, stdout = _pipes(self._process)
        stdin.close()
        self._process.wait()
        stdout.close()


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


# ------------------------------------------------------------------- what to say with numbers


def machine() -> dict[str, Any]:
    """Return facts about this machine, the interpreter and the packages."""
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _commit(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": _memory_gb(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "load": [round(value, 1) for value in os.getloadavg()] if hasattr(os, "getloadavg") else [],
        "packages": versions(PACKAGES),
    }


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the versions of those packages that this interpreter has."""
    found = {}
    for package in packages:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor()
    match = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return match[1] if match else platform.processor()


def _memory_gb() -> float | None:
    if not hasattr(os, "sysconf"):
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)


def _commit() -> str | None:
    command = ["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def machine_line(facts: Mapping[str, Any]) -> str:
    """Write the facts of `machine` as one line."""
    packages = ", ".join(f"{name} {version}" for name, version in facts["packages"].items())
    commit = f", commit {facts['commit']}" if facts["commit"] else ""
    load = f", load {facts['load'][0]}" if facts["load"] else ""
    return (
        f"{facts['date']}{commit}. {facts['processor']}, {facts['cores']} cores, "
        f"{facts['memory_gb']} GB, {facts['system']}{load}. "
        f"Python {facts['python']}; {packages}."
    )


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table, the first column to the left and numbers to the right."""
    lines = [
        "| " + " | ".join(header) + " |",
        "|" + "|".join(["---"] + ["---:"] * (len(header) - 1)) + "|",
    ]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def publish(name: str, text: str, results: object, arguments: argparse.Namespace) -> None:
    """Print the text and, where the arguments ask for it, write JSON and the README's block.

    Parameters
    ----------
    name : str
        The benchmark; its block in README.md stands between ``<!-- begin: name -->`` and
        ``<!-- end: name -->``.
    text : str
        Markdown.
    results : object
        Everything that was measured, for JSON.
    arguments : argparse.Namespace
        Of `argument_parser`.
    """
    facts = machine()
    text = f"{text.strip()}\n\n{machine_line(facts)}"
    print(text)
    if arguments.json:
        document = {"benchmark": name, "machine": facts, "results": results}
        encoded = json.dumps(document, indent=1, default=_plain)
        Path(arguments.json).write_text(encoded + "\n", encoding="utf-8")
    if arguments.readme:
        replace_block(README, name, text)


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{type(value).__name__} is nothing for JSON")


def replace_block(path: Path, name: str, text: str) -> None:
    """Replace what stands between a block's markers, and nothing else of the file."""
    begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
    before, found, rest = path.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"{path.name} has no block {begin} … {end}; add the two lines first")
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


# --------------------------------------------------------------------------------- arguments


def argument_parser(description: str | None, *, rounds: int) -> argparse.ArgumentParser:
    """Return a parser with the arguments that all benchmarks have."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=rounds, help="runs of each contender")
    parser.add_argument("--json", metavar="PATH", help="write everything that was measured")
    parser.add_argument("--readme", action="store_true", help="renew this benchmark's tables")
    return parser


def data_folder() -> Path:
    """Return the folder of real pictures and networks, `$MATTEKIT_TEST_DATA`.

    Without the variable it is ``shared`` beside the repository.
    """
    path = Path(os.environ.get("MATTEKIT_TEST_DATA") or HERE.parent.parent / "shared")
    if not (path / "images" / "dev").is_dir():
        raise SystemExit(f"{path} has no images/dev; set MATTEKIT_TEST_DATA")
    return path
