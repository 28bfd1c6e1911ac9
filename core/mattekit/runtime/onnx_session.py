"""`OnnxSession`: a network on onnxruntime, on the device that was asked for and no other."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mattekit import forking
from mattekit.errors import MattekitWarning, ModelCardError, ModelCorrupt, ModelError, ProviderError
from mattekit.models.card import ModelCard
from mattekit.runtime.ort import failures, load_onnxruntime
from mattekit.runtime.providers import AUTO, CPU, PROVIDERS, device_of, hint
from mattekit.runtime.session import Tensor
from mattekit.tasks import on_cancel
from mattekit.threads import cores

__all__ = ["OnnxSession", "inspect"]

#: Name and shape; sides that vary are texts or None.
Signature: TypeAlias = tuple[str, tuple[int | str | None, ...]]

_log = logging.getLogger(__name__)

_TYPES: Final[dict[str, np.dtype[Any]]] = {
    "tensor(float)": np.dtype(np.float32),
    "tensor(float16)": np.dtype(np.float16),
}
#: They look for what is computed twice, which networks as exported do not have: the same answers,
#: opened an eighth sooner.
_IDLE_OPTIMIZERS: Final = ("CommonSubexpressionElimination", "ConstantSharing")

_fallback_told = False


class OnnxSession:
    """A loaded network. Safe to call from several threads.

    Parameters
    ----------
    card : ModelCard
        What the network looks like; it is checked against the file.
    path : Path
        The ``.onnx`` file.
    device : str
        In the words of the `device` option. ``"auto"`` takes the first of
        `mattekit.runtime.providers.AUTO` that is offered and works, else the processor, and warns
        once per process where an offered device did not work.
    threads : int, optional
        Threads of one run; by default one per core that this process may use.
    parallel : int, optional
        How many runs may go on at once; further callers wait. By default a quarter of the cores, at
        least one: a run already uses them all, and each further one needs its own memory.

    Raises
    ------
    ProviderError
        The device that was asked for is not the one that would run.
    ModelCorrupt
        The file is no network that onnxruntime can read.
    ModelCardError
        The card does not describe this network.
    """

    def __init__(
        self,
        card: ModelCard,
        path: Path,
        device: str = "auto",
        *,
        threads: int | None = None,
        parallel: int | None = None,
    ) -> None:
        self.card = card
        self.path = path
        self.bytes = path.stat().st_size
        self._threads = threads
        self._parallel = parallel or max(1, cores() // 4)
        self._wanted = device
        self._slots = threading.BoundedSemaphore(self._parallel)
        self._opening = threading.Lock()
        self._inherited = False
        self._session: Any = self._open(load_onnxruntime(), device)
        forking.register(self)
        self.providers: tuple[str, ...] = tuple(self._session.get_providers())
        self.device = device_of(self.providers)
        self._input, self._dtype = self._check_input()
        self._hints = card.input.hints
        first = next(i.shape[0] for i in self._session.get_inputs() if i.name == self._input)
        #: Whether one run may hold any number of pictures.
        self.any_batch = not isinstance(first, int)
        self._outputs = self._check_outputs()
        _log.info("loaded model %s from %s on %s", card.name, path, self.device)

    def run(self, batch: Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Run the network; see `Session.run`.

        Raises
        ------
        ModelError
            The session was closed, or the network failed on this batch.
        Canceled
            The task that this thread works on was canceled.
        """
        with self._slots:
            session = self._opened()
            if session is None:
                raise ModelError(self.card.name, "its session was closed. Ask the runtime again.")
            options = load_onnxruntime().RunOptions()
            try:
                with on_cancel(lambda: setattr(options, "terminate", True)):
                    answers = session.run(
                        self._outputs,
                        self._feed(batch),
                        options,
                    )
            except failures() as error:
                raise ModelError(
                    self.card.name,
                    f"it failed on a batch of shape {batch.shape} ({_reason(error)}).",
                ) from error
        alpha, *kinds = (np.asarray(answer, np.float32) for answer in answers)
        return alpha, kinds[0] if kinds else None

    def _feed(self, batch: Tensor) -> dict[str, NDArray[Any]]:
        """Return a batch by inputs."""
        if not self._hints:
            return {self._input: np.ascontiguousarray(batch, self._dtype)}
        return {
            self._input: np.ascontiguousarray(batch[:, :3], self._dtype),
            self._hints: np.ascontiguousarray(batch[:, 3:], self._dtype),
        }

    def warm_up(self) -> None:
        """Run once on an empty picture, so that the first real one does not pay for set-up."""
        spec = self.card.input
        side = max(1, spec.longest // spec.multiple_of) * spec.multiple_of
        width, height = spec.size or (side, side)
        channels = 6 if spec.hints else 3
        shape = (1, channels, height, width) if spec.layout == "NCHW" else (1, height, width, 3)
        self.run(np.zeros(shape, np.float32))

    def close(self) -> None:
        """Give the network's memory back as soon as no run needs it; closing twice is fine."""
        self._session, self._inherited = None, False

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._session is None and not self._inherited

    def after_fork(self) -> None:
        """Leave the parent's network alone in a forked child, and load it anew on the first run.

        The threads of onnxruntime do not survive a fork: a session made before it hangs when it
        runs and when it is destroyed.
        """
        self._slots = threading.BoundedSemaphore(self._parallel)
        self._opening = threading.Lock()
        if self._session is not None:
            forking.abandon(self._session)
            self._session, self._inherited = None, True

    # -- opening -----------------------------------------------------------------------------

    def _opened(self) -> Any:
        """Return the network, or None where it was closed."""
        with self._opening:
            if self._inherited:
                self._session = self._open(load_onnxruntime(), self._wanted)
                self._inherited = False
            return self._session

    def _open(self, ort: Any, device: str) -> Any:
        offered = tuple(ort.get_available_providers())
        if device != "auto":
            return self._open_on(ort, device, offered)
        for candidate in AUTO:
            if PROVIDERS[candidate][0] in offered or (
                candidate == "rocm" and PROVIDERS[candidate][1] in offered
            ):
                try:
                    return self._open_on(ort, candidate, offered)
                except ProviderError as error:
                    _tell_fallback(candidate, error)
        return self._open_on(ort, "cpu", offered)

    def _open_on(self, ort: Any, device: str, offered: Sequence[str]) -> Any:
        """Open a session on exactly this device, or raise."""
        meant = [name for name in PROVIDERS[device] if name != CPU] or [CPU]
        wanted = [name for name in PROVIDERS[device] if name in offered]
        # For TensorRT only its own provider counts, though CUDA may take what it leaves.
        accepted = set(meant[:1] if device == "tensorrt" else meant)
        if not accepted.intersection(wanted):
            raise ProviderError(device, (), offered, hint(device, offered=False))
        if device in {"cuda", "tensorrt"} and hasattr(ort, "preload_dlls"):
            _preload(ort)
        try:
            # Without this onnxruntime would print to standard output and retry on the processor.
            session = ort.InferenceSession(
                str(self.path),
                self._options(ort),
                providers=wanted,
                enable_fallback=0,
                disabled_optimizers=_IDLE_OPTIMIZERS,
            )
        except failures() as error:
            if device == "cpu":
                raise ModelCorrupt(
                    self.card.name, f"{self.path} cannot be loaded ({_reason(error)})."
                ) from error
            raise ProviderError(
                device, (), offered, f"{_reason(error)}. {hint(device, offered=True)}"
            ) from error
        active = tuple(session.get_providers())
        if not active or active[0] not in accepted:
            raise ProviderError(device, active, offered, hint(device, offered=True))
        return session

    def _options(self, ort: Any) -> Any:
        options = ort.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = self._threads or cores()
        options.inter_op_num_threads = 1
        # Its threads wait busily for each other, which is quick, and would do so for a while after
        # a run, when the cores are wanted for the picture.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        # With it the second run lays out all its memory anew, beside that of the first: 200 MB more
        # for u2netp, and not a moment faster.
        options.enable_mem_pattern = False
        if self.card.input.size is None:
            # With shapes that vary, the arena keeps the peak of the largest one ever seen.
            options.enable_cpu_mem_arena = False
        return options

    # -- the card against the file -----------------------------------------------------------

    def _wrong(self, problem: str) -> ModelCardError:
        return ModelCardError(self.card.name, f"the card of {self.path} does not fit: {problem}")

    def _check_input(self) -> tuple[str, np.dtype[Any]]:
        spec = self.card.input
        inputs = {item.name: item for item in self._session.get_inputs()}
        name = spec.name or next(iter(inputs), "")
        if name not in inputs:
            raise self._wrong(f"input.name = {name!r}, but the inputs are {', '.join(inputs)}.")
        item = inputs[name]
        wanted = {name, spec.hints} - {""}
        if set(inputs) != wanted:
            raise self._wrong(
                f"the network wants {len(inputs)} inputs ({', '.join(inputs)}); only networks with "
                "one, the picture, can be used, and those with a second one for hints, which "
                "input.hints names."
            )
        if item.type not in _TYPES:
            raise self._wrong(
                f"input {name!r} is {item.type}; only {' and '.join(_TYPES)} can be used."
            )
        width, height = spec.size or (None, None)
        expected = (None, 3, height, width) if spec.layout == "NCHW" else (None, height, width, 3)
        shape = tuple(item.shape)
        if len(shape) != 4 or any(
            isinstance(is_, int) and is_ > 0 and ours is not None and is_ != ours
            for is_, ours in zip(shape, expected, strict=True)
        ):
            raise self._wrong(
                f"input {name!r} has the shape {list(shape)}, but input.size and input.layout say "
                f"{['any' if side is None else side for side in expected]}."
            )
        if spec.size is None and any(isinstance(shape[axis], int) for axis in _sides(spec.layout)):
            raise self._wrong(
                f'input.size = "any", but input {name!r} has the shape {list(shape)}.'
            )
        return name, _TYPES[item.type]

    def _check_outputs(self) -> list[str]:
        spec = self.card.output
        outputs = self._session.get_outputs()
        names = [item.name for item in outputs]
        chosen = []
        for key, wanted in (("alpha", spec.alpha), ("kinds", spec.kinds)):
            if wanted is None:
                continue
            if isinstance(wanted, int) and wanted < len(names):
                chosen.append(names[wanted])
            elif wanted in names:
                chosen.append(str(wanted))
            else:
                raise self._wrong(f"output.{key} = {wanted!r}, but the outputs are {names}.")
        if spec.kinds is not None:
            shape = outputs[names.index(chosen[1])].shape
            if shape and isinstance(shape[-1], int) and shape[-1] != len(spec.kind_names):
                raise self._wrong(
                    f"output.kind_names has {len(spec.kind_names)} kinds, the output {shape[-1]}."
                )
        return chosen


def inspect(path: Path) -> tuple[list[Signature], list[Signature]]:
    """Return name and shape of each input and output of a network.

    Raises
    ------
    ModelCorrupt
        It is no network that onnxruntime can read.
    """
    ort = load_onnxruntime()
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        session = ort.InferenceSession(str(path), options, providers=[CPU], enable_fallback=0)
    except failures() as error:
        raise ModelCorrupt(path.name, f"{path} cannot be loaded ({_reason(error)}).") from error
    return (
        [(item.name, tuple(item.shape)) for item in session.get_inputs()],
        [(item.name, tuple(item.shape)) for item in session.get_outputs()],
    )


def _sides(layout: str) -> tuple[int, int]:
    return (2, 3) if layout == "NCHW" else (1, 2)


def _reason(error: Exception) -> str:
    """Return the first line of onnxruntime's message without its codes."""
    return str(error).strip().partition("\n")[0].rpartition(" : ")[2].rstrip(".") or repr(error)


def _preload(ort: Any) -> None:
    """Let onnxruntime find the CUDA libraries that pip installed.

    It prints what it misses to standard output, where a picture may be going. A `print` of its own
    module sends that to the log, and touches nobody else's output.
    """
    ort.print = lambda *words: _log.info("preload_dlls: %s", " ".join(map(str, words)).strip())
    ort.preload_dlls()


def _tell_fallback(device: str, error: ProviderError) -> None:
    """Warn, once per process, that ``device="auto"`` does without an offered device."""
    global _fallback_told  # noqa: PLW0603 - once per process is what is wanted
    _log.warning("device auto does without %s: %s", device, error)
    if _fallback_told:
        return
    _fallback_told = True
    warnings.warn(
        f"{device} is offered but does not work, so mattekit runs without it: {error} "
        'device="cpu" ends this warning.',
        MattekitWarning,
        stacklevel=2,
    )
