"""The command, called in the process of the tests."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import click.testing

__all__ = ["in_this_process"]


def in_this_process() -> Callable[..., click.testing.Result]:
    """Return a function that calls the command: ``call("remove", path)``; it never may crash."""
    from mattekit_cli.app import cli

    separate = "mix_stderr" in inspect.signature(click.testing.CliRunner).parameters
    runner = click.testing.CliRunner(**({"mix_stderr": False} if separate else {}))

    def call(*arguments: object, **kwargs: Any) -> click.testing.Result:
        result = runner.invoke(cli, [str(a) for a in arguments], prog_name="mattekit", **kwargs)
        assert "Traceback" not in result.stderr, result.stderr
        return result

    return call
