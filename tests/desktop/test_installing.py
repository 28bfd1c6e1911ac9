"""Each file manager gets its files and its entry, and loses them again."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mattekit.hooks import HostCopy
from mattekit_desktop.installing import HOSTS
from mattekit_hosts import file_host

PLACES = {
    "nautilus": ".local/share/nautilus/scripts/Remove Background",
    "nemo": ".local/share/nemo/actions/mattekit-remove-background.nemo_action",
    "caja": ".config/caja/scripts/Remove Background",
    "dolphin": ".local/share/kio/servicemenus/mattekit.desktop",
    "thunar": ".config/Thunar/uca.xml",
    "finder": "Library/Services/Remove Background.workflow/Contents/document.wflow",
}


@pytest.mark.parametrize("name", PLACES)
def test_there_and_back_again(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "darwin" if name == "finder" else "linux")
    monkeypatch.setattr(file_host, "worker_python", lambda: "/a/python")
    host, copy = HOSTS[name], HostCopy(Path(f"/usr/bin/{name}"))
    messages = host.install(copy)
    assert messages[-1].startswith(f"restart {host.title}; then see ")
    path = tmp_path / PLACES[name]
    assert b"/a/python" in path.read_bytes()
    assert os.access(path, os.X_OK) == (name in {"nautilus", "caja", "dolphin"})
    host.remove(copy)
    assert not list(tmp_path.iterdir())
