"""How good alpha is, on pictures whose truth is known.

    python benchmarks/quality.py
    python benchmarks/quality.py --data FOLDER --model net.onnx --qualities balanced best

Each network runs once per picture; its coarse matte is then brought to full size in each way, so
that all ways start from the same. Without `--model` these are the built-in network and, where the
data folder has it, u2netp.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from argparse import Namespace
from pathlib import Path

import numpy as np
from PIL import Image

from common import argument_parser, data_folder, markdown_table, publish
from mattekit import codecs, matting
from mattekit.photo import Photo
from mattekit.runtime import Runtime, Session
from truth import Errors, Truth, band, errors, plane, read

PLAIN = "plain resize"
#: A subject counts as found where the plain resize overlaps it at least so much.
FOUND = 0.5
CARD = """
title = "u2netp"
[input]
size = [320, 320]
fit = "letterbox"
divide = "max"
mean = [0.485, 0.456, 0.406]
std = [0.229, 0.224, 0.225]
[output]
alpha = 0
activation = "none"
stretch = true
"""


def networks(arguments: Namespace, folder: Path) -> dict[str, Session]:
    runtime = Runtime.shared()
    if arguments.model:
        return {Path(path).stem: runtime.session(path) for path in arguments.model}
    found = {"built-in": runtime.session("builtin")}
    file = data_folder_of(arguments) / "models" / "u2netp-fp32.onnx"
    if file.exists():
        copy = folder / file.name
        shutil.copyfile(file, copy)
        copy.with_suffix(".toml").write_text(CARD, encoding="utf-8")
        found["u2netp"] = runtime.session(str(copy))
    return found


def data_folder_of(arguments: Namespace) -> Path:
    return Path(arguments.data).parents[1] if arguments.data else data_folder()


def alpha_at_full_size(photo: Photo, matte: matting.Matte, quality: str) -> np.ndarray:
    if quality != PLAIN:
        return matting.refine(photo, matte, quality=quality)
    if not matte.found:
        return np.zeros(photo.color.shape[:2], np.float32)
    coarse = Image.fromarray(matte.alpha)
    return np.clip(np.asarray(coarse.resize(photo.size, Image.Resampling.LANCZOS)), 0, 1)


def measure(pictures: list[Truth], session: Session, qualities: list[str]) -> dict[str, dict]:
    results: dict[str, dict] = {quality: {} for quality in qualities}
    for picture in pictures:
        photo = codecs.decode(picture.image)
        expected = plane(picture.alpha)
        near = band(expected)
        matte = matting.segment(photo, session)
        for quality in qualities:
            alpha = alpha_at_full_size(photo, matte, quality)
            results[quality][picture.name] = errors(alpha, expected, near)._asdict()
    return results


def mean(results: dict[str, dict], names: list[str], key: str) -> float:
    return statistics.fmean(results[name][key] for name in names)


def against(results: dict[str, dict], plain: dict[str, dict], names: list[str], key: str) -> str:
    """Return how results compare with a plain resize.

    The median over the pictures of the ratio, the ratio of the means, and that of the means over
    the pictures whose subject the network finds.
    """
    ratios = [results[name][key] / max(plain[name][key], 1e-9) for name in names]
    found = [name for name in names if plain[name]["iou"] >= FOUND]
    shares = [
        f"{mean(results, some, key) / max(mean(plain, some, key), 1e-9):.2f}" if some else "–"
        for some in (names, found)
    ]
    return " / ".join([f"{statistics.median(ratios):.2f}", *shares])


def main() -> None:
    parser = argument_parser(__doc__, rounds=1)
    parser.add_argument("--data", metavar="FOLDER", help="pictures with manifest.json")
    parser.add_argument("--model", nargs="+", help="names or .onnx files")
    parser.add_argument("--qualities", nargs="+", default=["fast", "balanced", "best"])
    arguments = parser.parse_args()
    folder = Path(arguments.data) if arguments.data else data_folder() / "images" / "dev"
    pictures = read(folder)
    every = [picture.name for picture in pictures]
    soft = [picture.name for picture in pictures if picture.kind == "alpha"]
    qualities = [PLAIN, *arguments.qualities]
    measured, rows, edges = {}, [], []
    with tempfile.TemporaryDirectory() as temporary:
        for name, session in networks(arguments, Path(temporary)).items():
            results = measured[name] = measure(pictures, session, qualities)
            for quality in qualities:
                found = results[quality]
                values = {key: mean(found, every, key) for key in Errors._fields}
                rows.append(
                    [
                        f"{name}, {quality}",
                        f"{values['iou']:.4f}",
                        f"{values['mae']:.4f}",
                        f"{values['mse']:.4f}",
                        f"{values['sad']:.1f}",
                    ]
                )
                edges.append(
                    [
                        f"{name}, {quality}",
                        f"{mean(found, soft, 'band_mse'):.4f}",
                        against(found, results[PLAIN], soft, "band_mse"),
                        f"{mean(found, soft, 'band_gradient'):.2f}",
                        against(found, results[PLAIN], soft, "band_gradient"),
                    ]
                )
        Runtime.shared().close()
    text = f"All {len(every)} pictures with ground truth, means:\n\n"
    text += markdown_table(["network, way to full size", "IoU", "MAE", "MSE", "SAD / 1000"], rows)
    if soft:
        text += (
            f"\n\nThe {len(soft)} pictures with true alpha, in the band near the true edge. Ratios "
            "are to the plain resize: median over the pictures / of the means / of the means over "
            f"pictures whose subject the network finds (IoU of the plain resize {FOUND} or more). "
            "The means over all are ruled by the pictures whose subject it misses, which no edge "
            "work can mend; the target is 0.75 or less.\n\n"
        )
        head = ["network, way to full size", "MSE", "ratio", "gradient error × 1000", "ratio"]
        text += markdown_table(head, edges)
    publish("quality", text, measured, arguments)


if __name__ == "__main__":
    main()
