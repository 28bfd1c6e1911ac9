"""The assembly line: everything arrives, little is on its way, errors end it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from mattekit_batch.stages import Pipeline, Stage


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as pool:
        yield pool


def test_every_item_goes_through_every_stage_in_order(threads: ThreadPoolExecutor) -> None:
    stages = [Stage(lambda item, name=name: item.append(name), threads) for name in "abc"]
    items: list[list[object]] = [[number] for number in range(50)]
    found = sorted(Pipeline(stages, 4).run(items))
    assert found == [[number, "a", "b", "c"] for number in range(50)]


def test_items_are_asked_for_only_as_others_leave(threads: ThreadPoolExecutor) -> None:
    asked = 0

    def source() -> Iterator[int]:
        nonlocal asked
        for number in range(20):
            asked += 1
            yield number

    for left, _ in enumerate(Pipeline([Stage(lambda item: None, threads)], 3).run(source())):
        assert asked <= left + 1 + 3


def test_stages_work_on_different_items_at_once() -> None:
    meeting = threading.Barrier(2, timeout=30)
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        first = Stage[int](lambda item: item == 1 and meeting.wait(), one)
        second = Stage[int](lambda item: item == 0 and meeting.wait(), other)
        assert sorted(Pipeline([first, second], 2).run([0, 1])) == [0, 1]


def test_what_goes_wrong_ends_the_line(threads: ThreadPoolExecutor) -> None:
    def work(item: int) -> None:
        if item == 5:
            raise KeyError(item)

    with pytest.raises(KeyError, match="5"):
        list(Pipeline([Stage(work, threads)], 2).run(range(100)))


def test_nothing_in_nothing_out(threads: ThreadPoolExecutor) -> None:
    assert list(Pipeline([Stage(lambda item: None, threads)], 2).run([])) == []


def test_one_item_can_be_sent_by_hand(threads: ThreadPoolExecutor) -> None:
    came: list[tuple[int, str]] = []
    there = threading.Event()

    def done(item: int, error: BaseException | None) -> None:
        came.append((item, type(error).__name__))
        there.set()

    Pipeline([Stage(lambda item: 1 / item, threads)], 1).send(0, done)
    assert there.wait(30)
    assert came == [(0, "ZeroDivisionError")]
