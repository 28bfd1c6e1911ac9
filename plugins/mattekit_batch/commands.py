"""The commands `batch` and `watch`; nothing heavier than click until they run."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from mattekit_cli.console import EXIT_CODES, INTERRUPTED, Console
from mattekit_cli.flags import Command, FileName, given_options, option_flags
from mattekit_cli.text import duration, number_text, printable

if TYPE_CHECKING:
    from mattekit_batch.results import Result

__all__ = ["batch", "watch"]

_F = TypeVar("_F", bound=Callable[..., Any])

_EPILOG: Final = (
    "What is done is written down in DST/.mattekit, or, where DST is no folder of this machine, "
    "in the user's data folder: a call that was interrupted or killed goes on when it is repeated. "
    "A file mattekit.toml in a folder of SRC holds options for it and all below. " + EXIT_CODES
)

#: The flags that both commands have.
_FLAGS: Final = (
    click.argument("source", metavar="SRC", type=FileName(folder=True)),
    click.argument("target", metavar="DST", type=FileName(folder=True)),
    click.option(
        "--include",
        multiple=True,
        metavar="PATTERN",
        help="Only files that match, as *.jpg, 2024/** or **/raw/*.tif; may be repeated. "
        "[default: everything that is named like a picture]",
    ),
    click.option(
        "--exclude", multiple=True, metavar="PATTERN", help="No files or folders that match."
    ),
    click.option(
        "--folder-options/--no-folder-options",
        default=True,
        help="Read options from files mattekit.toml in SRC. [default: on]",
    ),
    click.option(
        "--reprocess-existing",
        is_flag=True,
        help="Make everything anew, and replace files in DST that are no results of a batch.",
    ),
    click.option(
        "--retry-failed",
        is_flag=True,
        help="Try again pictures that failed before for a reason that lies in them. Other "
        "failures are always tried again.",
    ),
    click.option(
        "-w",
        "--workers",
        type=click.IntRange(1, 1024),
        metavar="N",
        envvar="MATTEKIT_WORKERS",
        help="Work in N processes, each with a network of its own on one core. [default: in "
        "one process on all cores]",
    ),
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        envvar="MATTEKIT_SCHEDULER",
        help="Let the workers of this Dask scheduler do the work, as tcp://host:8786.",
    ),
    click.option(
        "--state",
        type=FileName(folder=True),
        metavar="DIR",
        help="Keep the record of what is done here; for slow network drives, for example.",
    ),
    click.option(
        "--masks",
        metavar="DIR",
        help="Each picture has its mask here, in the same folder below and under the same name "
        "but for the suffix; see --mask. A picture without one fails.",
    ),
    click.option(
        "--thumbnails/--no-thumbnails",
        default=True,
        help="Keep a small copy of each result for the report. [default: on]",
    ),
    click.option("--json", "as_json", is_flag=True, help="One JSON object per picture."),
    click.option("-v", "--verbose", is_flag=True, help="Show every picture, not only failures."),
    click.option("-q", "--quiet", is_flag=True, help="Show failures only, and no progress."),
)


def _shared(function: _F) -> _F:
    """Give a command the flags that both have."""
    for flag in reversed(_FLAGS):
        function = flag(function)
    return function


@click.command(
    cls=Command,
    examples="""
    mattekit batch photos cutouts                        the tree of photos again in cutouts
    mattekit batch photos cutouts --workers 8 --crop     eight processes
    mattekit batch s3://shop/raw s3://shop/cut --scheduler tcp://10.0.0.1:8786
    mattekit batch zip://::photos.zip cutouts --include "**/*.jpg"
    mattekit batch photos cutouts --dry-run              how long it would take
    """,
    epilog=_EPILOG,
)
@_shared
@click.option(
    "--checksum",
    is_flag=True,
    help="Compare the content of every input with what was done, not only its size and time.",
)
@click.option(
    "--report",
    type=FileName(folder=True),
    metavar="DIR",
    help="Write the report here: index.html with a contact sheet, results.jsonl. "
    "[default: DST/.mattekit/report]",
)
@click.option("--no-report", is_flag=True, help="Write no report.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Write nothing: cut out a sample and say how long all would take.",
)
@click.option(
    "--sample",
    type=click.IntRange(1),
    default=20,
    metavar="N",
    help="Pictures that --dry-run cuts out. [default: 20]",
)
@click.option(
    "--price",
    type=click.FloatRange(0),
    metavar="AMOUNT",
    help="What a core costs per hour; --dry-run then says what all would cost.",
)
@option_flags
@click.pass_context
def batch(
    ctx: click.Context,
    /,
    *,
    source: str,
    target: str,
    checksum: bool,
    report: str | None,
    no_report: bool,
    dry_run: bool,
    sample: int,
    price: float | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    reprocess_existing: bool,
    retry_failed: bool,
    **values: Any,
) -> None:
    """Remove the background of all pictures of a folder.

    SRC and DST are folders or URLs, as s3://bucket/prefix; the tree is kept. Pictures that are done
    are skipped unless they, or the options, have changed; inputs are never touched; a picture that
    fails does not stop the others.
    """
    from mattekit_batch.engine import Batch
    from mattekit_batch.scanning import Policy

    console: Console = ctx.obj
    if report is not None and no_report:
        raise click.UsageError("Give --report or --no-report, not both.", ctx)
    policy = Policy(reprocess_existing, retry_failed, checksum)
    with _terminable(), Batch(
        source, target, policy=policy, dry=dry_run, **_settings(ctx, values)
    ) as work:  # fmt: skip
        if dry_run:
            from mattekit_batch.estimation import estimate

            found = estimate(work, sample, price)
            if as_json:
                console.json(found.json())
            else:
                console.out(found.text())
            return
        reporter = _Reporter(console, as_json=as_json, verbose=verbose, quiet=quiet)
        try:
            for result in work.scan():
                reporter.take(result)
            with reporter.progress(work.pending):
                for result in work.work():
                    reporter.take(result)
        except KeyboardInterrupt:
            console.error(
                f"interrupted: {reporter.counts['done']} pictures are done and complete. "
                "The same call goes on from there."
            )
            ctx.exit(INTERRUPTED)
        where = ""
        if not no_report and work.manifest.counts():
            from mattekit_batch.report import write_report

            where = write_report(work, report)
        reporter.sum_up(work.scanner.others, where)
    ctx.exit(reporter.exit_code)


@click.command(
    cls=Command,
    examples="""
    mattekit watch inbox cutouts
    mattekit watch inbox cutouts --bg-color white --format jpg
    mattekit watch //server/inbox cutouts --poll 10       where the system reports no changes
    """,
    epilog=_EPILOG + " Ctrl-C ends it; that is no failure.",
)
@_shared
@click.option(
    "--settle",
    type=click.FloatRange(0),
    default=1.0,
    metavar="SECONDS",
    help="A file counts as complete when it has not changed for so long. [default: 1]",
)
@click.option(
    "--poll",
    type=click.FloatRange(0.1),
    metavar="SECONDS",
    help="Look every so often instead of waiting for the system to report changes: for network "
    "drives. URLs are looked at every 30 seconds unless this says otherwise.",
)
@option_flags
@click.pass_context
def watch(
    ctx: click.Context,
    /,
    *,
    source: str,
    target: str,
    settle: float,
    poll: float | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    reprocess_existing: bool,
    retry_failed: bool,
    **values: Any,
) -> None:
    """Cut out every picture that appears in a folder, until Ctrl-C.

    What is in SRC already is worked on first. A file is taken when it is complete. As `mattekit
    batch`, it knows what is done, whoever did it.
    """
    from mattekit_batch.engine import Batch
    from mattekit_batch.scanning import Policy
    from mattekit_batch.watching import watch

    console: Console = ctx.obj
    policy = Policy(reprocess_existing, retry_failed)
    with _terminable(), Batch(source, target, policy=policy, **_settings(ctx, values)) as work:
        reporter = _Reporter(console, as_json=as_json, verbose=not quiet, quiet=quiet)
        if not quiet and not as_json:
            console.note(f"Watching {printable(work.source.url)}; Ctrl-C ends it.")
        with contextlib.suppress(KeyboardInterrupt):
            for result in watch(work, settle=settle, poll=poll):
                if result.status != "skipped" or verbose:
                    reporter.take(result)
        if not quiet and not as_json:
            console.note(f"Stopped: {reporter.text()}.")


def _settings(ctx: click.Context, values: dict[str, Any]) -> dict[str, Any]:
    """Return keyword arguments of `Batch`: options, and everything else as it was given."""
    from mattekit.options import OPTIONS

    wanted = {name: values.pop(name) for name in list(values) if name in OPTIONS}
    typed: dict[str, Any] = {}
    base: dict[str, Any] = {}
    for name, value in given_options(wanted).items():
        environment = ctx.get_parameter_source(name) is click.core.ParameterSource.ENVIRONMENT
        (base if environment else typed)[name] = value
    if values["scheduler"] is not None and values["workers"] is not None:
        raise click.UsageError("Give --workers or --scheduler, not both.", ctx)
    if values["masks"] is not None and "mask" in typed:
        raise click.UsageError("Give --mask or --masks, not both.", ctx)
    return {"options": typed, "base": base, **values}


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let a request to end, as service managers send it, do what Ctrl-C does."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Reporter:
    """Shows results and counts them."""

    def __init__(self, console: Console, *, as_json: bool, verbose: bool, quiet: bool) -> None:
        self.console, self.as_json = console, as_json
        self.verbose, self.quiet = verbose, quiet
        self.counts = {"done": 0, "skipped": 0, "failed": 0}
        self.codes: list[int] = []
        self.started = time.monotonic()
        self._advance: Callable[[], None] = lambda: None

    def take(self, result: Result) -> None:
        """Show a result."""
        self.counts[result.status] += 1
        self._advance()
        failure = result.failure
        if failure is not None:
            self.codes.append(failure.exit_code)
        if self.as_json:
            if not self.quiet or failure is not None:
                self.console.json(result.json())
        elif failure is not None:
            again = " (It failed before; --retry-failed tries it again.)" if result.reason else ""
            self.console.error(failure.message + again)
        elif self.verbose and not self.quiet:
            self.console.out(_line(result))

    @contextlib.contextmanager
    def progress(self, total: int) -> Iterator[None]:
        """Show how far the work is: a bar on a terminal, else a line now and then."""
        if self.quiet or total == 0:
            yield
            return
        with self.console.counting(total, every=60) as advance:
            self._advance = advance
            try:
                yield
            finally:
                self._advance = lambda: None

    @property
    def exit_code(self) -> int:
        """The exit code so far."""
        from mattekit.reporting import exit_code

        return exit_code(sum(self.counts.values()), self.codes)

    def text(self) -> str:
        """Return the counts for people."""
        counts = ", ".join(f"{count} {word}" for word, count in self.counts.items() if count)
        return counts or "no pictures"

    def sum_up(self, others: int, report: str) -> None:
        """Show what became of all."""
        if self.as_json or self.quiet:
            return
        seconds = time.monotonic() - self.started
        text = self.text()
        if done := self.counts["done"]:
            rate = done / max(seconds, 1e-9)
            text += f" in {duration(seconds)} ({number_text(rate)} per second)"
        if others == 1:
            text += "; 1 file that is no picture left out"
        elif others:
            text += f"; {others} files that are no pictures left out"
        self.console.note(text)
        if report:
            self.console.note(f"Report: {printable(report)}")


def _line(result: Result) -> str:
    from mattekit.reporting import described

    if result.status != "done":
        return printable(f"{result.source}  skipped: {result.reason}")
    about = described(result.facts, result.seconds)
    return printable(f"{result.source} -> {result.output}  {about}")
