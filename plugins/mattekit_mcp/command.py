"""`mattekit mcp`: tools for agents over standard input and output."""

from __future__ import annotations

from pathlib import Path

import click

from mattekit_cli.flags import Command
from mattekit_mcp.sdk import check_sdk

__all__ = ["serve_agents"]


@click.command(
    "mcp",
    cls=Command,
    examples="""
    mattekit mcp                       pictures come and go as data only
    mattekit mcp --folder ~/Pictures   files in there may be read, and new ones written
    """,
    epilog="An agent's program starts this itself; `mattekit hosts install` enters it there. What "
    "the agent writes never replaces a file.",
)
@click.option(
    "--folder",
    "folders",
    multiple=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Let the agent name files in this folder and those below; repeatable.",
)
def serve_agents(folders: tuple[Path, ...]) -> None:
    """Serve agents that speak the Model Context Protocol (MCP)."""
    check_sdk()
    from mattekit_mcp.server import create_server

    create_server(folders).run("stdio")
