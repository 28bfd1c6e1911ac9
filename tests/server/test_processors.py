"""How many processors a network gets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mattekit.geometry import Size
from mattekit.models import InputSpec, ModelCard
from mattekit.runtime import FakeSession, Tensor
from mattekit.runtime.onnx_session import OnnxSession
from mattekit.tasks import checkpoint
from mattekit_server import processors
from mattekit_server.batching import BatchingRuntime
from mattekit_server.processors import ElasticSession
from support.tiny_onnx import CARD, write_network

FIELD = ModelCard("tiny", input=InputSpec(size=Size(8, 8)))
ONE = np.full((1, 3, 8, 8), 0.25, np.float32)


@pytest.fixture
def network(tmp_path: Path) -> str:
    path = write_network(tmp_path / "tiny.onnx")
    path.with_suffix(".toml").write_text(CARD)
    return str(path)


def marked(mark: float, during: Callable[[], object] = lambda: None) -> FakeSession:
    def function(batch: Tensor) -> Tensor:
        during()
        return np.full((1, 1, 8, 8), mark, np.float32)

    return FakeSession(function, FIELD)


def test_who_is_alone_has_several() -> None:
    began, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        began.set()
        assert go_on.wait(10)

    session = ElasticSession(marked(1), marked(2, wait))
    answers: list[float] = []
    first = threading.Thread(target=lambda: answers.append(session.run(ONE)[0].max()))
    first.start()
    assert began.wait(10)
    assert session.run(ONE)[0].max() == 1  # another one is there
    go_on.set()
    first.join()
    assert answers == [2]
    assert session.run(ONE)[0].max() == 2  # alone again


def test_a_run_that_fails_has_left() -> None:
    session = ElasticSession(marked(1), marked(2, lambda: 1 / 0))
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            session.run(ONE)


def test_it_is_what_its_networks_are() -> None:
    narrow = marked(1)
    session = ElasticSession(narrow, marked(2))
    assert (session.card, session.device, session.providers) == (
        *(narrow.card, narrow.device, narrow.providers),
    )
    session.close()  # these have nothing to close
    session._running = 1
    session.after_fork()
    assert session.run(ONE)[0].max() == 2


@pytest.mark.parametrize(
    ("share", "threads", "runs"), [(2, 2, 1), (4, 4, 1), (6, 4, 2), (16, 4, 4)]
)
def test_a_large_network_has_several(
    network: str, monkeypatch: pytest.MonkeyPatch, share: int, threads: int, runs: int
) -> None:
    monkeypatch.setattr(processors, "_seconds", lambda session: 0.5)
    with BatchingRuntime(parallel=2, share=share) as runtime:
        session = runtime.session(network, device="cpu")
        assert isinstance(session, ElasticSession)
        narrow, wide = session.narrow, session.wide
        assert isinstance(narrow, OnnxSession)
        assert isinstance(wide, OnnxSession)
        assert (narrow._threads, narrow._parallel) == (1, 2)
        assert (wide._threads, wide._parallel) == (threads, runs)
        assert session.run(ONE)[0] == pytest.approx(0.25)
        session.close()
        assert narrow.closed
        assert wide.closed


def test_a_small_one_has_one(network: str) -> None:
    with BatchingRuntime(parallel=2, share=2) as runtime:
        session = runtime.session(network, device="cpu")
        assert isinstance(session, OnnxSession)
        assert (session._threads, session._parallel) == (1, 2)


def test_without_a_share_threads_are_as_asked_for(
    network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processors, "_seconds", lambda session: 0.5)
    with BatchingRuntime(threads=3, parallel=2) as runtime:
        session = runtime.session(network, device="cpu")
        assert isinstance(session, OnnxSession)
        assert (session._threads, session._parallel) == (3, 2)


def test_one_that_fills_the_memory_is_there_once(
    network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processors, "_TWICE", 10)
    monkeypatch.setattr(processors, "_seconds", lambda session: pytest.fail("it is large"))
    with BatchingRuntime(parallel=2, share=2) as runtime:
        session = runtime.session(network, device="cpu")
        assert isinstance(session, OnnxSession)
        assert (session._threads, session._parallel) == (2, 1)
        assert session.run(ONE)[0] == pytest.approx(0.25)


def test_a_run_is_measured_by_its_processor_time(network: str) -> None:
    with BatchingRuntime(threads=1) as runtime:
        session = runtime.session(network, device="cpu")
        assert isinstance(session, OnnxSession)
        assert 0 < processors._seconds(session) < processors._LARGE


def test_a_run_that_takes_long_is_not_waited_for(
    network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers: list[Timer] = []
    ended = []

    class Timer:
        """Is over when it is told so."""

        def __init__(self, seconds: float, over: Callable[[], None]) -> None:
            self.seconds, self.over, self.running = seconds, over, False
            timers.append(self)

        def start(self) -> None:
            self.running = True

        def cancel(self) -> None:
            self.running = False

    def endless() -> None:
        (timer,) = timers
        assert timer.running
        timer.over()
        end = time.monotonic() + 30
        try:
            while time.monotonic() < end:
                checkpoint()
        finally:
            ended.append(time.monotonic() < end)

    monkeypatch.setattr(processors.threading, "Timer", Timer)
    with BatchingRuntime(threads=1) as runtime:
        session = runtime.session(network, device="cpu")
        monkeypatch.setattr(session, "warm_up", endless)
        processors._seconds(session)  # type: ignore[arg-type]
    assert ended == [True]
    assert [(each.seconds, each.running) for each in timers] == [(processors._PATIENCE, False)]
