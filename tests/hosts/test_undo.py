"""What a file of settings was before an entry of ours, and is again."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattekit.errors import OutputError
from mattekit_hosts import undo
from mattekit_hosts.files import LIST, put, read_note, write_note
from mattekit_hosts.lines import TextLine
from mattekit_hosts.undo import drop_noted, put_noted


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path / "ours", {})
    return tmp_path / "ours"


@pytest.fixture
def line(tmp_path: Path) -> TextLine:
    return TextLine(tmp_path / "new" / "deep" / "rc", "ours")


def test_a_file_that_was_made_goes_with_its_folders(folder: Path, line: TextLine) -> None:
    put_noted(folder, line)
    put(folder, {"a": "1"})  # keeps the note
    assert line.there()
    drop_noted(folder, line)
    assert not line.path.parent.parent.exists()
    assert folder.exists()
    drop_noted(folder, line)


@pytest.mark.parametrize("before", [b"", b"x", b"x\r\ny"])
def test_renewed_it_is_still_what_it_was(folder: Path, line: TextLine, before: bytes) -> None:
    line.path.parent.mkdir(parents=True)
    line.path.write_bytes(before)
    put_noted(folder, line)

    class Longer(TextLine):
        """As of a newer mattekit: the line says more."""

        def put(self) -> None:
            self.path.write_bytes(self.path.read_bytes().replace(b"ours", b"ours, renewed"))

        def there(self) -> bool:
            return True

    put_noted(folder, Longer(line.path, "ours"))
    assert b"renewed" in line.path.read_bytes()
    drop_noted(folder, line)
    assert line.path.read_bytes() == before


def test_what_others_wrote_since_stays(folder: Path, line: TextLine) -> None:
    put_noted(folder, line)
    with line.path.open("ab") as file:
        file.write(b"theirs\n")
    drop_noted(folder, line)
    assert line.path.read_bytes() == b"theirs\n"


def test_a_file_of_ours_with_nothing_left_goes(folder: Path, line: TextLine) -> None:
    put_noted(folder, line)
    line.path.write_bytes(b"\nours\n")
    drop_noted(folder, line)
    assert not line.path.exists()


def test_what_the_user_took_out_and_changed_is_what_it_becomes_again(
    folder: Path, line: TextLine
) -> None:
    put_noted(folder, line)
    line.path.write_bytes(b"theirs")
    put_noted(folder, line)
    drop_noted(folder, line)
    assert line.path.read_bytes() == b"theirs"


def test_an_entry_that_nothing_is_known_of(folder: Path, line: TextLine) -> None:
    """As of mattekit 0.1.0, which noted nothing."""
    line.put()
    put_noted(folder, line)
    assert read_note(folder) is None
    drop_noted(folder, line)
    assert line.path.read_bytes() == b""


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_link_to_nothing_stays_one(folder: Path, tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    link.symlink_to(target)
    line = TextLine(link, "ours")
    put_noted(folder, line)
    assert target.exists()
    drop_noted(folder, line)
    assert link.is_symlink()
    assert not target.exists()


@pytest.mark.skipif(os.name != "posix", reason="folders that nobody may look into")
def test_where_nobody_may_look_that_is_said(
    folder: Path, line: TextLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a user is told, whom the system keeps out, where root is not."""

    def refuse(self: Path, *arguments: Any, kept: Callable[..., Any], **named: Any) -> Any:
        if line.path.parent in self.parents:
            raise PermissionError(13, "Permission denied", str(self))
        return kept(self, *arguments, **named)

    for name in ("stat", "open"):
        kept = getattr(Path, name)
        monkeypatch.setattr(Path, name, functools.partialmethod(refuse, kept=kept))
    with pytest.raises(OutputError, match="Permission denied"):
        put_noted(folder, line)
    with pytest.raises(OutputError, match="Permission denied"):
        drop_noted(folder, line)


@pytest.mark.parametrize(
    "note", [None, [], {"new": True}, {"digest": 1, "new": True, "start": 0, "length": 0}]
)
def test_what_is_no_note_is_none(folder: Path, line: TextLine, note: Any) -> None:
    put_noted(folder, line)
    write_note(folder, note)
    drop_noted(folder, line)
    assert line.path.read_bytes() == b""


def test_no_more_is_written_down_than_what_changed(folder: Path, line: TextLine) -> None:
    line.path.parent.mkdir(parents=True)
    line.path.write_bytes(b"KEY=secret\n")
    put_noted(folder, line)
    assert json.loads((folder / LIST).read_text())["note"]["length"] == len("ours\n")
    assert b"secret" not in (folder / LIST).read_bytes()


@given(st.binary(max_size=8), st.binary(max_size=8))
def test_a_change_is_undone(before: bytes, after: bytes) -> None:
    assert undo._undone(undo._note(before, after), after) == before
