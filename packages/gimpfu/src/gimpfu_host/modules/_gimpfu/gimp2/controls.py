"""A control for each PF_*: how it is made, and how its value is read."""

import ctypes as c
import math
from typing import Any, Callable, Dict, NamedTuple, Sequence, Tuple

from _gimpfu import widgets as w
from _gimpfu.backend import Argument, Type
from _gimpfu.gimp2.gtk import gtk
from _gimpfu.gimp2.structs import Rgb
from _gimpfu.gimp2.values import encode

_AUTOMATIC = 1
_SHADOW_IN = 1
_BOUNDS = {Type.INT8: (0, 255), Type.INT16: (-32768, 32767)}
_INT32 = (-2147483648, 2147483647)


class InvalidEntry(ValueError):
    """What the user typed is no value of the argument's type."""


class Control(NamedTuple):
    """A widget, how to read it, and whether it carries its own label or wants the width."""

    widget: int
    read: Callable[[], Any]
    has_label: bool = False


def control(argument: Argument, value: Any, title: str) -> Control:
    """Return the control for an argument with its present value."""
    make = _CONTROLS.get(argument.widget if argument.widget is not None else -1)
    if make is None:
        make = _BY_TYPE.get(argument.type, _fixed)
    return make(argument, value, title)


def plain(label: str) -> str:
    """Return a label without the mark of its mnemonic."""
    return label.replace("__", "\0").replace("_", "").replace("\0", "_")


def _string(argument: Argument, value: Any, title: str) -> Control:
    offered = w.choices(argument.widget, argument.extra)
    if not offered:
        return _entry(argument, value, title)
    present = "" if value is None else str(value)
    values = [each for _, each in offered]
    if present not in values:
        offered, values = [*offered, (present, present)], [*values, present]
    labels = tuple(label for label, _ in offered)
    chosen = _option(argument._replace(extra=labels), values.index(present), title)
    return chosen._replace(read=lambda: values[chosen.read()])


def _entry(argument: Argument, value: Any, title: str) -> Control:
    widget = gtk.gtk_entry_new()
    gtk.gtk_entry_set_text(widget, encode("" if value is None else str(value)))
    gtk.gtk_entry_set_activates_default(widget, True)
    return Control(widget, lambda: _text_of(widget))


def _text_of(entry: int) -> str:
    return str(gtk.gtk_entry_get_text(entry).decode("utf-8"))


def _float(argument: Argument, value: Any, title: str) -> Control:
    entry = _entry(argument, "%.10g" % value, title)

    def read() -> float:
        text = _text_of(entry.widget).strip()
        for candidate in (text, text.replace(",", ".")):
            try:
                return float(candidate)
            except ValueError:  # perhaps with a decimal comma
                continue
        raise InvalidEntry("%r is no number" % text)

    return entry._replace(read=read)


def _spin(low: float, high: float, step: float, value: float) -> Tuple[int, int]:
    digits = _digits(step)
    widget = gtk.gtk_spin_button_new_with_range(low, high, step or 1)
    gtk.gtk_spin_button_set_digits(widget, digits)
    gtk.gtk_spin_button_set_value(widget, value)
    gtk.gtk_entry_set_activates_default(widget, True)
    return widget, digits


def _digits(step: float) -> int:
    if step == 0 or step >= 1:
        return 0
    return min(6, math.ceil(-math.log10(step)))


def _read_spin(widget: int) -> float:
    gtk.gtk_spin_button_update(widget)  # what was typed and not yet confirmed
    return float(gtk.gtk_spin_button_get_value(widget))


def _integer(argument: Argument, value: Any, title: str) -> Control:
    low, high = _BOUNDS.get(argument.type, _INT32)
    widget, _ = _spin(low, high, 1, value)
    return Control(widget, lambda: int(_read_spin(widget)))


