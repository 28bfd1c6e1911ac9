"""Which windows are open."""

from __future__ import annotations

from mattekit_server.page.windows import RELOAD, Windows


def test_ends_with_the_last_window_but_not_while_it_loads_again() -> None:
    now = 0.0
    windows = Windows(clock=lambda: now)
    assert not windows.all_closed  # none has been there yet
    windows.opened()
    windows.opened()
    windows.closed()
    now = 100.0
    assert not windows.all_closed
    windows.closed()
    assert not windows.all_closed
    now += RELOAD / 2
    windows.opened()
    now += 10 * RELOAD
    assert not windows.all_closed
    windows.closed()
    now += RELOAD + 0.1
    assert windows.all_closed
