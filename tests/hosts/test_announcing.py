"""Hosts are announced before anything of them is imported."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from mattekit.hooks import HostCopy
from mattekit_hosts.announcing import announce


def test_the_module_is_imported_on_use(monkeypatch: pytest.MonkeyPatch) -> None:
    host = announce("draw", "Draw", "a_module_of_the_test")
    assert (host.name, host.title) == ("draw", "Draw")
    with pytest.raises(ModuleNotFoundError):
        host.find()
    copy = HostCopy(Path("/usr/bin/draw"))
    module = ModuleType("a_module_of_the_test")
    module.HOSTS = {
        "draw": SimpleNamespace(
            find=lambda: [copy],
            install=lambda given: ["installed", str(given.path)],
            remove=lambda given: ["removed", str(given.path)],
        )
    }
    monkeypatch.setitem(sys.modules, "a_module_of_the_test", module)
    assert host.find() == [copy]
    assert host.install is not None
    assert host.remove is not None
    assert host.install(copy) == ["installed", "/usr/bin/draw"]
    assert host.remove(copy) == ["removed", "/usr/bin/draw"]
