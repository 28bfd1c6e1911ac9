"""Runs of a network that several threads share."""

from __future__ import annotations

import concurrent.futures
import io
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mattekit.errors import Canceled, ModelError
from mattekit.geometry import Size
from mattekit.models import InputSpec, ModelCard
from mattekit.runtime import FakeSession, Tensor
from mattekit.tasks import Task
from mattekit_server.batching import BatchingRuntime, BatchingSession
from support.server.pictures import TestClient, opened
from support.tiny_onnx import CARD, write_network

FIELD = ModelCard("tiny", input=InputSpec(size=Size(8, 8)))


def one(value: float, side: int = 8) -> Tensor:
    return np.full((1, 3, side, side), value, np.float32)


def answer(batch: Tensor) -> tuple[Tensor, Tensor]:
    return batch[:, :1] * 2, batch[:, :2, 0, 0]


class Gate:
    """A network whose first run waits until it is told to go on."""

    def __init__(self, function: Callable[[Tensor], object] = answer) -> None:
        self.function = function
        self.began, self.go_on = threading.Event(), threading.Event()
        self.sizes: list[int] = []
        self.at_once = self.most_at_once = 0

    def __call__(self, batch: Tensor) -> object:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.sizes.append(len(batch))
        self.began.set()
        assert self.go_on.wait(10)
        result = self.function(batch)
        self.at_once -= 1
        return result


def together(
    gate: Gate, most: int, tensors: list[Tensor]
) -> list[concurrent.futures.Future[tuple[Tensor, Tensor | None]]]:
    """Send the first alone, the others while it runs; return what became of all."""
    session = BatchingSession(FakeSession(gate, FIELD), most)  # type: ignore[arg-type]
    with concurrent.futures.ThreadPoolExecutor(len(tensors)) as pool:
        futures = [pool.submit(session.run, tensors[0])]
        assert gate.began.wait(10)
        futures += [pool.submit(session.run, tensor) for tensor in tensors[1:]]
        for _ in range(1000):
            with session._changed:
                if len(session._waiting) == len(tensors) - 1:
                    break
            threading.Event().wait(0.005)
        gate.go_on.set()
        concurrent.futures.wait(futures, 20)
    assert session._waiting == []
    assert not session._running
    return futures


def test_who_comes_while_it_runs_goes_together() -> None:
    gate = Gate()
    futures = together(gate, 4, [one(number) for number in range(8)])
    assert gate.sizes == [1, 4, 3]
    assert gate.most_at_once == 1
    for number, future in enumerate(futures):
        alpha, kinds = future.result()
        assert alpha.shape == (1, 1, 8, 8)
        assert (alpha == 2 * number).all()
        assert kinds is not None
        assert (kinds == number).all()
        assert kinds.shape == (1, 2)


def test_different_sizes_do_not_mix() -> None:
    gate = Gate()
    futures = together(gate, 8, [one(0), one(1), one(2, 16), one(3), one(4, 16)])
    assert sorted(gate.sizes) == [1, 2, 2]
    shapes = [future.result()[0].shape[-1] for future in futures]
    assert shapes == [8, 8, 16, 8, 16]


def test_one_that_breaks_the_network_breaks_only_itself() -> None:
    def brittle(batch: Tensor) -> Tensor:
        if (batch == 3).any() or len(batch) > 2:
            raise ModelError("tiny", "out of memory")
        return batch[:, :1]

    gate = Gate(brittle)
    futures = together(gate, 8, [one(number) for number in range(5)])
    assert gate.sizes == [1, 4, 1, 1, 1, 1]
    failed = [number for number, future in enumerate(futures) if future.exception()]
    assert failed == [3]
    assert (futures[4].result()[0] == 4).all()


def test_a_defect_leaves_nobody_waiting() -> None:
    def broken(batch: Tensor) -> Tensor:
        if len(batch) > 1:
            raise ZeroDivisionError
        return batch[:, :1]

    futures = together(Gate(broken), 8, [one(number) for number in range(4)])
    kinds = {type(future.exception()) for future in futures[1:]}
    assert kinds == {ZeroDivisionError, ModelError}


def test_batches_of_others_pass_through() -> None:
    inner = FakeSession(answer, FIELD)
    session = BatchingSession(inner, 4)
    assert session.run(np.zeros((3, 3, 8, 8), np.float32))[0].shape == (3, 1, 8, 8)
    assert (session.card, session.device, session.providers) == (
        *(inner.card, inner.device, inner.providers),
    )


@pytest.mark.parametrize(
    ("first", "batch", "wrapped"), [("N", 4, True), ("N", 0, False), ("N", 1, False), (1, 4, False)]
)
def test_only_networks_that_take_several_and_only_where_it_pays(
    tmp_path: Path, first: str | int, batch: int, wrapped: bool
) -> None:
    path = write_network(tmp_path / "tiny.onnx", (first, 3, 8, 8))
    path.with_suffix(".toml").write_text(CARD)
    with BatchingRuntime(batch, threads=1) as runtime:
        session = runtime.session(str(path))
        assert isinstance(session, BatchingSession) == wrapped
        assert runtime.session(str(path)) is session
        alpha, _ = session.run(one(0.25))
        assert alpha == pytest.approx(0.25)
        assert runtime.loaded()[0].device == "cpu"


@pytest.mark.slow
def test_over_http(tmp_path: Path) -> None:
    """A real network of any batch, several threads, many clients: each gets its own picture."""
    from mattekit_server.application import create_app
    from mattekit_server.settings import Settings

    path = write_network(tmp_path / "tiny.onnx", ("N", 3, 8, 8))
    path.with_suffix(".toml").write_text(CARD)
    settings = Settings(auth=False, model=str(path), concurrency=6, batch=4, rate_limit=0)
    app = create_app(settings)
    sizes: list[int] = []
    session = app.state.service.runtime.session(str(path))
    run = session.session.run
    session.session.run = lambda tensor: (sizes.append(len(tensor)), run(tensor))[1]

    def send(width: int) -> tuple[int, int]:
        out = io.BytesIO()
        image = Image.new("RGB", (width, 96))
        image.paste((255, 255, 255), (20, 20, width - 20, 76))
        image.save(out, "PNG")
        answer = client.post(
            "/v1.0/removebg", files={"image_file": out.getvalue()}, data={"format": "png"}
        )
        assert answer.status_code == 200, answer.text
        return opened(answer.content).size

    with (
        TestClient(app, base_url="http://127.0.0.1") as client,
        concurrent.futures.ThreadPoolExecutor(12) as pool,
    ):
        widths = list(range(100, 148))
        assert list(pool.map(send, widths)) == [(width, 96) for width in widths]
    assert sum(sizes) >= len(widths)
    assert max(sizes) <= 4


def test_whose_time_is_over_leaves_and_the_others_get_theirs() -> None:
    """The run belongs to all whose pictures are in it, not to the thread that makes it."""
    gate = Gate()
    session = BatchingSession(FakeSession(gate, FIELD), 4)  # type: ignore[arg-type]
    tasks = [Task(), Task()]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        first = pool.submit(tasks[0].run, lambda: session.run(one(1)))
        assert gate.began.wait(10)
        second = pool.submit(tasks[1].run, lambda: session.run(one(2)))
        tasks[0].cancel()
        gate.go_on.set()
        assert second.result(20)[0].max() == 4
        with pytest.raises(Canceled):
            first.result(20)
