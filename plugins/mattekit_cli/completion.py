"""`mattekit completion`: the script with which a shell completes commands, flags and values."""

from __future__ import annotations

import click

from mattekit_cli.console import Console
from mattekit_cli.flags import Command

__all__ = ["command"]


@click.command(
    cls=Command,
    examples="""
    mattekit completion bash > ~/.local/share/bash-completion/completions/mattekit
    mattekit completion zsh > "${fpath[1]}/_mattekit"
    mattekit completion fish > ~/.config/fish/completions/mattekit.fish
    """,
    epilog="The file is read by shells that are started afterwards; bash needs version 4.4 and the "
    "package bash-completion.",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete mattekit's commands."""
    from click.shell_completion import get_completion_class

    console: Console = ctx.obj
    completion = get_completion_class(shell)
    assert completion is not None  # all three ship with click
    root = ctx.find_root().command
    console.out(completion(root, {}, "mattekit", "_MATTEKIT_COMPLETE").source())
