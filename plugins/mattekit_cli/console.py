"""Every line that the command shows.

Results go to standard output; progress, warnings and errors to standard error, each on one line
behind the name of the command.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TextIO

import click

if TYPE_CHECKING:
    from rich.console import Console as RichConsole

from mattekit_cli.text import duration, number_text, one_line

__all__ = [
    "EXIT_CODES",
    "INTERRUPTED",
    "NO_READER",
    "Console",
    "colored",
    "columns",
    "is_terminal",
]

#: Columns are not folded to fewer letters than these.
_FOLDED: Final = 24
#: What a shell reports for a program that Ctrl-C has ended, and for one whose reader has gone.
INTERRUPTED: Final = 130
NO_READER: Final = 141
#: For help: the one rule, that of `mattekit.reporting.exit_code`.
EXIT_CODES: Final = (
    "Exit code: 0 all done or skipped, 1 some failed, 2 nothing was done because the call was "
    "wrong, 130 interrupted."
)


class Console:
    """The terminal of one call of the command, and what it was asked to show."""

    def __init__(self) -> None:
        self.debug = False
        self._lock = threading.Lock()
        self._live: RichConsole | None = None

    def out(self, text: str) -> None:
        """Show a line of the result."""
        self._write(text, err=False)

    def note(self, text: str) -> None:
        """Show a line about the work."""
        self._write(text, err=True)

    def error(self, text: str) -> None:
        """Show what went wrong, on one line; what follows an empty line is shown as it is."""
        line, gap, more = text.partition("\n\n")
        self._write(colored("mattekit: ", "red") + one_line(line) + gap + more, err=True)

    def warn(self, text: str) -> None:
        """Show a warning, on one line."""
        self._write(colored("mattekit: warning: ", "yellow") + one_line(text), err=True)

    def json(self, value: object) -> None:
        """Show a value as one line of JSON, in plain ASCII whatever the file names hold."""
        self.out(json.dumps(value, default=str))

    def _write(self, text: str, *, err: bool) -> None:
        with self._lock:
            if self._live is not None and is_terminal(sys.stderr if err else sys.stdout):
                # A live bar redraws itself below whatever is written through its own console.
                from rich.text import Text

                self._live.print(Text.from_ansi(text), soft_wrap=True)
            elif err:
                # Where nobody can be told, the work and the exit code are as ever.
                with contextlib.suppress(OSError):
                    click.echo(text, err=True)
            else:
                click.echo(text)

    @contextlib.contextmanager
    def counting(
        self, total: int, unit: str = "pictures", *, every: float = 0
    ) -> Iterator[Callable[[], None]]:
        """Show how many of `total` are done; yields a function to call after each.

        Where there is no terminal, and `every` is not 0, a line is written every so many seconds.
        """
        if not is_terminal(sys.stderr):
            yield self._lines(total, unit, every) if every else lambda: None
            return
        from rich import progress

        class Rate(progress.ProgressColumn):
            def render(self, task: progress.Task) -> str:
                return f"{number_text(task.speed)}/s" if task.speed else ""

        columns = (
            progress.TextColumn("{task.completed:.0f} of {task.total:.0f} {task.description}"),
            progress.BarColumn(),
            Rate(),
            progress.TimeElapsedColumn(),
            progress.TimeRemainingColumn(),
            progress.TextColumn("left"),
        )
        with self._bar(columns) as bar:
            task = bar.add_task(unit, total=total)
            yield lambda: bar.advance(task)

    def _lines(self, total: int, unit: str, every: float) -> Callable[[], None]:
        started = told = time.monotonic()
        done = 0

        def advance() -> None:
            nonlocal done, told
            done += 1
            now = time.monotonic()
            if now - told >= every:
                told = now
                rate = done / (now - started)
                left = duration((total - done) / rate)
                self.note(f"{done} of {total} {unit}, {number_text(rate)}/s, {left} left")

        return advance

    @contextlib.contextmanager
    def loading(self, name: str) -> Iterator[Callable[[int, int], None]]:
        """Show how much of a file has arrived; yields a function of bytes done and in all."""
        if not is_terminal(sys.stderr):
            yield lambda _done, _total: None
            return
        from rich import progress

        columns = (
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.DownloadColumn(),
            progress.TransferSpeedColumn(),
            progress.TimeRemainingColumn(),
        )
        with self._bar(columns) as bar:
            task = bar.add_task(name, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total or None)

    @contextlib.contextmanager
    def _bar(self, columns: Sequence[Any]) -> Iterator[Any]:
        from rich.console import Console as RichConsole
        from rich.progress import Progress

        live = RichConsole(stderr=True, highlight=False)
        # Our own lines are routed in `_write`; rich would send redirected results to stderr.
        bar = Progress(
            *columns, console=live, transient=True, redirect_stdout=False, redirect_stderr=False
        )
        with bar:
            self._live = live
            try:
                yield bar
            finally:
                self._live = None

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Show what the library logs, each record as one line."""
        handler = _Handler(self)
        logger = logging.getLogger("mattekit")
        level = logger.level
        logger.addHandler(handler)
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)

    def show_warnings(self) -> None:
        """Show Python warnings of mattekit as one line each and none of others, for good."""
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
            warnings.filterwarnings("default", category=UserWarning, module=r"mattekit")
        warnings.showwarning = self._show_warning

    def _show_warning(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        self.warn(str(message))


class _Handler(logging.Handler):
    def __init__(self, console: Console) -> None:
        super().__init__(logging.WARNING)
        self.console = console

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            self.console.warn(record.getMessage())
        else:
            self.console.note(f"{record.name}: {record.getMessage()}")


def colored(text: str, color: str) -> str:
    """Return a text in a color, or as it is where ``NO_COLOR`` (no-color.org) is set."""
    return text if os.environ.get("NO_COLOR") else click.style(text, fg=color)


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a person is at the other end."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def columns(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows in columns; where there is no terminal, never folded.

    Wide columns are folded to the terminal's width. Where no more than a few letters would be left
    for them, each row becomes a paragraph of its own.
    """
    import io

    from rich.cells import cell_len
    from rich.console import Console as RichConsole
    from rich.table import Table
    from rich.text import Text

    width = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else 10_000
    widths = [max(map(cell_len, column)) for column in zip(headings, *rows, strict=True)]
    if sum(min(each, _FOLDED) + 2 for each in widths) > width:
        return "\n\n".join(_paragraph(headings, row, width) for row in rows)
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="")
    for heading, needed in zip(headings, widths, strict=True):
        grid.add_column(heading.upper(), overflow="fold", min_width=min(needed, _FOLDED))
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))
    file = io.StringIO()
    RichConsole(file=file, width=width, color_system=None).print(grid)
    return "\n".join(line.rstrip() for line in file.getvalue().rstrip().split("\n"))


def _paragraph(headings: Sequence[str], row: Sequence[str], width: int) -> str:
    import textwrap

    first, *others = zip(headings, row, strict=True)
    lines = [first[1]]
    for heading, cell in others:
        text = f"{heading}: {cell}"
        lines += textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines)
