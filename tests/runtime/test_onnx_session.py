"""Sessions on onnxruntime: the card against the file, and the truth about devices."""

from __future__ import annotations

import logging
import threading
import warnings
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from mattekit.errors import (
    MattekitWarning,
    ModelCardError,
    ModelCorrupt,
    ModelError,
    ProviderError,
)
from mattekit.geometry import Size
from mattekit.models import InputSpec, ModelCard, OutputSpec
from mattekit.runtime import onnx_session as module
from mattekit.runtime.onnx_session import OnnxSession
from mattekit.runtime.ort import load_onnxruntime
from mattekit.runtime.providers import CPU, PROVIDERS
from support.tiny_onnx import FLOAT16, UINT8, write_network

CUDA = "CUDAExecutionProvider"
CARD = ModelCard("tiny", input=InputSpec(size=Size(8, 8)))
RNG = np.random.default_rng(7)


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return write_network(tmp_path / "tiny.onnx", kinds=True)


def with_input(**values: object) -> ModelCard:
    return replace(CARD, input=replace(CARD.input, **values))  # type: ignore[arg-type]


def with_output(**values: object) -> ModelCard:
    return replace(CARD, output=OutputSpec(**values))  # type: ignore[arg-type]


def test_a_network_runs(network: Path):
    session = OnnxSession(
        with_output(kinds="kinds", kind_names=("person", "car", "other")), network
    )
    batch = RNG.random((1, 3, 8, 8), np.float32)
    alpha, kinds = session.run(batch)
    np.testing.assert_allclose(alpha, batch.mean(1, keepdims=True), rtol=1e-6)
    assert kinds is not None
    np.testing.assert_allclose(kinds, batch.mean((2, 3)), rtol=1e-6)
    assert session.providers == (CPU,)
    assert session.device == "cpu"
    assert session.bytes == network.stat().st_size


def test_only_what_is_needed_is_asked_for(network: Path):
    assert OnnxSession(CARD, network).run(np.zeros((1, 3, 8, 8), np.float32))[1] is None


def test_channels_last(tmp_path: Path):
    path = write_network(tmp_path / "a.onnx", (1, 8, 8, 3), channels_last=True)
    batch = RNG.random((1, 8, 8, 3), np.float32)
    alpha, _ = OnnxSession(with_input(layout="NHWC"), path).run(batch)
    np.testing.assert_allclose(alpha, batch.mean(3, keepdims=True), rtol=1e-6)


def test_any_size_and_any_number(tmp_path: Path):
    path = write_network(tmp_path / "a.onnx", ("n", 3, "h", "w"))
    session = OnnxSession(with_input(size=None), path)
    session.warm_up()
    for shape in ((1, 3, 32, 64), (2, 3, 96, 32)):
        assert session.run(np.zeros(shape, np.float32))[0].shape == (shape[0], 1, *shape[2:])


def test_half_precision(tmp_path: Path):
    path = write_network(tmp_path / "a.onnx", kind=FLOAT16)
    alpha, _ = OnnxSession(CARD, path).run(np.full((1, 3, 8, 8), 0.25, np.float32))
    assert alpha.dtype == np.float32
    assert (alpha == 0.25).all()


def test_warm_up_and_close(network: Path):
    session = OnnxSession(CARD, network)
    session.warm_up()
    session.close()
    session.close()
    assert session.closed
    with pytest.raises(ModelError, match="was closed"):
        session.warm_up()


def test_a_batch_that_does_not_fit(network: Path):
    with pytest.raises(ModelError, match=r"batch of shape \(1, 3, 9, 9\)"):
        OnnxSession(CARD, network).run(np.zeros((1, 3, 9, 9), np.float32))


@pytest.mark.parametrize(
    ("card", "message"),
    [
        (with_input(size=Size(8, 9)), "has the shape [1, 3, 8, 8], but input.size"),
        (with_input(layout="NHWC"), "has the shape [1, 3, 8, 8], but input.size"),
        (with_input(size=None), 'input.size = "any", but input'),
        (with_input(name="image"), "input.name = 'image', but the inputs are picture"),
        (with_output(alpha=2), "output.alpha = 2, but the outputs are ['matte', 'kinds']"),
        (with_output(alpha="alpha"), "output.alpha = 'alpha', but"),
        (with_output(kinds=5, kind_names=("car",)), "output.kinds = 5, but"),
        (with_output(kinds=1, kind_names=("car",)), "has 1 kinds, the output 3"),
    ],
)
def test_a_card_that_does_not_fit(network: Path, card: ModelCard, message: str):
    with pytest.raises(ModelCardError) as caught:
        OnnxSession(card, network)
    assert message in str(caught.value)


