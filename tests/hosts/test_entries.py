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
