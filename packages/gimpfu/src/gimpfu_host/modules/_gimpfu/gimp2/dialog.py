"""The automatic dialog of a plug-in on GIMP 2.10, and the export dialog."""

import ctypes as c
import os
from typing import Any, Callable, List, Optional, Sequence, Tuple

from _gimpfu.backend import Argument, Procedure, Shown
from _gimpfu.errors import error
from _gimpfu.gimp2.controls import Control, InvalidEntry, build_controls, plain
from _gimpfu.gimp2.gtk import gtk
from _gimpfu.gimp2.library import declare, load_library
from _gimpfu.gimp2.values import encode

_OK, _CANCEL = -5, -6
_PREVIEW = 1
_RGB = 0
_EXPAND, _FILL = 1, 4
_NEVER, _AUTOMATIC = 2, 1
_MANY = 14
_MODAL, _WARNING, _CLOSE = 1, 1, 2
_started: List[str] = []


def ask(
    procedure: Procedure,
    first: int,
    values: Sequence[Any],
    preview: Optional[Callable[[Sequence[Any]], Shown]] = None,
) -> Optional[List[Any]]:
    """Show a dialog for some arguments and return their values, None when it is cancelled."""
    _start(procedure.name)
    arguments = procedure.arguments[first:]
    title = plain((procedure.label or "").rstrip(".…")) or procedure.name
    made = build_controls(arguments, values, title)
    dialog = gtk.gtk_dialog_new()
    gtk.gtk_window_set_title(dialog, encode(title))
    gtk.gtk_window_set_role(dialog, encode(procedure.name))
    if preview is not None:
        gtk.gtk_dialog_add_button(dialog, b"_Preview", _PREVIEW)
    gtk.gtk_dialog_add_button(dialog, b"gtk-cancel", _CANCEL)
    gtk.gtk_dialog_add_button(dialog, b"gtk-ok", _OK)
    gtk.gtk_dialog_set_default_response(dialog, _OK)
    gtk.gimp_window_set_transient(dialog)
    picture = gtk.gtk_image_new()
    area = gtk.gtk_dialog_get_content_area(dialog)
    _fill(area, procedure.blurb, arguments, made, picture)
    gtk.gtk_widget_show_all(dialog)
    gtk.gtk_widget_hide(picture)
    try:
        return _run(dialog, arguments, made, picture, preview)
    finally:
        gtk.gtk_widget_destroy(dialog)
        while gtk.gtk_events_pending():
            gtk.gtk_main_iteration()


def _start(name: str) -> None:
    if _started:
        return
    # GIMP may show its windows elsewhere than the environment says.
    shown = declare(load_library("gimp"), c.c_char_p, "gimp_display_name")() or b""
    if shown:
        os.environ["DISPLAY"] = shown.decode()
    if not gtk.gtk_init_check(None, None):
        raise error(
            "%s was called interactively where no window can be opened: give it "
            "RUN-NONINTERACTIVE and all its arguments" % name
        )
    gtk.gimp_ui_init(encode(name), False)
    _started.append(name)


def _run(
    dialog: int,
    arguments: Sequence[Argument],
    made: Sequence[Control],
    picture: int,
    preview: Optional[Callable[[Sequence[Any]], Shown]],
) -> Optional[List[Any]]:
    while True:
        pressed = gtk.gtk_dialog_run(dialog)
        if pressed not in (_OK, _PREVIEW):
            return None
        for index, each in enumerate(made):
            try:
                each.read()
            except InvalidEntry as wrong:
                label = plain(arguments[index].description)
                _warn(dialog, "%s: %s" % (label, wrong))
                gtk.gtk_widget_grab_focus(each.widget)
                break
        else:
            found = [each.read() for each in made]
            if pressed == _OK:
                return found
            assert preview is not None
            try:
                _show(picture, preview(found))
            except error as wrong:
                _warn(dialog, str(wrong))


def _show(picture: int, shown: Shown) -> None:
    width, height, data = shown
    made = gtk.gdk_pixbuf_new_from_data(data, _RGB, False, 8, width, height, 3 * width, None, None)
    # A copy of its own: the bytes go.
    gtk.gtk_image_set_from_pixbuf(picture, gtk.gdk_pixbuf_copy(made))
    gtk.gtk_widget_show(picture)


def _warn(parent: int, text: str) -> None:
    # The text is a format: without a per cent sign it takes no further arguments.
    words = encode(text.replace("%", "%%"))
    message = gtk.gtk_message_dialog_new(parent, _MODAL, _WARNING, _CLOSE, words)
    gtk.gtk_window_set_title(message, b"GIMP Message")
    gtk.gtk_dialog_run(message)
    gtk.gtk_widget_destroy(message)


def _fill(
    area: int,
    blurb: str,
    arguments: Sequence[Argument],
    made: Sequence[Control],
    picture: int,
) -> None:
    box = gtk.gtk_vbox_new(False, 12)
    gtk.gtk_container_set_border_width(box, 12)
    if blurb:
        gtk.gtk_box_pack_start(box, gtk.gimp_hint_box_new(encode(blurb)), False, False, 0)
    table = gtk.gtk_table_new(max(1, len(made)), 2, False)
    gtk.gtk_table_set_row_spacings(table, 6)
    gtk.gtk_table_set_col_spacings(table, 6)
    for row, (argument, each) in enumerate(zip(arguments, made)):
        where = (row, row + 1, _EXPAND | _FILL, 0, 0, 0)
        gtk.gtk_widget_set_tooltip_text(each.widget, encode(plain(argument.description)))
        if each.has_label:
            gtk.gtk_table_attach(table, each.widget, 0, 2, *where)
            continue
        label = gtk.gtk_label_new_with_mnemonic(encode(argument.description))
        gtk.gtk_misc_set_alignment(label, 0.0, 0.5)
        gtk.gtk_label_set_mnemonic_widget(label, each.widget)
        gtk.gtk_table_attach(table, label, 0, 1, row, row + 1, _FILL, 0, 0, 0)
        gtk.gtk_table_attach(table, each.widget, 1, 2, *where)
    if len(made) > _MANY:
        scrolled = gtk.gtk_scrolled_window_new(None, None)
        gtk.gtk_scrolled_window_set_policy(scrolled, _NEVER, _AUTOMATIC)
        gtk.gtk_scrolled_window_add_with_viewport(scrolled, table)
        gtk.gtk_widget_set_size_request(scrolled, -1, 480)
        table = scrolled
    beside = gtk.gtk_hbox_new(False, 12)
    gtk.gtk_box_pack_start(beside, table, True, True, 0)
    gtk.gtk_box_pack_start(beside, picture, False, False, 0)
    gtk.gtk_box_pack_start(box, beside, True, True, 0)
    gtk.gtk_box_pack_start(area, box, True, True, 0)


def export(image: int, drawable: int, format_name: str, capabilities: int) -> Tuple[int, int, int]:
    """Make an image fit for a format; GIMP asks only where the user has told it to."""
    if os.environ.get("GIMP_INTERACTIVE_EXPORT"):
        _start("export")
    new_image, new_drawable = c.c_int32(image), c.c_int32(drawable)
    pointers = (c.byref(new_image), c.byref(new_drawable))
    done = gtk.gimp_export_image(*pointers, encode(format_name or None), capabilities)
    return int(done), new_image.value, new_drawable.value
