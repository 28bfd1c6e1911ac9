"""The terminal: colours, and what names may not do to it."""

from __future__ import annotations

import json
import logging

import pytest

from mattekit_cli.console import Console, colored, columns


def test_no_color_is_obeyed(monkeypatch):
    assert colored("mattekit: ", "red") != "mattekit: "
    monkeypatch.setenv("NO_COLOR", "1")
    assert colored("mattekit: ", "red") == "mattekit: "


def test_results_and_the_rest_go_different_ways(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.out("a result")
    console.json({"name": "é\n"})
    console.note("a note")
    console.warn("two\nlines")
    console.error("wrong\n\nas it\nis")
    out, err = capsys.readouterr()
    first, second = out.splitlines()
    assert first == "a result"
    assert second.isascii()
    assert json.loads(second) == {"name": "é\n"}
    assert err.splitlines() == [
        "a note", "mattekit: warning: two lines", "mattekit: wrong", "", "as it", "is",
    ]  # fmt: skip


def test_what_the_library_logs_is_shown_while_it_listens(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logger = logging.getLogger("mattekit.anything")
    with Console().listening():
        logger.warning("odd\nthing")
    logger.warning("nobody listens")
    assert capsys.readouterr().err == "mattekit: warning: odd thing\n"


def test_without_a_terminal_progress_is_lines_or_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Console().counting(2) as advance:
        advance()
    assert capsys.readouterr().err == ""
    with Console().counting(2, every=1e-9) as advance:
        advance()
        advance()
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith("1 of 2 pictures, ")
    assert last.endswith(" 0.0 s left")


def test_columns_are_as_wide_as_what_is_in_them() -> None:
    text = columns(["name", "size"], [["a", "1"], ["longer", "[2]"]])
    assert text.splitlines() == ["NAME    SIZE", "a       1", "longer  [2]"]


ROWS = [("builtin", "5.35 MB", "Apache-2.0, and some words about what it was trained on"),
        ("u2net", "176 MB", "Apache-2.0")]  # fmt: skip


@pytest.fixture
def terminal(monkeypatch):
    def set_width(width):
        monkeypatch.setattr("mattekit_cli.console.is_terminal", lambda _stream: True)
        monkeypatch.setenv("COLUMNS", str(width))

    return set_width


def test_wide_columns_are_folded_and_others_are_not(terminal):
    terminal(60)
    assert columns(("name", "size", "licence"), ROWS).splitlines() == [
        "NAME     SIZE     LICENCE",
        "builtin  5.35 MB  Apache-2.0, and some words about what it",
        "                  was trained on",
        "u2net    176 MB   Apache-2.0",
    ]


def test_rows_are_paragraphs_where_columns_would_be_too_narrow(terminal):
    terminal(40)
    assert columns(("name", "size", "licence"), ROWS).splitlines() == [
        "builtin",
        "  size: 5.35 MB",
        "  licence: Apache-2.0, and some words",
        "    about what it was trained on",
        "",
        "u2net",
        "  size: 176 MB",
        "  licence: Apache-2.0",
    ]
