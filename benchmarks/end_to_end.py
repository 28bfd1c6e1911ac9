"""End to end: the bytes of a JPEG file in, the bytes of a PNG file out.

Compares mattekit with rembg 2.x (`remove(bytes)`, plain, its custom-model session) on the same
network, and both with a floor: the fastest decoder, the bare network, the fastest encoder. mattekit
refines the edges and cleans their colours in that time; the other two do not.

    python benchmarks/end_to_end.py --rembg-python ~/venvs/rembg/bin/python --readme
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import common
from common import MEGABYTE, Worker, interleave, markdown_table, ratio, summarize
from pictures import large_jpeg

#: What must be reached, by megapixels: shares of rembg's time and memory and of the floor's time,
#: and megabytes resident.
TARGETS: dict[float, dict[str, float]] = {
    10: {"rembg": 0.40, "floor": 2.2},
    25: {"rembg": 0.33, "floor": 2.2, "memory": 0.7},
    50: {"resident": 1200},
}
STAGES = ("decode", "segment", "color_key", "refine", "clean", "foreground", "assemble", "encode")
#: Big enough that every library is loaded and every thread started, too small to leave memory.
TINY = 0.02


#: What must be reached with the built-in network, by megapixels: multiples of decode, network and
#: encode of the same run.
BUILT_IN: dict[float, dict[str, float]] = {
    0.25: {"balanced": 1.25, "best": 1.6},
    1.08: {"balanced": 1.4, "best": 2.0},
    12: {"balanced": 1.5, "best": 2.5},
    25: {"balanced": 1.5, "best": 2.5},
}
#: What any program must do with that network.
FLOOR = ("decode", "run", "encode")
#: The other columns; what is left is `rest`.
ABOVE = ("run again", "refine", "remove_uncertain_objects", "foreground", "assemble")


@contextmanager
def contender(script: str, model: Path, python: str | None = None) -> Iterator[Worker]:
    """Yield a worker that has loaded the network."""
    with Worker(script, python) as worker:
        worker.call("load", model=str(model))
        yield worker


def scripts(arguments: argparse.Namespace) -> dict[str, tuple[str, str | None]]:
    """Return script and interpreter of the workers that can run here."""
    found: dict[str, tuple[str, str | None]] = {"mattekit": ("worker_mattekit.py", None)}
    if rembg := arguments.rembg_python:
        found["rembg"] = ("worker_rembg.py", rembg)
    else:
        print("rembg is absent: name an interpreter that has it with --rembg-python\n")
    missing = [name for name in ("simplejpeg", "isal") if importlib.util.find_spec(name) is None]
    if missing:
        print(f"The floor is absent: pip install {' '.join(missing)}\n")
    else:
        found["floor"] = ("worker_floor.py", None)
    return found


def measure_times(
    arguments: argparse.Namespace, model: Path, files: dict[float, Path]
) -> dict[str, Any]:
    """Return seconds, bytes and stages by size and contender."""
    results: dict[str, Any] = {}
    with ExitStack() as stack:
        workers = {
            name: stack.enter_context(contender(script, model, python))
            for name, (script, python) in scripts(arguments).items()
        }
        for megapixels, path in files.items():
            record: dict[str, Any] = {"bytes": {}, "stages": {}, "cpu": {}}
            runs: dict[str, Callable[[], float]] = {}
            for refine in arguments.refine:
                runs[refine] = _run(record, workers["mattekit"], refine, path, refine=refine)
            for name in ("rembg", "floor"):
                if name in workers:
                    runs[name] = _run(record, workers[name], name, path)
            record["seconds"] = interleave(runs, arguments.rounds)
            results[f"{megapixels:g}"] = record
            _say(f"{megapixels:g} MP: " + _in_short(record["seconds"]))
    return results


def _run(
    record: dict[str, Any], worker: Worker, name: str, path: Path, **keywords: Any
) -> Callable[[], float]:
    def run() -> float:
        answer = worker.call("cut", path=str(path), **keywords)
        record["bytes"][name] = answer.value["bytes"]
        record["cpu"].setdefault(name, []).append(answer.cpu)
        if "stages" in answer.value:
            record["stages"].setdefault(name, []).append(answer.value["stages"])
        return answer.seconds

    return run


def measure_memory(
    arguments: argparse.Namespace, model: Path, files: dict[float, Path], tiny: Path
) -> dict[str, Any]:
    """Return peaks in bytes by size and contender, each from fresh processes."""
    results: dict[str, Any] = {}
    for megapixels, path in files.items():
        record: dict[str, Any] = {}
        for name, (script, python) in scripts(arguments).items():
            for refine in arguments.refine if name == "mattekit" else (name,):
                keywords = {"refine": refine} if name == "mattekit" else {}
                added, peaks = [], []
                for _ in range(arguments.memory_rounds):
                    with contender(script, model, python) as worker:
                        _warm_up(worker, tiny, **keywords)
                        answer = worker.call("cut", memory=True, path=str(path), **keywords)
                    added.append(answer.added)
                    peaks.append(answer.peak)
                record[refine] = {
                    "added": statistics.median(added),
                    "resident": statistics.median(peaks),
                }
        with contender("worker_mattekit.py", model) as worker:
            refine = arguments.refine[0]
            _warm_up(worker, tiny, refine=refine)
            answer = worker.call("weigh", path=str(path), refine=refine)
            record["stages"] = answer.value["stages"]
        results[f"{megapixels:g}"] = record
        _say(f"{megapixels:g} MP weighed")
    return results


def _warm_up(worker: Worker, tiny: Path, **keywords: str) -> None:
    # onnxruntime's memory reaches its final size with the second run only.
    for _ in range(2):
        worker.call("cut", path=str(tiny), **keywords)


def _in_short(seconds: dict[str, list[float]]) -> str:
    return ", ".join(f"{name} {statistics.median(runs):.2f} s" for name, runs in seconds.items())


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def measure_built_in(
    arguments: argparse.Namespace, files: dict[float, Path]
) -> dict[str, dict[str, list[dict[str, float]]]]:
    """Return stages in processor seconds on one thread, by size and quality, of each round."""
    results: dict[str, dict[str, list[dict[str, float]]]] = {}
    with Worker("worker_mattekit.py") as worker:
        worker.call("load_built_in")
        for size, path in files.items():
            runs: dict[str, list[dict[str, float]]] = {name: [] for name in arguments.refine}
            # The first round is the warm-up.
            for number in range(arguments.rounds + 1):
                for refine, counted in runs.items():
                    value = worker.call("count", path=str(path), refine=refine).value
                    if number:
                        counted.append({**value["stages"], "total": value["total"]})
            results[f"{size:g}"] = runs
    return results


# ------------------------------------------------------------------------------------ tables


def built_in_table(results: dict[str, dict[str, list[dict[str, float]]]]) -> str:
    """Write milliseconds of each stage, and the total as a multiple of the floor."""
    rows = []
    for size, runs in results.items():
        for refine, counted in runs.items():
            target = BUILT_IN.get(float(size), {}).get(refine)
            share = ratio(
                [run["total"] for run in counted],
                [sum(run[name] for name in FLOOR) for run in counted],
            )
            once = ratio(
                [run["total"] - run.get("run again", 0.0) for run in counted],
                [sum(run[name] for name in FLOOR) for run in counted],
            )
            values = [
                statistics.median(run.get(name, 0.0) for run in counted) for name in FLOOR + ABOVE
            ]
            total = statistics.median(run["total"] for run in counted)
            cells = [*values, max(0.0, total - sum(values)), total]
            cells_text = [f"{1000 * value:.0f}" for value in cells]
            marks = [verdict(each.median, target) for each in (share, once)]
            rows.append([size, refine, *cells_text, *marks])
    above = ["network again", "refine", "small parts", "foreground", "assemble", "rest", "total"]
    head = ["MP", "refine", "decode", "network", "encode", *above, "÷ floor", "seen once ÷ floor"]
    return markdown_table(head, rows)


def verdict(value: float, target: float | None, digits: int = 2) -> str:
    """Write a number and, where there is a target, whether it is met."""
    text = f"{value:.{digits}f}"
    if target is None:
        return text
    return f"**{text}** (≤ {target:g} {'met' if value <= target else 'MISSED'})"


def time_table(times: dict[str, Any], refine: list[str]) -> str:
    """Write seconds and ratios."""
    rows = []
    for size, record in times.items():
        seconds = record["seconds"]
        targets = TARGETS.get(float(size), {})
        for quality in refine:
            goals = targets if quality == refine[0] else {}
            row = [size, quality, summarize(seconds[quality]).text()]
            for other in ("rembg", "floor"):
                if other in seconds:
                    share = ratio(seconds[quality], seconds[other]).median
                    row += [summarize(seconds[other]).text(), verdict(share, goals.get(other))]
                else:
                    row += ["–", "–"]
            rembg = record["bytes"].get("rembg")
            row.append(f"{record['bytes'][quality] / rembg:.2f}" if rembg else "–")
            rows.append(row)
    header = ["MP", "refine", "mattekit s", "rembg s", "÷ rembg", "floor s", "÷ floor", "file ÷"]
    return markdown_table(header, rows)


def cpu_table(times: dict[str, Any], refine: list[str]) -> str:
    """Write seconds of all threads on processors."""
    rows = []
    for size, record in times.items():
        counted = len(record["seconds"][refine[0]])
        # The warm-up's come first.
        cpu = {name: statistics.median(runs[-counted:]) for name, runs in record["cpu"].items()}
        row = [size, *(f"{cpu[name]:.2f}" for name in refine)]
        for other in ("rembg", "floor"):
            row.append(f"{cpu[other]:.2f}" if other in cpu else "–")
            row.append(f"{cpu[refine[0]] / cpu[other]:.2f}" if other in cpu else "–")
        rows.append(row)
    header = ["MP", *(f"mattekit {name} CPU s" for name in refine)]
    return markdown_table([*header, "rembg CPU s", "÷ rembg", "floor CPU s", "÷ floor"], rows)


def stage_table(times: dict[str, Any], refine: str) -> str:
    """Write each stage's share of the total."""
    rows = []
    for size, record in times.items():
        seconds = record["seconds"][refine]
        # The warm-up's come first.
        stages = record["stages"][refine][-len(seconds) :]
        total = statistics.median(seconds)
        shares = []
        for stage in STAGES:
            value = statistics.median(run.get(stage, 0.0) for run in stages)
            shares.append(value)
        rest = max(total - sum(shares), 0.0)
        cells = [f"{value:.3f} s, {value / total:.0%}" for value in [*shares, rest]]
        rows.append([size, f"{total:.2f} s", *cells])
    return markdown_table(["MP", "total", *STAGES, "rest"], rows)


