"""The `mattekit` command itself: its errors, its exit codes, and the commands of plug-ins."""

from __future__ import annotations

import atexit
import contextlib
import errno
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import MutableMapping, Sequence
from types import FrameType
from typing import Any, Final, NoReturn

import click

from mattekit._version import __version__
from mattekit.errors import MattekitError, OutputError, status_of, suggest
from mattekit_cli.console import EXIT_CODES, INTERRUPTED, NO_READER, Console
from mattekit_cli.flags import Group
from mattekit_cli.garbage_collection import without_garbage_collection
from mattekit_cli.text import one_line

__all__ = ["Root", "cli", "main"]

_BUILT_IN: Final = {
    "remove": "mattekit_cli.remove",
    "refine": "mattekit_cli.refine",
    "models": "mattekit_cli.models",
    "zip2png": "mattekit_cli.zip2png",
    "login": "mattekit_cli.login",
    "logout": "mattekit_cli.logout",
    "options": "mattekit_cli.options",
    "hosts": "mattekit_cli.hosts",
    "doctor": "mattekit_cli.doctor",
    "plugins": "mattekit_cli.plugins",
    "completion": "mattekit_cli.completion",
}

#: What writing to a stream that cannot take more fails with: full, over a limit, broken, closed.
_UNWRITABLE: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}
#: The interrupts that have come, as signal numbers.
_interrupted: list[int] = []


class _State(Console):
    """What all commands of one call share."""

    def show_debug(self) -> None:
        """Show tracebacks and everything that the library logs."""
        self.debug = True
        logger = logging.getLogger("mattekit")
        logger.setLevel(logging.DEBUG)
        for handler in logger.handlers:
            handler.setLevel(logging.DEBUG)


class Root(Group):
    """The command group: built-in commands on demand, then those of plug-ins."""

    # -- commands ------------------------------------------------------------------------------

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands: ours in their order, then those of plug-ins."""
        return [*_BUILT_IN, *sorted(self._from_plugins(ctx))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; plug-ins are loaded only for names that are not ours."""
        if cmd_name in _BUILT_IN:
            import importlib

            with without_garbage_collection():
                command: click.Command = importlib.import_module(_BUILT_IN[cmd_name]).command
            return command
        return self._from_plugins(ctx).get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments begin with."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            advice = suggest(name, self.list_commands(ctx))
            if not advice and any(mark in name for mark in "./\\*"):  # a file's name, or several
                advice = f" To cut out a picture: `mattekit remove {name}`."
            raise click.UsageError(f"No such command {name!r}.{advice}", ctx)
        return super().resolve_command(ctx, args)

    def _from_plugins(self, ctx: click.Context) -> MutableMapping[str, click.Command]:
        """Return the commands of plug-ins; what a plug-in breaks costs only its own commands."""
        found = ctx.find_root().meta.get("mattekit.commands")
        if found is None:
            from mattekit import hooks

            group = click.Group("plugins")
            hooks.add_commands(group)
            found = {k: v for k, v in group.commands.items() if k not in _BUILT_IN}
            ctx.find_root().meta["mattekit.commands"] = found
        return found

    # -- running -------------------------------------------------------------------------------

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that has gone, as `head` does, ends it quietly."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Click would call it a failure, exit code 1.
            discard_output()
            ctx.exit(NO_READER)

    def _main_shell_completion(self, *args: Any, **kwargs: Any) -> None:
        """Answer a shell's question, with our way of answering fish."""
        if "_MATTEKIT_COMPLETE" in os.environ:
            from mattekit_cli import completion

            completion.register()
        super()._main_shell_completion(*args, **kwargs)

    # -- errors --------------------------------------------------------------------------------

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run; what goes wrong as expected is one line and an exit code, never a traceback."""
        state = _State()
        if not standalone_mode:
            extra.setdefault("obj", state)
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        for stream in (sys.stdout, sys.stderr):
            # File names may hold bytes that are no text, terminals may lack letters.
            with contextlib.suppress(AttributeError, ValueError):
                stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        with state.listening():
            arguments = {"args": args, "prog_name": prog_name, "complete_var": complete_var}
            code = self._exit_code(state, arguments | extra)
        raise SystemExit(code)

    def _exit_code(self, state: _State, arguments: dict[str, Any]) -> int:
        try:
            result = super().main(**arguments, standalone_mode=False, obj=state)
            sys.stdout.flush()
        except click.UsageError as error:
            if type(error).__name__ == "NoArgsIsHelpError":  # of click 8.2; older ones show it
                click.echo(error.format_message(), err=True)
                return error.exit_code
            hint = f" Try '{error.ctx.command_path} --help'." if error.ctx else ""
            state.error(_problem_of(error) + hint)
            return error.exit_code
        except click.ClickException as error:
            state.error(error.format_message())
            return error.exit_code
        except (click.Abort, KeyboardInterrupt):
            return self._stopped(state)
        except BrokenPipeError:
            discard_output()
            return NO_READER
        except Exception as error:  # noqa: BLE001 - the last line of defence of a program
            if _interrupted:
                return self._stopped(state)
            if state.debug:
                state.note(traceback.format_exc())
            return self._failed(state, error)
        return result if isinstance(result, int) else 0

    def _failed(self, state: _State, error: Exception) -> int:
        if isinstance(error, OSError) and error.filename is None and error.errno in _UNWRITABLE:
            # Files are written by who names them; what has no name is standard output.
            discard_output()
            error = OutputError(
                "standard output", f"cannot be written ({error.strerror}). Send it elsewhere."
            )
        if isinstance(error, MattekitError):
            state.error(str(error))
            return status_of(error).exit_code
        state.error(
            f"unexpected {type(error).__name__}: {one_line(str(error))}. "
            "--debug shows where; please report it."
        )
        return 1

    def _stopped(self, state: _State) -> int:
        state.error("interrupted.")
        return INTERRUPTED


def _problem_of(error: click.UsageError) -> str:
    """Return what is wrong; of options that are alike, the one that is most."""
    if not isinstance(error, click.NoSuchOption):
        text = error.format_message().removesuffix(".")
        if isinstance(error, click.MissingParameter) and error.ctx:
            text = f"{text}, as in `{_usage_of(error.ctx)}`"
        return text if text.endswith(("?", "!")) else f"{text}."
    close = suggest(error.option_name, error.possibilities or ())
    return f"No such option {error.option_name!r}.{close}"


def _usage_of(ctx: click.Context) -> str:
    """Return a command with its arguments and without its options."""
    pieces = ctx.command.collect_usage_pieces(ctx)
    return " ".join([ctx.command_path, *(each for each in pieces if each != "[OPTIONS]")])


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Raise `KeyboardInterrupt` and remember it, since imports that it breaks off say otherwise."""
    _interrupted.append(number)
    signal.default_int_handler(number, frame)


