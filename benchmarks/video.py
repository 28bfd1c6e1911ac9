"""Video: frames per second against rembg, flicker with and without the temporal step, memory.

The clip is a sample picture seen by a camera that pans, zooms and adds grain, so that the true
motion of every pixel is known (`benchmarks/clips.py`).

    python benchmarks/video.py --rembg-python ~/venvs/rembg/bin/python --readme
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import common
import mattekit
from clips import clip, photograph, view
from common import MEGABYTE, Worker, interleave, markdown_table, ratio, summarize
from mattekit_imageio import cutout_frames, flicker

#: What must be reached: share of the flicker that remains, growth of memory over the clip in MB.
TARGETS = {"flicker": 0.6, "growth": 30.0}


def measure_speed(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return seconds per run of each contender, from the same raw frames."""
    width, height = arguments.size
    record: dict[str, Any] = {"bytes": {}}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        raw = Path(folder, "clip.rgb")
        frames = clip(arguments.frames, (width, height))
        raw.write_bytes(b"".join(frame.tobytes() for frame in frames))
        job = {"path": str(raw), "width": width, "height": height}
        ours = stack.enter_context(Worker("worker_video.py"))
        ours.call("load_mattekit", model=str(arguments.model))
        runs: dict[str, Callable[[], float]] = {}
        for refine in arguments.refine:
            for temporal in (0.8, 0.0):
                name = f"{refine}, {'steady' if temporal else 'each frame for itself'}"
                runs[name] = _run(
                    record, ours, name, "cut_mattekit", **job, refine=refine, temporal=temporal
                )
        if arguments.rembg_python:
            theirs = stack.enter_context(Worker("worker_video.py", arguments.rembg_python))
            record["rembg"] = theirs.call("load_rembg", model=str(arguments.model)).value
            runs["rembg"] = _run(record, theirs, "rembg", "cut_rembg", **job)
        record["seconds"] = interleave(runs, arguments.rounds)
    return record


def _run(
    record: dict[str, Any], worker: Worker, name: str, function: str, **keywords: Any
) -> Callable[[], float]:
    def run() -> float:
        answer = worker.call(function, **keywords)
        record["bytes"][name] = answer.value["bytes"]
        print(f"{name}: {answer.seconds:.1f} s", file=sys.stderr, flush=True)
        return answer.seconds

    return run


