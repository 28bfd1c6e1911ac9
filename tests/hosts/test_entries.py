"""An entry of ours in a file of JSON that is the user's."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from mattekit.errors import OutputError
from mattekit_hosts.entries import JsonEntry

THEIRS = {"theme": "dark ü", "mcpServers": {"other": {"command": "x"}}}


def entry(path: Path, python: str = "/a/python") -> JsonEntry:
    return JsonEntry(path, ("mcpServers", "mattekit"), {"command": python}, {"args": ["mcp"]})


def test_there_and_back_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.json"
    ours = entry(path)
    ours.drop()
    assert not path.exists()
    path.parent.mkdir()
    path.write_text(json.dumps(THEIRS), "utf-8")
    path.chmod(0o600)
    assert not ours.there()
    ours.put()
    assert ours.there()
    found = json.loads(path.read_text("utf-8"))
    assert found["mcpServers"]["mattekit"] == {"args": ["mcp"], "command": "/a/python"}
    assert list(found) == list(THEIRS)
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ours.drop()
    ours.drop()
    assert json.loads(path.read_text("utf-8")) == THEIRS


def test_renewing_keeps_what_the_user_changed(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    entry(path).put()
    changed = json.loads(path.read_text())
    changed["mcpServers"]["mattekit"] |= {"args": ["mcp", "--folder", "/b"], "env": {"A": "1"}}
    path.write_text(json.dumps(changed))
    entry(path, "/new/python").put()
    assert json.loads(path.read_text())["mcpServers"]["mattekit"] == {
        "args": ["mcp", "--folder", "/b"],
        "env": {"A": "1"},
        "command": "/new/python",
    }


def test_an_empty_file_is_none(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text("\n")
    entry(path).put()
    assert entry(path).there()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{ // a remark\n"mcpServers": {} }', "no plain JSON"),
        ("[]", "no object"),
        ('{"mcpServers": []}', "'mcpServers' is no object"),
        ("[" * 200_000, "no plain JSON"),
        ('{"a": [1e999]}', "1e999 is a number that would not stay"),
        ('{"a": {"b": 1, "c": 2, "b": 3}}', "a key stands twice"),
        (" " * 5_000_000, "too large"),
    ],
)
def test_what_is_no_such_file_is_left_alone(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    assert not entry(path).there()
    with pytest.raises(OutputError, match=why):
        entry(path).put()
    assert path.read_text() == text


def test_an_entry_of_nothing_goes_too(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"mcpServers": {"mattekit": null}}')
    assert entry(path).there()
    entry(path).drop()
    assert not entry(path).there()


@pytest.mark.parametrize(
    "before",
    [
        '{"a": 1.50, "mcpServers": {"x": {}}}',
        '{\n    "mcpServers": {\n        "x": {}\n    },\n    "a": "}"\n}',
        '{"mcpServers": {"x": {"y": [1, {}]}}\r\n, "b": [ ]\r\n}\r\n',
        '{"mcpServers":{}}',
        '{ "mcpServers" : {"x":1 , "z" : "\\"" } }',
    ],
)
def test_all_that_is_around_it_stays_as_it_was_written(tmp_path: Path, before: str) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(before.encode())
    tree = json.loads(before)
    entry(path).put()
    tree["mcpServers"]["mattekit"] = {"args": ["mcp"], "command": "/a/python"}
    assert json.loads(path.read_bytes()) == tree
    entry(path, "/b/python").put()
    tree["mcpServers"]["mattekit"]["command"] = "/b/python"
    assert json.loads(path.read_bytes()) == tree
    entry(path).drop()
    assert path.read_bytes() == before.encode()


def test_it_stands_where_an_editor_would_put_it(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{\n\t"mcpServers": {\n\t\t"x": {}\n\t}\n}\n')
    entry(path).put()
    assert path.read_text() == (
        '{\n\t"mcpServers": {\n\t\t"x": {},\n\t\t"mattekit": {\n\t\t  "args": [\n\t\t    "mcp"\n'
        '\t\t  ],\n\t\t  "command": "/a/python"\n\t\t}\n\t}\n}\n'
    )


def test_out_of_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"mcpServers": {"mattekit": {}, "x": 1}}')
    entry(path).drop()
    assert path.read_text() == '{"mcpServers": {"x": 1}}'
