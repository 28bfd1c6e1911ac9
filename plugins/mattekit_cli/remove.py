"""`mattekit remove`: files in, cut-outs beside them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from mattekit.errors import status_of
from mattekit.files import make_folder
from mattekit.formats import format_of, suffixes_of
from mattekit.options import Options
from mattekit.reporting import exit_code
from mattekit_cli import plan as planning
from mattekit_cli.console import EXIT_CODES, INTERRUPTED, Console, is_terminal
from mattekit_cli.flags import Command, FileName, given_options, option_flags
from mattekit_cli.garbage_collection import without_garbage_collection
from mattekit_cli.plan import STDIN, Plan, has_files_of_subjects

if TYPE_CHECKING:
    from mattekit_cli.parallel import Cut, JobRunner, Result

__all__ = ["command", "output_flags", "remove_pictures"]

_F = TypeVar("_F", bound=Callable[..., Any])

EXAMPLES: Final = """
mattekit remove photo.jpg                             makes photo-removebg.png
mattekit remove "*.jpg" --output-directory cutouts    makes cutouts/<name>.png
mattekit remove car.jpg -o car.webp --crop --crop-margin 5%
mattekit remove shoe.jpg --bg-color white --scale 80% --json
curl -s https://example.org/photo.jpg | mattekit remove - > cutout.png
mattekit remove "*.jpg" --server https://matte.example
mattekit remove group.jpg --keep "40% 55%" --remove "82% 50%, 10% 0% 30% 20%"
"""


#: Flags of every command that writes cut-outs of pictures.
_OUTPUT_FLAGS: Final = (
    click.option(
        "-o",
        "--output",
        type=FileName(),
        metavar="FILE",
        help="Write the result of the only input here, replacing what is there; its suffix is the "
        "format. - is standard output.",
    ),
    click.option(
        "--output-directory",
        type=FileName(folder=True),
        metavar="DIR",
        help="Write <name>.<format> here instead of <name>-removebg.<format> beside each input. "
        "Created if missing.",
    ),
    click.option(
        "--reprocess-existing",
        is_flag=True,
        help="Make results anew that are there; else skip them.",
    ),
    click.option(
        "--server",
        metavar="URL",
        help="Let this server of the remove.bg API, such as `mattekit serve`, do the work. Where "
        "no --size is given, it is auto, and where no --depth is, 8. A server that is busy is "
        "asked again.",
    ),
    click.option(
        "--api-key",
        metavar="KEY",
        envvar=["MATTEKIT_API_KEY", "REMOVE_BG_API_KEY"],
        help="Key for --server. Better kept in the variable MATTEKIT_API_KEY, or "
        "REMOVE_BG_API_KEY: flags can be seen by others.",
    ),
    click.option(
        "--json", "as_json", is_flag=True, help="One JSON object per input, one per line."
    ),
    click.option("-q", "--quiet", is_flag=True, help="Show failures only."),
)


def output_flags(function: _F) -> _F:
    """Give a command the flags that say where results go, who makes them and what is shown."""
    for flag in reversed(_OUTPUT_FLAGS):
        function = flag(function)
    return function


@click.command(
    cls=Command,
    examples=EXAMPLES,
    epilog="Flags may also be given as environment variables, as in MATTEKIT_MODEL=auto. "
    + EXIT_CODES,
)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=FileName())
@click.option(
    "--confirm-batch-over",
    type=int,
    default=50,
    metavar="N",
    envvar="MATTEKIT_CONFIRM_BATCH_OVER",
    help="Ask before more than N pictures are cut out; never if negative. [default: 50]",
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    envvar="MATTEKIT_JOBS",
    help="Pictures in work at once, so that reading and writing overlap with the network. "
    "[default: one per processor, at most 4]",
)
@output_flags
@option_flags
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    inputs: tuple[str, ...],
    output: str | None,
    output_directory: str | None,
    reprocess_existing: bool,
    confirm_batch_over: int,
    yes: bool,
    jobs: int | None,
    server: str | None,
    api_key: str | None,
    as_json: bool,
    quiet: bool,
    **values: Any,
) -> None:
    """Remove the background of pictures.

    INPUT is a file, a pattern such as "photos/**/*.jpg", or - for standard input, whose result goes
    to standard output. Results that are there already are skipped, inputs are never overwritten,
    and a picture that fails does not stop the others.
    """
    remove_pictures(
        ctx,
        inputs,
        values,
        output=output,
        output_directory=output_directory,
        reprocess_existing=reprocess_existing,
        confirm_batch_over=-1 if yes else confirm_batch_over,
        jobs=jobs,
        server=server,
        api_key=api_key,
        as_json=as_json,
        quiet=quiet,
    )


def remove_pictures(
    ctx: click.Context,
    inputs: tuple[str, ...],
    values: dict[str, Any],
    *,
    output: str | None,
    output_directory: str | None,
    reprocess_existing: bool,
    server: str | None,
    api_key: str | None,
    as_json: bool,
    quiet: bool,
    confirm_batch_over: int = -1,
    jobs: int | None = None,
) -> None:
    """Cut out pictures, as the flags of `remove` say, and end with the exit code.

    Parameters
    ----------
    ctx : click.Context
    inputs : tuple of str
        Paths, patterns or ``-``.
    values : dict
        Options by name, None where they were not given.
    output, output_directory, reprocess_existing, server, api_key, as_json, quiet, jobs
        As the flags of these names.
    confirm_batch_over : int
        As the flag; negative never asks.
    """
    console: Console = ctx.obj
    chosen = given_options(values)
    options = Options.parse(chosen)
    output = _checked_output(ctx, inputs, output, output_directory, as_json=as_json)
    if output == STDIN:
        if has_files_of_subjects(options):
            raise click.UsageError(
                "--subjects each makes several files, and standard output takes one. Use --output "
                "FILE, or --format ora or psd, which have layers.",
                ctx,
            )
        _filter(ctx, inputs, partial(_cutter, ctx, options, chosen, server, api_key))
        return
    if output is not None:
        options = _format_by_name(ctx, options, output, explicit=values["format"] is not None)
        chosen["format"] = options.format
    plan = planning.make_plan(
        inputs,
        suffixes_of(options.format),
        directory=output_directory,
        output=output,
        reprocess=reprocess_existing,
        numbered=has_files_of_subjects(options),
    )
    _refuse(ctx, plan, output)
    if not _confirmed(ctx, len(plan.jobs), confirm_batch_over):
        console.note("Nothing was done.")
        return
    if output_directory is not None and plan.jobs:
        make_folder(output_directory)
    results = _run(
        ctx,
        plan,
        partial(_cutter, ctx, options, chosen, server, api_key),
        jobs or min(4, os.cpu_count() or 1),
        as_json,
        quiet,
    )
    ctx.exit(_exit_code(results))


# -- before ------------------------------------------------------------------------------------


def _checked_output(
    ctx: click.Context,
    inputs: tuple[str, ...],
    output: str | None,
    output_directory: str | None,
    *,
    as_json: bool,
) -> str | None:
    """Return the output that the user named, or that standard input asks for."""
    if output is not None and output_directory is not None:
        raise click.UsageError("Give --output or --output-directory, not both.", ctx)
    if STDIN in inputs:
        if len(inputs) > 1:
            raise click.UsageError("- is standard input, which is one picture: give it alone.", ctx)
        if output_directory is not None:
            raise click.UsageError(
                "What comes on standard input has no name to be kept under. Use --output FILE.", ctx
            )
        if is_terminal(sys.stdin):
            raise click.UsageError(
                "No picture comes on standard input. Send one: mattekit remove - < photo.jpg",
                ctx,
            )
        output = output or STDIN
    if output == STDIN and as_json:
        raise click.UsageError(
            "Standard output takes the picture or --json, not both. Use --output FILE.", ctx
        )
    return output


def _refuse(ctx: click.Context, plan: Plan, output: str | None) -> None:
    """Raise where nothing may be started."""
    if output is not None and len(plan.inputs) > 1:
        raise click.UsageError(
            f"--output names one file, but there are {len(plan.inputs)} inputs. "
            "Use --output-directory.",
            ctx,
        )
    if len(plan.failed) == len(plan.inputs) and all(
        str(error).endswith(planning.NO_MATCH) for error in plan.failed.values()
    ):
        raise click.UsageError(f"No file matches {', '.join(plan.failed)}.", ctx)
    if plan.collisions:
        first, more = plan.collisions[0], len(plan.collisions) - 1
        also = f" ({more} more like it)" if more else ""
        advice = (
            "Choose another --output-directory."
            if first.over_input
            else "Give them in separate calls with different --output-directory, or rename them."
        )
        raise click.UsageError(f"Nothing was started: {first}{also}. {advice}", ctx)


def _confirmed(ctx: click.Context, count: int, limit: int) -> bool:
    if limit < 0 or count <= limit:
        return True
    if not is_terminal(sys.stdin):
        raise click.UsageError(
            f"{count} pictures are more than --confirm-batch-over {limit}, and there is no "
            "terminal to ask on. Pass --yes.",
            ctx,
        )
    return click.confirm(f"Cut out {count} pictures?", err=True)


def _format_by_name(
    ctx: click.Context, options: Options, output: str, *, explicit: bool
) -> Options:
    """Let the suffix of the output name the format."""
    if os.path.isdir(output):  # noqa: PTH112
        raise click.UsageError(
            f"--output {output} is a folder. Use --output-directory, or name a file in it.", ctx
        )
    if explicit and options.format == "auto":
        return options
    if explicit and not os.path.splitext(output)[1]:  # noqa: PTH122
        return options
    named = format_of(output)
    if explicit and named != options.format:
        raise click.UsageError(
            f"--output {output} is {named}, but --format is {options.format}. Give one of them.",
            ctx,
        )
    return options.replace(format=named)


# -- at work -----------------------------------------------------------------------------------


def _cutter(
    ctx: click.Context,
    options: Options,
    chosen: dict[str, Any],
    server: str | None,
    api_key: str | None,
) -> Callable[[str], Cut]:
    """Return what cuts out: this process, or a server, which is told only what was chosen."""
    if server is None:
        return _cutter_here(options)
    from mattekit_cli import remote

    fields = remote.fields_of(chosen)
    client = remote.connect(server, api_key or "")
    ctx.call_on_close(client.close)
    return remote.ServerCutter(client, fields)


def _cutter_here(options: Options) -> Callable[[str], Cut]:
    """Load what all pictures share, so that what is wrong with it is said once.

    Where a mask takes the network's place, one that nobody named is not loaded.
    """
    from concurrent.futures import ThreadPoolExecutor

    with without_garbage_collection():
        from mattekit.runtime import Runtime

    runtime = Runtime.shared()
    with ThreadPoolExecutor(1) as pool:
        # Loading a network needs the interpreter for a third of its time only: meanwhile this
        # thread imports all else that a picture needs.
        loading = None
        if options.mask is None or options.model != "auto":
            loading = pool.submit(
                runtime.session, options.model, device=options.device, kind=options.type
            )
        with without_garbage_collection():
            from mattekit import codecs, pipeline  # noqa: F401 - Cutter uses it
            from mattekit_cli.parallel import Cutter

        options = options.with_pictures(lambda _, picture: codecs.decode(picture))
        if loading is not None:
            loading.result()
    return Cutter(options, runtime)


def _run(
    ctx: click.Context,
    plan: Plan,
    cutter: Callable[[], Callable[[str], Cut]],
    jobs: int,
    as_json: bool,
    quiet: bool,
) -> list[Result]:
    """Cut out every picture and report each in the order of the inputs."""
    from mattekit_cli import parallel

    console: Console = ctx.obj
    results: list[Result] = []
    runner: JobRunner | None = None
    try:
        if plan.jobs:
            runner = parallel.JobRunner(cutter(), lambda name: suffixes_of(name)[0], plan.inputs)
        with _working(console, runner, plan, jobs, quiet=quiet) as done:
            for path in plan.inputs:
                if path in plan.failed:
                    result = parallel.Result("failed", path, error=plan.failed[path])
                elif path in plan.skipped:
                    there, reason = plan.skipped[path]
                    result = parallel.Result("skipped", path, there, reason=reason)
                else:
                    result = next(done)
                results.append(result)
                _report(console, result, as_json, quiet)
    except KeyboardInterrupt:
        finished = runner.stop() if runner is not None else 0
        console.error(
            f"interrupted: {finished} of {len(plan.jobs)} pictures are done and complete."
        )
        ctx.exit(INTERRUPTED)
    finally:
        if runner is not None:
            runner.stop()
    if len(results) > 1 and not as_json and not quiet:
        console.note(_summary(results))
    return results


@contextlib.contextmanager
def _working(
    console: Console, runner: JobRunner | None, plan: Plan, jobs: int, *, quiet: bool
) -> Iterator[Iterator[Result]]:
    from mattekit_cli import parallel

    if runner is None:
        yield iter(())
        return
    count = len(plan.jobs)
    bar = contextlib.nullcontext(lambda: None) if quiet or count < 2 else console.counting(count)
    with (
        bar as advance,
        parallel.in_order(runner.run, plan.jobs, min(jobs, count), advance) as results,
    ):
        yield results


def _report(console: Console, result: Result, as_json: bool, quiet: bool) -> None:
    if result.error is not None and console.debug:
        import traceback

        console.note("".join(traceback.format_exception(result.error)))
    if as_json:
        if not quiet or result.error is not None:
            console.json(result.json())
    elif result.error is not None:
        console.error(str(result.error))
    elif not quiet:
        console.out(result.line())


def _summary(results: Sequence[Result]) -> str:
    count = {word: sum(r.status == word for r in results) for word in ("done", "skipped", "failed")}
    return ", ".join(f"{number} {word}" for word, number in count.items() if number)


def _exit_code(results: Sequence[Result]) -> int:
    errors = [result.error for result in results if result.error is not None]
    return exit_code(len(results), [status_of(error).exit_code for error in errors])


def _filter(
    ctx: click.Context, inputs: tuple[str, ...], cutter: Callable[[], Callable[[str], Cut]]
) -> None:
    """Cut out one picture and write it to standard output."""
    files = list(planning.expand(inputs))
    if len(files) > 1:
        raise click.UsageError(
            f"Standard output takes one picture, not {len(files)}. Use --output-directory.",
            ctx,
        )
    source, error = files[0]
    if error is not None:
        raise error
    if is_terminal(sys.stdout):
        raise click.UsageError(
            "A picture is not written to a terminal. Send it to a file or a program, "
            f"as in: mattekit remove {inputs[0]} > cutout.png",
            ctx,
        )
    sys.stdout.buffer.write(cutter()(source).data)
    sys.stdout.buffer.flush()
