"""What the docker and the menu offer for correcting a mask."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import mattekit_krita

ACTIONS = Path(mattekit_krita.__file__).parent / "resources/actions"


class Asked:
    """Remembers what is asked of it."""

    def __init__(self) -> None:
        self.said: list[object] = []

    def __getattr__(self, name: str) -> object:
        return lambda *given, **named: self.said.append((name, *given, *named.items()))


@pytest.mark.usefixtures("bench")
def test_each_asks_for_one_thing() -> None:
    from mattekit_krita.plugin.corrections import CORRECTIONS, ENDS

    asked = Asked()
    for each in (*CORRECTIONS, *ENDS):
        each.do(asked, {"refine": "best"})
    values = {"refine": "best"}
    assert asked.said == [
        ("correct", values, ("keep", True)),
        ("correct", values, ("keep", False)),
        ("paint", values),
        ("refine",),
        ("separate", values),
        ("finish",),
        ("abandon",),
    ]


@pytest.mark.usefixtures("bench")
def test_each_can_be_given_a_shortcut() -> None:
    """Krita offers shortcuts for what stands in the file of actions."""
    from mattekit_krita.plugin.corrections import CORRECTIONS, ENDS

    (path,) = ACTIONS.glob("*.action")
    known = {
        each.attrib["name"]: each.findtext("whatsThis") for each in ET.parse(path).iter("Action")
    }
    for each in (*CORRECTIONS, *ENDS):
        assert known[f"mattekit_{each.name}"] == each.tip
