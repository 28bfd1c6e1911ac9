"""Texts for people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattekit_cli.text import duration, number_text, one_line, printable, size_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (59.94, "59.9 s"),
        (60, "1 min"),
        (3700, "1 h 2 min"),
        (86_400, "1 d 0 h"),
        (200_000, "2 d 7 h"),
    ],
)
def test_times(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0004, "0.0004"),
        (0.7891, "0.789"),
        (999.4, "999"),
        (999.6, "1,000"),
        (2641, "2,641"),
    ],
)
def test_numbers_have_no_exponents(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (4_574_861, "4.57 MB"),
        (999_600, "1 MB"),
        (3_000_000_000_000, "3,000 GB"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    assert size_text(count) == text


@pytest.mark.slow
@given(st.text())
def test_what_is_shown_commands_no_terminal(text: str) -> None:
    assert printable(text).isprintable()
    assert "\n" not in one_line(text)


def test_words_stay_words() -> None:
    assert one_line("a\n  b\tc") == "a b c"
    assert printable("é 猫 \x1b[2J") == "é 猫 \\x1b[2J"
