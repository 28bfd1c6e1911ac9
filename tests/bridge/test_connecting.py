"""The worker for a plug-in of a host."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

import mattekit_bridge as bridge
from mattekit_bridge import connecting, worker
from mattekit_bridge.settings import Settings
from support.former import LEFT, VERSION


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


def test_the_worker_of_0_1_0_is_found_and_replaced(tmp_path, monkeypatch):
    """It runs on while mattekit is upgraded; the plug-in then ends it and starts its own."""
    monkeypatch.setenv("MATTEKIT_WORKER_DIR", str(tmp_path))
    (tmp_path / "worker.json").write_text(json.dumps(LEFT["worker"]))
    asked = []

    def ask(worker, method, path):
        asked.append((method, path))
        if path == "/worker/stop":
            (tmp_path / "worker.json").unlink()
        return {"pid": worker.pid}

    def launch(python, clean):
        facts = {**LEFT["worker"], "version": "1.2.0", "protocol": bridge.PROTOCOL}
        (tmp_path / "worker.json").write_text(json.dumps(facts))
        return SimpleNamespace(poll=lambda: None)

    monkeypatch.setattr(worker, "ask", ask)
    monkeypatch.setattr(worker, "_launch", launch)
    assert bridge.find().version == VERSION
    assert bridge.connect(settings(), lambda: True, host="GIMP").version == "1.2.0"
    assert ("POST", "/worker/stop") in asked


def test_a_sandbox_cannot_start_it(monkeypatch):
    monkeypatch.setattr(connecting, "find", lambda: None)
    with pytest.raises(bridge.BridgeError, match="mattekit worker start"):
        bridge.connect(settings(launch=False), lambda: True, host="GIMP")
    monkeypatch.setattr(connecting, "find", lambda: running("1.2.0"))
    assert bridge.connect(settings(launch=False), lambda: True, host="GIMP").version == "1.2.0"
