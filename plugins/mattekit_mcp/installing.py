"""Programs with agents as hosts: `mattekit mcp` among the servers that each has in its settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from mattekit.folders import home_folder
from mattekit_hosts.entries import JsonEntry
from mattekit_hosts.file_host import FileHost
from mattekit_hosts.programs import Program
from mattekit_hosts.userfolders import config_folder
from mattekit_mcp.sdk import check_sdk

__all__ = ["HOSTS"]

#: Below ``%LOCALAPPDATA%``: what Claude Desktop has as an MSIX package, whose program nobody sees.
_PACKAGED: Final = "Packages/Claude_*/LocalCache/Roaming/Claude"


def _python() -> str:
    check_sdk()
    return str(Path(sys.executable).absolute())


def _folders() -> list[str]:
    """Return where an agent may name files until the user says otherwise: their pictures."""
    pictures = home_folder() / "Pictures"
    return ["--folder", str(pictures)] if pictures.is_dir() else []


def _claude_settings() -> Path:
    """Return Claude Desktop's file.

    From an MSIX package, as its installer for Windows is one, it reads what lies in a folder of
    the package in place of ``%APPDATA%``; that folder is there once it has run.
    """
    folder = config_folder()
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA") or home_folder() / "AppData" / "Local")
        folder = next((each.parent for each in sorted(local.glob(_PACKAGED))), folder)
    return folder / "Claude" / "claude_desktop_config.json"


def _host(
    name: str, title: str, program: Program, settings: Callable[[], Path], servers: str
) -> FileHost:
    def entry(python: str) -> JsonEntry:
        arguments = ["-m", "mattekit_cli", "mcp", *_folders()]
        return JsonEntry(
            settings(), (servers, "mattekit"), {"command": python}, {"args": arguments}
        )

    return FileHost(
        name,
        title,
        program,
        "its agent's tools; docs/agents.md tells which folders it may use",
        lambda packaging: config_folder() / "mattekit" / name,
        lambda python, packaging: {},
        switch=entry,
        python=_python,
    )


_EVERY: Final = (
    _host(
        *("claude", "Claude Desktop"),
        Program(
            ("claude-desktop",),
            ("Claude.app/Contents/MacOS/Claude", "AnthropicClaude/claude.exe", _PACKAGED),
            r"claude[ -](\d+(?:\.\d+)*)",
        ),
        _claude_settings,
        "mcpServers",
    ),
    _host(
        *("cursor", "Cursor"),
        Program(
            ("cursor",),
            ("Cursor.app/Contents/MacOS/Cursor", "Programs/cursor/Cursor.exe"),
            r"cursor[ -](\d+(?:\.\d+)*)",
        ),
        lambda: home_folder() / ".cursor" / "mcp.json",
        "mcpServers",
    ),
    _host(
        *("gemini", "Gemini CLI"),
        Program(("gemini",), (), r"gemini[ -](\d+(?:\.\d+)*)"),
        lambda: home_folder() / ".gemini" / "settings.json",
        "mcpServers",
    ),
    _host(
        *("vscode", "Visual Studio Code"),
        Program(
            ("code",),
            (
                "Visual Studio Code.app/Contents/Resources/app/bin/code",
                "Programs/Microsoft VS Code/bin/code.cmd",
            ),
            r"code[ -](\d+(?:\.\d+)*)",
        ),
        lambda: config_folder() / "Code" / "User" / "mcp.json",
        "servers",
    ),
)

HOSTS: Final[Mapping[str, FileHost]] = {host.name: host for host in _EVERY}
