"""Programs with agents get their entry, and lose it again; what stands there works."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

from mattekit.hooks import HostCopy
from mattekit_mcp.installing import HOSTS
from support.inspector import TOOLS, inspected

FILES = {
    "claude": (".config/Claude/claude_desktop_config.json", "mcpServers"),
    "cursor": (".cursor/mcp.json", "mcpServers"),
    "gemini": (".gemini/settings.json", "mcpServers"),
    "vscode": (".config/Code/User/mcp.json", "servers"),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("MATTEKIT_PLUGINS_OFF", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "Pictures").mkdir()
    return tmp_path


def entry_of(home: Path, name: str) -> Any:
    file, servers = FILES[name]
    return json.loads((home / file).read_text("utf-8"))[servers]["mattekit"]


@pytest.mark.parametrize("name", FILES)
def test_there_and_back_again(home: Path, name: str) -> None:
    host, copy = HOSTS[name], HostCopy(Path("/usr/bin/agent"))
    said = host.install(copy)
    assert entry_of(home, name) == {
        "command": str(Path(sys.executable).absolute()),
        "args": ["-m", "mattekit_cli", "mcp", "--folder", str(home / "Pictures")],
    }
    assert host._copy(copy.path, "").installed
    assert "restart" in said[-1]
    host.remove(copy)
    assert [path.name for path in home.iterdir()] == ["Pictures"]


def test_without_pictures_no_folder_is_given(home: Path) -> None:
    (home / "Pictures").rmdir()
    HOSTS["cursor"].install(HostCopy(Path("/usr/bin/agent")))
    assert entry_of(home, "cursor")["args"] == ["-m", "mattekit_cli", "mcp"]


def test_claude_desktop_as_a_package_of_windows(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a program never reads the file in %APPDATA%, and can be seen by its data only."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("APPDATA", str(home / "Roaming"))
    monkeypatch.setenv("LOCALAPPDATA", str(home / "Local"))
    monkeypatch.setenv("PATH", "")
    host = HOSTS["claude"]
    assert not host.find()
    folder = home / "Local/Packages/Claude_abc/LocalCache/Roaming/Claude"
    folder.mkdir(parents=True)
    (copy,) = host.find()
    host.install(copy)
    tree = json.loads((folder / "claude_desktop_config.json").read_text("utf-8"))
    assert "mattekit" in tree["mcpServers"]
    assert host.find()[0].installed
    host.remove(copy)
    assert not host.find()[0].installed
    assert not (home / "Roaming/Claude").exists()


@pytest.mark.slow
def test_what_is_entered_is_a_server(home: Path) -> None:
    from mcp import Client, StdioServerParameters

    HOSTS["claude"].install(HostCopy(Path("/usr/bin/agent")))
    entry = entry_of(home, "claude")

    async def main() -> set[str]:
        async with Client(StdioServerParameters(**entry)) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert anyio.run(main) == TOOLS


@pytest.mark.install
def test_the_protocols_inspector_reads_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    HOSTS["claude"].install(HostCopy(Path("/usr/bin/agent")))
    settings = home / FILES["claude"][0]
    monkeypatch.undo()  # npm keeps what it has fetched in the user's home folder
    assert inspected("--config", settings, "--server", "mattekit") == TOOLS
