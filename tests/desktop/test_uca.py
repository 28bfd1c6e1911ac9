"""Thunar's custom actions, among those of others."""

from __future__ import annotations

import shlex
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from mattekit.errors import OutputError
from mattekit_desktop.actions import ACTIONS, command
from mattekit_desktop.uca import CustomActions

THEIRS = """<?xml version="1.0" encoding="UTF-8"?>
<actions>
<action><icon>utilities-terminal</icon><name>Terminal &amp; more</name>
<unique-id>1363-1</unique-id><command>exo-open %f</command><directories/></action>
</actions>
"""


def entries(path: Path) -> dict[str | None, Xml.Element]:
    return {each.findtext("unique-id"): each for each in Xml.parse(path).getroot()}


def test_among_those_of_others(tmp_path: Path) -> None:
    path = tmp_path / "Thunar" / "uca.xml"
    path.parent.mkdir()
    path.write_text(THEIRS)
    before = entries(path)["1363-1"]
    ours = CustomActions(path, "/a b/100%/python")
    assert not ours.there()
    for _ in range(2):
        ours.put()
        assert ours.there()
        found = entries(path)
        assert list(found) == ["1363-1", *(f"mattekit-{action.name}" for action in ACTIONS)]
    entry = found["mattekit-remove-background"]
    line = (entry.findtext("command") or "").replace("%%", "%")
    assert shlex.split(line) == [*command("/a b/100%/python", ACTIONS[0]), "%F"]
    assert "*.jpg" in (entry.findtext("patterns") or "").split(";")
    assert found["1363-1"].findtext("name") == "Terminal & more"
    ours.drop()
    assert [each.findtext("command") for each in entries(path).values()] == [
        before.findtext("command")
    ]
    assert not ours.there()


def test_without_a_file(tmp_path: Path) -> None:
    ours = CustomActions(tmp_path / "new" / "uca.xml", "python")
    ours.drop()
    assert not ours.path.exists()
    ours.put()
    assert len(entries(ours.path)) == len(ACTIONS)


def test_a_file_of_nothing_is_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "uca.xml"
    path.touch()
    CustomActions(path, "python").put()
    assert len(entries(path)) == len(ACTIONS)


@pytest.mark.parametrize(
    "text",
    [
        "<actions>",
        "<other/>",
        '<!DOCTYPE a [<!ENTITY b "c">]><actions/>',
    ],
)
def test_what_is_no_such_file_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "uca.xml"
    path.write_text(text)
    with pytest.raises(OutputError, match=r"Repair or remove it"):
        CustomActions(path, "python").put()
    assert path.read_text() == text
