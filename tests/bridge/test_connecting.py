"""The worker for a plug-in of a host."""

from __future__ import annotations

import pytest

import mattekit_bridge as bridge
from mattekit_bridge import connecting
from mattekit_bridge.settings import Settings


def settings(**changes):
    facts = {
        "python": "/somewhere/python", "version": "1.2.0", "launch": True, "worker_folder": None,
        "options": [],
    }  # fmt: skip
    return Settings(**{**facts, **changes})


def running(version):
    return bridge.Worker("http://127.0.0.1:1", "secret", 1, version, bridge.PROTOCOL)


@pytest.mark.parametrize(
    ("version", "restarted", "message"),
    [("1.2.0", False, False), ("1.1.9", True, False), ("1.10", False, True)],
)
def test_a_worker_from_before_an_update_is_replaced(monkeypatch, version, restarted, message):
    starts = []

    def start(python, *, version=None, waiting):
        starts.append(version)
        return running("1.2.0" if version else found)

    found = version
    monkeypatch.setattr(connecting, "start", start)
    worker_found = bridge.connect(settings(), lambda: True, host="GIMP")
    assert starts == ([None, "1.2.0"] if restarted else [None])
    assert (
        "mattekit 1.10 is running" in bridge.explain_versions(worker_found, settings(), host="GIMP")
    ) is message


def test_a_sandbox_cannot_start_it(monkeypatch):
    monkeypatch.setattr(connecting, "find", lambda: None)
    with pytest.raises(bridge.BridgeError, match="mattekit worker start"):
        bridge.connect(settings(launch=False), lambda: True, host="GIMP")
    monkeypatch.setattr(connecting, "find", lambda: running("1.2.0"))
    assert bridge.connect(settings(launch=False), lambda: True, host="GIMP").version == "1.2.0"
