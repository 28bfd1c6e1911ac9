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

_PREFIX: Final = "mattekit_"
_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """Counters of one process, or, where `MULTIPROCESS` is set, its share of all."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._of_requests()
        self._of_pictures()
        self._of_the_moment()

    def _of_requests(self) -> None:
        self.requests = self._counter("requests", "Requests answered.", "path", "status")
        self.seconds = self._histogram(
            "request_seconds", "Time from the request's first byte to its answer.", "path"
        )
        self.errors = self._counter(
            "errors",
            "Errors answered, by the code that the client is told: who was refused, and why.",
            "code",
        )
        self.credits = self._counter("credits", "Credits charged.")

    def _of_pictures(self) -> None:
        self.wait = self._histogram("queue_seconds", "Time that work waited for a thread.")
        self.work = self._histogram(
            "picture_seconds", "Time that a thread worked on a picture for one request."
        )
        self.stages = self._histogram(
            "stage_seconds",
            "Time that one stage of a picture took: decode, segment, matting, compose, encode.",
            "stage",
        )
        self.processor = self._counter(
            "picture_processor_seconds", "Processor time of the threads that work on pictures."
        )
        self.canceled = self._counter(
            "pictures_canceled",
            "Pictures that were given up: the deadline passed, or the client had gone.",
        )
        self.megapixels = self._counter(
            "megapixels", "Megapixels of input worked on, each picture's once."
        )

    def _of_the_moment(self) -> None:
        self.waiting = self._gauge("queue_waiting", "Pictures that wait for a thread.")
        self.running = self._gauge("pictures_running", "Pictures that are being worked on.")
        self.buffered = self._gauge("body_bytes", "Bytes of request bodies held.")

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(_PREFIX + name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(_PREFIX + name, text, labels, buckets=_BUCKETS, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        # Of several processes each counts its own; together they are what the server has.
        return Gauge(_PREFIX + name, text, multiprocess_mode="livesum", registry=self.registry)

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
