"""The widget that the dialog and the docker show."""

from __future__ import annotations

from typing import Any, Dict

from mattekit_bridge.settings import SUBJECTS, model_choices
from mattekit_krita.plugin.controller import Controller
from mattekit_krita.plugin.correctionbox import CorrectionBox
from mattekit_krita.plugin.forms import Field, field
from mattekit_krita.plugin.previewing import Preview
from mattekit_krita.plugin.qt import QtCore, QtGui, QtWidgets
from mattekit_krita.plugin.requests import KEPT, LAYERS, RESULTS

__all__ = ["Panel"]

#: Height of a preview, at most.
_PREVIEW = 240
#: Options with a place of their own above the others.
_APART = ("bg_color", "crop", "crop_margin")
#: Options that everybody sees; the others wait behind *More options*.
_OFTEN = ("model",)
_ABOVE = ("shadow_type",)


class Panel(QtWidgets.QWidget):  # type: ignore[misc]
    """Choices, the button that starts, progress, and what came of it.

    Parameters
    ----------
    controller : Controller
        Does the work.
    narrow : bool
        Whether there is little room, as in a docker: the button then stands above what is chosen
        less often.
    """

    def __init__(self, controller: Controller, *, narrow: bool = False) -> None:
        super().__init__()
        self._controller = controller
        declared = {each["name"]: each for each in controller.settings.options}
        self._result = _combo(RESULTS, "What becomes of the subject.")
        self._layers = _combo(LAYERS, "Which layers are worked on.")
        self._everywhere = QtWidgets.QCheckBox("In all open documents")
        self._color_on = QtWidgets.QCheckBox("Colour behind it")
        self._color_on.setToolTip(_paragraph(declared["bg_color"]["help"]))
        self._color = _ColorButton()
        self._crop = QtWidgets.QCheckBox("Crop canvas, margin")
        self._crop.setToolTip(
            _paragraph(
                "Crop the canvas to the subject. Layers keep what lies outside. "
                + declared["crop_margin"]["help"]
            )
        )
        self._margin = QtWidgets.QLineEdit()
        self._margin.setPlaceholderText(declared["crop_margin"]["default"])
        offered = {"model": model_choices(controller.settings), "subjects": SUBJECTS}
        self._fields: Dict[str, Field] = {
            name: field(declared[name], offered.get(name, ()))
            for name in KEPT
            if name not in _APART
        }
        self._more = QtWidgets.QToolButton()
        self._more.setText("More options")
        self._more.setCheckable(True)
        self._more.setAutoRaise(True)
        self._more.setToolButtonStyle(QtCore.Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._go = QtWidgets.QPushButton("&Remove Background")
        self._go.setDefault(True)
        self._try = _button("&Preview", "Show what would come of it; nothing is changed.")
        self._shown = QtWidgets.QLabel()
        self._shown.setAlignment(QtCore.Qt.AlignmentFlag.AlignCenter)
        self._shown.hide()
        self._bar = QtWidgets.QProgressBar()
        self._bar.setRange(0, 1000)
        self._cancel = QtWidgets.QPushButton("Cancel")
        self._cancel.setAutoDefault(False)
        self._said = QtWidgets.QLabel()
        self._said.setWordWrap(True)
        self._said.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self._correction = CorrectionBox(controller, self.values)
        self._arrange(declared, narrow)
        self._fill(controller.remembered())
        self._more.toggled.connect(self._show_more)
        self._go.clicked.connect(self._start)
        self._try.clicked.connect(lambda: controller.preview(self.values()))
        self._cancel.clicked.connect(controller.cancel)
        controller.previewed.connect(self._show)
        controller.begun.connect(self._begun)
        controller.progress.connect(self._progress)
        controller.ended.connect(self._ended)
        self._show_more(False)
        self._set_busy(controller.busy)

    def values(self) -> Dict[str, str]:
        """Return what is chosen, as text."""
        values = {name: each.get() for name, each in self._fields.items()}
        values.update(
            result=self._result.currentData(),
            layers=self._layers.currentData(),
            everywhere=_text(self._everywhere),
            bg_color=self._color.name if self._color_on.isChecked() else "",
            crop=_text(self._crop),
            crop_margin=self._margin.text().strip() or self._margin.placeholderText(),
        )
        return values

    # -- inside ----------------------------------------------------------------------------------

    def _arrange(self, declared: Dict[str, Any], narrow: bool) -> None:
        often, form = QtWidgets.QFormLayout(), QtWidgets.QFormLayout()
        often.addRow("Result", self._result)
        often.addRow("From", self._layers)
        form.addRow(self._everywhere)
        form.addRow(_row(self._color_on, self._color))
        form.addRow(_row(self._crop, self._margin))
        self._others = QtWidgets.QWidget()
        others = QtWidgets.QFormLayout(self._others)
        others.setContentsMargins(0, 0, 0, 0)
        for name, each in self._fields.items():
            into = often if name in _OFTEN else form if name in _ABOVE else others
            if isinstance(each.widget, QtWidgets.QCheckBox):
                into.addRow(each.widget)
            else:
                into.addRow(declared[name]["label"], each.widget)
        rarely = QtWidgets.QVBoxLayout()
        rarely.addLayout(form)
        rarely.addWidget(self._more)
        rarely.addWidget(self._others)
        column = QtWidgets.QVBoxLayout(self)
        column.addLayout(often)
        if not narrow:
            column.addLayout(rarely)
        column.addWidget(self._shown)
        buttons = QtWidgets.QHBoxLayout()
        buttons.addWidget(self._go, 2)
        buttons.addWidget(self._try, 1)
        column.addLayout(buttons)
        column.addWidget(_row(self._bar, self._cancel))
        column.addWidget(self._said)
        if narrow:
            column.addWidget(self._correction)
            column.addLayout(rarely)
        column.addStretch(1)

    def _fill(self, values: Dict[str, str]) -> None:
        for name, each in self._fields.items():
            each.set(values[name])
        self._result.setCurrentIndex(max(0, self._result.findData(values["result"])))
        self._layers.setCurrentIndex(max(0, self._layers.findData(values["layers"])))
        self._everywhere.setChecked(values["everywhere"] == "true")
        self._color_on.setChecked(bool(values["bg_color"]))
        self._color.choose(values["bg_color"] or "#ffffff")
        self._crop.setChecked(values["crop"] == "true")
        margin = values["crop_margin"]
        self._margin.setText("" if margin == self._margin.placeholderText() else margin)

    def _show_more(self, shown: bool) -> None:
        arrow = QtCore.Qt.ArrowType.DownArrow if shown else QtCore.Qt.ArrowType.RightArrow
        self._more.setArrowType(arrow)
        self._others.setVisible(shown)

    def _start(self) -> None:
        values = self.values()
        self._controller.remember(values)
        self._controller.start(values)

    def _show(self, preview: Preview) -> None:
        """Show a picture as large as there is room for it, until something else is done."""
        room = QtCore.QSize(max(120, self.width() - 24), _PREVIEW)
        size = preview.image.size().scaled(room, QtCore.Qt.AspectRatioMode.KeepAspectRatio)
        how = QtCore.Qt.TransformationMode.SmoothTransformation
        ratio = QtCore.Qt.AspectRatioMode.IgnoreAspectRatio
        self._shown.setPixmap(QtGui.QPixmap.fromImage(preview.image.scaled(size, ratio, how)))
        self._shown.show()

    def _set_busy(self, busy: bool) -> None:
        self._go.setEnabled(not busy)
        self._try.setEnabled(not busy)
        self._bar.parentWidget().setVisible(busy)

    def _begun(self) -> None:
        self._shown.hide()
        self._bar.setValue(0)
        self._said.setText("")
        self._set_busy(True)

    def _progress(self, share: float, text: str) -> None:
        self._bar.setValue(int(share * 1000))
        self._said.setText(text)

    def _ended(self, text: str, well: bool) -> None:
        self._set_busy(False)
        self._said.setText(text if well else f"⚠ {text}")


class _ColorButton(QtWidgets.QPushButton):  # type: ignore[misc]
    """Shows a colour, and asks for another when it is pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.name = "#ffffff"
        self.setAutoDefault(False)
        self.clicked.connect(self._ask)

    def choose(self, name: str) -> None:
        """Show a colour."""
        color = QtGui.QColor(name if name.startswith("#") else f"#{name}")
        color = color if color.isValid() else QtGui.QColor(name)
        self.name = color.name() if color.isValid() else "#ffffff"
        self.setText(self.name)
        self.setStyleSheet(
            f"background-color: {self.name}; "
            f"color: {'black' if QtGui.QColor(self.name).lightness() > 127 else 'white'};"
        )

    def _ask(self) -> None:
        color = QtWidgets.QColorDialog.getColor(QtGui.QColor(self.name), self)
        if color.isValid():
            self.choose(color.name())


def _button(text: str, tip: str) -> Any:
    button = QtWidgets.QPushButton(text)
    button.setAutoDefault(False)
    button.setToolTip(_paragraph(tip))
    return button


def _combo(words: Dict[str, str], tip: str) -> Any:
    box = QtWidgets.QComboBox()
    for key, text in words.items():
        box.addItem(text, key)
    box.setToolTip(_paragraph(tip))
    return box


def _row(*widgets: Any) -> Any:
    holder = QtWidgets.QWidget()
    row = QtWidgets.QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        row.addWidget(widget)
    return holder


def _paragraph(text: str) -> str:
    return f"<p>{text}</p>"  # rich text is wrapped in a tool tip, plain text is not


def _text(box: Any) -> str:
    return "true" if box.isChecked() else "false"
