"""The one place that imports onnxruntime, with its telemetry off.

From release 1.29 on, onnxruntime's own builds for Linux and macOS start a telemetry client *when
they are imported*: it writes a device identifier and a store of events below ``~/.cache/Microsoft``
and sends the events off. `disable_telemetry_events` of its interface comes too late for that; only
a variable that is set before the import prevents it. The thread of that client is also what made
forked processes hang at their end.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any, Final

from mattekit.errors import MattekitWarning, ModelError

__all__ = ["failures", "load_onnxruntime"]

_SWITCH: Final = "ORT_DISABLE_TELEMETRY"
#: The first release whose builds send telemetry from other systems than Windows.
_FIRST: Final = (1, 29)
_warned = False


def load_onnxruntime() -> Any:
    """Import onnxruntime, which costs too much to be imported by who does not run a network.

    Its telemetry is off from then on, in this process and in those it starts, whatever the
    environment said before.

    Warns
    -----
    MattekitWarning
        Somebody else imported it earlier in this process and its telemetry has begun: once per
        process.

    Raises
    ------
    ModelError
        It is not installed, or does not load.
    """
    late = "onnxruntime" in sys.modules and os.environ.get(_SWITCH) != "1"
    os.environ[_SWITCH] = "1"
    try:
        import onnxruntime  # noqa: TID251
    except ImportError as error:
        raise ModelError(
            "onnxruntime",
            f"it cannot be imported ({error}). Run `pip install onnxruntime`; on Windows it also "
            "needs the Visual C++ runtime.",
        ) from error
    # Builds for Windows ask the system instead of the variable, and one that has begun adds less.
    if hasattr(onnxruntime, "disable_telemetry_events"):
        onnxruntime.disable_telemetry_events()
    if late:
        _tell_late(onnxruntime.__version__)
    return onnxruntime


def failures() -> tuple[type[Exception], ...]:
    """Return what onnxruntime raises; its classes have no base of their own."""
    load_onnxruntime()
    from onnxruntime.capi import onnxruntime_pybind11_state as state  # noqa: TID251

    names = (
        "EPFail",
        "EngineError",
        "Fail",
        "InvalidArgument",
        "InvalidGraph",
        "InvalidProtobuf",
        "NoModel",
        "NoSuchFile",
        "NotImplemented",
        "RuntimeException",
    )
    return (RuntimeError, ValueError, *(getattr(state, name) for name in names))


def _tell_late(version: str) -> None:
    global _warned  # noqa: PLW0603 - once per process is what is wanted
    release = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if _warned or release < _FIRST:
        return
    _warned = True
    warnings.warn(
        f"onnxruntime {version} was imported before mattekit used it, so its telemetry may have "
        "begun: it can write an identifier of this device below ~/.cache/Microsoft and look up "
        f"its collector. Set {_SWITCH}=1 before the program starts, or use mattekit before "
        "importing onnxruntime.",
        MattekitWarning,
        stacklevel=3,
    )
