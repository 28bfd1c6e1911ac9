"""Memory that C writes into or reads from, without copies of whole pictures."""

import ctypes as c
from typing import Any, Union

__all__ = ["Data", "as_data", "pointer", "uninitialized"]

#: What is written into a drawable.
Data = Union[bytes, memoryview]


def uninitialized(size: int) -> bytes:
    """Return new bytes for C to write into, before anybody else sees them."""
    make = c.pythonapi.PyBytes_FromStringAndSize
    make.restype, make.argtypes = c.py_object, (c.c_void_p, c.c_ssize_t)
    data: bytes = make(None, size)
    return data


def as_data(given: Any) -> Data:
    """Return what plug-ins give as data: a view where it can be read where it lies."""
    if isinstance(given, bytes):
        return given
    try:
        view = memoryview(given)
    except TypeError:
        return bytes(given)  # numbers
    if not view.nbytes or view.readonly or not view.c_contiguous:
        return bytes(view)
    return view.cast("B")


def pointer(data: Data) -> Any:
    """Return what `ctypes` hands to C as the address of data."""
    return data if isinstance(data, bytes) else (c.c_char * len(data)).from_buffer(data)
