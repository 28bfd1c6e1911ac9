"""Fixtures around a network that takes red for subject, in the runtime that the process shares."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mattekit.geometry import Size
from mattekit.models import InputSpec, ModelCard, Store
from mattekit.runtime import FakeSession, Runtime
from support.helpers import disc

__all__ = ["CARD", "photo", "red", "runtime", "truth"]

CARD = ModelCard("red", input=InputSpec(size=Size(64, 64)))


def red(batch):
    return (batch[:, :1] > 0.5).astype(np.float32)


@pytest.fixture(autouse=True)
def runtime(monkeypatch, tmp_path):
    monkeypatch.setenv("MATTEKIT_PLUGINS_OFF", "*")
    runtime = Runtime(Store(tmp_path / "models"))
    runtime.use("auto", FakeSession(red, CARD))
    monkeypatch.setattr(Runtime, "_shared", runtime)
    return runtime


@pytest.fixture
def photo():
    """A red disc on blue, 64 × 48."""
    return Image.fromarray(disc(48, 64, softness=1).image)


@pytest.fixture
def truth():
    return disc(48, 64, softness=1)
