"""`mattekit mcp`: tools for agents over standard input and output."""

from __future__ import annotations

from pathlib import Path

import click

from mattekit.errors import MattekitError
from mattekit_cli.flags import Command

__all__ = ["serve_agents"]


@click.command(
    "mcp",
    cls=Command,
    examples="""
    mattekit mcp                       pictures come and go as data only
    mattekit mcp --folder ~/Pictures   files in there may be read, and new ones written
    """,
    epilog="An agent's program starts this itself: docs/agents.md shows where it is entered. What "
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
    import importlib.util

    if importlib.util.find_spec("mcp") is None:
        raise MattekitError(
            "`mattekit mcp` needs the package mcp: run `pip install 'mattekit[mcp]'`."
        )
    from mattekit_mcp.server import create_server

    create_server(folders).run("stdio")
