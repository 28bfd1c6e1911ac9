"""A plug-in made of functions, and commands that it adds."""

from __future__ import annotations

import click

from mattekit import hooks


class Plugin:
    """A plug-in made of functions."""

    def __init__(self, **functions):
        for name, function in functions.items():
            setattr(self, name, hooks.hookimpl(function))


def commands(cli):
    @cli.command("hello", help="Say hello.")
    def hello():
        click.echo("hello")

    @cli.command("remove")
    def remove():
        click.echo("not ours")
