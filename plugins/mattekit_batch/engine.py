"""A batch: look through the source, work on what is missing, write down what became of it."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from mattekit.errors import OptionError, OutputError
from mattekit.folders import data_folder
from mattekit.formats import suffixes_of
from mattekit_batch.manifest import Manifest, Row
from mattekit_batch.masks import Masks
from mattekit_batch.resolver import OptionResolver
from mattekit_batch.results import Job, Outcome, Result
from mattekit_batch.scanning import Filter, Policy, Scanner
from mattekit_batch.storage import Folder, RemoteStorage, Storage, open_storage, parent_of
from mattekit_batch.worker import Worker, WorkerConfig

if TYPE_CHECKING:
    from mattekit.options import Options
    from mattekit.runtime import Runtime

__all__ = ["Batch", "run"]

#: Folder of the manifest and the report below a target on this machine.
STATE: Final = ".mattekit"
#: So many results in a row that could not be written mean that none can.
_FULL: Final = 20


class Executor(Protocol):
    """Who works: a `Worker` of this process, a `ProcessPool` of children, a Dask cluster.

    Attributes
    ----------
    interrupted : bool
        Whether somebody may have ended in the middle of writing.
    """

    interrupted: bool

    @property
    def size(self) -> tuple[int, int]:
        """How many processes these are, and how many cores they use."""

    def work(self, jobs: Iterable[Job]) -> Generator[Outcome, None, None]:
        """Yield what becomes of jobs, in any order; they are asked for as there is room."""

    def close(self) -> None:
        """Write nothing further."""


class Batch:
    """The pictures of one source, cut out into one target.

    Parameters
    ----------
    source, target : str, path
        Folders, or URLs that fsspec knows.
    options : Options or mapping, optional
        Of all pictures; they win over files with options. Of `Options` those count that differ
        from the default.
    base : mapping, optional
        Options that files with options win over.
    include, exclude : sequence of str
        Patterns; see `Filter`.
    folder_options : bool
        Whether files ``mattekit.toml`` in the source are read.
    workers : int, optional
        Processes of one core each. By default the work is done in this process, on all cores.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers then do the work.
    state : path, optional
        Folder of the manifest; by default ``.mattekit`` in the target, or, where the target is no
        folder of this machine, one in the user's data folder.
    policy : Policy
    thumbnails : bool
        Whether small copies of results are kept for the report.
    source_options, target_options : dict, optional
        For fsspec.
    runtime : Runtime, optional
        For work in this process; by default the one that the whole process shares.
    dry : bool
        Nothing is written, not even the manifest.
    masks : str, path, optional
        Folder or URL of masks; see `Masks`. A picture without one fails.

    Raises
    ------
    OptionError
        A wrong option, a target that cannot be one, or a scheduler that is no address.
    ServerError
        The host of the scheduler is not known.
    OutputError
        Another batch is at work on this target.
    ModelError, ProviderError
        The model cannot be used.
    """

    def __init__(
        self,
        source: str | os.PathLike[str],
        target: str | os.PathLike[str],
        options: Options | Mapping[str, object] | None = None,
        *,
        base: Mapping[str, object] | None = None,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        folder_options: bool = True,
        workers: int | None = None,
        scheduler: str | None = None,
        state: str | os.PathLike[str] | None = None,
        policy: Policy = Policy(),  # noqa: B008 - immutable
        thumbnails: bool = True,
        source_options: dict[str, Any] | None = None,
        target_options: dict[str, Any] | None = None,
        runtime: Runtime | None = None,
        dry: bool = False,
        masks: str | os.PathLike[str] | None = None,
    ) -> None:
        from mattekit.runtime import Runtime

        if workers is not None and workers < 1:
            raise OptionError("workers", workers, "a whole number from 1")
        if scheduler is not None:
            from mattekit_batch.cluster import check_address

            check_address(scheduler)
        self.source = open_storage(source, source_options)
        self.target = open_storage(target, target_options)
        self.masks = None if masks is None else Masks(open_storage(masks, source_options))
        self.workers, self.scheduler = workers, scheduler
        self.thumbnails, self.dry = thumbnails, dry
        self.runtime = runtime or Runtime.shared()
        left_out = _apart(self.source, self.target)
        self.state = Path(state) if state is not None else _state_of(self.target)
        here = workers is None and scheduler is None
        self.resolver = OptionResolver(
            self.source, self.runtime, _as_mapping(options), base, files=folder_options, load=here
        )
        path = self.state / "manifest.sqlite"
        self.manifest = Manifest(None if dry else path)
        if dry and path.exists():
            self.manifest.copy_of(path)
        self.scanner = Scanner(
            self.source,
            self.target,
            self.manifest,
            self.resolver,
            pictures=Filter(include, exclude),
            policy=policy,
            suffixes=suffixes_of,
            left_out=left_out,
            masks=self.masks,
        )
        self._executor: Executor | None = None
        self._resolved: set[str] = set()

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def scan(self, only: Callable[[str], bool] | None = None) -> Iterator[Result]:
        """Look through the source; yields what needs nothing, and what failed before.

        Nothing has been started when this ends. See `Scanner.scan`.
        """
        self.manifest.run += 1
        yield from self.scanner.scan(only)

    @property
    def pending(self) -> int:
        """How many pictures the last scan has found to be made."""
        return self.manifest.pending()

    def work(self) -> Iterator[Result]:
        """Make what the last scan has found; yields each as it is finished.

        Raises
        ------
        OutputError
            Nothing can be written: the disk is full, for example.
        """
        if not self.pending:
            return
        refused = 0
        folders: set[str] = set()
        executor = self._ready()
        outcomes = executor.work(self.manifest.jobs())
        try:
            for outcome in outcomes:
                self._remove_superseded(outcome)
                row = self.manifest.note(outcome)
                folders.add(parent_of(row.source)[0])
                yield _result(row, outcome)
                failure = outcome.failure
                refused = refused + 1 if failure and failure.type == "OutputError" else 0
                if refused >= _FULL and failure is not None:
                    raise OutputError(
                        self.target.url,
                        f"the last {_FULL} results could not be written, the work is stopped "
                        f"({failure.message})",
                    )
        finally:
            outcomes.close()
        for folder in folders if executor.interrupted else ():
            self.scanner.sweep(folder)

    def _remove_superseded(self, outcome: Outcome) -> None:
        """Remove an earlier result of another suffix, as JPEG follows PNG with a background.

        One that somebody has changed stays.
        """
        if outcome.status != "done":
            return
        path, size, stamp = self.manifest.output_of(outcome.number)
        if not path or path == outcome.output:
            return
        found = self.target.entry(path)
        if found is not None and found.size == size and stamp in {"", found.stamp}:
            with contextlib.suppress(OSError):  # it is in nobody's way
                self.target.remove(path)

    def _ready(self) -> Executor:
        resolved = dict(self.resolver.resolved)
        if self._executor is not None and self._resolved != set(resolved):
            self._executor.close()
            self._executor = None
        if self._executor is None:
            self._resolved = set(resolved)
            self._executor = self.create_executor(
                WorkerConfig(self.source, self.target, resolved, self.thumbnails, masks=self.masks)
            )
        return self._executor

    def create_executor(self, config: WorkerConfig) -> Executor:
        """Return those who do the work, as this batch was told."""
        if self.scheduler is not None:
            from mattekit_batch.cluster import Cluster

            return Cluster(config, self.scheduler)
        if self.workers is not None:
            from mattekit_batch.processes import ProcessPool

            return ProcessPool(config, self.workers)
        return Worker(config, self.runtime)

    def close(self) -> None:
        """Stop; what is being written is finished, what is not is left to the next run."""
        if self._executor is not None:
            self._executor.close()
            self._executor = None
        self.manifest.close()


def run(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    options: Options | Mapping[str, object] | None = None,
    *,
    reprocess: bool = False,
    retry_failed: bool = False,
    checksum: bool = False,
    **settings: Any,
) -> Iterator[Result]:
    """Cut out all pictures of a folder; yields what becomes of each, as it is known.

    What was done by an earlier run, finished or killed, is skipped. Closing the iterator stops the
    work; nothing is lost by it.

    Parameters
    ----------
    source, target : str, path
        Folders, or URLs that fsspec knows. The tree is kept.
    options : Options or mapping, optional
        Of all pictures, as for `mattekit.remove_background`.
    reprocess : bool
        Make everything anew.
    retry_failed : bool
        Try again what failed before for a reason that lies in the picture.
    checksum : bool
        Compare the content of all inputs, not only their size and time.
    **settings
        `include`, `exclude`, `workers`, `scheduler`, `state`, … of `Batch`.

    Yields
    ------
    Result

    Raises
    ------
    OptionError, InputNotFound, ModelError, ProviderError, OutputError
        Nothing can be done at all; what is wrong with a single picture is in its result.

    Notes
    -----
    With `workers` new processes import the main module of the program: keep the call below
    ``if __name__ == "__main__":``.

    Examples
    --------
    >>> import mattekit_batch
    >>> for result in mattekit_batch.run("photos", "cutouts", {"crop": True}):  # doctest: +SKIP
    ...     print(result.status, result.source, result.output)
    """
    policy = Policy(reprocess, retry_failed, checksum)
    with Batch(source, target, options, policy=policy, **settings) as batch:
        yield from batch.scan()
        yield from batch.work()


def _as_mapping(options: Options | Mapping[str, object] | None) -> dict[str, object]:
    from mattekit.options import Options

    if isinstance(options, Options):
        return {option.name: value for option, value in options.changed()}
    return dict(options or {})


def _result(row: Row, outcome: Outcome) -> Result:
    if outcome.status == "unchanged":
        reason = "it was touched, but has not changed"
        return Result("skipped", row.source, row.output, facts=row.facts, reason=reason)
    seconds = sum(outcome.stages.values())
    return Result(
        outcome.status, row.source, outcome.output, seconds, outcome.stages, outcome.facts,
        failure=outcome.failure,
    )  # fmt: skip


def _apart(source: Storage, target: Storage) -> tuple[str, ...]:
    """Return the target's path below the source, if it lies in there.

    Raises
    ------
    OptionError
        Results would lie among the inputs, or nothing can be written.
    """
    if isinstance(target, RemoteStorage) and not target.writable:
        raise OptionError("target", target.url, "a folder or an object store, which can be written")
    if isinstance(source, Folder) and isinstance(target, Folder):
        inner, outer = os.path.realpath(target.root), os.path.realpath(source.root)
        separator = os.sep
    elif isinstance(source, RemoteStorage) and isinstance(target, RemoteStorage):
        inner, outer = target.address, source.address
        separator = "/"
    else:
        return ()
    if inner == outer or outer.startswith(inner.rstrip(separator) + separator):
        raise OptionError(
            "target", target.url, "a folder of its own",
            "results would lie among the inputs; choose another folder, also one in the source",
        )  # fmt: skip
    if inner.startswith(outer.rstrip(separator) + separator):
        below = inner[len(outer.rstrip(separator)) + 1 :]
        return (below.replace(separator, "/"),)
    return ()


def _state_of(target: Storage) -> Path:
    if isinstance(target, Folder):
        return Path(target.root) / STATE
    assert isinstance(target, RemoteStorage)
    name = hashlib.sha256(target.address.encode()).hexdigest()[:16]
    return data_folder("the option --state") / "batches" / name