def _range(argument: Argument) -> Tuple[float, float, float]:
    low, high, step = (*(argument.extra or (0, 100, 1)), 1)[:3]
    return float(low), float(high), float(step)


def _spinner(argument: Argument, value: Any, title: str) -> Control:
    widget, digits = _spin(*_range(argument), value)

    def read() -> float:
        number = _read_spin(widget)
        return number if digits else round(number)

    return Control(widget, read)


def _slider(argument: Argument, value: Any, title: str) -> Control:
    low, high, step = _range(argument)
    widget = gtk.gtk_hscale_new_with_range(low, high, step or 1)
    gtk.gtk_scale_set_digits(widget, _digits(step))
    gtk.gtk_range_set_value(widget, value)
    gtk.gtk_widget_set_size_request(widget, 200, -1)
    return Control(widget, lambda: float(gtk.gtk_range_get_value(widget)))


def _toggle(argument: Argument, value: Any, title: str) -> Control:
    widget = gtk.gtk_check_button_new_with_mnemonic(encode(argument.description))
    gtk.gtk_toggle_button_set_active(widget, bool(value))
    read = gtk.gtk_toggle_button_get_active
    return Control(widget, lambda: int(read(widget)), has_label=True)


def _radio(argument: Argument, value: Any, title: str) -> Control:
    box = gtk.gtk_vbox_new(False, 2)
    buttons = []
    group = None
    for label, choice in argument.extra or ():
        button = gtk.gtk_radio_button_new_with_mnemonic(group, encode(str(label)))
        group = gtk.gtk_radio_button_get_group(button)
        gtk.gtk_box_pack_start(box, button, False, False, 0)
        if str(choice) == str(value):
            gtk.gtk_toggle_button_set_active(button, True)
        buttons.append((button, choice))

    def read() -> str:
        chosen = [c for b, c in buttons if gtk.gtk_toggle_button_get_active(b)]
        return str(chosen[0]) if chosen else str(value)

    return Control(box, read)


def _option(argument: Argument, value: Any, title: str) -> Control:
    widget = gtk.gtk_combo_box_new_text()
    for label in argument.extra or ():
        gtk.gtk_combo_box_append_text(widget, encode(str(label)))
    gtk.gtk_combo_box_set_active(widget, int(value))
    return Control(widget, lambda: max(0, gtk.gtk_combo_box_get_active(widget)))


def _color(argument: Argument, value: Any, title: str) -> Control:
    rgb = Rgb(*value)
    widget = gtk.gimp_color_button_new(encode(title), 60, 20, c.byref(rgb), 0)
    gtk.gimp_color_button_set_update(widget, True)

    def read() -> Tuple[float, float, float, float]:
        got = Rgb()
        gtk.gimp_color_button_get_color(widget, c.byref(got))
        return (got.r, got.g, got.b, got.a)

    return Control(widget, read)


def _text(argument: Argument, value: Any, title: str) -> Control:
    scrolled = gtk.gtk_scrolled_window_new(None, None)
    gtk.gtk_scrolled_window_set_policy(scrolled, _AUTOMATIC, _AUTOMATIC)
    gtk.gtk_scrolled_window_set_shadow_type(scrolled, _SHADOW_IN)
    gtk.gtk_widget_set_size_request(scrolled, 240, 80)
    view = gtk.gtk_text_view_new()
    gtk.gtk_text_view_set_accepts_tab(view, False)
    gtk.gtk_container_add(scrolled, view)
    buffer = gtk.gtk_text_view_get_buffer(view)
    gtk.gtk_text_buffer_set_text(buffer, encode(value or ""), -1)

    def read() -> str:
        # Two GtkTextIter; the structure is opaque and smaller than this.
        first, last = c.create_string_buffer(256), c.create_string_buffer(256)
        gtk.gtk_text_buffer_get_bounds(buffer, first, last)
        return gtk.take(gtk.gtk_text_buffer_get_text(buffer, first, last, True))

    return Control(scrolled, read)


