"""Files in, cut-outs beside them, through the worker: what tools that know only names run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from mattekit._version import __version__
from mattekit.errors import MattekitError
from mattekit.files import write_atomically
from mattekit.formats import format_of
from mattekit_bridge import connecting, encoded
from mattekit_bridge.calls import Progress
from mattekit_bridge.errors import BridgeError, Canceled
from mattekit_bridge.settings import Settings
from mattekit_bridge.worker import Worker

__all__ = ["Outcome", "beside", "connect", "each_of", "read", "remove_backgrounds", "summary"]

#: The worker takes no more.
_LARGEST: Final = 2 * 2**30
_NAMED: Final = 3


class Outcome(NamedTuple):
    """What became of one picture.

    Attributes
    ----------
    source : pathlib.Path
    result : pathlib.Path or None
        What was written.
    problem : str
        Why nothing was, in words for a user.
    """

    source: Path
    result: Path | None
    problem: str = ""


def connect(host: str, waiting: Callable[[], bool] = lambda: True) -> Worker:
    """Return this user's worker, started where there is none; raises `BridgeError`."""
    settings = Settings(sys.executable, __version__, True, None, [])
    return connecting.connect(settings, waiting, host=host)


def beside(source: Path, suffix: str, label: str = "removebg") -> Path:
    """Return a name beside a picture that is not taken: ``photo-removebg.png``, then ``-2``."""
    stem = f"{source.stem}-{label}"
    target, number = source.with_name(stem + suffix), 1
    while os.path.lexists(target):
        number += 1
        target = source.with_name(f"{stem}-{number}{suffix}")
    return target


def remove_backgrounds(
    sources: Iterable[Path],
    target: Callable[[Path], Path],
    options: Mapping[str, str],
    *,
    worker: Callable[[], Worker],
    progress: Progress = lambda done, what: None,
) -> Iterator[Outcome]:
    """Cut out one picture after the other.

    Parameters
    ----------
    sources : iterable of pathlib.Path
    target : callable
        ``target(source)`` is where its result goes; the suffix is the format.
    options : mapping of str to str
        As the command line has them, names with underscores.
    worker : callable
        ``worker()`` connects; asked before each picture, as a worker ends when it is idle.
    progress : callable
        As of `each_of`.

    Yields
    ------
    Outcome
        Of each picture that was begun.
    """

    def one(source: Path, tell: Progress) -> Path:
        data = read(source)
        result = target(source)
        fields = {"format": format_of(result), **options}
        write_atomically(result, encoded.convert(worker(), data, fields, tell))
        return result

    return each_of(sources, one, progress)


def each_of(
    sources: Iterable[Path],
    one: Callable[[Path, Progress], Path],
    progress: Progress = lambda done, what: None,
) -> Iterator[Outcome]:
    """Do something with one picture after the other; one that fails does not stop the others.

    Parameters
    ----------
    sources : iterable of pathlib.Path
    one : callable
        ``one(source, progress)`` writes a file and returns its path.
    progress : callable
        Takes the share that is done of all, 0..1, and what is being done; False cancels: then the
        picture in work is not written, and no other is begun.

    Yields
    ------
    Outcome
        Of each picture that was begun.
    """
    chosen = list(sources)
    for number, source in enumerate(chosen):

        def tell(
            done: float, what: str, number: int = number, name: str = source.name
        ) -> bool | None:
            return progress((number + done) / len(chosen), f"{name}: {what}")

        try:
            if tell(0.0, "Starting") is False:
                return
            result = one(source, tell)
        except Canceled:
            return
        except (BridgeError, MattekitError) as error:
            yield Outcome(source, None, str(error))
        except OSError as error:
            yield Outcome(source, None, f"cannot be read: {error.strerror or error}.")
        else:
            yield Outcome(source, result)


def read(source: Path) -> bytes:
    """Return a file's bytes; raises `MattekitError` where there are more than the worker takes."""
    with source.open("rb") as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise MattekitError("it has more than 2 GB, the largest file that is read.")
    return data


def summary(outcomes: Iterable[Outcome]) -> tuple[str, str]:
    """Return a title and a text that tell a user what became of the pictures."""
    every = list(outcomes)
    made = [each.result for each in every if each.result is not None]
    failed = [each for each in every if each.result is None]
    title = f"{len(made)} of {len(every)} done" if failed else f"{len(made)} done"
    if not every:
        return "Nothing done", "It was cancelled."
    lines = [f"{each.source.name}: {each.problem}" for each in failed[:_NAMED]]
    if len(failed) > _NAMED:
        lines.append(f"and {len(failed) - _NAMED} more")
    if not failed:
        lines = [path.name for path in made[:_NAMED]]
        if len(made) > _NAMED:
            lines.append(f"and {len(made) - _NAMED} more")
    return title, "\n".join(lines)
