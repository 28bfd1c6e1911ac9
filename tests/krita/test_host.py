"""Krita is announced as a host; what finds and installs it is imported on use."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattekit.hooks import HostCopy
from mattekit_krita import host, installing


def test_it_is_announced_and_calls_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    copy = HostCopy(Path("/usr/bin/krita"), "5.2")
    monkeypatch.setattr(installing, "find", lambda: [copy])
    monkeypatch.setattr(installing, "install", lambda given: [f"install {given.version}"])
    monkeypatch.setattr(installing, "remove", lambda given: [f"remove {given.version}"])
    (krita,) = host.mattekit_hosts()
    assert (krita.name, krita.title) == ("krita", "Krita")
    assert krita.find() == [copy]
    assert krita.install is not None
    assert krita.remove is not None
    assert krita.install(copy) == ["install 5.2"]
    assert krita.remove(copy) == ["remove 5.2"]
