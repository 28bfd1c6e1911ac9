"""The commands that this package adds."""

from __future__ import annotations

import click

from mattekit_batch import plugin


def test_the_commands_are_there() -> None:
    cli = click.Group()
    plugin.mattekit_commands(cli)
    assert sorted(cli.commands) == ["batch", "watch"]
