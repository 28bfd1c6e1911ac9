"""ComfyUI is announced as it is declared."""

from __future__ import annotations

from mattekit_comfyui import host, installing


def test_it_is_announced() -> None:
    (announced,) = host.mattekit_hosts()
    assert announced.title == installing.HOSTS[announced.name].title
