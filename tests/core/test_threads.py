"""How many processors a picture may use."""

from __future__ import annotations

import contextvars
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mattekit import threads
from mattekit.errors import Canceled
from mattekit.tasks import Task


def test_a_share_of_the_cores_is_that_of_a_block_and_a_thread() -> None:
    everything = threads.cores()
    with threads.at_most(1):
        assert threads.cores() == 1
        with threads.at_most(None):
            assert threads.cores() == everything
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(threads.cores).result() == everything
        assert threads.cores() == 1
    with threads.at_most(everything + 5):
        assert threads.cores() == everything
    assert threads.cores() == everything


@pytest.mark.parametrize("count", [1, 3])
def test_for_each_calls_with_each_in_the_callers_context(count: int, monkeypatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: count)
    setting = contextvars.ContextVar("setting", default=0)
    setting.set(7)
    seen: list[tuple[int, int]] = []
    threads.for_each(lambda item: seen.append((item, setting.get())), range(20))
    assert sorted(seen) == [(item, 7) for item in range(20)]


@pytest.mark.parametrize("count", [1, 3])
def test_what_one_raises_is_raised_and_the_rest_left_out(count: int, monkeypatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: count)
    begun: list[int] = []

    def work(item: int) -> None:
        begun.append(item)
        if item == 2:
            raise KeyError(item)
        time.sleep(0.002)

    with pytest.raises(KeyError):
        threads.for_each(work, range(500))
    assert len(begun) < 100


@pytest.mark.parametrize("count", [1, 3])
def test_a_canceled_task_begins_no_further_item(count: int, monkeypatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: count)
    task = Task()
    begun: list[int] = []

    def work(item: int) -> None:
        begun.append(item)
        task.cancel()

    with pytest.raises(Canceled):
        task.run(lambda: threads.for_each(work, range(500)))
    assert 1 <= len(begun) <= count
