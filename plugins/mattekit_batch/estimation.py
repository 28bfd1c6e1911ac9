"""What a batch would take, told from a sample of it."""

from __future__ import annotations

import math
import random
import statistics
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from mattekit.errors import OptionError
from mattekit_batch.results import Job, Outcome
from mattekit_batch.worker import WorkerConfig
from mattekit_cli.text import duration, number_text, size_text

if TYPE_CHECKING:
    from mattekit_batch.engine import Batch

__all__ = ["Estimate", "estimate"]


class Estimate(NamedTuple):
    """What a batch would take.

    Attributes
    ----------
    pictures, skipped, failed_before : int
        To be made; done already; failed before and not tried again.
    sampled, failed : int
        Pictures of the sample, and those of them that failed.
    work : float
        Seconds of work per picture, all stages.
    spread : float
        Standard error of `work`, in the same unit.
    elapsed : float
        Seconds that pass per picture at the sample's parallelism.
    workers : int
        Processes that this counts on.
    bytes_in, bytes_out : float
        Per picture.
    price : float or None
        Per core and hour.
    cores : int
        Cores that `workers` use.
    """

    pictures: int
    skipped: int
    failed_before: int
    sampled: int
    failed: int
    work: float
    spread: float
    elapsed: float
    workers: int
    bytes_in: float
    bytes_out: float
    price: float | None
    cores: int

    @property
    def seconds(self) -> float:
        """Seconds that all would take."""
        return self.pictures * self.elapsed

    @property
    def cost(self) -> float | None:
        """What all would cost."""
        return None if self.price is None else self.seconds * self.cores / 3600 * self.price

    def json(self) -> dict[str, Any]:
        """Return it for machines."""
        return self._asdict() | {"seconds": self.seconds, "cost": self.cost}

    def text(self) -> str:
        """Return it for people."""
        if not self.pictures:
            return f"Nothing to do: {self.skipped} done, {self.failed_before} failed before."
        error = self.spread / self.work if self.work else 0
        rate = number_text(1 / max(self.elapsed, 1e-9))
        lines = [
            f"{self.pictures} pictures to cut out, {self.skipped} done, "
            f"{self.failed_before} failed before.",
            f"A sample of {self.sampled}, {self.failed} of them failed: {self.work:.2f} s of work "
            f"per picture (± {error:.0%}), {rate} pictures per second "
            f"with {self.workers} worker{'s' if self.workers > 1 else ''} ({self.cores} cores).",
            f"All: about {duration(self.seconds)}; reads {size_text(self._total(self.bytes_in))}, "
            f"writes {size_text(self._total(self.bytes_out))}.",
        ]
        if self.cost is not None:
            lines.append(f"Cost: about {self.cost:.2f} at {self.price:g} per core and hour.")
        return "\n".join(lines)

    def _total(self, each: float) -> int:
        return round(each * self.pictures)


def estimate(batch: Batch, sample: int = 20, price: float | None = None) -> Estimate:
    """Cut out a sample of what a batch has to do, write nothing, and say what all would take.

    Parameters
    ----------
    batch : Batch
        Made with ``dry=True``.
    sample : int
        Pictures, drawn at random but always the same.
    price : float, optional
        What a core costs per hour.

    Notes
    -----
    The sample is worked on as the batch would be, by as many workers. The time that passes is
    counted from the first outcome on, so that starting processes and loading networks, which a
    long batch does once, is left out where the sample is large enough.
    """
    if not batch.dry:
        raise OptionError("dry", False, "True: an estimate writes nothing")
    skipped = failed_before = 0
    for result in batch.scan():
        skipped += result.status == "skipped"
        failed_before += result.status == "failed"
    pictures = batch.pending
    jobs = _drawn(batch, sample)
    resolved = dict(batch.resolver.resolved)
    config = WorkerConfig(
        batch.source, batch.target, resolved, batch.thumbnails, write=False, masks=batch.masks
    )
    outcomes: list[Outcome] = []
    times: list[float] = []
    executor = batch.create_executor(config)
    try:
        for outcome in executor.work(jobs):
            times.append(time.perf_counter())
            outcomes.append(outcome)
    finally:
        executor.close()
    work = [sum(outcome.stages.values()) for outcome in outcomes] or [0.0]
    workers, cores = executor.size
    # The first outcomes come late and close together, whatever the rate.
    skip = min(len(times) // 4, 2 * workers)
    elapsed = (times[-1] - times[skip]) / (len(times) - 1 - skip) if len(times) > skip + 2 else 0.0
    elapsed = elapsed or statistics.mean(work) / workers
    done = [outcome.size for outcome in outcomes if outcome.status == "done"]
    return Estimate(
        pictures, skipped, failed_before, len(outcomes),
        sum(outcome.status == "failed" for outcome in outcomes), statistics.mean(work),
        statistics.stdev(work) / math.sqrt(len(work)) if len(work) > 1 else 0.0, elapsed, workers,
        statistics.mean([job.size for job in jobs] or [0]), statistics.mean(done or [0]), price,
        cores,
    )  # fmt: skip


def _drawn(batch: Batch, count: int) -> list[Job]:
    """Return jobs of pictures drawn at random, however many there are, in one pass."""
    chance = random.Random(1)
    drawn: list[Job] = []
    for number, job in enumerate(batch.manifest.jobs()):
        if number < count:
            drawn.append(job._replace(known=""))
        elif (place := chance.randrange(number + 1)) < count:
            drawn[place] = job._replace(known="")
    return drawn
