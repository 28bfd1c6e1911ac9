"""Widgets out of the declared options."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

from mattekit_bridge.settings import Declaration
from mattekit_krita.plugin.qt import QtWidgets

__all__ = ["Field", "field"]


class Field(NamedTuple):
    """A widget and its value as text, as the worker reads it."""

    widget: Any
    get: Callable[[], str]
    set: Callable[[str], None]


def field(declaration: Declaration) -> Field:
    """Return the widget of an option; a checkbox brings its own label."""
    made: Field = _MAKERS[declaration["kind"]](declaration)
    made.widget.setToolTip(_tip(declaration))
    made.widget.setObjectName("mattekit_" + declaration["name"])
    made.set(declaration["default"])
    return made


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


_MAKERS: Any = {"boolean": _boolean, "choice": _choice, "number": _number, "text": _text}


def _tip(declaration: Declaration) -> str:
    return f"<p>{declaration['help']}</p>"
