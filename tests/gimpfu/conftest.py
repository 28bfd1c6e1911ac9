"""The shim's modules in this process, on a GIMP that is none."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from gimpfukit.shim import MODULES

_NAMES = ("gimp", "gimpcolor", "gimpenums", "gimpfu", "gimpplugin", "gimpshelf")


@pytest.fixture
def shim(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The public modules and `fake`, the GIMP that they talk to."""
    monkeypatch.syspath_prepend(str(MODULES))
    _forget()
    python2 = importlib.import_module("_gimpfu.python2")
    # It changes builtins for the whole process.
    monkeypatch.setattr(python2, "install", lambda: None)
    host = importlib.import_module("_gimpfu.host")
    fake = importlib.import_module("gimpfukit.fake").FakeGimp()
    host.use(fake)
    yield SimpleNamespace(fake=fake, **{name: importlib.import_module(name) for name in _NAMES})
    _forget()


def _forget() -> None:
    for name in list(sys.modules):
        ours = name in _NAMES or name.split(".", 1)[0] == "_gimpfu" or name == "gimpfukit.fake"
        if ours:
            del sys.modules[name]
