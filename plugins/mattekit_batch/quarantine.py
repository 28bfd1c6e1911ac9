"""Pictures during which processes end: found out one at a time, and then left out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from mattekit_batch.results import Failure, Job, Outcome
from mattekit_batch.storage import Storage

__all__ = ["Quarantine"]


class Quarantine:
    """Jobs that were under way when a process ended.

    Each is tried again on its own while nothing else runs: if a process ends then too, there is no
    doubt why.

    Parameters
    ----------
    source : Storage
        Where the pictures lie, for messages.
    """

    def __init__(self, source: Storage) -> None:
        self._source = source
        self._waiting: deque[Job] = deque()
        self._alone = False

    @property
    def closed(self) -> bool:
        """Whether other jobs must wait."""
        return self._alone or bool(self._waiting)

    def next(self) -> Job | None:
        """Return the next job to be tried alone, if there is one; nothing else is running."""
        self._alone = bool(self._waiting)
        return self._waiting.popleft() if self._alone else None

    def put(self, jobs: Iterable[Job], reason: str) -> list[Outcome]:
        """Take in jobs during which a process ended.

        Parameters
        ----------
        jobs : iterable of Job
        reason : str
            How it ended, e.g. ``"a worker process was ended by signal 9"``.

        Returns
        -------
        list of Outcome
            The failure of the one that ran alone; empty where there is still doubt.
        """
        if not self._alone:
            self._waiting.extend(jobs)
            return []
        return [self._failed(job, reason) for job in jobs]

    def _failed(self, job: Job, reason: str) -> Outcome:
        name = self._source.show(job.source)
        text = f"{name}: {reason} while it worked on this picture. Is there enough memory?"
        return Outcome(job.number, "failed", failure=Failure("UnexpectedError", "", text, 1))
