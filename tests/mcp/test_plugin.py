"""The command is added."""

from __future__ import annotations

import click

from mattekit_mcp.plugin import mattekit_commands


def test_the_command() -> None:
    group = click.Group()
    mattekit_commands(group)
    assert set(group.commands) == {"mcp"}
