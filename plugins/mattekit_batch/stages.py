"""An assembly line in one process: stages of threads with short queues between them."""

from __future__ import annotations

import queue
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Pipeline", "Stage"]

T = TypeVar("T")


@dataclass(frozen=True)
class Stage(Generic[T]):
    """One stage.

    Attributes
    ----------
    work : callable
        Changes the item; what it raises ends the whole line.
    threads : ThreadPoolExecutor
        Where it runs; stages may share one.
    """

    work: Callable[[T], None]
    threads: ThreadPoolExecutor


class Pipeline(Generic[T]):
    """Carries items through stages, many at once, never more than `room`.

    Each item is in one stage at a time, so that reading the next ones, running the network on this
    one and writing the last ones overlap. All queues together hold at most `room` items; items are
    asked for only as others leave the line, and whoever is slow to take what is finished slows it
    all down.

    Parameters
    ----------
    stages : sequence of Stage
    room : int
    """

    def __init__(self, stages: Sequence[Stage[T]], room: int) -> None:
        self.stages, self.room = stages, room

    def run(self, items: Iterable[T]) -> Generator[T, None, None]:
        """Yield the items as they leave the line, in any order."""
        source = iter(items)
        done: queue.SimpleQueue[tuple[T, BaseException | None]] = queue.SimpleQueue()
        under_way, more = 0, True
        while more or under_way:
            while more and under_way < self.room:
                try:
                    item = next(source)
                except StopIteration:
                    more = False
                    break
                under_way += 1
                self.send(item, lambda item, error: done.put((item, error)))
            if not under_way:
                continue
            try:
                # In short steps, because Ctrl-C cannot end a long wait on Windows.
                item, error = done.get(timeout=0.2)
            except queue.Empty:
                continue
            under_way -= 1
            if error is not None:
                raise error
            yield item

    def send(self, item: T, done: Callable[[T, BaseException | None], None]) -> None:
        """Put an item on the line, whether there is room or not.

        Parameters
        ----------
        item : object
        done : callable
            Called on a thread of the line with the item as it leaves, and with what went wrong.
        """
        self._send(item, 0, done)

    def _send(self, item: T, number: int, done: Callable[[T, BaseException | None], None]) -> None:
        stage = self.stages[number]

        def step() -> None:
            try:
                stage.work(item)
                if number + 1 < len(self.stages):
                    self._send(item, number + 1, done)
                    return
            except BaseException as error:  # noqa: BLE001 - handed to whoever runs the line
                done(item, error)
            else:
                done(item, None)

        stage.threads.submit(step)
