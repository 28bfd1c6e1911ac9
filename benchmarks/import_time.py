"""Import time: what is paid before anything is done, in fresh interpreters that take turns.

Everything is the wall time of a whole process, the second column less that of an interpreter that
does nothing.

    python benchmarks/import_time.py --rembg-python ~/venvs/rembg/bin/python --readme
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import common
from common import interleave, markdown_table, ratio, summarize, timed

NOTHING = "pass"
NUMPY = "import numpy"
OURS = "import mattekit"
HELP = "import sys; sys.argv = ['mattekit', '--help']; from mattekit_cli import main; main()"
#: A picture cut out and written, from nothing; and the least that could do it: the same network,
#: loaded and run once between Pillow's decoder and encoder.
PICTURE = str(Path(__file__).parents[1] / "sample_images" / "cat.jpg")
REMOVE = (
    f"import sys; sys.argv = ['mattekit', 'remove', {PICTURE!r}, '-o', OUT]; "
    "from mattekit_cli import main; main()"
)
FLOOR = f"""
import numpy as np, onnxruntime
from PIL import Image
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = {os.cpu_count()}
network = onnxruntime.InferenceSession(NETWORK, options)
with Image.open({PICTURE!r}) as photo:
    photo = photo.convert("RGB")
batch = np.asarray(photo.resize((256, 256)), np.float32) / 127.5 - 1
batch = np.ascontiguousarray(batch.transpose(2, 0, 1)[None])
alpha = network.run(["alpha"], {{network.get_inputs()[0].name: batch}})[0].squeeze()
alpha = Image.fromarray((255 * alpha.clip(0, 1)).astype(np.uint8))
photo.putalpha(alpha.resize(photo.size))
photo.save(OUT, compress_level=1)
"""
REMBG_HELP = "import sys; sys.argv = ['rembg', '--help']; from rembg.cli import main; main()"


class Start(NamedTuple):
    """Something that a fresh interpreter does."""

    name: str
    code: str
    python: str


class Module(NamedTuple):
    """What one module costs, as ``-X importtime`` says.

    Attributes
    ----------
    name : str
    alone, whole : int
        Microseconds of its own code, and with everything that it imports.
    depth : int
        0 for what was imported at the top.
    """

    name: str
    alone: int
    whole: int
    depth: int


def starts(rembg_python: str | None, folder: str) -> list[Start]:
    """Return what is compared; results are written to a folder."""
    import mattekit.models

    here = sys.executable
    network = str(Path(mattekit.models.__file__).parent / "builtin" / "builtin.onnx")
    paths = f"OUT = {str(Path(folder) / 'out.png')!r}; NETWORK = {network!r}\n"
    found = [
        Start("nothing", NOTHING, here),
        Start("`import numpy`", NUMPY, here),
        Start("`import mattekit`", OURS, here),
        Start("`mattekit.remove_background`", f"{OURS}; mattekit.remove_background", here),
    ]
    if importlib.util.find_spec("mattekit_cli"):
        found.append(Start("`mattekit --help`", HELP, here))
        found.append(Start("`mattekit remove` of a small picture", paths + REMOVE, here))
        found.append(Start("its floor: Pillow and the network", paths + FLOOR, here))
    if rembg_python:
        found.append(Start("`import rembg`", "import rembg", rembg_python))
        command = Start("`rembg --help`", REMBG_HELP, rembg_python)
        try:
            launch(command, os.environ)
        except SystemExit as error:
            print(f"{error}\nIt is left out.\n")
        else:
            found.append(command)
    return found


def launch(start: Start, environment: Mapping[str, str], *flags: str) -> str:
    """Run it in a fresh interpreter and return what it wrote to standard error."""
    done = subprocess.run(
        [start.python, *flags, "-c", start.code],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{start.name} failed in {start.python}:\n{done.stderr}")
    return done.stderr


def modules(start: Start, environment: Mapping[str, str]) -> list[Module]:
    """Return the modules that are imported, in the order in which they were finished."""
    pattern = re.compile(r"^import time:\s+(\d+) \|\s+(\d+) \|( +)(\S+)$", re.MULTILINE)
    text = launch(start, environment, "-X", "importtime")
    return [
        Module(name, int(alone), int(whole), len(indent) // 2)
        for alone, whole, indent, name in pattern.findall(text)
    ]


def packages(found: list[Module], ignored: set[str]) -> list[tuple[str, int, int]]:
    """Return name, microseconds and number of modules of each package, the heaviest first."""
    totals: dict[str, list[int]] = {}
    for module in found:
        if module.name not in ignored:
            totals.setdefault(module.name.partition(".")[0], []).append(module.alone)
    return sorted(
        ((name, sum(values), len(values)) for name, values in totals.items()),
        key=lambda item: -item[1],
    )


def heaviest(
    chosen: list[Start], environment: Mapping[str, str], count: int
) -> dict[str, list[tuple[str, int, int]]]:
    """Return the heaviest packages of each start, without what an empty interpreter loads."""
    empty = {module.name for module in modules(chosen[0], environment)}
    return {
        start.name: packages(modules(start, environment), empty)[:count] for start in chosen[2:]
    }


def table(seconds: Mapping[str, list[float]]) -> str:
    """Write wall times and their ratio to numpy's."""
    bare = statistics.median(seconds["nothing"])
    rows = []
    for name, values in seconds.items():
        summary = summarize(1000 * value for value in values)
        own = 1000 * (statistics.median(values) - bare)
        share = ratio(values, seconds["`import numpy`"]).median
        rows.append(
            [name, summary.text(0), f"{own:.0f}" if name != "nothing" else "–", f"{share:.2f}"]
        )
    return markdown_table(
        ["a fresh interpreter and …", "process ms", "less nothing ms", "÷ numpy"], rows
    )


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = common.argument_parser(__doc__, rounds=15)
    parser.add_argument("--rembg-python", metavar="PATH", help="an interpreter that has rembg")
    parser.add_argument("--heaviest", type=int, default=6, help="packages to list")
    arguments = parser.parse_args(argv)
    if arguments.rembg_python is None and importlib.util.find_spec("rembg"):
        arguments.rembg_python = sys.executable
    return arguments


def main(argv: list[str] | None = None) -> None:
    arguments = parse(argv)
    if not arguments.rembg_python:
        print("rembg is absent: name an interpreter that has it with --rembg-python\n")
    with tempfile.TemporaryDirectory() as cache:
        chosen = starts(arguments.rembg_python, cache)
        # Installed packages are compiled; a checkout may not be, so all get the same cache.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment["ORT_DISABLE_TELEMETRY"] = "1"
        runs: dict[str, Callable[[], float]] = {
            start.name: timed(launch, start, environment) for start in chosen
        }
        seconds = interleave(runs, arguments.rounds, warm_up=2)
        heavy = heaviest(chosen, environment, arguments.heaviest)
    lines = [
        f"- {name}: "
        + ", ".join(f"{package} {cost / 1000:.0f} ms ({n} modules)" for package, cost, n in found)
        for name, found in heavy.items()
    ]
    text = "\n\n".join(
        [
            f"{arguments.rounds} interleaved rounds of fresh processes, byte code cached.",
            table(seconds),
            "The heaviest packages that each loads (own time under `-X importtime`):",
            "\n".join(lines),
        ]
    )
    common.publish("import_time", text, {"seconds": seconds, "heaviest": heavy}, arguments)


if __name__ == "__main__":
    main()
