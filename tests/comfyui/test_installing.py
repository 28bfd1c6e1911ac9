"""ComfyUI gets its nodes, and loses them again."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mattekit.hooks import HostCopy
from mattekit_comfyui.installing import HOSTS
from mattekit_hosts import file_host


def test_there_and_back_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(file_host, "worker_python", lambda: "/a/python")
    main = tmp_path / "ComfyUI" / "main.py"
    (main.parent / "custom_nodes").mkdir(parents=True)
    main.touch()
    host = HOSTS["comfyui"]
    (copy,) = host.find()
    assert copy == HostCopy(main, "", False, copy.advice)
    host.install(copy)
    folder = main.parent / "custom_nodes" / "mattekit"
    assert {"__init__.py", "nodes.py", "settings.json"} <= {each.name for each in folder.iterdir()}
    for path in folder.rglob("*.py"):
        ast.parse(path.read_text("utf-8"), feature_version=(3, 8))
    assert host.find() == [HostCopy(main, "", True)]
    host.remove(copy)
    assert not folder.exists()
    assert (main.parent / "custom_nodes").exists()
