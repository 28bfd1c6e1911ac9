"""Encoding and decoding: mattekit's codecs against Pillow, on one realistic cut-out.

A photograph with a true alpha is brought to each size, given grain, and written in every format;
Pillow's PNG with its default settings is 1.00. Then the photograph is read as JPEG and PNG, and
Pillow followed by a copy into an array is 1.00. Both sides work in one process and take turns.
Memory is measured end to end by `end_to_end.py`.

    python benchmarks/encoding.py --readme
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from common import (
    MEGABYTE,
    argument_parser,
    data_folder,
    interleave,
    markdown_table,
    publish,
    ratio,
    summarize,
    timed,
)
from mattekit import codecs
from mattekit.cutout import Cutout
from mattekit.options import Options
from pictures import large_photograph

REFERENCE = "Pillow PNG, default"
#: What must be reached by mattekit's PNG: its size; time has no bound of its own.
LARGEST = 1.15
#: WebP takes long and is not what this benchmark is about: it is left out above this.
WEBP_UP_TO = 4


def remove_background(photograph: Path, truth: Path, megapixels: float) -> Cutout:
    """Return a large cut-out whose subject has real edges."""
    color = np.asarray(large_photograph(photograph, megapixels))
    height, width = color.shape[:2]
    with Image.open(truth) as opened:
        matte = opened.convert("L").resize((width, height), Image.Resampling.BICUBIC)
    return Cutout(color, np.asarray(matte))


def pillow_png(rgba: Image.Image, **how: Any) -> bytes:
    file = io.BytesIO()
    rgba.save(file, "PNG", **how)
    return file.getvalue()


def writers(cutout: Cutout, megapixels: float) -> dict[str, Callable[[], bytes]]:
    """Return the contenders; all but the last three keep every bit of the cut-out."""
    rgba = codecs.to_pil(cutout)

    def ours(**options: Any) -> Callable[[], bytes]:
        checked = Options(**options)
        return lambda: codecs.encode(cutout, checked).data

    found = {
        REFERENCE: lambda: pillow_png(rgba),
        "Pillow PNG, level 1": lambda: pillow_png(rgba, compress_level=1),
        "PNG": ours(format="png"),
        "TIFF": ours(format="tiff"),
        "matte alone, PNG": ours(format="png", channels="alpha"),
    }
    if megapixels <= WEBP_UP_TO:
        found["WebP lossless"] = ours(format="webp", quality=100)
        found["WebP, quality 90"] = ours(format="webp")
    found["ZIP"] = ours(format="zip")
    found["JPEG on white"] = ours(format="jpg")
    return found


def readers(cutout: Cutout) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """Return mattekit's and Pillow's way by name."""
    picture = Image.fromarray(np.asarray(cutout.color))
    files: dict[str, bytes] = {}
    for name, how in (
        ("JPEG", {"quality": 90}),
        ("progressive JPEG", {"quality": 90, "progressive": True}),
        ("PNG", {"compress_level": 1}),
    ):
        file = io.BytesIO()
        picture.save(file, name.split()[-1], **how)
        files[name] = file.getvalue()
    files["PNG with alpha"] = codecs.encode(cutout, Options(format="png")).data

    def pillow(data: bytes) -> Callable[[], Any]:
        return lambda: np.array(Image.open(io.BytesIO(data)))

    def ours(data: bytes) -> Callable[[], Any]:
        return lambda: codecs.decode(data)

    return {name: (ours(data), pillow(data)) for name, data in files.items()}


def measure(cutout: Cutout, megapixels: float, rounds: int) -> dict[str, Any]:
    contenders = writers(cutout, megapixels)
    sizes = {name: len(write()) for name, write in contenders.items()}
    seconds = interleave({n: timed(write) for n, write in contenders.items()}, rounds)
    record: dict[str, Any] = {"bytes": sizes, "seconds": seconds, "reading": {}}
    for name, (ours, pillow) in readers(cutout).items():
        pair = {"mattekit": timed(ours), "Pillow": timed(pillow)}
        record["reading"][name] = interleave(pair, rounds)
    return record


def report(results: dict[str, dict[str, Any]]) -> str:
    """Write both tables."""
    lines = []
    sizes = list(results)
    names = {name: None for record in results.values() for name in record["seconds"]}
    rows = []
    for name in names:
        cells: list[str] = [name]
        for record in results.values():
            if name not in record["seconds"]:
                cells += ["", ""]
                continue
            times = ratio(record["seconds"][name], record["seconds"][REFERENCE])
            cells += [
                times.text(3),
                f"{record['bytes'][name] / record['bytes'][REFERENCE]:.2f}",
            ]
        rows.append(cells)
    header = ["written as"]
    for size in sizes:
        header += [f"{size} MP, time", "size"]
    lines.append("Writing, Pillow's default PNG = 1 (mattekit's unless it says Pillow):\n")
    lines.append(markdown_table(header, rows))
    lines.append("")
    for size, record in results.items():
        base = summarize(record["seconds"][REFERENCE]).text(2, " s")
        mine = summarize(record["seconds"]["PNG"]).text(3, " s")
        share = record["bytes"]["PNG"] / record["bytes"][REFERENCE]
        verdict = "reached" if share <= LARGEST else "missed"
        lines.append(
            f"{size} MP: Pillow {base}, mattekit {mine}, "
            f"{record['bytes']['PNG'] / MEGABYTE:.1f} MB; "
            f"size at most {LARGEST} of Pillow's: {verdict}.  "
        )
    lines.append("\nReading into an array, Pillow = 1:\n")
    rows = [
        [
            name,
            *(
                ratio(r["reading"][name]["mattekit"], r["reading"][name]["Pillow"]).text(2)
                for r in results.values()
            ),
        ]
        for name in next(iter(results.values()))["reading"]
    ]
    lines.append(markdown_table(["read", *(f"{size} MP" for size in sizes)], rows))
    return "\n".join(lines)


def main() -> None:
    parser = argument_parser(__doc__, rounds=5)
    parser.add_argument("--megapixels", type=float, nargs="+", default=[1, 4, 10, 25])
    parser.add_argument("--picture", default="am_GT04", help="a picture of images/dev with truth")
    arguments = parser.parse_args()
    folder = data_folder() / "images" / "dev"
    photograph = next(
        p for p in sorted(folder.glob(f"{arguments.picture}.*")) if p.stem.count(".") == 0
    )
    truth = folder / f"{arguments.picture}.gt.png"
    results = {}
    for megapixels in arguments.megapixels:
        cutout = remove_background(photograph, truth, megapixels)
        results[f"{megapixels:g}"] = measure(cutout, megapixels, arguments.rounds)
    publish("encoding", report(results), results, arguments)


if __name__ == "__main__":
    main()
