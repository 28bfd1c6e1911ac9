"""A dialog for the arguments of the procedure that runs."""

from typing import Any, Callable, List, Optional, Sequence, Tuple

import gi

gi.require_version("GimpUi", "3.0")
gi.require_version("Gtk", "3.0")

from gi.repository import GdkPixbuf, Gimp, GimpUi, GLib, GObject, Gtk  # noqa: E402

from _gimpfu import widgets as w  # noqa: E402
from _gimpfu.backend import Procedure, Shown, Type  # noqa: E402
from _gimpfu.errors import error  # noqa: E402
from _gimpfu.gimp3 import arguments, values  # noqa: E402
from _gimpfu.gimp3.arguments import Named  # noqa: E402

# GIMP's dialog has no control for these, but has boxes to choose from.
_BOXES = {
    Type.IMAGE: GimpUi.ImageComboBox,
    Type.ITEM: GimpUi.DrawableComboBox,
    Type.DRAWABLE: GimpUi.DrawableComboBox,
    Type.LAYER: GimpUi.LayerComboBox,
    Type.CHANNEL: GimpUi.ChannelComboBox,
    Type.VECTORS: GimpUi.PathComboBox,
}
_FILES = {
    w.PF_FILE: Gimp.FileChooserAction.OPEN,
    w.PF_FILENAME: Gimp.FileChooserAction.SAVE,
    w.PF_DIRNAME: Gimp.FileChooserAction.SELECT_FOLDER,
}
# Dialogs that would not fit on a small screen get a second column.
_MANY = 16


def ask(
    procedure: Any,
    config: Any,
    asked: Sequence[Named],
    title: str,
    preview: Optional[Callable[[Sequence[Any]], Shown]] = None,
) -> bool:
    """Show the dialog for these arguments of a run's config; return whether it was accepted."""
    GimpUi.init(procedure.get_name())
    dialog = GimpUi.ProcedureDialog.new(procedure, config, title)
    controls: List[Tuple[Named, Optional[Any]]] = []
    for one in asked:
        if one.argument.type is Type.DISPLAY:
            continue
        own_control = _own_control(config, one)
        if own_control is None:
            _choose(dialog, one)
        controls.append((one, own_control))
    row = _place(dialog, controls)
    if preview is not None:

        def shown() -> Shown:
            return preview([arguments.read(config, one) for one in asked])

        row.pack_start(_preview(shown), False, False, 0)
    accepted = bool(dialog.run())
    dialog.destroy()
    return accepted


def _preview(shown: Callable[[], Shown]) -> Any:
    """Return a button that shows a picture above itself."""
    column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
    picture, said = Gtk.Image(), Gtk.Label(wrap=True, max_width_chars=30)
    button = Gtk.Button.new_with_mnemonic("_Preview")
    button.set_halign(Gtk.Align.CENTER)

    def show(_: Any) -> None:
        picture.clear()
        said.set_text("")
        try:
            width, height, data = shown()
        except error as wrong:
            said.set_text(str(wrong))
            said.show()
            return
        colors = GdkPixbuf.Colorspace.RGB
        made = GdkPixbuf.Pixbuf.new_from_bytes(
            GLib.Bytes.new(data), colors, False, 8, width, height, 3 * width
        )
        picture.set_from_pixbuf(made)
        picture.show()

    button.connect("clicked", show)
    button.show()
    column.show()
    for widget in (picture, said, button):
        column.pack_start(widget, False, False, 0)
    return column


def _place(dialog: Any, controls: Sequence[Tuple[Named, Optional[Any]]]) -> Any:
    """Put the controls into the dialog, in their order; return the box with their columns."""
    count = (len(controls) + 1) // 2 if len(controls) > _MANY else max(1, len(controls))
    row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=24, border_width=12)
    for start in range(0, len(controls), count):
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        for number, part in enumerate(_together(controls[start : start + count])):
            # Together in a box, their labels are given one width.
            name = "box-%d-%d" % (start, number)
            control = dialog.fill_box(name, part) if isinstance(part, list) else part
            column.pack_start(control, False, False, 0)
        row.pack_start(column, True, True, 0)
    row.show_all()
    dialog.get_content_area().pack_start(row, True, True, 0)
    return row


