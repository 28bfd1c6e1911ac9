"""Batches: pictures per second of one and two processes, overhead, memory, and `rembg p`.

All contenders take turns on the same folder of photographs of one megapixel. A rate is that of a
batch under way: the first pictures, which wait for processes to start and networks to load, are not
counted, except in the comparison of whole commands.

    python benchmarks/batch.py --rembg-python ~/venvs/rembg/bin/python --readme
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import common
from common import MEGABYTE, Worker, interleave, markdown_table, ratio, summarize
from pictures import large_jpeg, large_photograph
from worker_mattekit import CARD

#: Two processes of one thread each against one, on two cores.
SPEED_UP = 1.8
#: Growth of memory between the first quarter and the end, as a share.
FLAT = 0.10
#: Outcomes at the beginning that say nothing about the rate.
SKIPPED = 6


def write_photographs(folder: Path, count: int, megapixels: float) -> None:
    """Write photographs of one size, each under several names."""
    data = common.data_folder() / "images" / "dev"
    kinds = [path for path in sorted(data.glob("*.jpg")) if path.stat().st_size > 40_000]
    folder.mkdir()
    made = [large_jpeg(path, megapixels, folder.parent / "made") for path in kinds[:12]]
    for number, path in zip(range(count), itertools.cycle(made)):
        shutil.copyfile(path, folder / f"{number:05}.jpg")


def rate(times: Sequence[float]) -> float:
    """Return pictures per second of a batch under way."""
    skip = min(SKIPPED, len(times) // 3)
    return (len(times) - 1 - skip) / (times[-1] - times[skip])


class Runs:
    """Calls that cut out one folder into a new one each time."""

    def __init__(self, folder: Path, source: Path) -> None:
        self.folder, self.source = folder, source

    def _fresh(self) -> Path:
        target = self.folder / "target"
        shutil.rmtree(target, ignore_errors=True)
        return target

    def called(self, worker: Worker, name: str, **keywords: Any) -> Callable[[], float]:
        """Return a run of a worker's function that measures its rate."""

        def run() -> float:
            target = self._fresh()
            answer = worker.call(name, source=str(self.source), target=str(target), **keywords)
            return rate(answer.value["times"])

        return run

    def commanded(self, *command: str, **variables: str) -> Callable[[], float]:
        """Return a run of a program that measures seconds from its start to its end."""

        def run() -> float:
            target = self._fresh()
            words = [word.format(source=self.source, target=target) for word in command]
            start = time.perf_counter()
            subprocess.run(
                words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=os.environ | variables,
            )  # fmt: skip
            seconds = time.perf_counter() - start
            made = len(list(target.rglob("*.png")))
            if made != len(list(self.source.iterdir())):
                raise SystemExit(f"{words[0]} made {made} pictures")
            return seconds

        return run


@contextlib.contextmanager
def cluster(workers: int) -> Iterator[str]:
    """Start a Dask scheduler and workers of one thread each; yields the scheduler's address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "dask"]
    parts = [
        subprocess.Popen([*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port),
                          "--no-dashboard", "--no-show"], **quiet)  # type: ignore[call-overload]
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(workers):
            command = [*dask, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
            command += ["--local-directory", scratch]
            parts.append(subprocess.Popen(command, **quiet))  # type: ignore[call-overload]
        try:
            time.sleep(5)
            yield address
        finally:
            for part in reversed(parts):
                part.terminate()
                part.wait()


def measure_rates(arguments: argparse.Namespace, runs: Runs) -> dict[str, list[float]]:
    """Return pictures per second by contender."""
    with contextlib.ExitStack() as stack:
        one = stack.enter_context(Worker("worker_batch.py"))
        one.call("load", threads=1)
        many = stack.enter_context(Worker("worker_batch.py"))
        contenders = {
            "loop": runs.called(one, "loop"),
            "1 process": runs.called(many, "batch", workers=1),
            "2 processes": runs.called(many, "batch", workers=2),
            "this process": runs.called(many, "batch"),
        }
        if arguments.dask:
            address = stack.enter_context(cluster(2))
            contenders["Dask, 2 workers"] = runs.called(many, "batch", scheduler=address)
        return interleave(contenders, arguments.rounds, warm_up=0)


def measure_commands(
    arguments: argparse.Namespace, runs: Runs, folder: Path
) -> dict[str, list[float]]:
    """Return seconds of whole commands with one network by contender."""
    model = folder / "network" / arguments.model.name
    model.parent.mkdir()
    shutil.copyfile(arguments.model, model)
    model.with_suffix(".toml").write_text(CARD, encoding="utf-8")
    ours = [sys.executable, "-m", "mattekit_cli", "batch", "{source}", "{target}"]
    ours += ["--model", str(model), "--format", "png", "-q"]
    contenders = {
        "mattekit batch": runs.commanded(*ours),
        "mattekit batch --workers 2": runs.commanded(*ours, "--workers", "2"),
    }
    if arguments.rembg_python:
        extras = json.dumps({"model_path": str(model)}).replace("{", "{{").replace("}", "}}")
        program = str(Path(arguments.rembg_python).parent / "rembg")
        contenders["rembg p"] = runs.commanded(
            program, "p", "-m", "u2net_custom", "-x", extras, "{source}", "{target}",
            U2NET_HOME=str(model.parent),
        )  # fmt: skip
    else:
        print("rembg is absent: name an interpreter that has it with --rembg-python\n")
    return interleave(contenders, arguments.rounds, warm_up=0)


def measure_memory(arguments: argparse.Namespace, folder: Path) -> list[int]:
    """Return bytes resident, forty times in the course of a batch of small pictures."""
    source, count = folder / "small", arguments.memory_pictures
    source.mkdir()
    data = common.data_folder() / "images" / "dev"
    kinds = sorted(data.glob("*.jpg"))
    for number, path in zip(range(count), itertools.cycle(kinds)):
        # Sizes vary, as they do in life.
        picture = large_photograph(path, 0.02 + 0.01 * (number % 5))
        picture.save(source / f"{number:05}.jpg", quality=85)
    with Worker("worker_batch.py") as worker:
        answer = worker.call(
            "memory", source=str(source), target=str(folder / "small-target"),
            every=max(1, count // 40),
        )  # fmt: skip
    resident: list[int] = answer.value["resident"]
    return resident


def measure_books(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return seconds and bytes of the bookkeeping of many pictures."""
    with Worker("worker_batch.py") as worker:
        answer = worker.call(
            "books", source=str(folder / "names"), target=str(folder / "books"),
            count=arguments.books,
        )  # fmt: skip
    found: dict[str, Any] = answer.value
    return found


