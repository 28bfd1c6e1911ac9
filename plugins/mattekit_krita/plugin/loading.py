"""Loading in whatever Krita this is; where that fails, its user is told why and what to do."""

from __future__ import annotations

from krita import Krita

__all__ = ["load"]

#: Between Krita's start and a word about what failed, so that its window is there: milliseconds.
_LATER = 3000


def load() -> None:
    """Register the menu entries and the docker; called once, when Krita loads the plug-in.

    Raises
    ------
    ImportError
        This Krita is none that they run in. Krita's plugin manager shows the text.
    """
    try:
        from mattekit_krita.plugin import extension

        extension.register()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        text = (
            f"Remove Background (mattekit) does not run in Krita {Krita.instance().version()}: "
            f"{error}. It is made for Krita 5.1 to 6. Run `mattekit doctor`, or update mattekit "
            "and run `mattekit hosts install krita`."
        )
        _show(text)
        raise ImportError(text) from error


def _show(text: str) -> None:
    """Show it once the window is there, where Qt can be had at all."""
    try:
        from mattekit_krita.plugin.qt import QtCore, QtWidgets
    except ImportError:
        return

    def show() -> None:
        if not Krita.instance().batchmode():
            QtWidgets.QMessageBox.warning(None, "Remove Background", text)

    QtCore.QTimer.singleShot(_LATER, show)
