"""Widgets out of the declared options."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Sequence, Tuple

from mattekit_bridge.settings import Declaration
from mattekit_krita.plugin.qt import QtCore, QtWidgets

__all__ = ["Field", "field"]


class Field(NamedTuple):
    """A widget and its value as text, as the worker reads it."""

    widget: Any
    get: Callable[[], str]
    set: Callable[[str], None]


def field(declaration: Declaration, choices: Sequence[Tuple[str, str]] = ()) -> Field:
    """Return the widget of an option; a checkbox brings its own label.

    Parameters
    ----------
    declaration : Declaration
        The option.
    choices : sequence of (str, str)
        Words and values that are offered, instead of what the option's kind says.
    """
    if choices:
        made = _offered(choices)
    elif declaration["name"] in _LENGTHS:
        made = _length(*_LENGTHS[declaration["name"]])
    else:
        made = _MAKERS[declaration["kind"]](declaration)
    made.widget.setToolTip(_tip(declaration))
    made.widget.setObjectName("mattekit_" + declaration["name"])
    made.set(declaration["default"])
    return made


def _offered(choices: Sequence[Tuple[str, str]]) -> Field:
    box = QtWidgets.QComboBox()
    # A long name must not make a docker wide.
    box.setSizeAdjustPolicy(box.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
    for words, value in choices:
        box.addItem(words, value)
        box.setItemData(box.count() - 1, words, QtCore.Qt.ItemDataRole.ToolTipRole)

    def put(text: str) -> None:
        if box.findData(text) < 0:
            box.addItem(text, text)  # what a script chose, or is not on this machine any more
        box.setCurrentIndex(box.findData(text))

    return Field(box, lambda: str(box.currentData()), put)


def _length(low: float, high: float) -> Field:
    box = QtWidgets.QDoubleSpinBox()
    box.setDecimals(1)
    box.setSingleStep(0.5)
    box.setRange(low, high)
    box.setSuffix(" px")

    def put(text: str) -> None:
        try:
            box.setValue(float(text[:-2] if text.endswith("px") else text))
        except ValueError:
            box.setValue(0.0)

    return Field(box, lambda: f"{box.value():g}px", put)


def _boolean(declaration: Declaration) -> Field:
    box = QtWidgets.QCheckBox(declaration["label"])
    return Field(
        box,
        lambda: "true" if box.isChecked() else "false",
        lambda text: box.setChecked(text == "true"),
    )


def _choice(declaration: Declaration) -> Field:
    box = QtWidgets.QComboBox()
    box.addItems(declaration["words"])
    return Field(box, box.currentText, lambda text: box.setCurrentIndex(max(0, box.findText(text))))


def _number(declaration: Declaration) -> Field:
    box = QtWidgets.QDoubleSpinBox()
    unit = declaration["unit"]
    box.setDecimals(0 if declaration["integer"] else 1)
    box.setRange(declaration["minimum"], declaration["maximum"])
    box.setSuffix(f" {unit}" if unit else "")

    def put(text: str) -> None:
        number = text[: -len(unit)] if unit and text.endswith(unit) else text
        try:
            box.setValue(float(number))
        except ValueError:
            box.setValue(declaration["minimum"])

    return Field(box, lambda: f"{box.value():g}{unit}", put)


def _text(declaration: Declaration) -> Field:
    line = QtWidgets.QLineEdit()
    default = declaration["default"]
    line.setPlaceholderText(default)
    # An empty line is the default, not an empty text.
    return Field(line, lambda: line.text().strip() or default, line.setText)


#: Lengths that are asked for in pixels, and their range.
_LENGTHS = {"edge_shift": (-100.0, 100.0), "edge_soften": (0.0, 100.0)}
_MAKERS: Any = {"boolean": _boolean, "choice": _choice, "number": _number, "text": _text}


def _tip(declaration: Declaration) -> str:
    return f"<p>{declaration['help']}</p>"
