"""What keys were used for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from mattekit_cli.console import Console
from mattekit_server import plugin
from mattekit_server.keys import KeyStore
from mattekit_server.reports import HEADINGS, KeyUse, row, to_csv, use_of_keys

DAY = 86400.0
#: 2026-11-30, 12:00 UTC.
NOON = 1_796_040_000.0


class Clock:
    now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[KeyStore]:
    clock = Clock()
    store = KeyStore(tmp_path / "keys.sqlite3", clock)
    store.create("shop", credits=100, free_calls=1)
    store.create("idle")

    def call(price: float, at: float) -> None:
        clock.now = at
        store.commit(store.reserve(1, price, may_be_free=price < 1, seconds=60))

    call(1, NOON - 40 * DAY)
    call(0.25, NOON)  # a free one
    call(0.25, NOON + 60)
    call(1, NOON + DAY)
    yield store
    store.close()


def test_by_key(store: KeyStore) -> None:
    shop, idle = use_of_keys(store, since=NOON - DAY)
    assert shop == KeyUse(1, "shop", "", 3, 1, 1.25, "2026-12-01T12:00:00+00:00")
    assert idle == KeyUse(2, "idle", "", 0, 0, 0, "")


def test_by_day_and_month(store: KeyStore) -> None:
    days = use_of_keys(store, since=0, by="day")
    assert [(each.period, each.calls, each.credits) for each in days] == [
        ("2026-12-01", 1, 1.0),
        ("2026-11-30", 2, 0.25),
        ("2026-10-21", 1, 1.0),
    ]
    months = use_of_keys(store, since=0, by="month")
    assert [each.period for each in months] == ["2026-12", "2026-11", "2026-10"]


def test_texts(store: KeyStore) -> None:
    shop, idle = use_of_keys(store, since=NOON - DAY)
    assert row(shop) == ("1", "all", "3", "1", "1.25", "2026-12-01T12:00:00+00:00", "shop")
    assert row(idle) == ("2", "all", "0", "0", "0.00", "never", "idle")
    assert len(HEADINGS) == len(row(shop))
    assert to_csv([shop]).splitlines() == [
        "key,name,period,calls,free_calls,credits,last",
        "1,shop,,3,1,1.25,2026-12-01T12:00:00+00:00",
    ]


def test_as_a_command(tmp_path: Path) -> None:
    path = tmp_path / "keys.sqlite3"
    store = KeyStore(path)
    store.create("shop", credits=1, free_calls=0)
    store.commit(store.reserve(1, 1, may_be_free=False, seconds=60))
    store.close()
    group = click.Group("mattekit")
    plugin.mattekit_commands(group)

    def report(*flags: str) -> str:
        arguments = ["keys", "report", "--database", str(path), *flags]
        return CliRunner().invoke(group, arguments, obj=Console()).output

    assert report().splitlines()[1].split()[:5] == ["1", "all", "1", "0", "1.00"]
    assert report("--by", "month", "--csv").splitlines()[1].startswith("1,shop,20")
    assert json.loads(report("--json"))[0]["credits"] == 1.0
    path.unlink()
    assert "No key was used" in report("--by", "day")
