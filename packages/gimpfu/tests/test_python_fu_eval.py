"""The evaluator of `gimp -i --batch-interpreter python-fu-eval`."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

import gimpfu_host

SOURCE = Path(gimpfu_host.__file__).with_name("python_fu_eval.py").read_text("utf-8")


def run_as(name: str) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": name}
    exec(compile(SOURCE, "python_fu_eval", "exec"), space)
    return space


def test_gimp_learns_of_it(loaded: Any) -> None:
    run_as("__main__")
    (procedure,) = loaded.fake.installed.values()
    assert procedure.name == "python-fu-eval"
    assert [argument.name for argument in procedure.arguments] == ["run-mode", "code"]


def test_code_has_all_of_gimpfu_at_hand(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    space = run_as("evaluator")
    evaluate = space["evaluate"]
    evaluate("image = gimp.Image(20, 10)")
    evaluate("gimp.message(str(pdb.gimp_image_width(image)) + __name__)")
    monkeypatch.setattr(sys, "stdin", io.StringIO("gimp.message(PF_INT)"))
    evaluate("-")
    assert loaded.fake.shown == ["20__main__", "0"]
    assert loaded.fake.installed == {}