# ------------------------------------------------------------------------------------ tables


def rate_table(rates: dict[str, list[float]]) -> str:
    rows = []
    for name, values in rates.items():
        against_one = ratio(values, rates["1 process"])
        against_loop = ratio(values, rates["loop"])
        cells = [f"{against_loop.median:.2f}", f"{against_one.median:.2f}"]
        if name == "2 processes":
            met = "met" if against_one.median >= SPEED_UP else "MISSED"
            cells[1] = f"**{cells[1]}** (≥ {SPEED_UP:g} {met})"
        rows.append([name, summarize(values).text(), *cells])
    return markdown_table(["", "pictures per second", "÷ loop", "÷ 1 process"], rows)


def overhead(rates: dict[str, list[float]]) -> str:
    """Say what a batch adds to each picture."""
    added = [
        1000 / one - 1000 / loop
        for one, loop in zip(rates["1 process"], rates["loop"], strict=True)
    ]
    return (
        f"One process against the loop: {summarize(added).median:+.0f} ms per picture, of which "
        "hashing, thumbnail, manifest and the way between processes are the batch's."
    )


def command_table(commands: dict[str, list[float]], count: int) -> str:
    rows = []
    for name, values in commands.items():
        cells = [summarize(values).text(1), f"{summarize(values).median / count * 1000:.0f}"]
        if "rembg p" in commands:
            cells.append(f"{ratio(values, commands['rembg p']).median:.2f}")
        rows.append([f"`{name}`", *cells])
    header = ["", "seconds in all", "ms per picture"]
    return markdown_table([*header, "÷ rembg"] if "rembg p" in commands else header, rows)


def memory_text(resident: list[int], count: int) -> str:
    quarter = resident[: max(1, len(resident) // 4)]
    early, late = max(quarter), max(resident[-len(quarter) :])
    growth = late / early - 1
    verdict = "met" if growth <= FLAT else "MISSED"
    return (
        f"Memory over {count:,} pictures: {early / MEGABYTE:.0f} MB at most in the first quarter, "
        f"{late / MEGABYTE:.0f} MB in the last, **{growth:+.1%}** (≤ {FLAT:.0%} {verdict})."
    )


def books_text(books: dict[str, Any], count: int) -> str:
    note = max(books["note"] - books["write"], 0.0)
    return (
        f"The books of {count:,} pictures: looking through the folder {books['scan']:.1f} s the "
        f"first time and {books['again']:.1f} s when all is done, writing down what became of all "
        f"{note:.1f} s, the manifest {books['bytes'] / MEGABYTE:.0f} MB with thumbnails; memory "
        f"grows by {books['added'] / MEGABYTE:.0f} MB."
    )


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = common.argument_parser(__doc__, rounds=3)
    parser.add_argument("--pictures", type=int, default=48, help="photographs of the folder")
    parser.add_argument("--megapixels", type=float, default=1.0)
    parser.add_argument("--memory-pictures", type=int, default=2000, help="0 = none")
    parser.add_argument("--books", type=int, default=100_000, help="0 = none")
    parser.add_argument("--no-dask", dest="dask", action="store_false")
    parser.add_argument("--model", type=Path, help="by default u2netp-fp32.onnx of the test data")
    parser.add_argument("--rembg-python", metavar="PATH", help="an interpreter that has rembg")
    arguments = parser.parse_args(argv)
    if arguments.model is None:
        arguments.model = common.data_folder() / "models" / "u2netp-fp32.onnx"
    return arguments


def main(argv: list[str] | None = None) -> None:
    arguments = parse(argv)
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_photographs(folder / "source", arguments.pictures, arguments.megapixels)
        runs = Runs(folder, folder / "source")
        rates = results["rates"] = measure_rates(arguments, runs)
        commands = results["commands"] = measure_commands(arguments, runs, folder)
        parts = [
            f"{arguments.pictures} photographs of {arguments.megapixels:g} MP, JPEG in, PNG out; "
            f"{arguments.rounds} interleaved rounds. Built-in model; the *loop* calls the library "
            "for one picture after the other in one thread, processes have one thread each, *this "
            "process* uses all cores.",
            rate_table(rates),
            overhead(rates),
            f"Whole commands, from start to end, with `{arguments.model.name}` for all (mattekit "
            "refines edges and cleans colours, rembg cuts out plainly):",
            command_table(commands, arguments.pictures),
        ]
        if arguments.memory_pictures:
            results["memory"] = measure_memory(arguments, folder)
            parts.append(memory_text(results["memory"], arguments.memory_pictures))
        if arguments.books:
            results["books"] = measure_books(arguments, folder)
            parts.append(books_text(results["books"], arguments.books))
    common.publish("batch", "\n\n".join(parts), results, arguments)


if __name__ == "__main__":
    main()
