"""Who runs a job: beside Krita's event loop."""

from __future__ import annotations

import time
from typing import Any

import mattekit_bridge as bridge
from support.krita import fake
from support.krita.bench import Bench


def _spin(timer: Any) -> None:
    end = time.monotonic() + 10
    while timer.running:
        assert time.monotonic() < end
        timer.fire()
        time.sleep(0.001)


def test_a_runner_works_in_another_thread(bench: Bench) -> None:
    told: list[float] = []
    ended: list[Any] = []
    runner = bench.running.Runner(lambda share, text: told.append(share), ended.append)
    runner.start(bench.job())
    assert runner.busy
    _spin(fake.Timer.made[0])
    assert not runner.busy
    assert [done.layer for done in ended[0].done] == ["Photo"]
    assert told == sorted(told)


def test_a_runner_is_cancelled(bench: Bench) -> None:
    ended: list[Any] = []
    runner = bench.running.Runner(lambda share, text: runner.cancel(), ended.append)
    runner.start(bench.job())
    _spin(fake.Timer.made[0])
    assert isinstance(ended[0], bridge.Canceled)
    assert not bench.layer.children


def test_a_runner_hands_on_what_went_wrong(bench: Bench) -> None:
    bench.answer = bridge.WorkerGone("reset")
    ended: list[Any] = []
    runner = bench.running.Runner(lambda share, text: None, ended.append)
    runner.start(bench.job())
    _spin(fake.Timer.made[0])
    assert isinstance(ended[0], bridge.WorkerGone)
    assert not runner.busy
