"""The commands that this package adds."""

from __future__ import annotations

import click

from mattekit_server import plugin


def test_the_commands_are_there() -> None:
    cli = click.Group()
    plugin.mattekit_commands(cli)
    assert {"serve", "keys", "worker"} <= set(cli.commands)
