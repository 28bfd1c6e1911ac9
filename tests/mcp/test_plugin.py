"""The command is added, and programs are announced as they are declared."""

from __future__ import annotations

import click

from mattekit_mcp import installing, plugin
from mattekit_mcp.plugin import mattekit_commands


def test_the_command() -> None:
    group = click.Group()
    mattekit_commands(group)
    assert set(group.commands) == {"mcp"}


def test_programs() -> None:
    announced = {each.name: each.title for each in plugin.mattekit_hosts()}
    assert announced == {name: each.title for name, each in installing.HOSTS.items()}
