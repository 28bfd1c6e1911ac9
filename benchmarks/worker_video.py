"""Worker: frames of raw RGB in, PNG files out, by mattekit or by rembg, each as its users do it.

rembg's way is that of its command ``rembg b``: one frame after the other, ``remove``, ``save``.
Runs in either's interpreter.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import common

state: dict[str, Any] = {}


def load_rembg(model: str) -> dict[str, str]:
    """Load the network through rembg's session for custom models."""
    import os

    os.environ["U2NET_HOME"] = str(Path(model).resolve().parent)
    from rembg import new_session, remove

    state["session"] = new_session("u2net_custom", model_path=str(Path(model).resolve()))
    state["remove"] = remove
    return common.versions(("rembg", "onnxruntime", "pillow", "numpy"))


def cut_rembg(path: str, width: int, height: int) -> dict[str, Any]:
    """Cut out all frames; returns how many, and the bytes written."""
    import PIL.Image

    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(_raw(path, width, height)):
            image = PIL.Image.frombytes("RGB", (width, height), data)
            result = state["remove"](image, session=state["session"])
            result.save(f"{folder}/{number:06}.png", format="PNG")
        return _written(folder)


def load_mattekit(model: str = "") -> dict[str, str]:
    """Load a network of u2netp's shape, or the built-in one."""
    from mattekit.runtime import Runtime
    from worker_mattekit import CARD

    state["model"] = "auto"
    if model:
        folder = state["folder"] = tempfile.TemporaryDirectory()
        path = Path(folder.name) / Path(model).name
        shutil.copyfile(model, path)
        path.with_suffix(".toml").write_text(CARD, encoding="utf-8")
        state["model"] = str(path)
    Runtime.shared().session(state["model"])
    return {}


def cut_mattekit(
    path: str, width: int, height: int, refine: str = "balanced", temporal: float = 0.8
) -> dict[str, Any]:
    """Cut out all frames; returns how many, and the bytes written."""
    from mattekit.options import Options
    from mattekit_imageio.frames import cut_frames

    options = Options(model=state["model"], refine=refine)
    with tempfile.TemporaryDirectory() as folder:
        stream = cut_frames(_arrays(path, width, height), options, temporal=temporal)
        for frame, cutout in stream:
            data = cutout.encode(format="png").data
            Path(folder, f"{frame.number:06}.png").write_bytes(data)
        return _written(folder)


def weigh(count: int, width: int, height: int, every: int) -> dict[str, Any]:
    """Turn a clip into a WebM and return the resident bytes after every so many frames."""
    from fractions import Fraction

    from clips import clip
    from mattekit_imageio import cutout_frames
    from mattekit_imageio.videoformats import format_of
    from mattekit_imageio.writer import VideoWriter

    resident, peaks = [], []
    common.reset_peak()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "x.webm")
        started = time.perf_counter()
        with VideoWriter(
            target, format_of(target), Fraction(25), quality=80, transparent=True
        ) as writer:
            frames = clip(count, (width, height))
            for number, frame in enumerate(cutout_frames(frames), 1):
                writer.write(frame[..., :3], frame[..., 3])
                if number % every == 0:
                    resident.append(common.resident())
                    peaks.append(common.peak())
                    common.reset_peak()
    return {"resident": resident, "peaks": peaks, "seconds": time.perf_counter() - started}


def _raw(path: str, width: int, height: int) -> Iterator[bytes]:
    with Path(path).open("rb") as file:
        while data := file.read(width * height * 3):
            yield data


def _arrays(path: str, width: int, height: int) -> Iterator[Any]:
    import numpy as np

    for data in _raw(path, width, height):
        yield np.frombuffer(data, np.uint8).reshape(height, width, 3)


def _written(folder: str) -> dict[str, Any]:
    sizes = [path.stat().st_size for path in Path(folder).iterdir()]
    return {"frames": len(sizes), "bytes": sum(sizes)}


if __name__ == "__main__":
    common.serve(
        {
            "load_rembg": load_rembg,
            "cut_rembg": cut_rembg,
            "load_mattekit": load_mattekit,
            "cut_mattekit": cut_mattekit,
            "weigh": weigh,
        }
    )
