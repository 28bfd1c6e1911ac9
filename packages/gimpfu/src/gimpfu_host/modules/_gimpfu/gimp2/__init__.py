"""GIMP 2.10 through ctypes: libgimp needs no compiled binding."""

from _gimpfu.backend import Backend

__all__ = ["make"]


def make() -> Backend:
    """Return the backend of the GIMP 2.10 that started this process."""
    from _gimpfu.gimp2.plugin import Gimp2

    return Gimp2()
