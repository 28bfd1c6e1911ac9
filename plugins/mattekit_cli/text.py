"""Texts for people: times, sizes, what a terminal can show."""

from __future__ import annotations

__all__ = ["duration", "number_text", "one_line", "printable", "size_text"]


def one_line(text: str) -> str:
    """Return `text` without line breaks."""
    return printable(" ".join(text.split()))


def printable(text: str) -> str:
    r"""Return `text` with escapes for what a terminal would obey or cannot show.

    >>> print(printable("a\x1b[2Jb"))
    a\x1b[2Jb
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def duration(seconds: float) -> str:
    """Return a time for people: its two largest units.

    >>> duration(5), duration(3700), duration(200000)
    ('5.0 s', '1 h 2 min', '2 d 7 h')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    hours, days = minutes // 60, minutes // 1440
    if days:
        return f"{days} d {hours % 24} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def number_text(value: float) -> str:
    """Return a number for people: three digits that count, and never an exponent.

    >>> number_text(0.78912), number_text(2641.2)
    ('0.789', '2,641')
    """
    return f"{value:.3g}" if value < 999.5 else f"{value:,.0f}"


def size_text(count: int) -> str:
    """Return a number of bytes for people."""
    value, units = float(count), ("bytes", "kB", "MB", "GB")
    for unit in units[:-1]:
        if value < 999.5:
            return f"{number_text(value)} {unit}"
        value /= 1000
    return f"{number_text(value)} {units[-1]}"
