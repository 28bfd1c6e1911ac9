"""Pictures in parallel: reported in order, failing alone, interruptible without half a file."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from mattekit.errors import ForegroundNotFound, MattekitError, OutputError
from mattekit.reporting import (
    PIXELS,
    UNKNOWN,
    PixelSemaphore,
    UnexpectedError,
    described,
    error_json,
    summary,
)
from mattekit_cli.plan import STDIN, Job, has_files_of_subjects, same_file_key
from mattekit_cli.text import printable

if TYPE_CHECKING:
    from mattekit.cutout import Cutout
    from mattekit.options import Options
    from mattekit.runtime import Runtime

__all__ = ["Cut", "Cutter", "JobRunner", "Result", "Stopped", "in_order"]

_T = TypeVar("_T")
_R = TypeVar("_R")


class Stopped(Exception):
    """The work was interrupted before this picture was written."""


@dataclass(frozen=True)
class Result:
    """What became of one input.

    Attributes
    ----------
    status : {"done", "skipped", "failed"}
    input, output : str
        Output is empty where there is none.
    seconds : float
        From reading to the written file.
    facts : dict
        Width, height, found, kind and box of the result.
    further : tuple of str
        The outputs of the further subjects, where each has a file of its own.
    reason : str
        Why it was skipped.
    error : MattekitError or None
        Why it failed.
    """

    status: str
    input: str
    output: str = ""
    seconds: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)
    further: tuple[str, ...] = ()
    reason: str = ""
    error: MattekitError | None = None

    def line(self) -> str:
        """Return the result as a line for people."""
        if self.status != "done":
            return printable(f"{self.input}  skipped: {self.reason}")
        output = " ".join((self.output, *self.further))
        return printable(f"{self.input} -> {output}  {described(self.facts, self.seconds)}")

    def json(self) -> dict[str, Any]:
        """Return the result for machines; the keys are always the same."""
        return {
            "status": self.status,
            "input": self.input,
            "output": self.output or None,
            "further": list(self.further),
            **UNKNOWN,
            **self.facts,
            "seconds": round(self.seconds, 3),
            "reason": self.reason or None,
            "error": error_json(self.error) if self.error else None,
        }


class Cut(NamedTuple):
    """A finished picture.

    Attributes
    ----------
    data : bytes
        The file.
    format : str
        What it is, as the `format` option calls it.
    facts : dict
        Width, height, found, kind and box.
    further : tuple of Cut
        Of the further subjects, where each has a file of its own.
    """

    data: bytes
    format: str
    facts: dict[str, Any]
    further: tuple[Cut, ...] = ()


class Cutter:
    """Cuts pictures out in this process; called from several threads.

    Parameters
    ----------
    options : Options
        Of every picture.
    runtime : Runtime
        Where models run.
    """

    def __init__(self, options: Options, runtime: Runtime) -> None:
        self._each = has_files_of_subjects(options)
        # One by one, each is a picture like any other.
        self.options = options.replace(subjects="all") if self._each else options
        self.runtime = runtime
        self._pixels = PixelSemaphore(PIXELS)

    def __call__(self, source: str) -> Cut:
        """Return the result for the picture of a path, or for the one on standard input."""
        from mattekit import codecs, pipeline

        if source == STDIN:
            photo = codecs.decode(sys.stdin.buffer, name="standard input")
        else:
            photo = codecs.decode(source)
        with self._pixels.share(photo.size.area):
            matte = pipeline.segment(photo, self.options, self.runtime)
            if not self._each:
                cutout = pipeline.complete(photo, matte, self.options, spend=True)
                return self._encoded(cutout.require_found())
            found = pipeline.complete_each(photo, matte, self.options, spend=True)
            if not found:
                raise ForegroundNotFound(photo.source)
            first, *further = map(self._encoded, found)
        return first._replace(further=tuple(further))

    def _encoded(self, cutout: Cutout) -> Cut:
        from mattekit import codecs

        encoded = codecs.encode(cutout, self.options)
        return Cut(encoded.data, encoded.format, summary(cutout))


class JobRunner:
    """Turns jobs into files; its methods are called from several threads.

    Parameters
    ----------
    cut : callable
        Makes a finished picture of a path.
    suffix_of : callable
        Suffix of a format's files.
    inputs : iterable of str
        All inputs, which no output may replace.
    """

    def __init__(
        self,
        cut: Callable[[str], Cut],
        suffix_of: Callable[[str], str],
        inputs: Sequence[str] = (),
    ) -> None:
        self.cut, self.suffix_of = cut, suffix_of
        self._inputs = {same_file_key(path) for path in inputs}
        self._writing = threading.Lock()
        self._stopped = False
        self._written = 0

    def run(self, job: Job) -> Result:
        """Cut out one picture and write the file; failures are results too."""
        started = time.perf_counter()
        try:
            if self._stopped:
                raise Stopped
            cut = self.cut(job.source)
            outputs = []
            for number, each in enumerate((cut, *cut.further), 1):
                output = job.output(self.suffix_of(each.format), number)
                self._write(output, each.data)
                outputs.append(output)
        except Stopped:
            raise
        except MattekitError as error:
            return Result("failed", job.source, seconds=time.perf_counter() - started, error=error)
        except Exception as error:  # noqa: BLE001 - one picture's defect must not stop the others
            unexpected = UnexpectedError(job.source, error)
            unexpected.__cause__ = error
            return Result(
                "failed", job.source, seconds=time.perf_counter() - started, error=unexpected
            )
        seconds = time.perf_counter() - started
        return Result("done", job.source, outputs[0], seconds, cut.facts, tuple(outputs[1:]))

    def _write(self, output: str, data: bytes) -> None:
        from mattekit.files import write_atomically

        if same_file_key(output) in self._inputs:
            raise OutputError(
                output, "is an input and stays as it is. Choose another output directory."
            )
        with self._writing:
            if self._stopped:
                raise Stopped
            write_atomically(output, data)
            self._written += 1

    def stop(self) -> int:
        """Begin no further file; returns, once nothing is being written, how many there are."""
        self._stopped = True
        with self._writing:
            return self._written


@contextlib.contextmanager
def in_order(
    function: Callable[[_T], _R],
    items: Sequence[_T],
    workers: int,
    done: Callable[[], None] = lambda: None,
) -> Iterator[Iterator[_R]]:
    """Call `function` for every item on some threads; yields the results in the items' order.

    Parameters
    ----------
    function : callable
        Called from several threads.
    items : sequence
        Few bytes each: all are queued at once.
    workers : int
        How many threads.
    done : callable
        Called after each item, on its thread.

    Notes
    -----
    On the way out by an exception no further item is begun, and those under way are not waited
    for.
    """
    pool = ThreadPoolExecutor(workers, thread_name_prefix="mattekit")

    def run(item: _T) -> _R:
        result = function(item)
        done()
        return result

    try:
        futures = [pool.submit(run, item) for item in items]
        yield (_interruptibly(future) for future in futures)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown(cancel_futures=True)


def _interruptibly(future: Future[_R]) -> _R:
    """Return the result; waits in short steps, because Ctrl-C cannot end a long one on Windows."""
    while True:
        try:
            return future.result(timeout=0.2)
        except StillRunning:
            if future.done():
                return future.result()
