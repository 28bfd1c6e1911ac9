"""The command that this package adds."""

from __future__ import annotations

import click

from mattekit_imageio import commands


def test_the_command_is_there() -> None:
    cli = click.Group()
    commands.mattekit_commands(cli)
    assert list(cli.commands) == ["video"]
