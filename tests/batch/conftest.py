"""A network that takes bright for subject, in this process and as a file for others."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import mattekit_batch
from mattekit.geometry import Size
from mattekit.models import InputSpec, ModelCard, Store
from mattekit.runtime import FakeSession, Runtime
from support.batch import end_all, picture, set_age, write_model
from support.calling import in_this_process

BRIGHT = ModelCard("bright", input=InputSpec(size=Size(16, 16), mean=(0, 0, 0), std=(1, 1, 1)))


@pytest.fixture(autouse=True)
def nothing_left():
    """A test that fails leaves no process and no pipe to the next one."""
    yield
    end_all()


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch):
    """No settings, models or plug-ins of the machine; work in an empty folder."""
    for name in [name for name in os.environ if name.startswith("MATTEKIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MATTEKIT_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("MATTEKIT_PLUGINS_OFF", "server,video,gimp")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("network"))


@pytest.fixture
def network():
    """The network of `run`, which counts its calls."""
    return FakeSession(
        lambda batch: (batch.mean(1, keepdims=True) > 0.3).astype(np.float32), BRIGHT
    )


@pytest.fixture
def runtime(tmp_path, network):
    runtime = Runtime(Store(tmp_path / "models"))
    runtime.use("auto", network)
    return runtime


@pytest.fixture
def run(runtime):
    """Run a batch in this process; returns results by source."""

    def call(source="src", target="dst", options=None, **settings):
        results = mattekit_batch.run(source, target, options, runtime=runtime, **settings)
        found = {}
        for result in results:
            assert result.source not in found, "each is reported once"
            found[result.source] = result
        return found

    return call


@pytest.fixture
def photo():
    """Write a picture: ``photo("src/a.jpg")``; old enough for its time to be believed."""

    def write(path, number=0, age=100.0):
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        form = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".tif": "TIFF"}[path.suffix.lower()]
        path.write_bytes(picture(number, form))
        set_age(path, age)
        return path

    return write


@pytest.fixture
def mattekit(runtime, monkeypatch):
    """Call the command in this process: ``mattekit("batch", "src", "dst")``."""
    monkeypatch.setattr(Runtime, "_shared", runtime)
    return in_this_process()
