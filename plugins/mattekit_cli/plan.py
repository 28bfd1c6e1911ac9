"""Which file becomes which, decided before anything is started.

The naming is that of remove.bg's own command: ``<stem>-removebg.<ext>`` beside the input, or
``<stem>.<ext>`` in the output directory. Since two inputs may then ask for one name, and a name may
be that of an input, everything that could be lost is refused here, with nothing written yet.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from mattekit.errors import InputNotFound, MattekitError
from mattekit.folders import expand_user
from mattekit.formats import has_layers
from mattekit.grammar import MOST_SUBJECTS

if TYPE_CHECKING:
    from mattekit.options import Options

__all__ = [
    "STDIN",
    "Collision",
    "Job",
    "Plan",
    "expand",
    "has_files_of_subjects",
    "make_plan",
    "same_file_key",
]

#: The argument that means standard input.
STDIN: Final = "-"

#: What is said of a pattern.
NO_MATCH: Final = "no file matches this pattern."

_MAGIC: Final = "*?["
_ADDED: Final = "-removebg"


def has_files_of_subjects(options: Options) -> bool:
    """Whether each subject becomes a file of its own: all of them, in a format without layers."""
    return options.subjects == "each" and not has_layers(options.format)


class Job(NamedTuple):
    """One picture to cut out.

    Attributes
    ----------
    source : str
        Path of the input.
    stem : str
        Path of the output without its suffix; or all of it, where the user named it.
    named : bool
        Whether the user named the output.
    numbered : bool
        Whether each subject has a file of its own, numbered from 1.
    """

    source: str
    stem: str
    named: bool = False
    numbered: bool = False

    def output(self, suffix: str, number: int = 1) -> str:
        """Return the path of an output for a format whose files end in `suffix`."""
        stem = self.stem
        if self.named:
            stem, suffix = os.path.splitext(stem)  # noqa: PTH122
        return f"{stem}-{number}{suffix}" if self.numbered else stem + suffix

    def outputs(self, suffixes: Sequence[str], count: int = 1) -> list[str]:
        """Return every path that the output may get, and those of further subjects."""
        numbers = range(1, (count if self.numbered else 1) + 1)
        return [
            self.output(suffix, number)
            for number in numbers
            for suffix in (suffixes[:1] if self.named else suffixes)
        ]


class Collision(NamedTuple):
    """Inputs that would be written to one file, or over an input.

    Attributes
    ----------
    output : str
        The file.
    inputs : tuple of str
        The inputs that would be written there.
    over_input : bool
        Whether `output` is itself an input.
    """

    output: str
    inputs: tuple[str, ...]
    over_input: bool

    def __str__(self) -> str:
        both = " and ".join(self.inputs[:2]) + (", …" if len(self.inputs) > 2 else "")
        if self.over_input:
            return f"the result of {both} would overwrite the input {self.output}"
        return f"{both} would both be written to {self.output}"


class Plan(NamedTuple):
    """What will be done.

    Attributes
    ----------
    jobs : list of Job
        In the order of the inputs.
    skipped : dict of str to (str, str)
        Inputs that need nothing: the output that is there, if any, and why.
    failed : dict of str to MattekitError
        Inputs that cannot be used.
    collisions : list of Collision
        Reasons not to start.
    inputs : list of str
        All inputs in their order.
    """

    jobs: list[Job]
    skipped: dict[str, tuple[str, str]]
    failed: dict[str, MattekitError]
    collisions: list[Collision]
    inputs: list[str]


def same_file_key(path: str) -> str:
    """Return what two paths of one file have in common.

    Symbolic links are followed because writing follows them too.
    """
    key = os.path.normcase(os.path.realpath(path))
    # The usual file system of macOS keeps case but does not tell it apart.
    return key.casefold() if sys.platform == "darwin" else key


def expand(arguments: Iterable[str]) -> Iterator[tuple[str, MattekitError | None]]:
    """Yield the files that the arguments name, each once, with what is wrong with them.

    Patterns are expanded here too, for shells that do not, or not ``**``; the files of a pattern
    come sorted. A file whose name looks like a pattern is taken as it is.
    """
    seen = set()
    for argument in arguments:
        for path, error in _expand_one(expand_user(argument)):
            key = os.path.normcase(os.path.abspath(path))  # noqa: PTH100
            if key not in seen:
                seen.add(key)
                yield path, error


def _expand_one(argument: str) -> Iterator[tuple[str, MattekitError | None]]:
    if argument == STDIN:
        yield argument, None
        return
    try:
        present, directory = os.path.lexists(argument), os.path.isdir(argument)  # noqa: PTH112
    except ValueError:  # a NUL; decoding says so
        present, directory = True, False
    if directory:
        advice = f'name its pictures, as in "{os.path.join(argument, "*.jpg")}"'  # noqa: PTH118
        yield (
            argument,
            InputNotFound(argument, f"this is a folder; {advice}, or use `mattekit batch`."),
        )
    elif not present and (problem := _explained(argument)):
        yield argument, InputNotFound(argument, problem)
    elif not present and any(sign in argument for sign in _MAGIC):
        matches = sorted(path for path in _glob(argument) if not Path(path).is_dir())
        if not matches:
            yield argument, InputNotFound(argument, NO_MATCH)
        for path in matches:
            yield path, None
    elif not present:
        yield argument, InputNotFound(argument, "there is no such file. Check the path.")
    else:
        yield argument, None


def _explained(argument: str) -> str:
    # Not at the top: it brings NumPy, which `--help` does without.
    from mattekit.codecs.explain import not_a_file

    return not_a_file(argument)


def _glob(pattern: str) -> list[str]:
    return glob.glob(pattern, recursive=True)  # noqa: PTH207 - pathlib changes how paths are written


def make_plan(
    arguments: Iterable[str],
    suffixes: Sequence[str],
    *,
    directory: str | None = None,
    output: str | None = None,
    reprocess: bool = False,
    numbered: bool = False,
) -> Plan:
    """Decide what becomes of every input.

    Parameters
    ----------
    arguments : iterable of str
        Paths and patterns.
    suffixes : sequence of str
        How the output may end: several where the format depends on the result.
    directory : str, optional
        Where outputs go; beside the inputs otherwise.
    output : str, optional
        The output of the only input, named by the user; it is replaced if it is there.
    reprocess : bool
        Whether outputs that are there are made anew.
    numbered : bool
        Whether each subject has a file of its own; one is there where that of the first is.
    """
    files = list(expand(arguments))
    failed = {path: error for path, error in files if error}
    named = output is not None
    jobs = [
        Job(path, output or _stem(path, directory), named, numbered)
        for path, error in files
        if not error
    ]
    skipped: dict[str, tuple[str, str]] = {}
    sources = {same_file_key(job.source): job for job in jobs}
    if directory is None and output is None:
        for source, maker in _own_results(jobs, sources, suffixes).items():
            skipped[source] = ("", f"it is the result of {maker}")
    jobs = [job for job in jobs if job.source not in skipped]
    kept = {same_file_key(job.source) for job in jobs}
    collisions = _collisions(jobs, kept, suffixes)
    if not reprocess and output is None and not collisions:
        for job in jobs:
            # With `--output-directory .` an input may have a name that its result might get.
            there = [
                path
                for path in job.outputs(suffixes)
                if os.path.lexists(path) and same_file_key(path) not in kept
            ]
            if there:
                skipped[job.source] = (
                    there[0],
                    f"{there[0]} exists (--reprocess-existing makes it anew)",
                )
    remaining = [job for job in jobs if job.source not in skipped]
    return Plan(remaining, skipped, failed, collisions, [path for path, _ in files])


def _stem(source: str, directory: str | None) -> str:
    folder, name = os.path.split(source)
    stem = os.path.splitext(name)[0]  # noqa: PTH122
    if directory is not None:
        return os.path.join(directory, stem)  # noqa: PTH118
    return os.path.join(folder, stem + _ADDED)  # noqa: PTH118


def _own_results(
    jobs: Iterable[Job], sources: dict[str, Job], suffixes: Sequence[str]
) -> dict[str, str]:
    """Return the inputs that are results of other inputs, as ``*.png`` finds in a second run."""
    results = {}
    for job in jobs:
        for path in job.outputs(suffixes, MOST_SUBJECTS):
            other = sources.get(same_file_key(path))
            if other is not None and other is not job:
                results[other.source] = job.source
    return results


def _collisions(jobs: Iterable[Job], sources: set[str], suffixes: Sequence[str]) -> list[Collision]:
    writers: dict[str, list[str]] = {}
    shown: dict[str, str] = {}
    over = []
    for job in jobs:
        keys = {same_file_key(path): path for path in job.outputs(suffixes)}
        # Where the format depends on the result, only the result can tell; see `parallel`.
        if set(keys) <= sources:
            over.append(Collision(next(iter(keys.values())), (job.source,), over_input=True))
        for key, path in keys.items():
            writers.setdefault(key, []).append(job.source)
            shown.setdefault(key, path)
    shared = {
        tuple(inputs): Collision(shown[key], tuple(inputs), over_input=False)
        for key, inputs in reversed(writers.items())
        if len(inputs) > 1
    }
    return over + list(shared.values())[::-1]
