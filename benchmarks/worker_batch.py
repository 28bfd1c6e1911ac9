"""Worker: batches and, for comparison, a loop around the library."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import common
import mattekit_batch
from mattekit import pipeline
from mattekit.files import write_atomically
from mattekit.runtime import Runtime
from mattekit_batch.results import Job, Outcome
from mattekit_batch.worker import WorkerConfig

state: dict[str, Any] = {}


def load(threads: int) -> dict[str, str]:
    """Load the built-in network."""
    state["runtime"] = Runtime(threads=threads)
    state["runtime"].session()
    return {}


def loop(source: str, target: str) -> dict[str, Any]:
    """Cut out the pictures of a folder one after the other, as a script would."""
    Path(target).mkdir(parents=True, exist_ok=True)
    times = []
    for path in sorted(Path(source).iterdir()):
        cutout = pipeline.remove_background(path, runtime=state["runtime"])
        write_atomically(Path(target, path.stem + ".png"), cutout.encode().data)
        times.append(time.perf_counter())
    return {"times": times}


def batch(
    source: str, target: str, workers: int | None = None, scheduler: str | None = None
) -> dict[str, Any]:
    """Cut out the pictures of a folder; when each was reported is in the answer."""
    times = []
    runtime = state.get("runtime")
    for result in mattekit_batch.run(
        source, target, workers=workers, scheduler=scheduler, runtime=runtime
    ):
        assert result.status == "done", result
        times.append(time.perf_counter())
    return {"times": times}


def memory(source: str, target: str, every: int) -> dict[str, Any]:
    """Cut out the pictures of a folder; what was resident now and then is in the answer."""
    resident = []
    results = mattekit_batch.run(source, target, {"refine": "fast"}, runtime=state.get("runtime"))
    for number, _ in enumerate(results, 1):
        if number % every == 0:
            resident.append(common.resident())
    return {"resident": resident}


class _Nobody:
    """Finishes every job at once: what is left is the bookkeeping."""

    size, interrupted = (1, 1), False

    def __init__(self, config: WorkerConfig) -> None:
        self.config = config

    def work(self, jobs: Iterator[Job]) -> Iterator[Outcome]:
        for job in jobs:
            entry = self.config.target.write(job.stem + ".png", b"")
            yield Outcome(
                job.number, "done", "0" * 64, job.stem + ".png", entry.size, entry.stamp,
                {"width": 1, "height": 1, "found": True, "kind": "other", "box": [0, 0, 1, 1]},
                {"read": 0.1}, None, bytes(1500),
            )  # fmt: skip

    def close(self) -> None:
        pass


def books(source: str, target: str, count: int) -> dict[str, Any]:
    """Keep the books of many pictures that nobody works on; seconds of each part and memory."""
    for number in range(count):
        path = Path(source, f"{number // 1000:05}", f"{number:08}.jpg")
        if number % 1000 == 0:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (1e9, 1e9))  # old enough for its time to be believed
    found: dict[str, Any] = {}
    before = common.resident()

    def took(name: str, results: Iterator[Any]) -> None:
        start = time.perf_counter()
        for _ in results:
            pass
        found[name] = time.perf_counter() - start

    for name in ("scan", "again"):
        with mattekit_batch.Batch(source, target) as batch:
            batch.create_executor = _Nobody  # type: ignore[method-assign, assignment]
            took(name, batch.scan())
            took("note" if name == "scan" else "nothing", batch.work())
            if name == "again":
                assert batch.pending == 0
    found["added"] = common.resident() - before
    found["bytes"] = Path(target, ".mattekit", "manifest.sqlite").stat().st_size
    # Writing an empty file is not bookkeeping.
    start = time.perf_counter()
    for number in itertools.islice(range(count), 2000):
        write_atomically(Path(target, f"probe{number}"), b"")
    found["write"] = (time.perf_counter() - start) / min(count, 2000) * count
    return found


if __name__ == "__main__":
    common.serve({"load": load, "loop": loop, "batch": batch, "memory": memory, "books": books})
