"""What keys were used for, from the charges that are kept of each delivered picture."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, TypeAlias

from mattekit_server.keys import KeyStore

__all__ = ["HEADINGS", "KeyUse", "Period", "row", "to_csv", "use_of_keys"]

Period: TypeAlias = Literal["key", "day", "month"]

#: Of a table for people.
HEADINGS: Final = ("number", "period", "calls", "free", "credits", "last", "name")

#: Characters of a day, or of a month, in ``2026-11-28``.
_LENGTH: Final = {"key": 0, "day": 10, "month": 7}


class KeyUse(NamedTuple):
    """What one key was used for.

    Attributes
    ----------
    key : int
        Its number.
    name : str
        What it is for.
    period : str
        The day or the month (UTC); empty where all is one.
    calls, free_calls : int
        Pictures delivered, and those of them that were free.
    credits : float
        What they cost.
    last : str
        When the last of them was (UTC); empty where there was none.
    """

    key: int
    name: str
    period: str
    calls: int
    free_calls: int
    credits: float
    last: str


def use_of_keys(store: KeyStore, *, since: float, by: Period = "key") -> list[KeyUse]:
    """Return what keys were used for, keys in the order of their numbers, the latest period first.

    Parameters
    ----------
    store : KeyStore
    since : float
        Unix time.
    by : {"key", "day", "month"}
        ``key`` gives each key one entry, also without any call; the others one for each period in
        which there were calls.
    """
    rows = store.database.connection().execute(
        "SELECT key, CAST(at AS BIGINT) / 86400, count(*), sum(free), sum(price), max(at) "
        "FROM charges WHERE at >= ? GROUP BY 1, 2",
        (since,),
    )
    names = {record.id: record.name for record in store.records()}
    use: dict[tuple[int, str], list[float]] = {}
    if by == "key":
        use = {(number, ""): [0, 0, 0, 0] for number in names}
    for key, day, calls, free, cents, last in rows.fetchall():
        period = _date(day * 86400).isoformat()[: _LENGTH[by]]
        entry = use.setdefault((key, period), [0, 0, 0, 0])
        entry[:] = [entry[0] + calls, entry[1] + free, entry[2] + cents, max(entry[3], last)]
    return [
        KeyUse(
            key, names[key], period, int(calls), int(free), int(cents) / 100,
            _date(last).isoformat(timespec="seconds") if last else "",
        )
        for (key, period), (calls, free, cents, last) in sorted(
            sorted(use.items(), key=lambda each: each[0][1], reverse=True),
            key=lambda each: each[0][0],
        )
    ]  # fmt: skip


def row(use: KeyUse) -> tuple[str, ...]:
    """Return what `HEADINGS` name, as text."""
    return (
        str(use.key), use.period or "all", str(use.calls), str(use.free_calls),
        f"{use.credits:.2f}", use.last or "never", use.name,
    )  # fmt: skip


def to_csv(uses: Iterable[KeyUse]) -> str:
    """Return a table of comma-separated values (RFC 4180) with a heading."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(KeyUse._fields)
    table.writerows(uses)
    return file.getvalue()


def _date(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
