"""What runs inside a host's own Python: finds the local worker, starts it, hands it pixels.

Standard library only, Python 3.8 and later, nothing of mattekit: a host's Python has no numpy and
may be another version for another machine code. It also runs isolated (``python -I -S``).
Importing this package loads nothing: names are imported when they are first used.

>>> import mattekit_bridge as bridge
>>> worker = bridge.start("/home/me/mattekit/bin/python")  # doctest: +SKIP
>>> result = bridge.remove_background(worker, picture, {"crop": "true"}, "pgm")  # doctest: +SKIP

==========  ========================================================================================
module      what it does
==========  ========================================================================================
`worker`    find, start and stop the one worker of this user
`connecting` the worker for a plug-in
`settings`  what the installer has told a plug-in
`geometry`  boxes and margins
`forms`     what a request says
`calls`     send a picture, wait with progress, cancel, receive the result
`sharing`   memory that the worker is lent for one request
`editing`   a picture that the worker keeps while somebody corrects it
`encoded`   the same with whole files
`window`    a progress window for programs that have none
`netpbm`    uncompressed pictures as bytes
`tiff`      the same with a colour profile
`errors`    what can go wrong, in words for a user
==========  ========================================================================================
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mattekit_bridge.calls import Result, remove_background
    from mattekit_bridge.connecting import connect, explain_versions
    from mattekit_bridge.editing import Editor, State, open_editor
    from mattekit_bridge.encoded import convert
    from mattekit_bridge.errors import (
        BridgeError,
        Canceled,
        NoFolder,
        Refused,
        WorkerFailed,
        WorkerGone,
        WorkerMissing,
        WrongProtocol,
    )
    from mattekit_bridge.netpbm import Picture
    from mattekit_bridge.worker import PROTOCOL, Worker, find, folder, start, stop

__all__ = [
    "PROTOCOL",
    "BridgeError",
    "Canceled",
    "Editor",
    "NoFolder",
    "Picture",
    "Refused",
    "Result",
    "State",
    "Worker",
    "WorkerFailed",
    "WorkerGone",
    "WorkerMissing",
    "WrongProtocol",
    "connect",
    "convert",
    "explain_versions",
    "find",
    "folder",
    "open_editor",
    "remove_background",
    "start",
    "stop",
]

_HOME = {
    "PROTOCOL": "worker",
    "BridgeError": "errors",
    "Canceled": "errors",
    "Editor": "editing",
    "NoFolder": "errors",
    "Picture": "netpbm",
    "Refused": "errors",
    "Result": "calls",
    "State": "editing",
    "Worker": "worker",
    "WorkerFailed": "errors",
    "WorkerGone": "errors",
    "WorkerMissing": "errors",
    "WrongProtocol": "errors",
    "connect": "connecting",
    "convert": "encoded",
    "remove_background": "calls",
    "explain_versions": "connecting",
    "find": "worker",
    "folder": "worker",
    "open_editor": "editing",
    "start": "worker",
    "stop": "worker",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError("module %r has no attribute %r" % (__name__, name))
    value = getattr(importlib.import_module("%s.%s" % (__name__, _HOME[name])), name)
    globals()[name] = value
    return value
