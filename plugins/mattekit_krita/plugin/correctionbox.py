"""The buttons that correct a mask, in the docker."""

from __future__ import annotations

from typing import Any, Callable, Dict

from mattekit_krita.plugin import hints
from mattekit_krita.plugin.controller import Controller
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
        keep = _button("Keep Selected", "What is selected belongs to the subject.")
        remove = _button("Remove Selected", "What is selected does not belong to the subject.")
        paint = _button(
            "Paint…",
            "Paint over what is wrong, green to keep and red to remove: the mask follows each "
            "stroke.",
        )
        refine = _button("Refine Edge", "Look for the edge of the mask anew, near its own.")
        parts = _button(
            "Subjects as Layers", "Make a layer of each subject, all of them in a group."
        )
        self._start = QtWidgets.QWidget()
        grid = QtWidgets.QGridLayout(self._start)
        grid.setContentsMargins(0, 0, 0, 0)
        for at, button in enumerate((keep, remove, paint, refine)):
            grid.addWidget(button, at // 2, at % 2)
        grid.addWidget(parts, 2, 0, 1, 2)
        self._keep = _brush("Keep", hints.KEEP, "Paint what belongs to the subject.")
        self._remove = _brush("Remove", hints.REMOVE, "Paint what does not.")
        both = QtWidgets.QButtonGroup(self)
        both.addButton(self._keep)
        both.addButton(self._remove)
        self._done = _button("Done", "Make the corrected mask: one step of undo.")
        self._discard = _button("Discard", "Leave the mask as it was.")
        self._painting = QtWidgets.QWidget()
        brushes = QtWidgets.QGridLayout(self._painting)
        brushes.setContentsMargins(0, 0, 0, 0)
        for at, button in enumerate((self._keep, self._remove, self._done, self._discard)):
            brushes.addWidget(button, at // 2, at % 2)
        column = QtWidgets.QVBoxLayout(self)
        column.addWidget(self._start)
        column.addWidget(self._painting)
        keep.clicked.connect(lambda: controller.correct(values(), keep=True))
        remove.clicked.connect(lambda: controller.correct(values(), keep=False))
        paint.clicked.connect(lambda: controller.paint(values()))
        refine.clicked.connect(controller.refine)
        parts.clicked.connect(lambda: controller.separate(values()))
        self._keep.clicked.connect(lambda: controller.take_brush(keep=True))
        self._remove.clicked.connect(lambda: controller.take_brush(keep=False))
        self._done.clicked.connect(controller.finish)
        self._discard.clicked.connect(controller.abandon)
        controller.painting.connect(self._set_painting)
        controller.begun.connect(lambda: self.setEnabled(False))
        controller.ended.connect(lambda text, well: self.setEnabled(True))
        self._set_painting(controller.session is not None)

    # -- inside ----------------------------------------------------------------------------------

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