def memory_table(memory: dict[str, Any], refine: list[str]) -> str:
    """Write peaks in megabytes."""
    rows = []
    for size, record in memory.items():
        targets = TARGETS.get(float(size), {})
        for quality in refine:
            goals = targets if quality == refine[0] else {}
            ours = record[quality]
            rembg, floor = record.get("rembg"), record.get("floor")
            rows.append(
                [
                    size,
                    quality,
                    f"{ours['added'] / MEGABYTE:.0f}",
                    f"{rembg['added'] / MEGABYTE:.0f}" if rembg else "–",
                    verdict(ours["added"] / rembg["added"], goals.get("memory")) if rembg else "–",
                    f"{floor['added'] / MEGABYTE:.0f}" if floor else "–",
                    verdict(ours["resident"] / MEGABYTE, goals.get("resident"), 0),
                    f"{rembg['resident'] / MEGABYTE:.0f}" if rembg else "–",
                ]
            )
    header = ["MP", "refine", "mattekit added MB", "rembg added MB", "÷ rembg", "floor added MB"]
    return markdown_table([*header, "mattekit resident MB", "rembg resident MB"], rows)


def stage_memory_table(memory: dict[str, Any]) -> str:
    """Write by how much each stage's peak exceeds what was resident before the picture came."""
    rows = [
        [size, *(f"{record['stages'].get(stage, 0) / MEGABYTE:.0f}" for stage in STAGES)]
        for size, record in memory.items()
    ]
    return markdown_table(["MP", *(f"{stage} MB" for stage in STAGES)], rows)


