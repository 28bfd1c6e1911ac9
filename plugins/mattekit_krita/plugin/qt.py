"""Qt by the Krita that runs: PyQt5 in Krita 5, PyQt6 in Krita 6. No other module knows which.

Taken from here are `QtCore`, `QtGui` and `QtWidgets`, and of them what both have under one name and
in one place. Enumerations are written with their scope (``Qt.ArrowType.DownArrow``), and bytes are
given for a ``QByteArray``: both understand that.

The binding is the one that Krita's own classes stand on. Two of them in one process end it, so
trying which can be imported would be no way to find out.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from krita import Extension

__all__ = ["QtCore", "QtGui", "QtWidgets", "binding"]


def binding() -> str:
    """Return the package that Krita's own classes stand on, as ``"PyQt6"``.

    Raises
    ------
    ImportError
        None that is known.
    """
    for each in Extension.__mro__:
        package = str(each.__module__).partition(".")[0]
        if package.startswith("PyQt"):
            return package
    raise ImportError("The Python classes of this Krita stand on no PyQt.")


QtCore: Any = import_module(f"{binding()}.QtCore")
QtGui: Any = import_module(f"{binding()}.QtGui")
QtWidgets: Any = import_module(f"{binding()}.QtWidgets")
