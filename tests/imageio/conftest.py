"""A network that takes red for subject, and clips made from the sample pictures."""

from __future__ import annotations

import importlib.util

import pytest

from support.helpers import ROOT
from support.red_network import photo, runtime, truth

__all__ = ["clips", "photo", "runtime", "truth"]


@pytest.fixture(scope="session")
def clips():
    """The module that makes clips for the benchmark."""
    spec = importlib.util.spec_from_file_location("clips", ROOT / "benchmarks" / "clips.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
