"""A dialog for the arguments of the procedure that runs."""

from typing import Any, List, Sequence

import gi

gi.require_version("GimpUi", "3.0")
gi.require_version("Gtk", "3.0")

from gi.repository import GimpUi, Gtk  # noqa: E402

from _gimpfu import widgets as w  # noqa: E402
from _gimpfu.backend import Procedure, Type  # noqa: E402
from _gimpfu.gimp3 import arguments  # noqa: E402
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


def ask(procedure: Any, config: Any, asked: Sequence[Named], title: str) -> bool:
    """Show the dialog for these arguments of a run's config; return whether it was accepted."""
    GimpUi.init(procedure.get_name())
    dialog = GimpUi.ProcedureDialog.new(procedure, config, title)
    boxes = [one for one in asked if one.argument.type in _BOXES]
    shown = [
        one.name for one in asked if one not in boxes and one.argument.type is not Type.DISPLAY
    ]
    for one in asked:
        _control(dialog, one)
    if shown:
        dialog.fill(shown)
    if boxes:
        dialog.get_content_area().pack_start(_choosers(config, boxes), False, False, 6)
    accepted = bool(dialog.run())
    dialog.destroy()
    return accepted


def _control(dialog: Any, one: Named) -> None:
    """Choose another control than the one that goes with the type."""
    widget, extra = one.argument.widget, one.argument.extra
    if widget == w.PF_TEXT:
        dialog.get_widget(one.name, Gtk.TextView.__gtype__)
    elif widget == w.PF_RADIO and extra:
        dialog.get_widget(one.name, GimpUi.IntRadioFrame.__gtype__)
    elif widget == w.PF_OPTION and extra:
        store = GimpUi.IntStore.new([str(label) for label in extra])
        dialog.get_int_combo(one.name, store)
    elif widget in (w.PF_SLIDER, w.PF_SPINNER) and extra:
        if widget == w.PF_SLIDER:
            dialog.get_scale_entry(one.name, 1.0)
        else:
            dialog.get_widget(one.name, GimpUi.SpinButton.__gtype__)


def _choosers(config: Any, boxes: Sequence[Named]) -> Any:
    grid = Gtk.Grid(column_spacing=6, row_spacing=6, border_width=12)
    for row, one in enumerate(boxes):
        label = Gtk.Label.new_with_mnemonic(one.argument.description or one.name)
        label.set_xalign(0)
        box = _BOXES[one.argument.type].new(None, None)
        present = arguments.read(config, one)
        if present >= 0:
            box.set_active(present)
        box.connect("changed", _chosen, config, one)
        _chosen(box, config, one)
        label.set_mnemonic_widget(box)
        grid.attach(label, 0, row, 1, 1)
        grid.attach(box, 1, row, 1, 1)
    grid.show_all()
    return grid


def _chosen(box: Any, config: Any, one: Named) -> None:
    found, number = box.get_active()
    if found and number >= 0:
        arguments.write(config, one, number)


def own(procedure: Procedure, first: int, all_named: Sequence[Named]) -> List[Named]:
    """Return the named arguments from a position in what was registered."""
    return list(all_named)[len(all_named) - (len(procedure.arguments) - first) :]