def test_networks_that_cannot_be_used(tmp_path: Path):
    path = write_network(tmp_path / "a.onnx", kind=UINT8, operation="ReduceMax")
    with pytest.raises(ModelCardError, match=r"is tensor\(uint8\)"):
        OnnxSession(CARD, path)
    with pytest.raises(ModelCardError, match="wants 2 inputs"):
        OnnxSession(CARD, write_network(tmp_path / "b.onnx", inputs=2))


@pytest.mark.parametrize("content", [b"hello", b"\0" * 1000, b""])
def test_a_file_that_is_no_network(tmp_path: Path, content: bytes):
    path = tmp_path / "a.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelCorrupt, match="cannot be loaded"):
        OnnxSession(CARD, path)


def test_runs_wait_for_a_free_slot(network: Path, monkeypatch):
    session = OnnxSession(CARD, network, parallel=2)
    inside, most, lock, go = 0, 0, threading.Lock(), threading.Event()

    class Slow:
        def run(self, outputs: object, feeds: object, options: object) -> list[np.ndarray]:
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
            go.wait(0.05)
            with lock:
                inside -= 1
            return [np.zeros((1, 1, 8, 8), np.float32)]

    monkeypatch.setattr(session, "_session", Slow())
    threads = [
        threading.Thread(target=session.run, args=(np.zeros((1, 3, 8, 8), np.float32),))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


class Fail(Exception):
    pass


class FakeOrt:
    """Offers providers, but gives sessions those in `loads` alone; asked for others it may fail."""

    def __init__(self, offers: tuple[str, ...], loads: tuple[str, ...], *, fails: bool = False):
        self.offers, self.loads, self.fails = (*offers, CPU), (*loads, CPU), fails
        self.asked: list[list[str]] = []

    def get_available_providers(self) -> list[str]:
        return list(self.offers)

    def SessionOptions(self) -> SimpleNamespace:
        return SimpleNamespace(add_session_config_entry=lambda key, value: None)

    def InferenceSession(
        self,
        path: str,
        options: object,
        *,
        providers: list[str],
        enable_fallback: int,
        disabled_optimizers: tuple[str, ...],
    ) -> SimpleNamespace:
        assert not enable_fallback
        self.asked.append(providers)
        active = [name for name in providers if name in self.loads]
        if self.fails and active != providers:
            raise Fail("[ONNXRuntimeError] : 1 : FAIL : libcudart.so.12 is missing")
        shape = [1, 3, 8, 8]
        return SimpleNamespace(
            get_providers=lambda: active,
            get_inputs=lambda: [SimpleNamespace(name="i", shape=shape, type="tensor(float)")],
            get_outputs=lambda: [SimpleNamespace(name="o", shape=shape)],
        )


@pytest.fixture
def fake(monkeypatch, network: Path):
    monkeypatch.setattr(module, "_fallback_told", False)
    monkeypatch.setattr(module, "failures", lambda: (Fail,))

    def open_on(ort: FakeOrt, device: str) -> OnnxSession:
        monkeypatch.setattr(module, "load_onnxruntime", lambda: ort)
        return OnnxSession(CARD, network, device)

    return open_on


def test_a_device_that_works_is_used(fake):
    ort = FakeOrt((CUDA,), (CUDA,))
    for device in ("cuda", "auto"):
        session = fake(ort, device)
        assert session.device == "cuda"
        assert session.providers == (CUDA, CPU)
    assert fake(ort, "cpu").providers == (CPU,)
    assert ort.asked == [[CUDA, CPU], [CUDA, CPU], [CPU]]


@pytest.mark.parametrize("fails", [False, True])
def test_a_named_device_that_lands_on_the_processor_is_an_error(fake, fails: bool):
    with pytest.raises(ProviderError) as caught:
        fake(FakeOrt((CUDA,), (), fails=fails), "cuda")
    error = caught.value
    assert error.wanted == "cuda"
    assert error.active == (() if fails else (CPU,))
    assert error.offered == (CUDA, CPU)
    assert "onnxruntime-gpu[cuda,cudnn]" in error.hint
    assert ("libcudart.so.12 is missing" in str(error)) is fails


def test_a_named_device_that_is_not_offered_is_an_error(fake):
    ort = FakeOrt((), ())
    for device in set(PROVIDERS) - {"cpu"}:
        with pytest.raises(ProviderError) as caught:
            fake(ort, device)
        assert caught.value.offered == (CPU,)
        assert "pip install onnxruntime-" in caught.value.hint or device == "coreml"
    assert ort.asked == []  # nothing is built that could not be it


def test_tensorrt_is_not_cuda(fake):
    tensorrt = "TensorrtExecutionProvider"
    with pytest.raises(ProviderError):
        fake(FakeOrt((tensorrt, CUDA), (CUDA,)), "tensorrt")
    with pytest.raises(ProviderError):
        fake(FakeOrt((CUDA,), (CUDA,)), "tensorrt")
    assert fake(FakeOrt((tensorrt, CUDA), (tensorrt, CUDA)), "tensorrt").device == "tensorrt"


@pytest.mark.parametrize("provider", ["MIGraphXExecutionProvider", "ROCMExecutionProvider"])
def test_rocm_has_two_providers(fake, provider: str):
    ort = FakeOrt((provider,), (provider,))
    assert fake(ort, "rocm").device == fake(ort, "auto").device == "rocm"


@pytest.mark.parametrize("fails", [False, True])
def test_auto_that_falls_back_warns_once_with_the_reason(fake, fails: bool):
    ort = FakeOrt((CUDA,), (), fails=fails)
    with pytest.warns(MattekitWarning, match="cuda is offered but does not work") as caught:
        assert fake(ort, "auto").device == "cpu"
    assert len(caught) == 1
    assert "did not load" in str(caught[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fake(ort, "auto").device == "cpu"
        assert fake(ort, "cpu").device == "cpu"


def test_auto_without_an_accelerator_says_nothing(fake):
    ort = FakeOrt(("AzureExecutionProvider", "CoreMLExecutionProvider"), ())
    assert fake(ort, "auto").device == "cpu"
    assert ort.asked == [[CPU]]


def test_the_processor_failing_means_the_file(fake):
    ort = FakeOrt((), (), fails=True)
    ort.loads = ()
    with pytest.raises(ModelCorrupt, match=r"libcudart.so.12 is missing"):
        fake(ort, "cpu")


def test_cuda_libraries_of_pip_are_looked_for_in_silence(caplog, capsys):
    ort = ModuleType("ort")
    exec("def preload_dlls(): print('no libcudart')", vars(ort))
    with caplog.at_level(logging.INFO):
        module._preload(ort)
    assert "preload_dlls: no libcudart" in caplog.text
    assert capsys.readouterr().out == ""


def test_the_real_onnxruntime_does_not_pretend(network: Path):
    if CUDA in load_onnxruntime().get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    with pytest.raises(ProviderError, match="pip install onnxruntime-gpu"):
        OnnxSession(CARD, network, "cuda")


def test_a_second_input_takes_hints(tmp_path: Path):
    path = write_network(tmp_path / "tiny.onnx", inputs=2)
    with pytest.raises(ModelCardError, match=r"wants 2 inputs .*input\.hints names"):
        OnnxSession(CARD, path, "cpu")
    with pytest.raises(ModelCardError, match="wants 2 inputs"):
        OnnxSession(with_input(hints="other"), path, "cpu")
    session = OnnxSession(with_input(hints="more1"), path, "cpu")
    session.warm_up()
    batch = RNG.random((1, 6, 8, 8), np.float32)
    np.testing.assert_allclose(session.run(batch)[0], batch[:, :3].mean(1, keepdims=True), 1e-5)
    with pytest.raises(ModelCardError, match="wants 1 inputs"):
        OnnxSession(with_input(hints="more1"), write_network(tmp_path / "one.onnx"), "cpu")
