"""Devices, the onnxruntime providers behind them, and what is true about them on this machine."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

__all__ = [
    "AUTO",
    "CPU",
    "PROVIDERS",
    "ProviderFacts",
    "device_of",
    "hint",
    "wheels",
]

CPU: Final = "CPUExecutionProvider"

#: The providers of each device in order of preference. The first one is what the device means; the
#: others may take single operations that it lacks.
PROVIDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "cpu": (CPU,),
    "cuda": ("CUDAExecutionProvider", CPU),
    "tensorrt": ("TensorrtExecutionProvider", "CUDAExecutionProvider", CPU),
    "rocm": ("MIGraphXExecutionProvider", "ROCMExecutionProvider", CPU),
    "directml": ("DmlExecutionProvider", CPU),
    "coreml": ("CoreMLExecutionProvider", CPU),
    "openvino": ("OpenVINOExecutionProvider", CPU),
}

#: What ``device="auto"`` tries, best first. TensorRT is not among them because it compiles each
#: network for minutes, CoreML because every Mac wheel offers it whether it helps or not.
AUTO: Final = ("cuda", "rocm", "directml", "openvino")

_WHEELS: Final = {
    "cuda": "onnxruntime-gpu",
    "tensorrt": "onnxruntime-gpu",
    "rocm": "onnxruntime-migraphx",
    "directml": "onnxruntime-directml",
    "openvino": "onnxruntime-openvino",
}
_KNOWN_WHEELS: Final = (
    "onnxruntime",
    "onnxruntime-directml",
    "onnxruntime-gpu",
    "onnxruntime-migraphx",
    "onnxruntime-openvino",
    "onnxruntime-qnn",
    "onnxruntime-rocm",
    "onnxruntime-silicon",
    "onnxruntime-training",
)


class ProviderFacts(NamedTuple):
    """What `mattekit doctor` says about the machine's devices.

    Attributes
    ----------
    version : str
        Version of onnxruntime.
    wheels : dict of str to str
        Installed distributions that bring an onnxruntime, with their versions.
    offered : tuple of str
        Providers that the installed onnxruntime was built with.
    active : dict of str to tuple of str
        For each device with an offered provider: the providers that a session really got.
    failed : dict of str to str
        For each device that did not come up: why.
    problems : tuple of str
        Advice, one sentence each.
    """

    version: str
    wheels: dict[str, str]
    offered: tuple[str, ...]
    active: dict[str, tuple[str, ...]]
    failed: dict[str, str]
    problems: tuple[str, ...]


def device_of(providers: Sequence[str]) -> str:
    """Return the device that runs most of a session with these active providers."""
    first = providers[0] if providers else CPU
    for device, wanted in PROVIDERS.items():
        if first in wanted and (first != CPU or device == "cpu"):
            if first == "CUDAExecutionProvider":
                return "cuda"
            return device
    return first.removesuffix("ExecutionProvider").lower()


def hint(device: str, *, offered: bool) -> str:
    """Return what to do where `device` does not come up.

    Parameters
    ----------
    device : str
        The device that was wanted.
    offered : bool
        Whether the installed onnxruntime has its provider, so that only its libraries fail.
    """
    wheel = _WHEELS.get(device)
    if offered:
        libraries = {
            "cuda": "the NVIDIA driver or a CUDA or cuDNN library of the right version is missing; "
            '`pip install "onnxruntime-gpu[cuda,cudnn]"` brings the libraries',
            "tensorrt": "a TensorRT library of the right version is missing",
        }.get(device, "its driver or a library is missing")
        return f"The provider is installed but did not load: {libraries}. See `mattekit doctor`."
    if wheel is None:
        return "The installed onnxruntime has no such device."
    return (
        f"Install it with `pip uninstall -y onnxruntime && pip install {wheel}` "
        "(two onnxruntime wheels side by side break each other)."
    )


def wheels() -> dict[str, str]:
    """Return the installed distributions that bring an onnxruntime, with their versions."""
    found = {}
    for name in _KNOWN_WHEELS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
