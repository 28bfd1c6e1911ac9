"""The buttons that correct a mask, in the docker."""

from __future__ import annotations

from typing import Any, Callable, Dict

from mattekit_krita.plugin import hints
from mattekit_krita.plugin.controller import Controller
from mattekit_krita.plugin.corrections import CORRECTIONS, ENDS, Correction
from mattekit_krita.plugin.qt import QtCore, QtGui, QtWidgets

__all__ = ["CorrectionBox"]


class CorrectionBox(QtWidgets.QGroupBox):  # type: ignore[misc]
    """Keep and remove what is selected or painted, edges, subjects.

    Parameters
    ----------
    controller : Controller
        Does the work.
    values : callable
        Returns what is chosen, for a layer without a mask.
    """

    def __init__(self, controller: Controller, values: Callable[[], Dict[str, str]]) -> None:
        super().__init__("Correct the mask")
        self._controller = controller
        self._start = QtWidgets.QWidget()
        grid = QtWidgets.QGridLayout(self._start)
        grid.setContentsMargins(0, 0, 0, 0)
        for at, each in enumerate(CORRECTIONS):
            button = self._button_of(each, values)
            # The last of an odd number has a row to itself.
            alone = at == len(CORRECTIONS) - 1 and at % 2 == 0
            grid.addWidget(button, at // 2, at % 2, 1, 1 + alone)
        self._keep = _brush("Keep", hints.KEEP, "Paint what belongs to the subject.")
        self._remove = _brush("Remove", hints.REMOVE, "Paint what does not.")
        both = QtWidgets.QButtonGroup(self)
        both.addButton(self._keep)
        both.addButton(self._remove)
        ends = [self._button_of(each, values) for each in ENDS]
        self._painting = QtWidgets.QWidget()
        brushes = QtWidgets.QGridLayout(self._painting)
        brushes.setContentsMargins(0, 0, 0, 0)
        for at, button in enumerate((self._keep, self._remove, *ends)):
            brushes.addWidget(button, at // 2, at % 2)
        column = QtWidgets.QVBoxLayout(self)
        column.addWidget(self._start)
        column.addWidget(self._painting)
        self._keep.clicked.connect(lambda: controller.take_brush(keep=True))
        self._remove.clicked.connect(lambda: controller.take_brush(keep=False))
        controller.painting.connect(self._set_painting)
        controller.begun.connect(lambda: self.setEnabled(False))
        controller.ended.connect(lambda text, well: self.setEnabled(True))
        self._set_painting(controller.session is not None)

    # -- inside ----------------------------------------------------------------------------------

    def _button_of(self, correction: Correction, values: Callable[[], Dict[str, str]]) -> Any:
        button = _button(correction.label, correction.tip)
        button.clicked.connect(lambda: correction.do(self._controller, values()))
        return button

    def _set_painting(self, on: bool) -> None:
        self._start.setVisible(not on)
        self._painting.setVisible(on)
        self._keep.setChecked(True)


def _button(text: str, tip: str) -> Any:
    button = QtWidgets.QPushButton(text)
    button.setAutoDefault(False)
    button.setToolTip(f"<p>{tip}</p>")
    return button


def _brush(text: str, pixel: bytes, tip: str) -> Any:
    """Return a button that shows its color and stays down while it is chosen."""
    button = _button(text, tip)
    button.setCheckable(True)
    blue, green, red, _ = pixel
    swatch = QtGui.QPixmap(14, 14)
    swatch.fill(QtGui.QColor(red, green, blue))
    button.setIcon(QtGui.QIcon(swatch))
    button.setIconSize(QtCore.QSize(14, 14))
    return button
