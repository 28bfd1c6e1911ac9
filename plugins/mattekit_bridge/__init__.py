"""What runs inside a host's own Python: finds the local worker, starts it, hands it pixels.

Standard library only, Python 3.8 and later, nothing of mattekit: a host's Python has no numpy and
may be another version for another machine code. It also runs isolated (``python -I -S``).

>>> import mattekit_bridge as bridge
>>> worker = bridge.start("/home/me/mattekit/bin/python")  # doctest: +SKIP
>>> result = bridge.cut_out(worker, picture, {"crop": "true"}, "pgm")  # doctest: +SKIP

==========  ========================================================================================
module      what it does
==========  ========================================================================================
`worker`    find, start and stop the one worker of this user
`calls`     send a picture, wait with progress, cancel, receive the result
`netpbm`    uncompressed pictures as bytes
`tiff`      the same with a colour profile
`errors`    what can go wrong, in words for a user
==========  ========================================================================================
"""

from __future__ import annotations

from mattekit_bridge.calls import Result, cut_out
from mattekit_bridge.errors import (
    BridgeError,
    Cancelled,
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
    "Cancelled",
    "Picture",
    "Refused",
    "Result",
    "Worker",
    "WorkerFailed",
    "WorkerGone",
    "WorkerMissing",
    "WrongProtocol",
    "cut_out",
    "find",
    "folder",
    "start",
    "stop",
]
