"""What a server counts, in the words of Prometheus."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from mattekit.geometry import Size
from mattekit.tasks import Task

__all__ = ["CONTENT_TYPE", "MULTIPROCESS", "Metrics"]

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
#: Environment variable of the Prometheus client: the folder where several processes share numbers.
MULTIPROCESS: Final = "PROMETHEUS_MULTIPROC_DIR"

_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """Counters of one process, or, where `MULTIPROCESS` is set, its share of all."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "mattekit_requests",
            "Requests answered.",
            ("path", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "mattekit_request_seconds",
            "Time from the request's first byte to its answer.",
            ("path",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.errors = Counter(
            "mattekit_errors",
            "Errors answered, by the code that the client is told: who was refused, and why.",
            ("code",),
            registry=self.registry,
        )
        self.wait = Histogram(
            "mattekit_queue_seconds",
            "Time that a picture waited for a thread.",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.work = Histogram(
            "mattekit_picture_seconds",
            "Time that a thread worked on a picture.",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.stages = Histogram(
            "mattekit_stage_seconds",
            "Time that one stage of a picture took: decode, segment, matting, compose, encode.",
            ("stage",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.processor = Counter(
            "mattekit_picture_processor_seconds",
            "Processor time of the threads that work on pictures.",
            registry=self.registry,
        )
        self.canceled = Counter(
            "mattekit_pictures_canceled",
            "Pictures that were given up: the deadline passed, or the client had gone.",
            registry=self.registry,
        )
        self.megapixels = Counter(
            "mattekit_megapixels", "Megapixels of input worked on.", registry=self.registry
        )
        self.credits = Counter("mattekit_credits", "Credits charged.", registry=self.registry)
        self.waiting = Gauge(
            "mattekit_queue_waiting",
            "Pictures that wait for a thread.",
            multiprocess_mode="livesum",
            registry=self.registry,
        )
        self.running = Gauge(
            "mattekit_pictures_running",
            "Pictures that are being worked on.",
            multiprocess_mode="livesum",
            registry=self.registry,
        )
        self.buffered = Gauge(
            "mattekit_body_bytes",
            "Bytes of request bodies held.",
            multiprocess_mode="livesum",
            registry=self.registry,
        )

    @contextlib.contextmanager
    def picture(self, task: Task, size: Size | None = None) -> Iterator[None]:
        """Count the work on a picture inside a ``with`` block of the thread that does it.

        Parameters
        ----------
        task : Task
            The work.
        size : Size, optional
            Of the picture, where it is worked on for the first time.
        """
        started, processor = time.perf_counter(), time.thread_time()
        try:
            yield
        finally:
            self.work.observe(time.perf_counter() - started)
            self.processor.inc(time.thread_time() - processor)
            if size is not None:
                self.megapixels.inc(size.area / 1e6)
            self.canceled.inc(task.canceled)
            for name, seconds in task.stages.items():
                self.stages.labels(name).observe(seconds)

    def text(self) -> bytes:
        """Return all numbers in Prometheus' text format."""
        if not os.environ.get(MULTIPROCESS):
            return generate_latest(self.registry)
        from prometheus_client.multiprocess import MultiProcessCollector

        merged = CollectorRegistry()
        MultiProcessCollector(merged)  # type: ignore[no-untyped-call]
        return generate_latest(merged)
