"""Work that can be ended from outside."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from mattekit.errors import Canceled
from mattekit.geometry import Box, Size
from mattekit.imaging.samples import strips
from mattekit.matting.tiling import tiles
from mattekit.models import InputSpec, ModelCard
from mattekit.runtime.onnx_session import OnnxSession
from mattekit.tasks import Task, checkpoint, detached, on_cancel, stage
from support.tiny_onnx import write_network


def test_without_a_task_nothing_happens() -> None:
    checkpoint()
    with stage("x"), on_cancel(pytest.fail):
        pass


def test_a_canceled_task_leaves_at_its_next_checkpoint() -> None:
    task, seen = Task(), []

    def work() -> None:
        for part in strips((100, 1 << 18)):
            seen.append(part)
            if len(seen) == 3:
                task.cancel()

    with pytest.raises(Canceled):
        task.run(work)
    assert len(seen) == 3
    assert task.canceled
    checkpoint()  # this thread is free again


def test_one_that_was_canceled_before_does_not_begin() -> None:
    task = Task()
    task.cancel()
    with pytest.raises(Canceled):
        task.run(pytest.fail)


def test_every_long_loop_has_a_checkpoint() -> None:
    from mattekit.imaging.resize import block_mean

    large = np.zeros((64, 1 << 17), np.uint8)
    loops = [
        lambda: next(tiles(Box(0, 0, 9, 9), 3)),
        lambda: next(strips((9, 9))),
        lambda: block_mean(large, 2),
    ]
    for loop in loops:
        task = Task()

        def work(task: Task = task, loop=loop) -> None:  # type: ignore[no-untyped-def]
            task.cancel()
            loop()

        with pytest.raises(Canceled):
            task.run(work)


def test_from_another_thread() -> None:
    task, begun = Task(), threading.Event()

    def work() -> None:
        with on_cancel(stop.set):
            begun.set()
            assert stop.wait(20)

    stop = threading.Event()
    other = threading.Thread(target=lambda: begun.wait(20) and task.cancel())
    other.start()
    with pytest.raises(Canceled):
        task.run(work)
    other.join()


def test_a_callback_lasts_as_long_as_its_block() -> None:
    task = Task()

    def work() -> None:
        with on_cancel(pytest.fail):
            pass
        task.cancel()

    task.run(work)


def test_stages_add_up() -> None:
    task = Task()

    @stage("twice")
    def step() -> int:
        return 1

    with task.running():
        with stage("first"):
            pass
        assert step() + step() == 2
    assert list(task.stages) == ["first", "twice"]
    assert task.seconds >= 0


def test_stages_may_be_read_while_work_goes_on() -> None:
    task = Task()
    task.count("first", 1.0)
    for _ in task.stages:
        task.count("second", 2.0)
    assert task.stages == {"first": 1.0, "second": 2.0}


def test_what_is_done_for_others_goes_on() -> None:
    task = Task()

    def work() -> None:
        with detached():
            task.cancel()
            checkpoint()
        with pytest.raises(Canceled):
            checkpoint()

    task.run(work)


def test_a_run_of_a_network_ends_in_its_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """onnxruntime is told; here a network stands in that waits for being told."""
    path = tmp_path / "tiny.onnx"
    write_network(path)
    session = OnnxSession(ModelCard("tiny", input=InputSpec(size=Size(8, 8))), path)
    task, told = Task(), []

    class Endless:
        def run(self, outputs: object, feeds: object, options: object) -> list[np.ndarray]:
            threading.Thread(target=task.cancel).start()
            while not options.terminate:  # type: ignore[attr-defined]
                pass
            told.append(True)
            raise RuntimeError("Exiting due to terminate flag being set to true.")

    monkeypatch.setattr(session, "_session", Endless())
    with pytest.raises(Canceled):
        task.run(lambda: session.run(np.zeros((1, 3, 8, 8), np.float32)))
    assert told == [True]
