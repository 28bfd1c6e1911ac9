"""Matting against pymatting: error, time and memory; edge colours; growth with size.

    python benchmarks/matting.py --pymatting-python /path/to/venv/bin/python
    python benchmarks/matting.py --parts disc growth

Parts: `trimaps` (alpha and colours from the trimaps of the data folder, against pymatting's
closed-form alpha and multi-level colours, its compilation not counted), `disc` (colours of a soft
edge whose truth is known), `growth` (refinement and colours of one photograph from 1 to 50
megapixels). Without pymatting the first part measures mattekit alone and says so.
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
import tempfile
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np

from common import (
    MEGABYTE,
    Worker,
    argument_parser,
    data_folder,
    interleave,
    markdown_table,
    publish,
    ratio,
    summarize,
)
from truth import Truth, plane, read, synthetic_disc

SIDES = (256, 512, 1024, 2048, 4096)


# ----------------------------------------------------------------------------------- trimaps


def contenders(arguments: Namespace) -> dict[str, tuple[Worker, dict[str, Any]]]:
    """Return a worker and its keywords for each name; pymatting only where it is installed."""
    found = {
        quality: (Worker("worker_matting.py"), {"quality": quality})
        for quality in ("best", "balanced")
    }
    python = arguments.pymatting_python
    if python or importlib.util.find_spec("pymatting"):
        found["pymatting"] = (Worker("worker_pymatting.py", python), {})
    return found


def trimaps(arguments: Namespace) -> tuple[str, dict[str, Any]]:
    """Solve every picture that has a trimap, in turns."""
    folder = data_folder() / "images" / "dev"
    pictures = [picture for picture in read(folder) if picture.trimap]
    if arguments.only:
        pictures = [picture for picture in pictures if picture.name in arguments.only]
    workers = contenders(arguments)
    times: dict[str, dict[str, list[float]]] = {}
    wrong: dict[str, dict[str, tuple[float, float]]] = {name: {} for name in workers}
    work: dict[str, list[float]] = {name: [] for name in workers}
    for worker, _ in workers.values():
        worker.call("load")
    with tempfile.TemporaryDirectory() as temporary:
        target = str(Path(temporary) / "alpha")
        for picture in pictures:
            files = {"image": str(picture.image), "trimap": str(picture.trimap)}

            def run(name: str, files: dict[str, str] = files) -> float:
                worker, keywords = workers[name]
                answer = worker.call("solve", target=f"{target}.{name}.npy", **files, **keywords)
                work[name].append(answer.value["cpu"])
                return answer.seconds

            calls = {name: (lambda name=name: run(name)) for name in workers}
            times[picture.name] = interleave(calls, arguments.rounds, warm_up=0)
            for name in workers:
                alpha = np.load(f"{target}.{name}.npy")
                wrong[name][picture.name] = unknown_error(picture, alpha)
    for worker, _ in workers.values():
        worker.close()
    memory = weigh(arguments, pictures)
    results = {"times": times, "processor_times": work, "errors": wrong, "memory": memory}
    return describe_trimaps(results), results


def unknown_error(picture: Truth, alpha: np.ndarray) -> tuple[float, float]:
    """Return MSE and SAD / 1000 in the unknown part of the trimap."""
    assert picture.trimap is not None
    known = plane(picture.trimap)
    unknown = (known >= 0.1) & (known <= 0.9)
    difference = (alpha - plane(picture.alpha))[unknown]
    return float(np.square(difference).mean()), float(np.abs(difference).sum()) / 1000


def weigh(arguments: Namespace, pictures: list[Truth]) -> dict[str, list[float]]:
    """Return the memory that each adds on some pictures, in fresh processes."""
    found: dict[str, list[float]] = {}
    for picture in pictures[:: max(1, len(pictures) // arguments.memory_pictures)]:
        for name, (worker, keywords) in contenders(arguments).items():
            with worker:
                worker.call("load")
                files = {"image": str(picture.image), "trimap": str(picture.trimap)}
                added = worker.call("solve", memory=True, **files, **keywords).added
                found.setdefault(name, []).append(added / MEGABYTE)
    return found


def describe_trimaps(results: dict[str, Any]) -> str:
    """Write the tables of the first part."""
    times, wrong, memory = results["times"], results["errors"], results["memory"]
    work = results["processor_times"]
    names = list(wrong)
    rival = wrong.get("pymatting")
    rows = []
    for picture in times:
        cells = [f"{wrong[name][picture][0]:.4f} / {wrong[name][picture][1]:.1f}" for name in names]
        cells += [f"{statistics.median(times[picture][name]):.2f}" for name in names]
        rows.append([picture, *cells])
    means = {
        name: tuple(statistics.fmean(pair[i] for pair in wrong[name].values()) for i in (0, 1))
        for name in names
    }
    totals = {name: sum(statistics.median(times[p][name]) for p in times) for name in names}
    rows.append(
        [
            "mean (time: sum)",
            *(f"{means[name][0]:.4f} / {means[name][1]:.1f}" for name in names),
            *(f"{totals[name]:.2f}" for name in names),
        ]
    )
    head = ["picture", *(f"{n}: MSE / SAD" for n in names), *(f"{n}: s" for n in names)]
    text = "From the trimaps, error in the unknown part (SAD in thousands), time in seconds:\n\n"
    text += markdown_table(head, rows) + "\n\n"
    if rival is None:
        return text + "pymatting is not installed here, so nothing is compared with it."
    lines = []
    for name in names:
        if name == "pymatting":
            continue
        mine = [value for picture in times for value in times[picture][name]]
        other = [value for picture in times for value in times[picture]["pymatting"]]
        weight = ratio(memory[name], memory["pymatting"])
        mse = means[name][0] / means["pymatting"][0]
        sad = means[name][1] / means["pymatting"][1]
        lines.append(
            [
                name,
                f"{mse:.2f}",
                f"{sad:.2f}",
                ratio(mine, other).text(3),
                f"{totals[name] / totals['pymatting']:.3f}",
                f"{sum(work[name]) / sum(work['pymatting']):.3f}",
                weight.text(3),
                f"{summarize(memory[name]).median:.0f} / "
                f"{summarize(memory['pymatting']).median:.0f}",
            ]
        )
    text += "Against pymatting (closed-form alpha, multi-level colours, already compiled) = 1:\n\n"
    text += markdown_table(
        ["", "MSE", "SAD", "time", "total time", "total processor time", "memory added", "MB"],
        [*lines, ["target", "≤ 1.00", "≤ 1.00", "≤ 0.100", "", "", "≤ 0.200", ""]],
    )
    return text


# -------------------------------------------------------------------------------------- disc


def disc(arguments: Namespace) -> tuple[str, dict[str, Any]]:
    """Estimate the colours of a soft disc and put it back on its background."""
    from mattekit import matting

    rows, results = [], {}
    for side in SIDES[: arguments.discs]:
        for softness in (4.0, side / 20):
            truth = synthetic_disc(side, softness)
            estimate = matting.foreground(truth["image"], truth["alpha"]) / np.float32(255)
            soft = (truth["alpha"] > 0.02) & (truth["alpha"] < 0.98)
            alpha = truth["alpha"][soft][:, None]
            error = float(np.abs(estimate[soft] - truth["front"][soft]).mean())
            raw = float(np.abs(truth["image"][soft] / 255 - truth["front"][soft]).mean())
            again = alpha * estimate[soft] + (1 - alpha) * truth["back"][soft]
            apart = float(np.abs(again * 255 - truth["image"][soft]).max())
            results[f"{side}, {softness:g}"] = {"error": error, "raw": raw, "recomposed": apart}
            cells = [f"{side} px", f"{softness:g} px"]
            rows.append([*cells, f"{raw:.3f}", f"{error:.4f}", f"{apart:.2f}"])
    text = (
        "Colours of the synthetic disc's soft edge (mean error, 0 to 1), and the largest error of "
        "recomposing it over its own background (in 255ths); targets 0.01 and 3:\n\n"
    )
    head = ["side", "edge", "untreated", "error", "recomposed"]
    return text + markdown_table(head, rows), results


# ------------------------------------------------------------------------------------ growth


def growth(arguments: Namespace) -> tuple[str, dict[str, Any]]:
    """Refine one photograph at many sizes, from one coarse matte."""
    picture = str(data_folder() / "images" / "dev" / "rembg_animal-3.jpg")
    names = ("fast", "balanced", "best", "foreground")
    times: dict[float, dict[str, list[float]]] = {}
    memory: dict[float, dict[str, float]] = {}
    for size in arguments.sizes:
        memory[size] = {}
        for stage in names:
            # What an allocator kept from one stage would hide what the next one needs.
            with Worker("worker_growth.py") as worker:
                worker.call("load", path=picture, megapixels=size)
                memory[size][stage] = worker.call(stage, memory=True).added / MEGABYTE
        with Worker("worker_growth.py") as worker:
            worker.call("load", path=picture, megapixels=size)
            runs = {stage: (lambda s=stage, w=worker: w.call(s).value) for stage in names}
            times[size] = interleave(runs, arguments.rounds, warm_up=0)
    stages = list(next(iter(times.values())))
    head = ["megapixels", *(f"{s}: s" for s in stages), *(f"{s}: MB" for s in stages)]
    rows = []
    for size in times:
        median = [f"{statistics.median(times[size][stage]):.2f}" for stage in stages]
        rows.append([f"{size:g}", *median, *(f"{memory[size][stage]:.0f}" for stage in stages)])
    text = (
        "One photograph (fur and grass) at many sizes, in seconds of processor time (all threads, "
        "because the machine has other work). Memory is what the stage adds, its result "
        "included: 4 bytes a pixel of alpha, 3 of colour.\n\n" + markdown_table(head, rows) + "\n\n"
    )
    for stage in stages:
        seconds = [statistics.median(times[size][stage]) for size in times]
        text += line(stage, list(times), seconds, [memory[size][stage] for size in times])
    return text, {"times": times, "memory": memory}


def line(stage: str, sizes: list[float], seconds: list[float], megabytes: list[float]) -> str:
    """Write the straight lines through time and memory, and how well they fit."""
    words = []
    for values, unit in ((seconds, "s"), (megabytes, "MB")):
        slope, base = np.polyfit(sizes, values, 1)
        rest = np.asarray(values) - (slope * np.asarray(sizes) + base)
        spread = np.asarray(values) - np.mean(values)
        fit = 1 - float((rest**2).sum() / max(float((spread**2).sum()), 1e-12))
        words.append(f"{base:.2f} + {slope:.3f} {unit} per megapixel (R² {fit:.3f})")
    return f"{stage}: {words[0]}; {words[1]}.  \n"


def main() -> None:
    parser = argument_parser(__doc__, rounds=3)
    parts = {"trimaps": trimaps, "disc": disc, "growth": growth}
    parser.add_argument("--parts", nargs="+", choices=parts, default=list(parts))
    parser.add_argument("--pymatting-python", metavar="PATH", help="interpreter with pymatting")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="of the pictures with trimaps")
    parser.add_argument("--memory-pictures", type=int, default=3)
    parser.add_argument("--discs", type=int, default=len(SIDES), help="how many sizes of disc")
    parser.add_argument("--sizes", nargs="+", type=float, default=[1, 4, 10, 25, 50])
    arguments = parser.parse_args()
    results = {}
    for name in arguments.parts:
        print(f"{name} …", file=sys.stderr)
        text, results[name] = parts[name](arguments)
        # Each part has a block of its own, so that one can be renewed alone; JSON grows with them.
        document = {"parts": results}
        publish(f"matting_{name}", text, document, arguments)


if __name__ == "__main__":
    main()
