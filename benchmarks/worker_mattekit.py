"""Worker: mattekit's own pipeline, with a stopwatch around each of its stages."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import common
from mattekit import codecs, matting, pipeline
from mattekit.matting import extraction
from mattekit.runtime import Runtime
from mattekit.runtime.onnx_session import OnnxSession

#: How u2netp was trained; rembg prepares pictures for it in the same way.
CARD = """
title = "u2netp"
[input]
size = [320, 320]
fit = "stretch"
divide = "max"
mean = [0.485, 0.456, 0.406]
std = [0.229, 0.224, 0.225]
[output]
alpha = 0
activation = "none"
stretch = true
"""

#: Where the stages of the way are looked up.
_STAGES: list[tuple[Any, str]] = [
    (codecs, "decode"),
    (matting, "segment"),
    *((extraction, name) for name in ("color_key", "refine", "clean", "foreground", "assemble")),
]
#: The same less what the network's own run is a part of.
_COUNTED: list[tuple[Any, str]] = [
    *(stage for stage in _STAGES if stage[1] != "segment"),
    (OnnxSession, "run"),
    (extraction, "remove_uncertain_objects"),
]
state: dict[str, Any] = {}


class Stopwatch:
    """Runs the pipeline and asks `gauge` for a number around each stage."""

    watched = _STAGES

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}
        self.originals = [(module, name, getattr(module, name)) for module, name in self.watched]
        for module, name, function in self.originals:
            setattr(module, name, self.around(name, function))

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return `function` with this watch around it."""

        @functools.wraps(function)
        def watched(*args: Any, **kwargs: Any) -> Any:
            before = self.begin()
            result = function(*args, **kwargs)
            self.note(name, before)
            return result

        return watched

    def begin(self) -> float:
        """Return what `note` needs to know of the moment before a stage."""
        return time.perf_counter()

    def note(self, name: str, before: float) -> None:
        """Add the seconds since `before`."""
        self.stages[name] = self.stages.get(name, 0) + time.perf_counter() - before

    def close(self) -> None:
        """Take the wrappers off."""
        for module, name, function in self.originals:
            setattr(module, name, function)


class PeakWatch(Stopwatch):
    """Tells by how much each stage's peak exceeds what was resident before the whole cut-out."""

    def __init__(self) -> None:
        super().__init__()
        self.base = common.resident()

    def begin(self) -> float:
        """Forget the peaks of earlier stages."""
        common.reset_peak()
        return 0.0

    def note(self, name: str, before: float) -> None:
        """Keep the highest peak of this stage."""
        self.stages[name] = max(self.stages.get(name, before), common.peak() - self.base)


class ProcessorWatch(Stopwatch):
    """Counts processor time, and the network's second look by itself."""

    watched = _COUNTED

    def begin(self) -> float:
        """Return the processor time so far."""
        return time.process_time()

    def note(self, name: str, before: float) -> None:
        """Add the seconds since `before`."""
        if name == "run" and name in self.stages:
            name = "run again"
        self.stages[name] = self.stages.get(name, 0) + time.process_time() - before


def load_built_in(count: int = 1) -> dict[str, str]:
    """Load mattekit's own network, for so many cores."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:count]))
    state["runtime"], state["model"] = Runtime.shared(), "builtin"
    state["runtime"].session(state["model"])
    return {}


def count(path: str, refine: str = "balanced") -> dict[str, Any]:
    """Cut out one file; processor seconds of each stage and of all are in the answer."""
    watch = ProcessorWatch()
    before = watch.begin()
    answer = _run(watch, path, refine, None)
    return {**answer, "total": watch.begin() - before}


def load(model: str) -> dict[str, str]:
    """Load a network of u2netp's shape; the card goes beside a copy of the file."""
    folder = state["folder"] = tempfile.TemporaryDirectory()
    path = Path(folder.name) / Path(model).name
    shutil.copyfile(model, path)
    path.with_suffix(".toml").write_text(CARD, encoding="utf-8")
    state["runtime"] = Runtime.shared()
    state["runtime"].session(str(path))
    state["model"] = str(path)
    return {}


def cut(path: str, refine: str = "balanced", target: str | None = None) -> dict[str, Any]:
    """Cut out one file; the seconds of each stage are in the answer."""
    return _run(Stopwatch(), path, refine, target)


def weigh(path: str, refine: str = "balanced") -> dict[str, Any]:
    """Cut out one file; the peak of each stage in bytes is in the answer."""
    return _run(PeakWatch(), path, refine, None)


def _run(watch: Stopwatch, path: str, refine: str, target: str | None) -> dict[str, Any]:
    try:
        data = Path(path).read_bytes()
        cutout = pipeline.remove_background(
            data, model=state["model"], refine=refine, runtime=state["runtime"]
        )
        encode = watch.around("encode", lambda: cutout.encode(format="png").data)
        result = encode()
    finally:
        watch.close()
    if target:
        Path(target).write_bytes(result)
    return {"bytes": len(result), "stages": watch.stages}


if __name__ == "__main__":
    common.serve(
        {"load": load, "load_built_in": load_built_in, "cut": cut, "count": count, "weigh": weigh}
    )
