"""A second core: one picture by the clock, with one core and with two, in the same run.

Two workers cut out the same JPEG file to PNG with the built-in network and take turns; one of them
may use a single core. Nothing else is different, and both files are the same to the byte.

    python benchmarks/cores.py --readme
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import common
from common import Worker, interleave, markdown_table, ratio, summarize
from pictures import large_jpeg

#: How much faster two cores must be, by megapixels.
TARGETS = {12.0: 1.6}
STAGES = ("decode", "segment", "color_key", "refine", "clean", "foreground", "assemble", "encode")
COUNTS = (1, 2)


def measure(arguments: argparse.Namespace, files: dict[float, Path]) -> dict[str, Any]:
    """Return seconds by the clock, of processors and of stages, by size and number of cores."""
    results: dict[str, Any] = {}
    with ExitStack() as stack:
        workers = {count: stack.enter_context(Worker("worker_mattekit.py")) for count in COUNTS}
        for count, worker in workers.items():
            worker.call("load_built_in", count=count)
        for size, path in files.items():
            for refine in arguments.refine:
                _check_same(workers, path, refine)
                record: dict[str, Any] = {"cpu": {}, "stages": {}}
                runs = {
                    str(count): _run(record, worker, str(count), path=str(path), refine=refine)
                    for count, worker in workers.items()
                }
                record["seconds"] = interleave(runs, arguments.rounds)
                results.setdefault(f"{size:g}", {})[refine] = record
    return results


def _check_same(workers: dict[int, Worker], path: Path, refine: str) -> None:
    """Make sure that the file does not depend on the number of cores."""
    files = []
    for count, worker in workers.items():
        target = path.with_name(f"{count}.png")
        worker.call("cut", path=str(path), refine=refine, target=str(target))
        files.append(target.read_bytes())
    if len(set(files)) > 1:
        raise SystemExit(f"{path.name}: the file depends on the number of cores")


def _run(record: dict[str, Any], worker: Worker, name: str, **keywords: str) -> Callable[[], float]:
    def run() -> float:
        answer = worker.call("cut", **keywords)
        record["cpu"].setdefault(name, []).append(answer.cpu)
        record["stages"].setdefault(name, []).append(answer.value["stages"])
        return answer.seconds

    return run


def table(results: dict[str, Any]) -> str:
    """Write milliseconds with one core and with two, and their ratio."""
    rows = []
    for size, qualities in results.items():
        for refine, record in qualities.items():
            one, two = (record["seconds"][str(count)] for count in COUNTS)
            gain = ratio(one, two).median
            target = TARGETS.get(float(size)) if refine == "balanced" else None
            text = f"{gain:.2f}"
            if target is not None:
                text = f"**{text}** (≥ {target:g} {'met' if gain >= target else 'MISSED'})"
            busy = ratio(*(record["cpu"][str(count)][-len(one) :] for count in (2, 1))).median
            times = [summarize([1000 * each for each in runs]).text(0) for runs in (one, two)]
            rows.append([size, refine, *times, text, f"{busy:.2f}"])
    head = ["MP", "refine", "one core ms", "two cores ms", "× faster", "processor time ×"]
    return markdown_table(head, rows)


def stage_table(results: dict[str, Any]) -> str:
    """Write milliseconds of each stage with one core and with two."""
    rows = []
    for size, qualities in results.items():
        for refine, record in qualities.items():
            cells = []
            for stage in STAGES:
                one, two = (
                    statistics.median(run.get(stage, 0) for run in record["stages"][str(count)])
                    for count in COUNTS
                )
                cells.append(f"{1000 * one:.0f} → {1000 * two:.0f}")
            rows.append([size, refine, *cells])
    return markdown_table(["MP", "refine", *STAGES], rows)


def main(argv: list[str] | None = None) -> None:
    """Measure and publish."""
    parser = common.argument_parser(__doc__, rounds=11)
    parser.add_argument("--sizes", type=float, nargs="+", default=[1, 12, 25], metavar="MP")
    parser.add_argument("--refine", nargs="+", default=["balanced"])
    parser.add_argument("--picture", type=Path, help="a photograph, by default of the test data")
    arguments = parser.parse_args(argv)
    if len(os.sched_getaffinity(0)) < max(COUNTS):
        raise SystemExit("this process may use one core only")
    picture = arguments.picture or common.data_folder() / "images" / "dev" / "rembg_animal-3.jpg"
    with tempfile.TemporaryDirectory() as folder:
        files = {size: large_jpeg(picture, size, folder) for size in arguments.sizes}
        results = measure(arguments, files)
    text = (
        f"`{picture.name}`, JPEG to PNG in one process, built-in network, medians and quartiles of "
        f"{arguments.rounds} interleaved rounds, ratios of the same round; the files are equal to "
        "the byte.\n\n"
        + table(results)
        + "\n\nMilliseconds of each stage, with one core → with two:\n\n"
        + stage_table(results)
    )
    common.publish("cores", text, results, arguments)


if __name__ == "__main__":
    main()
