"""The modules of gimpfu in this process, on a GIMP that is none."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings

import gimpfu_host

_NAMES = ("gimp", "gimpcolor", "gimpenums", "gimpfu", "gimpplugin", "gimpshelf")
# A busy machine is no failure.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The public modules and `fake`, the GIMP that they talk to."""
    monkeypatch.syspath_prepend(str(gimpfu_host.modules()))
    _forget()
    python2 = importlib.import_module("_gimpfu.python2")
    # It changes builtins for the whole process.
    monkeypatch.setattr(python2, "install", lambda: None)
    host = importlib.import_module("_gimpfu.host")
    fake = importlib.import_module("fakegimp").FakeGimp()
    host.use(fake)
    yield SimpleNamespace(fake=fake, **{name: importlib.import_module(name) for name in _NAMES})
    _forget()


def _forget() -> None:
    for name in list(sys.modules):
        ours = name in _NAMES or name.split(".", 1)[0] == "_gimpfu" or name == "fakegimp"
        if ours:
            del sys.modules[name]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where MATTEKIT_NO_SKIP is set, what is missing is a failure: `.ci/run` installs it all."""
    report = yield
    if report.skipped and os.environ.get("MATTEKIT_NO_SKIP") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder that is empty, on Linux."""
    for name in ("GIMP2_DIRECTORY", "GIMP3_DIRECTORY", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path
