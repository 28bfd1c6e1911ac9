"""The numbers of PF_*, and texts that are chosen from a list."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

import gimpfu_host


@pytest.fixture
def widgets(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(gimpfu_host.modules()))
    return importlib.import_module("_gimpfu.widgets")


def test_every_number_stands_for_a_type(widgets: Any) -> None:
    for name in widgets.__all__:
        assert getattr(widgets, name) in widgets.TYPES, name


@pytest.mark.parametrize(
    ("extra", "offered"),
    [
        ((("Automatic", "auto"), ["Large", 3]), [("Automatic", "auto"), ("Large", "3")]),
        (None, []),
        ("text", []),
        ((0, 100, 1), []),
        ([("only a label",)], []),
    ],
)
def test_choices_of_a_text(widgets: Any, extra: Any, offered: Any) -> None:
    assert widgets.choices(widgets.PF_STRING, extra) == offered
    assert widgets.choices(widgets.PF_RADIO, extra) == []
