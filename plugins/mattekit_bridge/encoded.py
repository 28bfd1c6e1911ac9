"""Whole files to the worker and back, for hosts that have no pixels at hand."""

from __future__ import annotations

from typing import Mapping, Optional, Union

from mattekit_bridge.calls import Progress, exchange
from mattekit_bridge.forms import Form
from mattekit_bridge.netpbm import Picture
from mattekit_bridge.worker import Worker

__all__ = ["convert"]

#: A guess at pixels per byte, for the estimate of how long it takes.
_DENSITY = 4


def convert(
    worker: Worker,
    data: Union[bytes, Picture],
    options: Optional[Mapping[str, str]] = None,
    progress: Progress = lambda done, what: None,
    files: Optional[Mapping[str, bytes]] = None,
) -> bytes:
    """Return the cut-out of a picture file, as a file of the format that `options` name.

    Parameters
    ----------
    worker : Worker
        See `mattekit_bridge.start`.
    data : bytes or Picture
        The file, of any kind that mattekit reads; or pixels, where there is no file.
    options : mapping of str to str, optional
        As the command line has them, names with underscores.
    progress : callable
        As of `mattekit_bridge.remove_background`.
    files : mapping of str to bytes, optional
        Options that are pictures, as ``mask``.

    Raises
    ------
    Refused, WorkerGone, Canceled
        As `mattekit_bridge.remove_background`.
    """
    form = Form(options or {}, {**(files or {}), "image_file": data})
    pixels = data.width * data.height if isinstance(data, Picture) else _DENSITY * len(data)
    return bytes(exchange(worker, "POST", "/v1.0/removebg", form, progress, pixels=pixels).data)
