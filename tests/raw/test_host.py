"""Raw developers are announced as they are declared."""

from __future__ import annotations

from mattekit_raw import host, installing


def test_all_are_announced() -> None:
    announced = {each.name: each.title for each in host.mattekit_hosts()}
    assert announced == {name: each.title for name, each in installing.HOSTS.items()}
