"""The runtime: one build per network, eviction, choice of the best model, forks."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest

from mattekit.errors import (
    ModelCardError,
    ModelCorrupt,
    ModelNotPresent,
    OptionError,
    ProviderError,
    UnknownModel,
)
from mattekit.geometry import Size
from mattekit.models import InputSpec, ModelCard, Store
from mattekit.runtime import FakeSession, Runtime
from mattekit.runtime.ort import load_onnxruntime
from support.tiny_onnx import CARD, write_network


class Counting(Runtime):
    """Counts builds, and may be held up in them."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.builds: list[tuple[str, str]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.building = threading.Semaphore(0)
        self.failures = 0

    def _build(self, card: ModelCard, path: Path, device: str) -> FakeSession:
        self.builds.append((card.name, device))
        self.building.release()
        assert self.gate.wait(20)
        if self.failures:
            self.failures -= 1
            raise ModelCorrupt(card.name, "it fails on purpose")
        return FakeSession(lambda batch: batch[:, :1], card, device="cpu")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Present: a, b (100 bytes each), people (for persons), named (rank 0). Absent: best."""
    cards = [
        ModelCard("a", file="a.onnx", rank=30),
        ModelCard("b", file="b.onnx", rank=40),
        ModelCard("people", file="people.onnx", rank=50, suits=("person",)),
        ModelCard("named", file="named.onnx", rank=0),
        ModelCard("best", file="best.onnx", rank=999),
    ]
    for name in ("a", "b", "people", "named"):
        (tmp_path / f"{name}.onnx").write_bytes(bytes(100))
    return Store(tmp_path, cards=cards)


@pytest.fixture
def runtime(store: Store) -> Counting:
    return Counting(store)


def together(count: int, function, *arguments: object) -> list[object]:
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda: answers.append(function(*arguments))) for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


# -- one build -------------------------------------------------------------------------------


def test_a_hundred_calls_one_build(runtime: Counting):
    sessions = {id(runtime.session("a")) for _ in range(100)}
    assert len(sessions) == 1
    assert runtime.builds == [("a", "auto")]


def test_many_threads_one_build(runtime: Counting):
    runtime.gate.clear()
    threading.Timer(0.2, runtime.gate.set).start()  # all of them ask while one builds
    sessions = together(8, runtime.session, "a")
    assert len({id(session) for session in sessions}) == 1
    assert len(sessions) == 8
    assert runtime.builds == [("a", "auto")]


def test_other_options_other_builds(runtime: Counting):
    assert runtime.session("a") is not runtime.session("a", device="cpu")
    assert runtime.session("b") is not runtime.session("a")
    assert runtime.session("a", kind="person") is runtime.session("a")
    assert runtime.builds == [("a", "auto"), ("a", "cpu"), ("b", "auto")]


def test_building_one_does_not_hold_up_another(runtime: Counting):
    runtime.session("b")
    runtime.building.acquire()
    runtime.gate.clear()
    thread = threading.Thread(target=runtime.session, args=("a",))
    thread.start()
    runtime.building.acquire()  # a is being built now ...
    assert runtime.session("b").card.name == "b"  # ... and b can be had
    assert [model.model for model in runtime.loaded()] == ["b"]
    runtime.gate.set()
    thread.join()


def test_a_build_that_fails_is_tried_again(runtime: Counting):
    runtime.failures = 1
    with pytest.raises(ModelCorrupt):
        runtime.session("a")
    assert runtime.loaded() == ()
    assert runtime.session("a").card.name == "a"


def test_a_file_that_was_replaced_is_loaded_anew(runtime: Counting):
    old = runtime.session("a")
    path = runtime.store.path("a")
    os.utime(path, ns=(1, 1))
    assert runtime.session("a") is not old


# -- eviction --------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_least_recently_used_is_let_go(store: Store):
    runtime = Counting(store, max_bytes=250)
    a = weakref.ref(runtime.session("a"))
    b = weakref.ref(runtime.session("b"))
    runtime.session("a")
    assert [model.model for model in runtime.loaded()] == ["b", "a"]
    held = runtime.session("named")
    gc.collect()
    assert b() is None  # gone with its memory
    assert a() is not None
    assert [model.model for model in runtime.loaded()] == ["a", "named"]
    runtime.session("b")
    runtime.session("people")
    assert sum(model.bytes for model in runtime.loaded()) == 200
    # Whoever still has one may finish with it.
    assert held.run(np.ones((1, 3, 2, 2), np.float32))[0].shape == (1, 1, 2, 2)


def test_the_one_in_use_stays_however_large(store: Store):
    runtime = Counting(store, max_bytes=1)
    for name in ("a", "b", "a"):
        runtime.session(name)
        assert [model.model for model in runtime.loaded()] == [name]
    runtime.session("a")
    assert len(runtime.builds) == 3


def test_close_closes(store: Store, tmp_path: Path):
    network = write_network(tmp_path / "tiny.onnx")
    (tmp_path / "tiny.toml").write_text(CARD, encoding="utf-8")
    with Runtime(store) as runtime:
        session = runtime.session(str(network), device="cpu")
        assert runtime.loaded() == (("tiny", "cpu", network.stat().st_size),)
        assert session.run(np.ones((1, 3, 8, 8), np.float32))[0].max() == 1
    assert runtime.loaded() == ()
    assert session.closed  # type: ignore[attr-defined]
    again = runtime.session(str(network), device="cpu")
    assert again is not session
    assert again.run(np.ones((1, 3, 8, 8), np.float32))[0].max() == 1


def test_limits_are_checked():
    for name in ("max_bytes", "threads", "parallel"):
        with pytest.raises(OptionError, match=name):
            Runtime(**{name: 0})


# -- which model -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name"), [("auto", "b"), ("person", "people"), ("car", "b"), ("other", "b")]
)
def test_auto_takes_the_best_that_is_present_and_suits(runtime: Counting, kind: str, name: str):
    assert runtime.choose(kind).name == name
    assert runtime.session("auto", kind=kind).card.name == name


def test_auto_without_anything_is_the_builtin_model(tmp_path: Path):
    assert Runtime(Store(tmp_path)).choose("person").builtin


def test_a_model_below_the_builtin_one_is_not_preferred(tmp_path: Path):
    (tmp_path / "birefnet-dis.onnx").write_bytes(b"x")
    (tmp_path / "bria-rmbg.onnx").write_bytes(b"x")
    (tmp_path / "birefnet-portrait.onnx").write_bytes(b"x")
    runtime = Runtime(Store(tmp_path))
    assert runtime.choose().builtin
    assert runtime.choose("product").builtin
    assert runtime.choose("person").name == "birefnet-portrait"


def test_names_and_paths_that_lead_nowhere(runtime: Counting, tmp_path: Path):
    with pytest.raises(UnknownModel):
        runtime.session("c")
    with pytest.raises(ModelNotPresent, match="mattekit models fetch best"):
        runtime.session("best")
    with pytest.raises(ModelNotPresent, match="no-such"):
        runtime.session(str(tmp_path / "no-such.onnx"))
    with pytest.raises(OptionError, match="device"):
        runtime.session("a", device="gpu")
    assert runtime.builds == []


def test_a_file_of_another_size_is_not_loaded(tmp_path: Path):
    (tmp_path / "u2net.onnx").write_bytes(b"half a file")
    with pytest.raises(ModelCorrupt, match="has 11 bytes, expected 175,997,641"):
        Runtime(Store(tmp_path)).session("u2net")


def test_a_card_of_another_size_is_checked(store: Store, tmp_path: Path):
    network = write_network(tmp_path / "tiny.onnx")
    (tmp_path / "tiny.toml").write_text("bytes = 5\n" + CARD, encoding="utf-8")
    with pytest.raises(ModelCorrupt, match="expected 5 bytes"):
        Runtime(store).session(str(network))
    (tmp_path / "tiny.toml").unlink()
    with pytest.raises(ModelCardError, match=r"there is no tiny\.toml"):
        Runtime(store).session(str(network))


def test_cards_of_plugins(tmp_path: Path):
    network = write_network(tmp_path / "tiny.onnx")
    card = ModelCard("extra", file=str(network), rank=500, input=InputSpec(size=Size(8, 8)))
    runtime = Runtime(cards=[card])
    assert runtime.session("auto").card is card
    assert runtime.session("extra").run(np.ones((1, 3, 8, 8), np.float32))[0].max() == 1


# -- the seam --------------------------------------------------------------------------------


def test_a_session_can_stand_in(runtime: Counting):
    fake = FakeSession(lambda batch: batch[:, :1])
    runtime.use("auto", fake)
    assert runtime.session() is runtime.session("auto", device="cuda", kind="car") is fake
    runtime.use("b", fake)
    runtime.use("auto", None)
    assert runtime.session("b") is runtime.session("auto") is fake  # b is what auto means
    runtime.use("b", None)
    assert runtime.session("b") is not fake
    assert runtime.builds == [("b", "auto")]


# -- the process -----------------------------------------------------------------------------


def test_the_builtin_model_runs():
    with Runtime() as runtime:
        session = runtime.session("builtin", device="cpu")
        size = session.card.input.size
        assert size is not None
        alpha, kinds = session.run(np.zeros((1, 3, size.height, size.width), np.float32))
        assert 0 <= alpha.min() <= alpha.max() <= 1
        assert kinds is not None
        assert kinds.shape == (1, len(session.card.output.kind_names))
        assert kinds.sum() == pytest.approx(1, abs=1e-3)


def test_facts_about_devices():
    facts = Runtime().providers()
    assert facts.active["cpu"] == ("CPUExecutionProvider",)
    assert "CPUExecutionProvider" in facts.offered
    assert facts.version
    assert set(facts.failed).isdisjoint(facts.active)
    assert all(device in {"cpu", *facts.failed} or facts.active[device] for device in facts.active)


def test_two_wheels_are_a_problem(monkeypatch):
    both = {"onnxruntime": "1.0", "onnxruntime-gpu": "1.1"}
    monkeypatch.setattr("mattekit.runtime.runtime.wheels", lambda: both)
    (problem,) = [each for each in Runtime().providers().problems if "Several" in each]
    assert "pip uninstall -y onnxruntime onnxruntime-gpu" in problem


def test_a_device_that_does_not_come_up_is_reported(monkeypatch):
    offered = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    if offered[0] in load_onnxruntime().get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: offered)
    runtime = Runtime()
    with pytest.warns(UserWarning, match="CUDAExecutionProvider"):  # onnxruntime's own
        facts = runtime.providers()
    assert set(facts.active) == {"cpu"}
    assert "cuda" in facts.failed
    assert any(problem.startswith("cuda: ") for problem in facts.problems)
    with (
        pytest.warns(UserWarning, match="CUDAExecutionProvider"),
        pytest.raises(ProviderError) as caught,
    ):
        runtime.session("builtin", device="cuda")
    assert caught.value.active == ("CPUExecutionProvider",)


def test_one_runtime_per_process():
    assert Runtime.shared() is Runtime.shared()
    assert len({id(each) for each in together(4, Runtime.shared)}) == 1


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_gets_its_own():
    program = """
import os, warnings
import numpy as np
from mattekit.runtime import Runtime
warnings.simplefilter("ignore", DeprecationWarning)
own = Runtime(threads=2)
picture = np.zeros((1, 3, *own.choose().input.size[::-1]), np.float32)
shared = Runtime.shared()
for runtime in (own, shared):
    runtime.session("builtin").run(picture)
child = os.fork()
if child == 0:
    good = Runtime.shared() is shared
    for runtime in (own, Runtime.shared()):
        good = good and runtime.loaded() == ()
        runtime.session("builtin").run(picture)
        runtime.close()
    os._exit(0 if good else 1)
assert os.waitpid(child, 0)[1] == 0
assert Runtime.shared() is shared and len(own.loaded()) == 1
shared.session("builtin").run(picture)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
