"""How many processors a picture may use."""

from __future__ import annotations

import contextvars
import os
import subprocess
import sys
import threading
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


def test_helpers_begin_at_the_end(monkeypatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 2)
    both = threading.Barrier(2, timeout=30)
    seen: dict[int, list[int]] = {}

    def work(item: int) -> None:
        mine = seen.setdefault(threading.get_ident(), [])
        if not mine:
            both.wait()
        mine.append(item)

    threads.for_each(work, range(20))
    own = seen.pop(threading.get_ident())
    (others,) = seen.values()
    assert own == list(range(len(own)))
    assert others == list(range(19, len(own) - 1, -1))


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
        threads.for_each(work, range(2000))  # two seconds for the one that raises to have its turn
    assert len(begun) < 2000


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


@pytest.mark.parametrize("count", [1, 2])
def test_beside_gives_what_a_function_returns(count: int, monkeypatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: count)
    here = threading.get_ident()
    with threads.beside(threading.get_ident) as result:
        assert isinstance(result(), int)
    assert count > 1 or result() == here


def test_beside_works_on_one_processor(monkeypatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1}, raising=False)
    begun = threading.Event()

    def work() -> int:
        begun.set()
        return threads.cores()

    with threads.beside(work) as result:
        assert begun.wait(30)
        assert result() == 1
    assert threads.cores() == 2


def test_beside_has_ended_with_its_block(monkeypatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 2)
    begun, go_on = threading.Event(), threading.Event()
    ended: list[bool] = []

    def work() -> None:
        begun.set()
        go_on.wait(30)
        ended.append(True)

    def leave() -> None:
        with threads.beside(work):
            assert begun.wait(30)
            go_on.set()
            raise KeyError("the block's own")

    with pytest.raises(KeyError, match="the block's own"):
        leave()
    assert ended == [True]


def test_beside_raises_even_if_nobody_asks(monkeypatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 2)
    begun = threading.Event()

    def work() -> None:
        begun.set()
        raise KeyError("beside")

    with pytest.raises(KeyError, match="beside"), threads.beside(work):
        assert begun.wait(30)


def test_who_waits_for_a_helper_does_the_work_where_all_are_busy(monkeypatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 3)
    seen: list[tuple[int, int]] = []
    many = 4 * (os.cpu_count() or 1)

    def outer(row: int) -> None:
        threads.for_each(lambda column: seen.append((row, column)), range(5))

    threads.for_each(outer, range(many))
    assert sorted(seen) == [(row, column) for row in range(many) for column in range(5)]


def test_where_no_thread_can_be_had_the_work_is_done_here(monkeypatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threads, "cores", lambda: 3)
    monkeypatch.setattr(threads, "_helpers", threads._Helpers())
    seen: list[int] = []
    with monkeypatch.context() as system:
        system.setattr(threading.Thread, "start", refuse)
        threads.for_each(seen.append, range(5))
        assert seen == [0, 1, 2, 3, 4]
        with threads.beside(lambda: seen.append(5)) as result:
            result()
    # What was left behind is never done by threads that begin later.
    begun = threading.Event()
    with threads.beside(begun.set):
        assert begun.wait(30)
    assert seen == [0, 1, 2, 3, 4, 5]


def test_a_thread_may_work_on_when_the_main_one_has_ended() -> None:
    code = """
import threading
from mattekit import threads
threads.cores = lambda: 2
def work():
    threading.main_thread().join()
    threads.for_each(print, range(3))
threading.Thread(target=work).start()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("0\n1\n2\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_helpers_are_made_anew_in_a_forked_child() -> None:
    code = """
import os, threading
from mattekit import threads
threads.cores = lambda: 2
def help_once():
    begun = threading.Event()
    with threads.beside(begun.set):
        assert begun.wait(30)
help_once()
child = os.fork()
if not child:
    help_once()
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
"""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code]
    subprocess.run(command, check=True, timeout=60)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("leave", ["raise SystemExit(7)", "pass", "assert result() == 'anew'"])
def test_a_child_that_is_forked_inside_a_block_leaves_it(leave: str) -> None:
    code = f"""
import os, sys, threading
from mattekit import threads
threads.cores = lambda: 2
begun, go_on, process = threading.Event(), threading.Event(), os.getpid()
def work():
    if os.getpid() != process:
        return "anew"
    begun.set()
    go_on.wait(30)
try:
    with threads.beside(work) as result:
        assert begun.wait(30)
        child = os.fork()
        if not child:
            {leave}
        else:
            go_on.set()
except SystemExit as end:
    os._exit(end.code)
if not child:
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
"""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code]
    subprocess.run(command, check=True, timeout=60)