def discard_output() -> None:
    """Send what is still buffered nowhere, so that the interpreter's end cannot fail on it."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(
    cls=Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    examples="""
    mattekit remove photo.jpg                            a picture: photo-removebg.png beside it
    mattekit remove "photos/*" --output-directory cut    all pictures of a folder
    mattekit hosts list                                  the editors that it can be put into
    """,
    epilog="When something does not work: mattekit doctor. " + EXIT_CODES,
)
@click.version_option(__version__, prog_name="mattekit", message="%(prog)s %(version)s")
def cli() -> None:
    """Remove the background of pictures, offline, on a built-in model."""


def main() -> NoReturn:
    """Run the command, as a program of its own."""
    code: object = 0
    try:
        signal.signal(signal.SIGINT, _interrupt)
        _open_streams()
        Console().show_warnings()
        try:
            cli.main(prog_name="mattekit")
        except SystemExit as end:
            code = end.code
        # All is done and written: the interpreter's own end is not to be interrupted.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code in {INTERRUPTED, NO_READER}:
        # A network that is running cannot be stopped, and the interpreter would wait for it.
        # Nothing is being written any more: see `work.JobRunner.stop`.
        _leave(code)
    if not any(each.is_alive() and not each.daemon for each in _others()):
        # Taking the interpreter apart object by object takes as long as a small picture's edges.
        atexit._run_exitfuncs()
        _leave(code)
    raise SystemExit(code)


def _open_streams() -> None:
    """Have all three standard streams; where one is closed, no file may come to lie in its place.

    Writing to standard output then fails as it does for other programs.
    """
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115 - for the life of the process
    if sys.stdout is None:
        sys.stdout = open(os.open(os.devnull, os.O_RDONLY), "w")  # noqa: PTH123, SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115


def _others() -> list[threading.Thread]:
    """Return what else may be at work; threads that wait for some are not."""
    others = [each for each in threading.enumerate() if each is not threading.main_thread()]
    if others:
        from mattekit.threads import HELPER

        others = [each for each in others if not each.name.startswith(HELPER)]
    return others


def _leave(code: object) -> None:
    """End the process here, once what was said is out; come back where it is not a number."""
    if code is None:
        code = 0
    if not isinstance(code, int):
        return  # a message, which the interpreter shows
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
