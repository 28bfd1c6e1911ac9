"""`mattekit plugins`: which plug-ins there are and what they add."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mattekit_cli.console import Console
from mattekit_cli.flags import Command

if TYPE_CHECKING:
    from mattekit.plugins import Plugins

__all__ = ["command", "describe"]


@click.command(
    cls=Command,
    examples="""
    mattekit plugins
    MATTEKIT_PLUGINS_OFF=sticker mattekit remove photo.jpg    without the plug-in "sticker"
    """,
)
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
@click.pass_obj
def command(console: Console, as_json: bool) -> None:
    """Show the plug-ins that are installed, and why any is left out."""
    from mattekit import plugins

    found = describe(plugins.shared())
    if as_json:
        console.json(found)
    elif not found:
        console.note("No plug-ins are installed. docs/examples shows how to write one.")
    else:
        for plugin in found:
            console.out(
                f"{plugin['name']}: left out: {plugin['problem']}"
                if plugin["problem"]
                else f"{plugin['name']}: {', '.join(plugin['hooks']) or 'no hooks'}"
            )


def describe(plugins: Plugins) -> list[dict[str, Any]]:
    """Return the plug-ins: name, the hooks that they implement, and why any is left out."""
    manager = plugins.manager
    loaded = [
        {
            "name": name,
            "hooks": sorted(
                caller.name.removeprefix("mattekit_")
                for caller in manager.get_hookcallers(manager.get_plugin(name)) or ()
            ),
            "problem": None,
        }
        for name in plugins.names()
    ]
    return loaded + [
        {"name": name, "hooks": [], "problem": problem}
        for name, problem in plugins.failures.items()
    ]