def _file(folder: bool) -> Callable[[Argument, Any, str], Control]:
    def make(argument: Argument, value: Any, title: str) -> Control:
        # A file whose default ends with a slash was always a folder.
        only_folders = folder or (argument.widget == w.PF_FILE and (value or "").endswith("/"))
        widget = gtk.gimp_file_entry_new(encode(title), encode(value or ""), only_folders, False)
        read = gtk.gimp_file_entry_get_filename
        return Control(widget, lambda: gtk.take(read(widget)))

    return make


def _resource(kind: str) -> Callable[[Argument, Any, str], Control]:
    def make(argument: Argument, value: Any, title: str) -> Control:
        new = getattr(gtk, "gimp_%s_select_button_new" % kind)
        read = getattr(gtk, "gimp_%s_select_button_get_%s" % (kind, kind))
        widget = new(encode(title), encode(value or None))
        return Control(widget, lambda: (read(widget) or b"").decode("utf-8"))

    return make


def _brush(argument: Argument, value: Any, title: str) -> Control:
    # A brush button also knows opacity, spacing and mode; -1 takes the brush's own.
    widget = gtk.gimp_brush_select_button_new(encode(title), encode(value or None), 1.0, -1, 28)
    read = gtk.gimp_brush_select_button_get_brush
    numbers = (c.c_double(), c.c_int(), c.c_int())
    pointers = [c.byref(number) for number in numbers]
    return Control(widget, lambda: (read(widget, *pointers) or b"").decode("utf-8"))


def _object(kind: str) -> Callable[[Argument, Any, str], Control]:
    def make(argument: Argument, value: Any, title: str) -> Control:
        widget = getattr(gtk, "gimp_%s_combo_box_new" % kind)(None, None)
        if value >= 0:
            gtk.gimp_int_combo_box_set_active(widget, value)
        chosen = c.c_int(-1)

        def read() -> int:
            found = gtk.gimp_int_combo_box_get_active(widget, c.byref(chosen))
            return chosen.value if found else -1

        return Control(widget, read)

    return make


def _fixed(argument: Argument, value: Any, title: str) -> Control:
    """Show that a value is kept: nobody can choose it in a dialog."""
    widget = gtk.gtk_label_new_with_mnemonic(encode("–"))
    return Control(widget, lambda: value)


_CONTROLS: Dict[int, Callable[[Argument, Any, str], Control]] = {
    w.PF_SLIDER: _slider,
    w.PF_SPINNER: _spinner,
    w.PF_TOGGLE: _toggle,
    w.PF_RADIO: _radio,
    w.PF_OPTION: _option,
    w.PF_TEXT: _text,
    w.PF_FILE: _file(False),
    w.PF_FILENAME: _file(False),
    w.PF_DIRNAME: _file(True),
    w.PF_FONT: _resource("font"),
    w.PF_PATTERN: _resource("pattern"),
    w.PF_GRADIENT: _resource("gradient"),
    w.PF_PALETTE: _resource("palette"),
    w.PF_BRUSH: _brush,
}
_BY_TYPE: Dict[Type, Callable[[Argument, Any, str], Control]] = {
    Type.INT8: _integer,
    Type.INT16: _integer,
    Type.INT32: _integer,
    Type.FLOAT: _float,
    Type.STRING: _string,
    Type.COLOR: _color,
    Type.IMAGE: _object("image"),
    Type.LAYER: _object("layer"),
    Type.CHANNEL: _object("channel"),
    Type.DRAWABLE: _object("drawable"),
    Type.ITEM: _object("drawable"),
    Type.VECTORS: _object("vectors"),
}


def build_controls(
    arguments: Sequence[Argument], values: Sequence[Any], name: str
) -> Sequence[Control]:
    """Return a control for each argument."""
    return [
        control(argument, value, "%s - %s" % (name, plain(argument.description)))
        for argument, value in zip(arguments, values)
    ]
