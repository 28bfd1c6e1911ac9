"""Every constant of the running GIMP, and some that have no enumeration."""

from typing import Any

from _gimpfu.host import backend

TRUE = True
FALSE = False

PARASITE_PERSISTENT = 1
PARASITE_UNDOABLE = 2
PARASITE_ATTACH_PARENT = 0x80 << 8
PARASITE_PARENT_PERSISTENT = PARASITE_PERSISTENT << 8
PARASITE_PARENT_UNDOABLE = PARASITE_UNDOABLE << 8
PARASITE_ATTACH_GRANDPARENT = 0x80 << 16
PARASITE_GRANDPARENT_PERSISTENT = PARASITE_PERSISTENT << 16
PARASITE_GRANDPARENT_UNDOABLE = PARASITE_UNDOABLE << 16

UNIT_PIXEL, UNIT_INCH, UNIT_MM, UNIT_POINT, UNIT_PICA = range(5)

MIN_IMAGE_SIZE = 1
MAX_IMAGE_SIZE = 524288
MIN_RESOLUTION = 5e-3
MAX_RESOLUTION = 1048576.0
MAX_MEMSIZE = 1 << 42

(
    PIXEL_FETCHER_EDGE_NONE,
    PIXEL_FETCHER_EDGE_WRAP,
    PIXEL_FETCHER_EDGE_SMEAR,
    PIXEL_FETCHER_EDGE_BLACK,
    PIXEL_FETCHER_EDGE_BACKGROUND,
) = range(5)

EXPORT_CAN_HANDLE_RGB = 1 << 0
EXPORT_CAN_HANDLE_GRAY = 1 << 1
EXPORT_CAN_HANDLE_INDEXED = 1 << 2
EXPORT_CAN_HANDLE_BITMAP = 1 << 3
EXPORT_CAN_HANDLE_ALPHA = 1 << 4
EXPORT_CAN_HANDLE_LAYERS = 1 << 5
EXPORT_CAN_HANDLE_LAYERS_AS_ANIMATION = 1 << 6
EXPORT_CAN_HANDLE_LAYER_MASKS = 1 << 7
EXPORT_NEEDS_ALPHA = 1 << 8

EXPORT_CANCEL, EXPORT_IGNORE, EXPORT_EXPORT = range(3)

globals().update(backend().constants())


def __getattr__(name: str) -> Any:
    """Say which GIMP a constant is missing from."""
    version = ".".join(str(part) for part in backend().version)
    raise AttributeError("GIMP %s has no constant %s" % (version, name))


__all__ = [name for name in globals() if name == name.upper() and not name.startswith("_")]