def measure_flicker(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return how mattes waver, by picture, with and without the temporal step."""
    results: dict[str, Any] = {}
    for name in arguments.pictures:
        frames = list(clip(arguments.flicker_frames, tuple(arguments.flicker_size), name))
        source = photograph(name).size
        record = results[name] = {}
        registered: dict[str, NDArray[np.float32]] = {}
        for label, temporal in (("raw", 0.0), ("steady", 0.8)):
            mattes = list(cutout_frames(frames, temporal=temporal, channels="alpha"))
            registered[label] = _registered(mattes, source)
            record[label] = {
                "estimated": flicker(mattes, frames),
                "known": _wavering(registered[label]),
            }
        record["floor"] = _floor(name, len(frames), frames[0].shape[1::-1])
        # What does not move in the photograph has one true matte: the middle of what was said.
        middle = np.median(registered["raw"], 0)
        for label, stack in registered.items():
            record[label]["error"] = float(np.abs(stack[2:] - middle).mean())
        print(f"{name}: {record}", file=sys.stderr, flush=True)
    return results


def _registered(mattes: list[NDArray[np.uint8]], source: tuple[int, int]) -> NDArray[np.float32]:
    """Return mattes in the photograph's coordinates: the part that every frame shows."""
    boxes = [view(source, number, len(mattes)) for number in range(len(mattes))]
    inner = tuple(
        pick(box[side] for box in boxes) for side, pick in enumerate((max, max, min, min))
    )
    height, width = mattes[0].shape
    stack = []
    for matte, (left, top, right, bottom) in zip(mattes, boxes, strict=True):
        fx, fy = width / (right - left), height / (bottom - top)
        part = (
            max(0.0, (inner[0] - left) * fx),
            max(0.0, (inner[1] - top) * fy),
            min(float(width), (inner[2] - left) * fx),
            min(float(height), (inner[3] - top) * fy),
        )
        image = Image.fromarray(matte.astype(np.float32) / 255)
        stack.append(np.asarray(image.resize((width, height), Image.Resampling.BILINEAR, part)))
    return np.stack(stack)


def _floor(name: str, count: int, size: tuple[int, ...]) -> float:
    """Return the flicker of one matte, cut out of the photograph: what resampling alone makes."""
    photo = photograph(name)
    matte = Image.fromarray(mattekit.remove_background(np.asarray(photo)).alpha)
    boxes = (view(photo.size, number, count) for number in range(count))
    seen = [matte.resize(size, Image.Resampling.BICUBIC, box) for box in boxes]
    return _wavering(_registered([np.asarray(image) for image in seen], photo.size))


def _wavering(stack: NDArray[np.float32]) -> float:
    """Return the mean change from frame to frame, per pixel of the subject."""
    steady = stack[2:]
    return float(np.abs(np.diff(steady, axis=0)).mean() / max(steady.mean(), 1e-6))


def measure_memory(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return resident bytes over a long clip."""
    with Worker("worker_video.py") as worker:
        worker.call("load_mattekit")
        width, height = arguments.memory_size
        return dict(
            worker.call(
                "weigh", count=arguments.memory_frames, width=width, height=height, every=50
            ).value
        )


# ------------------------------------------------------------------------------------ tables


def verdict(value: float, target: float, digits: int) -> str:
    """Write a number and whether its target is met."""
    return f"**{value:.{digits}f}** (≤ {target:g} {'met' if value <= target else 'MISSED'})"


def speed_table(record: dict[str, Any], frames: int) -> str:
    """Write frames per second and ratios."""
    seconds = record["seconds"]
    rows = []
    for name, runs in seconds.items():
        share = "–"
        if "rembg" in seconds and name != "rembg":
            share = ratio(runs, seconds["rembg"]).text()
        per_second = frames / statistics.median(runs)
        size = record["bytes"][name] / frames / 1000
        rows.append([name, f"{per_second:.2f}", summarize(runs).text(), share, f"{size:.0f}"])
    return markdown_table(["", "frames per s", "s", "time ÷ rembg", "kB per frame"], rows)


def flicker_table(results: dict[str, Any]) -> str:
    """Write flicker before and after."""
    rows = []
    for name, record in results.items():
        raw, steady = record["raw"], record["steady"]
        rows.append(
            [
                name,
                f"{raw['known']:.4f}",
                f"{steady['known']:.4f}",
                f"{record['floor']:.4f}",
                verdict(_excess(steady, record) / _excess(raw, record), TARGETS["flicker"], 2),
                f"{steady['estimated'] / raw['estimated']:.2f}",
                f"{raw['error']:.4f}",
                f"{steady['error']:.4f}",
            ]
        )
    header = ["clip of", "each frame for itself", "steady", "floor", "÷ above the floor"]
    return markdown_table(
        [*header, "÷ by estimated motion", "error for itself", "error steady"], rows
    )


def _excess(figures: dict[str, float], record: dict[str, Any]) -> float:
    return max(1e-6, figures["known"] - record["floor"])


def memory_text(record: dict[str, Any], frames: int) -> str:
    """Say how memory goes over a clip."""
    megabytes = [value / MEGABYTE for value in record["resident"]]
    growth = max(megabytes) - megabytes[0]
    shown = ", ".join(f"{value:.0f}" for value in megabytes)
    return (
        f"Resident memory after every 50 of {frames} frames: {shown} MB; highest "
        f"{max(record['peaks']) / MEGABYTE:.0f} MB; growth after the first 50 "
        f"{verdict(growth, TARGETS['growth'], 0)} MB."
    )


def report(arguments: argparse.Namespace, results: dict[str, Any]) -> str:
    """Write everything as Markdown."""
    width, height = arguments.size
    parts = []
    if "speed" in results:
        parts += [
            f"{arguments.frames} frames of {width} × {height}, raw RGB in, one PNG file per frame "
            f"out; network `{Path(arguments.model).name}` for all; {arguments.rounds} interleaved "
            "rounds, ratios of the same round. *rembg* does what its command `rembg b` does; "
            "mattekit refines edges and cleans colours in that time, *steady* adds the temporal "
            "step.",
            speed_table(results["speed"], arguments.frames),
        ]
    small = "{} × {}".format(*arguments.flicker_size)
    parts += [
        f"Flicker of the built-in network over {arguments.flicker_frames} frames of {small}: mean "
        "change of alpha from frame to frame, per pixel of the subject, each matte brought back to "
        "the photograph's coordinates by the camera's known motion. *Floor* is what resampling "
        "makes of one and the same matte. *Error* is the mean distance from the median of all "
        "mattes without the step, which is what a steady matte should say.",
        flicker_table(results["flicker"]),
        memory_text(results["memory"], arguments.memory_frames),
    ]
    return "\n\n".join(parts)


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = common.argument_parser(__doc__, rounds=3)
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--size", type=int, nargs=2, default=[640, 360])
    parser.add_argument("--refine", nargs="+", default=["balanced", "fast"])
    parser.add_argument("--model", type=Path, help="by default u2netp-fp32.onnx of the test data")
    parser.add_argument("--pictures", nargs="+", default=["cat.jpg", "astronaut.jpg", "dahlia.jpg"])
    parser.add_argument("--flicker-frames", type=int, default=24)
    parser.add_argument("--flicker-size", type=int, nargs=2, default=[240, 160])
    parser.add_argument("--memory-frames", type=int, default=300)
    parser.add_argument("--memory-size", type=int, nargs=2, default=[320, 180])
    parser.add_argument("--no-speed", action="store_true", help="needs no rembg and no test data")
    parser.add_argument("--rembg-python", metavar="PATH", help="an interpreter that has rembg")
    arguments = parser.parse_args(argv)
    if arguments.rembg_python is None and importlib.util.find_spec("rembg"):
        arguments.rembg_python = sys.executable
    if arguments.model is None and not arguments.no_speed:
        arguments.model = common.data_folder() / "models" / "u2netp-fp32.onnx"
    return arguments


def main(argv: list[str] | None = None) -> None:
    arguments = parse(argv)
    results: dict[str, Any] = {}
    if not arguments.no_speed:
        results["speed"] = measure_speed(arguments)
    results["flicker"] = measure_flicker(arguments)
    results["memory"] = measure_memory(arguments)
    common.publish("video", report(arguments, results), results, arguments)


if __name__ == "__main__":
    main()
