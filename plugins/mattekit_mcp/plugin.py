"""What this package adds to mattekit: the command `mcp`, and programs with agents as hosts.

Imported with the first picture of any program: nothing that costs anything is imported here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import mattekit
from mattekit.hooks import Host
from mattekit_hosts.announcing import announce

if TYPE_CHECKING:
    import click

__all__ = ["mattekit_commands", "mattekit_hosts"]

_TITLES = {
    "claude": "Claude Desktop",
    "cursor": "Cursor",
    "gemini": "Gemini CLI",
    "vscode": "Visual Studio Code",
}


@mattekit.hookimpl
def mattekit_commands(cli: click.Group) -> None:
    """Add the command."""
    from mattekit_mcp.command import serve_agents

    cli.add_command(serve_agents)


@mattekit.hookimpl
def mattekit_hosts() -> Iterable[Host]:
    """Return the programs."""
    return [announce(name, title, "mattekit_mcp.installing") for name, title in _TITLES.items()]
