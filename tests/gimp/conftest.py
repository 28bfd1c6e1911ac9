"""Real GIMPs with mattekit in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import mattekit_bridge as bridge
from hosts.gimp import Gimp, gimp2, gimp3
from support.gimp.studio import Studio, equipped

MAKERS: dict[str, Callable[[Path], Gimp]] = {"2.10": gimp2, "3.0": gimp3}


@pytest.fixture(scope="session", params=list(MAKERS))
def studio(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """A GIMP with mattekit in it; its worker is started by the first call."""
    folder = tmp_path_factory.mktemp(f"gimp{request.param}")
    made = equipped(MAKERS[request.param](folder / "home"), folder)
    previous = os.environ.get("MATTEKIT_WORKER_DIR")
    os.environ["MATTEKIT_WORKER_DIR"] = str(folder / "worker")
    try:
        yield made
    finally:
        made.close()
        bridge.stop()
        if previous is None:
            del os.environ["MATTEKIT_WORKER_DIR"]
        else:
            os.environ["MATTEKIT_WORKER_DIR"] = previous
