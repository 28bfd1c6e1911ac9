"""Inkscape gets its extension, and loses it again."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from mattekit.hooks import HostCopy
from mattekit_hosts import file_host
from mattekit_inkscape.installing import HOSTS

NAME = "mattekit_remove_background"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(file_host, "worker_python", lambda: "/a/python")
    return tmp_path


def test_there_and_back_again(home: Path) -> None:
    host, copy = HOSTS["inkscape"], HostCopy(Path("/usr/bin/inkscape"))
    host.install(copy)
    folder = home / ".config/inkscape/extensions/mattekit"
    menu = Xml.parse(folder / f"{NAME}.inx").getroot()
    space = {"i": "http://www.inkscape.org/namespace/inkscape/extension"}
    assert menu.findtext("i:name", None, space) == "Remove Background of Image"
    script = menu.find("i:script/i:command", space)
    assert script is not None
    assert (folder / str(script.text)).exists()
    assert json.loads((folder / "settings.json").read_text())["python"] == "/a/python"
    for path in folder.rglob("*.py"):
        ast.parse(path.read_text("utf-8"), feature_version=(3, 8))
    assert not list(folder.rglob("py.typed"))
    host.remove(copy)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        (
            "/var/lib/flatpak/exports/bin/org.inkscape.Inkscape",
            ".var/app/org.inkscape.Inkscape/config/inkscape",
        ),
        ("/snap/bin/inkscape", "snap/inkscape/current/.config/inkscape"),
    ],
)
def test_in_a_sandbox(home: Path, path: str, folder: str) -> None:
    HOSTS["inkscape"].install(HostCopy(Path(path)))
    settings = home / folder / "extensions" / "mattekit" / "settings.json"
    assert json.loads(settings.read_text())["launch"] is False
