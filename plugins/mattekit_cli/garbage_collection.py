"""Imports without looks for garbage: what modules are made of stays."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["without_garbage_collection"]


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Import inside the ``with`` block, and leave what is there out of all later looks.

    Thousands of functions and classes set off a dozen looks through all of them, which find
    nothing: a thirtieth of a command's time.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()
