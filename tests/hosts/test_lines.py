"""A line of ours in a file that is the user's."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattekit.errors import OutputError
from mattekit_hosts.lines import TextLine


@pytest.mark.parametrize("before", [b"", b"theirs\n", b"theirs, without an end", b"\xff\r\n"])
def test_there_and_back_again(tmp_path: Path, before: bytes) -> None:
    line = TextLine(tmp_path / "luarc", 'require "mattekit"')
    line.path.write_bytes(before)
    assert not line.there()
    for _ in range(2):
        line.put()
        assert line.there()
    end = b"\n" if before and not before.endswith(b"\n") else b""
    assert line.path.read_bytes() == before + end + b'require "mattekit"\n'
    line.drop()
    line.drop()
    assert line.path.read_bytes() == before + end


def test_without_a_file(tmp_path: Path) -> None:
    line = TextLine(tmp_path / "new" / "luarc", "ours")
    line.drop()
    assert not line.path.exists()
    line.put()
    assert line.path.read_text() == "ours\n"


def test_what_is_no_file_of_settings(tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(bytes(5_000_000))
    for path in (large, tmp_path):
        with pytest.raises(OutputError):
            TextLine(path, "ours").put()