def growth(times: dict[str, Any], memory: dict[str, Any], refine: str) -> str:
    """Say how time and memory grow with pixels: a straight line and the worst distance from it."""
    sizes = [float(size) for size in times]
    if len(sizes) < 3:
        return ""
    seconds = [statistics.median(times[size]["seconds"][refine]) for size in times]
    megabytes = [memory[size][refine]["added"] / MEGABYTE for size in times]
    lines = []
    for what, unit, values in (("time", "s", seconds), ("memory", "MB", megabytes)):
        slope, offset = statistics.linear_regression(sizes, values)
        miss = max(abs(offset + slope * x - y) / y for x, y in zip(sizes, values, strict=True))
        r = statistics.correlation(sizes, values)
        lines.append(
            f"{what} ≈ {offset:.2f} {unit} + {slope:.3f} {unit} per megapixel "
            f"(r² = {r * r:.4f}, worst distance {miss:.0%})"
        )
    return "Growth: " + "; ".join(lines) + "."


def report(
    arguments: argparse.Namespace, picture: Path, times: dict[str, Any], memory: dict[str, Any]
) -> str:
    """Write everything as Markdown."""
    first = arguments.refine[0]
    parts = [
        f"`{picture.name}`, enlarged with grain, JPEG quality 90 4:2:0; network "
        f"`{Path(arguments.model).name}` for all; {arguments.rounds} interleaved rounds, ratios of "
        "the same round. *rembg* cuts out plainly, *floor* does not look at the picture after the "
        "network; mattekit refines edges and cleans colours. *file ÷* is the size of the PNG file "
        "against rembg's.",
        time_table(times, arguments.refine),
        f"Seconds on processors, all threads together (ratios for `refine={first}`), which tell "
        "more than wall time where the machine is busy with other work:",
        cpu_table(times, arguments.refine),
        f"Where the time goes (`refine={first}`, medians):",
        stage_table(times, first),
    ]
    if memory:
        parts += [
            "Peak of resident memory, less what was resident before:",
            memory_table(memory, arguments.refine),
            f"The same for each stage (`refine={first}`):",
            stage_memory_table(memory),
            growth(times, memory, first),
        ]
    return "\n\n".join(part for part in parts if part)


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = common.argument_parser(__doc__, rounds=7)
    parser.add_argument("--sizes", type=float, nargs="+", metavar="MP")
    parser.add_argument("--refine", nargs="+", default=["balanced", "fast", "best"])
    parser.add_argument("--picture", type=Path, help="a photograph, by default of the test data")
    parser.add_argument("--model", type=Path, help="by default u2netp-fp32.onnx of the test data")
    parser.add_argument(
        "--built-in",
        action="store_true",
        help="mattekit's own network instead, on one thread, against its own floor",
    )
    parser.add_argument("--memory-rounds", type=int, default=3, help="0 = none")
    parser.add_argument("--rembg-python", metavar="PATH", help="an interpreter that has rembg")
    arguments = parser.parse_args(argv)
    if arguments.sizes is None:
        arguments.sizes = list(BUILT_IN) if arguments.built_in else [1, 4, 10, 25, 50]
    if arguments.rembg_python is None and importlib.util.find_spec("rembg"):
        arguments.rembg_python = sys.executable
    if arguments.picture is None:
        arguments.picture = common.data_folder() / "images" / "dev" / "rembg_animal-3.jpg"
    if arguments.model is None:
        arguments.model = common.data_folder() / "models" / "u2netp-fp32.onnx"
    return arguments


