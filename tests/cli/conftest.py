"""A network that takes red for subject, in this process and in others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mattekit import hooks
from mattekit.geometry import Size
from mattekit.models import InputSpec, ModelCard, Store
from mattekit.runtime import FakeSession, Runtime
from support.calling import in_this_process
from support.helpers import disc

CARD = ModelCard("red", input=InputSpec(size=Size(64, 64)))
#: The same network for a process of its own; `{}` is code that runs with each picture.
PROGRAM = """
import sys, time, threading
from mattekit.geometry import Size
from mattekit.models import InputSpec, ModelCard
from mattekit.runtime import FakeSession, Runtime
def network(batch):
    {}
    return (batch[:, :1] > 0.5).astype("float32")
card = ModelCard("red", input=InputSpec(size=Size(64, 64)))
Runtime.shared().use("auto", FakeSession(network, card))
from mattekit_cli import main
main()
"""


def red(batch):
    return (batch[:, :1] > 0.5).astype(np.float32)


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch):
    """No settings, models or plug-ins of the machine; work in an empty folder."""
    for name in [name for name in os.environ if name.startswith("MATTEKIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MATTEKIT_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("MATTEKIT_PLUGINS_OFF", "*")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)


@pytest.fixture
def runtime(monkeypatch, tmp_path):
    """The runtime of this process, whose `auto` model is the fake one."""
    runtime = Runtime(Store(tmp_path / "models"))
    runtime.use("auto", FakeSession(red, CARD))
    monkeypatch.setattr(Runtime, "_shared", runtime)
    return runtime


@pytest.fixture
def mattekit(runtime):
    """Call the command in this process: ``mattekit("remove", path)``."""
    return in_this_process()


@pytest.fixture
def program():
    """Start the command in its own process: ``program("remove", path)``."""

    def start(*arguments, each="pass", **kwargs):
        code = PROGRAM.replace("{}", each)
        kwargs = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **kwargs}
        return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], **kwargs)

    return start


@pytest.fixture
def photo():
    """Write a picture of a red disc on blue: ``photo("a.jpg")``."""
    image = Image.fromarray(disc(48, 64, softness=1).image)

    def write(path, picture=image):
        path = os.fspath(path)
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
        return path

    return write


@pytest.fixture
def plugins(monkeypatch):
    plugins = hooks.Plugins(load=False)
    monkeypatch.setattr("mattekit.plugins._shared", [plugins])
    return plugins
