"""A 12-megapixel layer through GIMP: what the way there and back costs beyond the library's work.

One GIMP of each version is started with mattekit installed by its own command, and one worker. The
time of a call is taken by another plug-in around the call of the menu entry's procedure: GIMP's
start of the plug-in's process is part of it. The library's own time is that of the same pixels in a
process of its own, with the network loaded. They take turns.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import argument_parser, data_folder, interleave, markdown_table, publish, summarise

ROOT = Path(__file__).resolve().parents[1]
SIZE = (4000, 3000)
OPTIONS = 'True, 0, "{refine}", "auto", True, 0.0, 0.0'

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
    pdb.plug_in_mattekit_crop(image, layer, True, "no margin", 0, "fast", "auto")
except Exception:
    pass
said["nothing"] = time.perf_counter() - start
"""


def picture(path: Path) -> None:
    """Write a real photo of 12 megapixels."""
    from PIL import Image

    source = data_folder() / "images" / "dev" / "hseg_088.jpg"
    with Image.open(source) as small:
        large = small.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
    large.save(path, compress_level=1)


def measure(arguments: Any, folder: Path) -> dict[str, Any]:
    sys.path.insert(0, str(ROOT / "tests"))
    import numpy as np
    from PIL import Image

    import mattekit
    import mattekit_bridge as bridge
    from gimpkit.studio import equipped
    from hosts.gimp import gimp2, gimp3

    path = folder / "photo.png"
    picture(path)
    with Image.open(path) as file:
        pixels = np.asarray(file)
    os.environ["MATTEKIT_WORKER_DIR"] = str(folder / "worker")
    studios = {}
    for name, make in (("2.10", gimp2), ("3.0", gimp3)):
        place = folder / name
        place.mkdir()
        studios[name] = equipped(make(place / "home"), place)
    bridge.start(sys.executable, clean=False)
    parts: dict[str, dict[str, list[float]]] = {}

    def call(version: str, action: str) -> Callable[[], float]:
        values = OPTIONS.format(refine=arguments.refine) + (", True" if action == "layer" else "")
        code = CALL.format(path=str(path), action=action, values=values)

        def run() -> float:
            said = studios[version].run(code).said
            for part in ("read", "nothing"):
                parts.setdefault(version, {}).setdefault(part, []).append(said[part])
            return float(said["seconds"])

        return run

    def library() -> float:
        start = time.perf_counter()
        mattekit.remove_background(pixels, refine=arguments.refine)
        return time.perf_counter() - start

    contenders: dict[str, Callable[[], float]] = {"library": library}
    for version in studios:
        for action in ("mask", "layer"):
            contenders[f"{version} {action}"] = call(version, action)
    try:
        times = interleave(contenders, arguments.rounds)
    finally:
        for studio in studios.values():
            studio.close()
        bridge.stop()
    return {"times": times, "parts": parts}


def report(results: dict[str, Any], refine: str) -> str:
    times, parts = results["times"], results["parts"]
    own = times["library"]
    rows = [["library alone", "", summarise(own).text(2), "–"]]
    for name, seconds in times.items():
        if name == "library":
            continue
        version, action = name.split()
        beyond = summarise(each - alone for each, alone in zip(seconds, own, strict=True))
        what = "layer mask" if action == "mask" else "new layer"
        rows.append([f"GIMP {version}", what, summarise(seconds).text(2), beyond.text(2)])
    told = "; ".join(
        f"GIMP {version}: {summarise(each['nothing']).text(2)} s for a call that fails before it "
        f"asks for pixels, {summarise(each['read']).text(2)} s to read the layer"
        for version, each in parts.items()
    )
    table = markdown_table(["", "result", "s", "s beyond the library"], rows)
    return (
        f"One layer of {SIZE[0]} × {SIZE[1]} pixels, 8 bits, refine {refine}; worker running.\n\n"
        f"{table}\n\nOf which: {told}."
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
