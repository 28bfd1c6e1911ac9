"""Menu entries, dialog and docker."""

from __future__ import annotations

import functools
from typing import Any, Dict

from krita import DockWidget, DockWidgetFactory, DockWidgetFactoryBase, Extension, Krita

from mattekit_krita.plugin import scripting
from mattekit_krita.plugin.controller import Controller
from mattekit_krita.plugin.corrections import CORRECTIONS, ENDS, Correction
from mattekit_krita.plugin.panel import Panel
from mattekit_krita.plugin.qt import QtCore, QtWidgets

__all__ = ["register"]

_TITLE = "Remove Background"
_CORRECT, _SUBMENU = "Correct Background Mask", "mattekit_correct"


def register() -> None:
    """Tell Krita of them; called once, when Krita loads the plug-in."""
    application = Krita.instance()
    application.addExtension(_Entries(application))
    application.addDockWidgetFactory(
        DockWidgetFactory(
            "mattekit_remove_background", DockWidgetFactoryBase.DockPosition.DockRight, _Docker
        )
    )


@functools.lru_cache(maxsize=None)
def _shared() -> Controller:
    """Return the one controller of this Krita; made late, since Krita is still starting before."""
    return Controller(scripting.installed())


class _Entries(Extension):  # type: ignore[misc]
    """Tools > Scripts."""

    def __init__(self, parent: Any) -> None:
        super().__init__(parent)
        self._dialogs: Dict[int, Any] = {}

    def setup(self) -> None:
        """Nothing to do before there is a window."""

    def createActions(self, window: Any) -> None:  # noqa: N802 - Krita's name
        """Add the menu entries to a window; shortcuts are in the ``.action`` file."""
        where = "tools/scripts"
        ask = window.createAction("mattekit_remove_background", f"{_TITLE}...", where)
        ask.triggered.connect(self._ask)
        again = window.createAction(
            "mattekit_remove_background_again", f"{_TITLE}, as Last Time", where
        )
        again.triggered.connect(lambda: _shared().start(_shared().remembered()))
        submenu = QtWidgets.QMenu(_CORRECT, window.qwindow())
        window.createAction(_SUBMENU, _CORRECT, where).setMenu(submenu)
        for each in CORRECTIONS:
            self._add_correction(window, each, each.label)
        for each in ENDS:
            self._add_correction(window, each, f"Painting {each.label}")

    def _add_correction(self, window: Any, correction: Correction, label: str) -> None:
        action = window.createAction(
            f"mattekit_{correction.name}", label, f"tools/scripts/{_SUBMENU}"
        )
        action.triggered.connect(lambda: correction.do(_shared(), _shared().remembered()))

    def _ask(self) -> None:
        # The window that `createActions` was lent is gone by now.
        parent = Krita.instance().activeWindow().qwindow()
        dialog = self._dialogs.get(id(parent))
        if dialog is None:
            dialog = self._dialogs[id(parent)] = _dialog(parent)
            parent.destroyed.connect(lambda: self._dialogs.pop(id(parent), None))
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()


class _Docker(DockWidget):  # type: ignore[misc]
    """The same beside the canvas."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(_TITLE)
        area = QtWidgets.QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(Panel(_shared(), narrow=True))
        self.setWidget(area)

    def canvasChanged(self, canvas: Any) -> None:  # noqa: N802 - Krita's name
        """Nothing to do: the active document is asked for when it is needed."""


def _dialog(parent: Any) -> Any:
    dialog = QtWidgets.QDialog(parent)
    dialog.setWindowTitle(_TITLE)
    column = QtWidgets.QVBoxLayout(dialog)
    column.addWidget(Panel(_shared()))
    return dialog
