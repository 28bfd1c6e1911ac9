"""Programs that were named once."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattekit_cli import known_programs


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(known_programs, "data_folder", lambda variable: tmp_path / "data")
    return tmp_path


def test_what_is_remembered_is_there_until_it_is_forgotten(place: Path) -> None:
    one, two = place / "one", place / "two"
    for each in (one, two):
        each.touch()
        known_programs.remember("krita", each)
    known_programs.remember("krita", one)
    assert known_programs.programs("krita") == [one, two]
    assert known_programs.programs("gimp") == []
    two.unlink()
    assert known_programs.programs("krita") == [one]
    known_programs.forget("krita", one)
    assert known_programs.programs("krita") == []
    known_programs.forget("krita", two)
    assert not (place / "data").exists()


def test_what_else_is_there_stays(place: Path) -> None:
    (place / "one").touch()
    known_programs.remember("krita", place / "one")
    (place / "data" / "other").touch()
    known_programs.forget("krita", place / "one")
    assert [each.name for each in (place / "data").iterdir()] == ["other"]


@pytest.mark.parametrize(
    "text", ["", "[1]", '{"krita": 3}', '{"krita": [1, "relative"]}', "[" * 100_000]
)
def test_a_file_of_somebody_else_s_counts_as_empty(place: Path, text: str) -> None:
    (place / "data").mkdir()
    (place / "data" / "hosts.json").write_text(text)
    assert known_programs.programs("krita") == []
    program = place / "one"
    program.touch()
    known_programs.remember("krita", program)
    assert known_programs.programs("krita") == [program]
