"""A 24-megapixel layer through GIMP: what the way there and back costs beyond the library's work.

One GIMP of each version is started with mattekit installed by its own command, and one worker. The
time of a call is taken by another plug-in around the call of the menu entry's procedure: GIMP's
start of the plug-in's process is part of it. The library's own time is what the worker says that it
has spent on that very picture, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import argument_parser, data_folder, interleave, markdown_table, publish, summarize

ROOT = Path(__file__).resolve().parents[1]
SIZE = (6000, 4000)
OPTIONS = 'True, 0, "{refine}", "auto", True, 0.0, 0.0, "auto", True, "all", "0px", "0px"'

#: Times of one call, inside GIMP.
CALL = """
import time
image = load({path!r})
layer = image.layers[0]
start = time.perf_counter()
pdb.plug_in_mattekit_{action}(image, layer, {values})
said["seconds"] = time.perf_counter() - start
start = time.perf_counter()
data = layer.get_rect(0, 0, layer.width, layer.height, "R'G'B' u8")
said["read"] = time.perf_counter() - start
start = time.perf_counter()
try:
    pdb.plug_in_mattekit_crop(image, layer, True, "no margin", 0, "fast", "auto", 0.0, True, "all")
except Exception:
    pass
said["nothing"] = time.perf_counter() - start
"""


def picture(path: Path) -> None:
    """Write a real photo of 24 megapixels."""
    from PIL import Image

    source = data_folder() / "images" / "dev" / "hseg_088.jpg"
    with Image.open(source) as small:
        large = small.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
    large.save(path, compress_level=1)


def measure(arguments: Any, folder: Path) -> dict[str, Any]:
    sys.path.insert(0, str(ROOT / "tests"))

    import mattekit_bridge as bridge
    from hosts.gimp import gimp2, gimp3
    from support.gimp.studio import equipped

    path = folder / "photo.png"
    picture(path)
    os.environ["MATTEKIT_WORKER_DIR"] = str(folder / "worker")
    studios = {}
    for name, make in (("2.10", gimp2), ("3.0", gimp3)):
        place = folder / name
        place.mkdir()
        studios[name] = equipped(make(place / "home"), place)
    # Started here and not by the bridge, so that all have the same rank among the processes.
    process = subprocess.Popen(
        [sys.executable, "-m", "mattekit_server.worker"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while (worker := bridge.find()) is None:
        time.sleep(0.05)
    parts: dict[str, dict[str, list[float]]] = {}

    def call(version: str, action: str) -> Callable[[], float]:
        values = OPTIONS.format(refine=arguments.refine) + (
            ', True, 0, "auto"' if action == "layer" else ""
        )
        code = CALL.format(path=str(path), action=action, values=values)
        times = parts.setdefault(f"{version} {action}", {})

        def run() -> float:
            before = spent(worker)
            said = studios[version].run(code).said
            library = spent(worker) - before
            seconds = float(said["seconds"])
            found = {**said, "library": library, "beyond": seconds - library}
            for part in ("read", "nothing", "library", "beyond"):
                times.setdefault(part, []).append(found[part])
            return seconds

        return run

    contenders = {
        f"{version} {action}": call(version, action)
        for version in studios
        for action in ("mask", "layer")
    }
    try:
        times = interleave(contenders, arguments.rounds)
    finally:
        for studio in studios.values():
            studio.close()
        process.terminate()
        process.wait()
    # The round that warms up is measured as well.
    kept = {
        name: {part: values[-arguments.rounds :] for part, values in each.items()}
        for name, each in parts.items()
    }
    return {"times": times, "parts": kept}


def spent(worker: Any) -> float:
    """Return the seconds that a worker has worked on pictures, decoding and encoding included."""
    request = urllib.request.Request(f"{worker.url}/metrics", headers={"X-API-Key": worker.token})
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read().decode()
    match = re.search(r"^mattekit_picture_seconds_sum (\S+)", text, re.M)
    assert match is not None
    return float(match[1])


def report(results: dict[str, Any], refine: str) -> str:
    rows = []
    for name, seconds in results["times"].items():
        version, action = name.split()
        what = "layer mask" if action == "mask" else "new layer"
        part = results["parts"][name]
        cells = [summarize(part[each]).text(2) for each in ("library", "beyond", "nothing", "read")]
        rows.append([f"GIMP {version}", what, summarize(seconds).text(2), *cells])
    table = markdown_table(
        ["", "result", "s", "library s", "beyond it s", "empty call s", "reading s"], rows
    )
    return (
        f"One layer of {SIZE[0]} × {SIZE[1]} pixels, 8 bits, refine {refine}; worker running.\n\n"
        f"{table}\n\nAn empty call is refused before it asks for pixels: what starting the plug-in "
        "and finding the worker takes. Reading is that of the layer's pixels alone."
    )


def main() -> None:
    parser = argument_parser(__doc__, rounds=5)
    parser.add_argument("--refine", default="balanced", help="the option of that name")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = measure(arguments, Path(folder))
    publish("gimp", report(results, arguments.refine), results, arguments)


if __name__ == "__main__":
    main()
