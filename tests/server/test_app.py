"""The page for one person: settings that let nobody else in, and an address that works once."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from mattekit_server import app


def test_nobody_else_can_use_it() -> None:
    one, other = app.app_settings(1234), app.app_settings(1234, model="u2net")
    assert (one.host, one.port, one.app) == ("127.0.0.1", 1234, True)
    assert one.token
    assert one.token != other.token
    assert other.model == "u2net"
    assert one.rate_limit == 0
    assert one.file_limit > 2**28


def test_the_address_holds_the_ticket() -> None:
    found = urllib.parse.urlsplit(app.address(1234, "a&b c"))
    assert (found.hostname, found.port) == ("127.0.0.1", 1234)
    assert urllib.parse.parse_qs(found.query) == {"ticket": ["a&b c"]}


class Windows:
    """Windows that are all closed when they are looked at for the third time."""

    looked = 0

    @property
    def all_closed(self) -> bool:
        self.looked += 1
        return self.looked > 2


@pytest.mark.parametrize(
    ("open_browser", "said"),
    [
        (lambda link: True, "opens in your browser"),
        (lambda link: False, "Open http://127.0.0.1:5/?ticket=t in a browser"),
        (None, "Open http://127.0.0.1:5/?ticket=t in a browser"),
    ],
)
def test_it_ends_with_the_last_window(
    monkeypatch: pytest.MonkeyPatch, open_browser: Callable[[str], bool] | None, said: str
) -> None:
    import asyncio

    monkeypatch.setattr(app, "_LOOK_SECONDS", 0)
    server: Any = SimpleNamespace(started=True, should_exit=False)
    page: Any = SimpleNamespace(
        windows=Windows(),
        issue_ticket=lambda: "t",
        service=SimpleNamespace(settings=SimpleNamespace(port=5)),
    )
    notes: list[str] = []
    asyncio.run(app._watch(server, page, notes.append, open_browser))
    assert server.should_exit
    assert said in notes[0]
    assert notes[-1] == "The last window is closed."
