"""A network that takes red for subject, and clips made from the sample pictures."""

from __future__ import annotations

import importlib.util

import pytest

from support.helpers import ROOT
from support.red_network import photo, runtime, truth
from support.videos import red_frames, write_clip

__all__ = ["clips", "photo", "runtime", "truth"]


@pytest.fixture(scope="session")
def clips():
    """The module that makes clips for the benchmark."""
    spec = importlib.util.spec_from_file_location("clips", ROOT / "benchmarks" / "clips.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def red_clip(tmp_path_factory):
    return write_clip(tmp_path_factory.mktemp("clip") / "in.mp4", red_frames(11))


@pytest.fixture
def jpeg(photo, tmp_path):
    path = tmp_path / "photo.jpg"
    photo.save(path, quality=95, dpi=(300, 300))
    return path
