"""Which GIMP started this process is told by its words."""

from __future__ import annotations

import sys
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("words", "module"),
    [
        (["plug-in.py", "-gimp", "3", "4", "-run", "0"], "gimp2"),
        (["plug-in.py", "-gimp", "279", "3", "4", "-run", "0"], "gimp3"),
    ],
)
def test_the_backend_is_that_of_the_gimp(
    loaded: Any, monkeypatch: pytest.MonkeyPatch, words: list[str], module: str
) -> None:
    import importlib

    from _gimpfu import host

    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setattr(importlib.import_module(f"_gimpfu.{module}"), "make", lambda: module)
    host.use(None)
    assert host.backend() == module
    assert host.backend() == module  # and is kept


@pytest.mark.parametrize(
    "words", [["python"], ["plug-in.py", "-x"], ["plug-in.py", "-gimp"], ["a", "-gimp", "1", "2"]]
)
def test_outside_gimp_it_is_said_what_to_do(
    loaded: Any, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    from _gimpfu import host

    monkeypatch.setattr(sys, "argv", words)
    host.use(None)
    with pytest.raises(host.NotInGimp, match="put the script into GIMP's plug-ins folder"):
        host.backend()
