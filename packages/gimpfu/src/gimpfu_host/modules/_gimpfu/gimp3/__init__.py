"""GIMP 3.x, through the introspection that its Python comes with.

==============  ================================================================================
module          what it does
==============  ================================================================================
`host`          the `Backend`
`plugin`        what GIMP sees of a plug-in: its procedures, menus, file handlers
`arguments`     arguments of GIMP 3 for those that a plug-in registers, and their values
`dialog`        the dialog of a procedure
`calls`         calling procedures by 2.10's names
`signatures`    2.10's procedures, and 3.x's as 2.10 would have them
`matching`      which argument of the one is which of the other
`renames`       the names and arguments that 3.x changed, as data
`rules`         the changes that are more than names
`filters`       2.10's filters that live on as GEGL operations
`values`        plain values to GIMP's and back
`native`        arrays and parasites, which introspection does not carry
`enums`         2.10's constants
`pixels`        rectangles of pixels
`perceptual`    doing to encoded values what GIMP 3 does to linear light
`files`         saving one drawable, as 2.10 does
==============  ================================================================================
"""

import sys

from _gimpfu.backend import Backend


def make() -> Backend:
    """Return the backend for the GIMP that started this process."""
    import gi

    # What PyGObject puts in the place of PyGTK only complains of itself; `python2` says what to do.
    for name in [name for name, each in sys.modules.items() if type(each).__module__ == "gi"]:
        del sys.modules[name]
    gi.require_version("Gimp", "3.0")
    gi.require_version("Gegl", "0.4")
    from _gimpfu.gimp3.host import Gimp3

    return Gimp3()
