"""`mattekit mcp`."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mattekit.errors import MattekitError
from mattekit_mcp.command import serve_agents


class Server:
    def run(self, transport: str) -> None:
        assert transport == "stdio"


def test_folders_are_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []
    monkeypatch.setattr(
        "mattekit_mcp.server.create_server", lambda folders: given.append(folders) or Server()
    )
    done = CliRunner().invoke(serve_agents, ["--folder", str(tmp_path)], catch_exceptions=False)
    assert (done.exit_code, given) == (0, [(tmp_path,)])
    assert CliRunner().invoke(serve_agents, ["--folder", str(tmp_path / "no")]).exit_code == 2


def test_without_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MattekitError, match="mattekit\\[mcp\\]"):
        CliRunner().invoke(serve_agents, [], catch_exceptions=False)
