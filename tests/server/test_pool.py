"""Load: a bounded number at once, a bounded queue, an answer before the deadline."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from mattekit_server.bodies import MemoryLease, MemoryLimit
from mattekit_server.pool import ClientGone, WorkerPool
from mattekit_server.problems import Problem


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def test_no_more_than_the_threads_at_once() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work() -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return 7

    async def main() -> list[int]:
        pool = WorkerPool(2, 100)
        pool.mean = 0.01
        results = await asyncio.gather(*(pool.run(work, deadline=soon()) for _ in range(10)))
        assert (pool.running, pool.waiting) == (0, 0)
        pool.close()
        return results

    assert asyncio.run(main()) == [7] * 10
    assert most == 2


def test_a_full_queue_is_refused_at_once() -> None:
    release = threading.Event()

    async def main() -> None:
        pool = WorkerPool(1, 2)
        calls = [asyncio.create_task(pool.run(release.wait, deadline=soon())) for _ in range(3)]
        await asyncio.sleep(0.05)
        assert (pool.running, pool.waiting) == (1, 2)
        with pytest.raises(Problem) as caught:
            # Its first step already raises: it waits for nothing.
            pool.run(release.wait, deadline=soon()).send(None)
        assert caught.value.status == 503
        assert int(caught.value.headers["Retry-After"]) >= 1
        release.set()
        assert await asyncio.gather(*calls) == [True] * 3
        pool.close()

    asyncio.run(main())


def test_whoever_else_waits_is_one_of_the_queue() -> None:
    async def main() -> None:
        pool = WorkerPool(1, 1)
        with pool.queued(soon()):
            assert pool.waiting == 1
            with pytest.raises(Problem) as caught, pool.queued(soon()):
                raise AssertionError
            assert caught.value.status == 503
        with pytest.raises(Problem), pool.queued(time.monotonic()):
            await asyncio.Event().wait()
        assert pool.waiting == 0
        pool.close()

    asyncio.run(main())


def test_the_deadline_holds_while_waiting_and_while_running() -> None:
    release = threading.Event()

    async def main() -> None:
        pool = WorkerPool(1, 10)
        pool.mean = 0.01
        calls = [asyncio.create_task(pool.run(release.wait, deadline=soon(0.2))) for _ in range(3)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert [result.status for result in results] == [503] * 3  # type: ignore[union-attr]
        # What runs keeps its thread until it ends; then the thread is free again.
        assert pool.running == 1
        release.set()
        await pool.drain()
        assert await pool.run(lambda: 1, deadline=soon()) == 1
        pool.close()

    asyncio.run(main())


def test_an_answer_at_the_very_last_moment_is_given() -> None:
    finished = threading.Event()

    def work() -> int:
        finished.set()
        return 7

    async def main() -> int:
        pool = WorkerPool(1, 2)
        call = asyncio.create_task(pool.run(work, deadline=soon(0.3)))
        await asyncio.sleep(0)
        assert finished.wait(60)
        time.sleep(0.4)  # the loop sees the answer and the deadline in the same turn
        found = await call
        pool.close()
        return found

    assert asyncio.run(main()) == 7


def test_who_cannot_be_served_in_time_is_told_at_once() -> None:
    release = threading.Event()

    async def main() -> None:
        pool = WorkerPool(1, 100)
        pool.mean = 10
        call = asyncio.create_task(pool.run(release.wait, deadline=soon()))
        await asyncio.sleep(0.01)
        with pytest.raises(Problem) as caught:
            pool.check(soon(5))
        assert caught.value.headers["Retry-After"] == "5"
        release.set()
        await call
        pool.close()

    asyncio.run(main())


def test_nobody_works_for_a_client_that_has_gone() -> None:
    done = []

    async def gone() -> bool:
        return True

    async def main() -> None:
        pool = WorkerPool(1, 1)
        with pytest.raises(ClientGone):
            await pool.run(lambda: done.append(1), deadline=soon(), gone=gone)
        assert await pool.run(lambda: 1, deadline=soon()) == 1  # the thread is free
        pool.close()

    asyncio.run(main())
    assert done == []


def test_errors_come_through() -> None:
    def broken() -> None:
        raise TimeoutError("the function's own")

    async def main() -> None:
        pool = WorkerPool(1, 1)
        with pytest.raises(TimeoutError, match="own"):
            await pool.run(broken, deadline=soon())
        await asyncio.wait_for(pool.drain(), 60)
        pool.close()

    asyncio.run(main())


def test_budget() -> None:
    memory = MemoryLimit(100)
    first, second = MemoryLease(memory), MemoryLease(memory)
    first.add(60)
    with pytest.raises(Problem) as caught:
        second.add(41)
    assert caught.value.status == 503
    second.add(40)
    first.release()
    first.release()
    assert memory.used == 40
