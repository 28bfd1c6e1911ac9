"""GIMP and gimpfu are announced as hosts; what finds and installs them is imported on use."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattekit.errors import MattekitError
from mattekit.hooks import HostCopy
from mattekit_gimp import host, installing


def test_both_are_announced() -> None:
    found = {each.name: each.title for each in host.mattekit_hosts()}
    assert found == {"gimp": "GIMP", "gimpfu": "gimpfu for GIMP"}


@pytest.mark.parametrize(("index", "suffix"), [(0, ""), (1, "_gimpfu")])
def test_each_calls_its_own(monkeypatch: pytest.MonkeyPatch, index: int, suffix: str) -> None:
    copy = HostCopy(Path("/usr/bin/gimp"), "3.0")
    monkeypatch.setattr(installing, f"find{suffix}", lambda: [copy])
    for name in ("install", "remove"):
        monkeypatch.setattr(
            installing, f"{name}{suffix}", lambda given, name=name: [f"{name} {given.version}"]
        )
    announced = list(host.mattekit_hosts())[index]
    assert announced.find() == [copy]
    assert announced.install is not None
    assert announced.remove is not None
    assert announced.install(copy) == ["install 3.0"]
    assert announced.remove(copy) == ["remove 3.0"]


def test_old_plug_ins_are_told(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text("from gimpfu import *\nprint 1\n")
    gimpfu = list(host.mattekit_hosts())[1]
    assert gimpfu.check_plugins is not None
    line, total = gimpfu.check_plugins([tmp_path])
    assert "runs; translated from Python 2 (print)" in line
    assert total == "1 of 1 plug-ins run, 1 of them translated."
    (tmp_path / "old.py").unlink()
    assert gimpfu.check_plugins([tmp_path]) == ["no Python file is there."]
    with pytest.raises(MattekitError, match="there is no such file"):
        gimpfu.check_plugins([tmp_path / "gone"])