def _together(controls: Sequence[Tuple[Named, Optional[Any]]]) -> List[Any]:
    """Return controls of our own, and lists of names for those of GIMP's that follow each other."""
    parts: List[Any] = []
    for one, control in controls:
        if control is not None:
            parts.append(control)
            continue
        if one.argument.widget == w.PF_TEXT:
            label = Gtk.Label.new_with_mnemonic(arguments.mnemonic(one))
            label.set_xalign(0)
            parts.append(label)
        if not parts or not isinstance(parts[-1], list):
            parts.append([])
        parts[-1].append(one.name)
    return parts


def _choose(dialog: Any, one: Named) -> None:
    """Choose another control than the one that goes with the type."""
    widget, extra = one.argument.widget, one.argument.extra
    if widget == w.PF_TEXT:
        dialog.get_widget(one.name, Gtk.TextView.__gtype__)
    elif widget == w.PF_RADIO and extra:
        dialog.get_widget(one.name, GimpUi.IntRadioFrame.__gtype__)
    elif widget == w.PF_OPTION and extra:
        store = GimpUi.IntStore.new([str(label) for label in extra])
        dialog.get_int_combo(one.name, store)
    elif widget == w.PF_SLIDER and extra:
        dialog.get_scale_entry(one.name, 1.0).get_range().set_size_request(90, -1)
    elif widget == w.PF_FLOAT:
        dialog.get_widget(one.name, GimpUi.LabelSpin.__gtype__).set_digits(3)


# -- controls that GIMP's dialog lacks -------------------------------------------------------------


def _own_control(config: Any, one: Named) -> Optional[Any]:
    if one.argument.type in _BOXES:
        return _with_label(one, _item_box(config, one))
    if one.argument.widget in _FILES:
        return _file_control(config, one)
    offered = w.choices(one.argument.widget, one.argument.extra)
    if offered:
        return _with_label(one, _text_box(config, one, offered))
    return None


def _with_label(one: Named, control: Any) -> Any:
    label = Gtk.Label.new_with_mnemonic(arguments.mnemonic(one))
    label.set_xalign(0)
    label.set_mnemonic_widget(control)
    row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=12)
    row.pack_start(label, False, False, 0)
    row.pack_start(control, True, True, 0)
    row.show_all()
    return row


def _item_box(config: Any, one: Named) -> Any:
    box = _BOXES[one.argument.type].new(None)
    present = arguments.read(config, one)
    if present >= 0:
        box.set_active(present)
    # The box has a method of its own called connect.
    GObject.Object.connect(box, "changed", _item_chosen, config, one)
    _item_chosen(box, config, one)
    return box


def _item_chosen(box: Any, config: Any, one: Named) -> None:
    found, number = box.get_active()
    if found and number >= 0:
        arguments.write(config, one, number)


def _text_box(config: Any, one: Named, offered: Sequence[Tuple[str, str]]) -> Any:
    present = arguments.read(config, one)
    box = Gtk.ComboBoxText.new()
    if present not in [value for _, value in offered]:
        offered = [*offered, (present, present)]
    for label, value in offered:
        box.append(value, label)
    box.set_active_id(present)
    box.connect("changed", lambda box: arguments.write(config, one, box.get_active_id()))
    return box


def _file_control(config: Any, one: Named) -> Any:
    assert one.argument.widget is not None
    action = _FILES[one.argument.widget]
    label = arguments.mnemonic(one)
    present = config.get_property(one.name)
    control = GimpUi.FileChooser.new(action, label, label.replace("_", ""), present)
    control.connect("notify::file", _file_chosen, config, one)
    control.show()
    return control


def _file_chosen(control: Any, _: Any, config: Any, one: Named) -> None:
    arguments.write(config, one, values.path(control.get_file()))


def own(procedure: Procedure, first: int, all_named: Sequence[Named]) -> List[Named]:
    """Return the named arguments from a position in what was registered."""
    kept = list(all_named)[len(all_named) - (len(procedure.arguments) - first) :]
    # What was registered has lost its mnemonics; the dialog is asked for with them.
    return [Named(one.name, argument) for one, argument in zip(kept, procedure.arguments[first:])]
