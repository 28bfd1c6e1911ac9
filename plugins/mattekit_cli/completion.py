"""`mattekit completion`: the script with which a shell completes commands, flags and values."""

from __future__ import annotations

import click
from click.shell_completion import FishComplete, add_completion_class, get_completion_class

from mattekit_cli.console import Console
from mattekit_cli.flags import Command

__all__ = ["command", "register"]


class _Fish(FishComplete):
    """As click's, whose script cuts descriptions at their first comma."""

    source_template = FishComplete.source_template.replace(
        'string split "," $completion', 'string split --max 1 "," $completion'
    )


def register() -> None:
    """Let click use what is ours."""
    add_completion_class(_Fish)


@click.command(
    cls=Command,
    examples="""
    mattekit completion bash > ~/.mattekit.bash && echo ". ~/.mattekit.bash" >> ~/.bashrc
    mattekit completion zsh > ~/.mattekit.zsh && echo ". ~/.mattekit.zsh" >> ~/.zshrc
    mattekit completion fish > ~/.config/fish/completions/mattekit.fish
    """,
    epilog="The file is read by shells that are started afterwards. Bash needs version 4.4; zsh "
    "needs `autoload -Uz compinit && compinit` earlier in ~/.zshrc.",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete mattekit's commands."""
    register()
    console: Console = ctx.obj
    completion = get_completion_class(shell)
    assert completion is not None  # all three ship with click
    root = ctx.find_root().command
    console.out(completion(root, {}, "mattekit", "_MATTEKIT_COMPLETE").source())
