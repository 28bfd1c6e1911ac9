"""What this package adds to mattekit: the command `mcp`.

Imported with the first picture of any program: nothing that costs anything is imported here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mattekit

if TYPE_CHECKING:
    import click

__all__ = ["mattekit_commands"]


@mattekit.hookimpl
def mattekit_commands(cli: click.Group) -> None:
    """Add the command."""
    from mattekit_mcp.command import serve_agents

    cli.add_command(serve_agents)
