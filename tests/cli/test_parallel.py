"""Workers: order, memory, stopping."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from mattekit import pipeline
from mattekit.errors import OptionError
from mattekit.options import Options
from mattekit.reporting import PixelSemaphore, UnexpectedError
from mattekit.runtime import FakeSession
from mattekit_cli.parallel import Cutter, JobRunner, Stopped, in_order
from mattekit_cli.plan import Job


def test_results_come_in_the_order_of_the_items():
    def slow_first(number):
        time.sleep(0.05 / (number + 1))
        return number

    with in_order(slow_first, range(8), 4) as results:
        assert list(results) == list(range(8))


def test_every_item_is_counted_and_errors_reach_the_caller():
    counted = []
    with in_order(str, [1, 2, 3], 2, lambda: counted.append(1)) as results:
        assert list(results) == ["1", "2", "3"]
    assert len(counted) == 3
    with pytest.raises(ValueError, match="nope"), in_order(int, ["1", "nope"], 2) as results:
        list(results)


def test_after_an_error_nothing_further_is_begun():
    begun, go = [], threading.Event()

    def work(number):
        begun.append(number)
        go.wait(5)

    with pytest.raises(KeyboardInterrupt), in_order(work, range(100), 2):
        raise KeyboardInterrupt
    go.set()
    time.sleep(0.05)
    assert len(begun) <= 2


def test_pixels_in_memory_are_bounded():
    room, lock, now, most = PixelSemaphore(10), threading.Lock(), [0], [0]

    def work(count):
        with room.share(count):
            with lock:
                now[0] += count
                most[0] = max(most[0], now[0])
            time.sleep(0.005)
            with lock:
                now[0] -= count

    with in_order(work, [4] * 12, 6) as results:
        list(results)
    assert most[0] == 8


def test_a_picture_larger_than_the_budget_is_let_in_alone():
    room = PixelSemaphore(10)
    with room.share(1000):
        waiting = threading.Thread(target=lambda: room.share(1).__enter__(), daemon=True)
        waiting.start()
        waiting.join(0.05)
        assert waiting.is_alive()
    waiting.join(5)
    assert not waiting.is_alive()


def test_what_is_finished_after_stopping_is_not_written(runtime, photo):
    """Stopped while the network runs: the picture is given up, nothing of it is on the disk."""
    photo("a.png")
    network = runtime.session()
    runner = JobRunner(Cutter(Options(), runtime), ".{}".format)
    assert runner.run(Job("a.png", "first")).status == "done"

    def stopping(batch):
        assert runner.stop() == 1
        return network.function(batch)

    runtime.use("auto", FakeSession(stopping, network.card))
    with pytest.raises(Stopped):
        runner.run(Job("a.png", "second"))
    with pytest.raises(Stopped):
        runner.run(Job("a.png", "third"))
    assert sorted(path.name for path in Path().iterdir()) == ["a.png", "first.png"]


def test_no_memory_is_explained():
    assert "--jobs 1" in str(UnexpectedError("a.png", MemoryError()))


@pytest.mark.parametrize(("refused", "code"), [(["a.png", "b.png"], 2), (["a.png"], 1)])
def test_an_option_that_no_picture_can_take_is_a_wrong_call(
    mattekit, photo, monkeypatch, refused, code
):
    photo("a.png")
    photo("b.png")
    complete = pipeline.complete

    def pick(photo, matte, options, **more):
        if photo.source in refused:
            raise OptionError("roi", "9px", "a region inside the picture")
        return complete(photo, matte, options, **more)

    monkeypatch.setattr(pipeline, "complete", pick)
    result = mattekit("remove", "a.png", "b.png", "--json")
    assert result.exit_code == code
    assert json.loads(result.stdout.splitlines()[0])["error"]["code"] == "invalid_roi"
