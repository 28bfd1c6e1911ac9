"""Formats of one result: ZIP against PNG, with WebP and JPEG beside it.

The documentation of the remove.bg API promises that ZIP is up to 80 % smaller and up to 40 % faster
than PNG. Here both are written by mattekit from the same cut-outs, whose colours are cleaned as in
real results. What a client waits for is the time to write the file and the time to send it, so the
sum is given for two connections as well.

    python benchmarks/formats.py --readme
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

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
from encoding import make_cutout
from mattekit import codecs, matting
from mattekit.cutout import Cutout
from mattekit.options import Options

REFERENCE = "PNG"
FORMATS: dict[str, dict[str, Any]] = {
    "PNG": {"format": "png"},
    "ZIP": {"format": "zip"},
    "WebP": {"format": "webp"},
    "JPEG on white": {"format": "jpg"},
}
#: Plush fur, the hair of dolls, fur, and a shoe that is small before a busy background: pictures
#: for which ZIP does well and badly.
PICTURES = ["am_GT22", "am_GT04", "lemur", "perseg_colorful_sneaker_01"]
#: WebP takes long; it is left out above this.
WEBP_UP_TO = 10
#: What the API's documentation promises of ZIP against PNG.
SMALLER, FASTER = 0.80, 0.40
#: Connections in bits per second.
LINES = {"20 Mbit/s": 20e6, "100 Mbit/s": 100e6}


def cleaned(picture: str, megapixels: float) -> Cutout:
    """Return a large cut-out whose edges are free of the old background."""
    folder = data_folder() / "images" / "dev"
    photograph = next(p for p in sorted(folder.glob(f"{picture}.*")) if p.stem.count(".") == 0)
    cutout = make_cutout(photograph, Path(folder / f"{picture}.gt.png"), megapixels)
    alpha = cutout.alpha.astype(np.float32) / 255
    return cutout.replace(color=matting.foreground(cutout.color, alpha))


def measure(cutout: Cutout, megapixels: float, rounds: int) -> dict[str, Any]:
    writers = {
        name: Options(**options)
        for name, options in FORMATS.items()
        if name != "WebP" or megapixels <= WEBP_UP_TO
    }
    sizes = {name: len(codecs.encode(cutout, options).data) for name, options in writers.items()}
    seconds = interleave(
        {
            name: timed(lambda o=options: codecs.encode(cutout, o))
            for name, options in writers.items()
        },
        rounds,
        warm_up=0,  # the sizes above were measured by writing everything once
    )
    return {"bytes": sizes, "seconds": seconds, "covered": float((cutout.alpha > 0).mean())}


def report(results: dict[str, dict[str, Any]]) -> str:
    rows = []
    best_size, best_time, best_sum = 0.0, 0.0, dict.fromkeys(LINES, 0.0)
    for label, record in results.items():
        for name in record["seconds"]:
            size = record["bytes"][name]
            times = ratio(record["seconds"][name], record["seconds"][REFERENCE])
            smaller = 1 - size / record["bytes"][REFERENCE]
            cells = [
                label if name == REFERENCE else "",
                name,
                f"{size / MEGABYTE:.2f}",
                ""
                if name == REFERENCE
                else f"{smaller:+.0%}".replace("+", "−", 1)
                if smaller > 0
                else f"+{-smaller:.0%}",
                summarize(record["seconds"][name]).text(3),
                "1" if name == REFERENCE else times.text(2),
            ]
            for line, speed in LINES.items():
                total = ratio(
                    [seconds + 8 * size / speed for seconds in record["seconds"][name]],
                    [
                        seconds + 8 * record["bytes"][REFERENCE] / speed
                        for seconds in record["seconds"][REFERENCE]
                    ],
                )
                cells.append("1" if name == REFERENCE else f"{total.median:.2f}")
                if name == "ZIP":
                    best_sum[line] = max(best_sum[line], 1 - total.median)
            if name == "ZIP":
                best_size = max(best_size, smaller)
                best_time = max(best_time, 1 - times.median)
            rows.append(cells)
    header = ["cut-out", "format", "MB", "size", "seconds to write", "PNG = 1"]
    header += [f"write and send at {line}, PNG = 1" for line in LINES]
    sums = ", ".join(f"{share:.0%} at {line}" for line, share in best_sum.items())
    verdicts = [
        f"ZIP is up to {best_size:.0%} smaller than PNG (promised by the API: {SMALLER:.0%}, "
        f"{'reached' if best_size >= SMALLER else 'missed'}), written up to {best_time:.0%} "
        f"faster, and with the client up to {sums} sooner (promised: {FASTER:.0%}, "
        f"{'reached' if max(best_sum.values()) >= FASTER else 'missed'})."
    ]
    return "\n".join([markdown_table(header, rows), "", *verdicts])


def main() -> None:
    parser = argument_parser(__doc__, rounds=5)
    parser.add_argument("--megapixels", type=float, nargs="+", default=[1, 4, 10, 25])
    parser.add_argument("--pictures", nargs="+", default=PICTURES, help="with truth")
    arguments = parser.parse_args()
    results = {}
    for picture in arguments.pictures:
        for megapixels in arguments.megapixels:
            cutout = cleaned(picture, megapixels)
            record = measure(cutout, megapixels, arguments.rounds)
            results[f"{picture}, {megapixels:g} MP, {record['covered']:.0%} visible"] = record
    publish("formats", report(results), results, arguments)


if __name__ == "__main__":
    main()