def main(argv: list[str] | None = None) -> None:
    arguments = parse(argv)
    picture: Path = arguments.picture
    if arguments.built_in:
        with tempfile.TemporaryDirectory() as folder:
            counted = measure_built_in(
                arguments, {size: large_jpeg(picture, size, folder) for size in arguments.sizes}
            )
        text = (
            f"`{picture.name}`, JPEG to PNG, built-in network, milliseconds of processor time on "
            f"one thread, medians of {arguments.rounds} rounds. *÷ floor*: the total as a multiple "
            "of decode, network and encode of the same run; the network's further looks, where "
            "there are any, are not in the floor. *Seen once* leaves them out of the total as well."
        )
        text += "\n\n" + built_in_table(counted)
        common.publish("built_in", text, counted, arguments)
        return
    with tempfile.TemporaryDirectory() as folder:
        tiny = large_jpeg(picture, TINY, folder)
        files = {size: large_jpeg(picture, size, folder) for size in arguments.sizes}
        times = measure_times(arguments, arguments.model, files)
        weighed = files if arguments.memory_rounds else {}
        memory = measure_memory(arguments, arguments.model, weighed, tiny)
    text = report(arguments, picture, times, memory)
    common.publish("end_to_end", text, {"times": times, "memory": memory}, arguments)


if __name__ == "__main__":
    main()
