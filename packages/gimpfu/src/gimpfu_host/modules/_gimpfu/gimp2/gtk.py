"""The functions of GTK 2 and libgimpui that a dialog is made of."""

import ctypes as c
from typing import Any, Callable, Dict, List, Optional

from _gimpfu.gimp2.library import declare, load_library
from _gimpfu.gimp2.structs import Rgb

P, I, D, S = c.c_void_p, c.c_int, c.c_double, c.c_char_p  # noqa: E741

Clicked = c.CFUNCTYPE(None, P, P)

_GTK: Dict[str, List[Any]] = {
    # name: [result, arguments…]
    "gtk_init_check": [I, P, P],
    "gtk_dialog_new": [P],
    "gtk_dialog_add_button": [P, P, S, I],
    "gtk_dialog_run": [I, P],
    "gtk_dialog_get_content_area": [P, P],
    "gtk_dialog_set_default_response": [None, P, I],
    "gtk_message_dialog_new": [P, P, I, I, I, S],
    "gtk_window_set_title": [None, P, S],
    "gtk_window_set_role": [None, P, S],
    "gtk_window_set_resizable": [None, P, I],
    "gtk_window_present": [None, P],
    "gtk_widget_show_all": [None, P],
    "gtk_widget_show": [None, P],
    "gtk_widget_hide": [None, P],
    "gtk_image_new": [P],
    "gtk_image_set_from_pixbuf": [None, P, P],
    "gtk_widget_destroy": [None, P],
    "gtk_widget_set_tooltip_text": [None, P, S],
    "gtk_widget_set_size_request": [None, P, I, I],
    "gtk_widget_grab_focus": [None, P],
    "gtk_container_add": [None, P, P],
    "gtk_container_set_border_width": [None, P, c.c_uint],
    "gtk_box_pack_start": [None, P, P, I, I, c.c_uint],
    "gtk_vbox_new": [P, I, I],
    "gtk_hbox_new": [P, I, I],
    "gtk_table_new": [P, c.c_uint, c.c_uint, I],
    "gtk_table_set_row_spacings": [None, P, c.c_uint],
    "gtk_table_set_col_spacings": [None, P, c.c_uint],
    "gtk_table_attach": [None, P, P, *[c.c_uint] * 8],
    "gtk_label_new_with_mnemonic": [P, S],
    "gtk_label_set_mnemonic_widget": [None, P, P],
    "gtk_misc_set_alignment": [None, P, c.c_float, c.c_float],
    "gtk_entry_new": [P],
    "gtk_entry_set_text": [None, P, S],
    "gtk_entry_get_text": [S, P],
    "gtk_entry_set_activates_default": [None, P, I],
    "gtk_spin_button_new_with_range": [P, D, D, D],
    "gtk_spin_button_set_value": [None, P, D],
    "gtk_spin_button_get_value": [D, P],
    "gtk_spin_button_set_digits": [None, P, c.c_uint],
    "gtk_spin_button_update": [None, P],
    "gtk_hscale_new_with_range": [P, D, D, D],
    "gtk_scale_set_digits": [None, P, I],
    "gtk_range_set_value": [None, P, D],
    "gtk_range_get_value": [D, P],
    "gtk_check_button_new_with_mnemonic": [P, S],
    "gtk_toggle_button_set_active": [None, P, I],
    "gtk_toggle_button_get_active": [I, P],
    "gtk_radio_button_new_with_mnemonic": [P, P, S],
    "gtk_radio_button_get_group": [P, P],
    "gtk_combo_box_new_text": [P],
    "gtk_combo_box_append_text": [None, P, S],
    "gtk_combo_box_set_active": [None, P, I],
    "gtk_combo_box_get_active": [I, P],
    "gtk_scrolled_window_new": [P, P, P],
    "gtk_scrolled_window_set_policy": [None, P, I, I],
    "gtk_scrolled_window_set_shadow_type": [None, P, I],
    "gtk_scrolled_window_add_with_viewport": [None, P, P],
    "gtk_text_view_new": [P],
    "gtk_text_view_get_buffer": [P, P],
    "gtk_text_view_set_accepts_tab": [None, P, I],
    "gtk_text_buffer_set_text": [None, P, S, I],
    "gtk_text_buffer_get_bounds": [None, P, P, P],
    "gtk_text_buffer_get_text": [P, P, P, P, I],
    "gtk_events_pending": [I],
    "gtk_main_iteration": [I],
}
_GIMPUI: Dict[str, List[Any]] = {
    "gimp_ui_init": [None, S, I],
    "gimp_window_set_transient": [None, P],
    "gimp_image_combo_box_new": [P, P, P],
    "gimp_layer_combo_box_new": [P, P, P],
    "gimp_channel_combo_box_new": [P, P, P],
    "gimp_drawable_combo_box_new": [P, P, P],
    "gimp_vectors_combo_box_new": [P, P, P],
    "gimp_font_select_button_new": [P, S, S],
    "gimp_font_select_button_get_font": [S, P],
    "gimp_pattern_select_button_new": [P, S, S],
    "gimp_pattern_select_button_get_pattern": [S, P],
    "gimp_gradient_select_button_new": [P, S, S],
    "gimp_gradient_select_button_get_gradient": [S, P],
    "gimp_palette_select_button_new": [P, S, S],
    "gimp_palette_select_button_get_palette": [S, P],
    "gimp_brush_select_button_new": [P, S, S, D, I, I],
    "gimp_brush_select_button_get_brush": [S, P, P, P, P],
    "gimp_export_image": [I, P, P, S, I],
}
_GIMPWIDGETS: Dict[str, List[Any]] = {
    "gimp_int_combo_box_set_active": [I, P, I],
    "gimp_int_combo_box_get_active": [I, P, P],
    "gimp_color_button_new": [P, S, I, I, c.POINTER(Rgb), I],
    "gimp_color_button_get_color": [None, P, c.POINTER(Rgb)],
    "gimp_color_button_set_update": [None, P, I],
    "gimp_file_entry_new": [P, S, S, I, I],
    "gimp_file_entry_get_filename": [P, P],
    "gimp_hint_box_new": [P, S],
}
_PIXBUF: Dict[str, List[Any]] = {
    "gdk_pixbuf_new_from_data": [P, S, I, I, I, I, I, I, P, P],
    "gdk_pixbuf_copy": [P, P],
}
_SOURCES = (("gtk", _GTK), ("pixbuf", _PIXBUF), ("gimpui", _GIMPUI), ("gimpwidgets", _GIMPWIDGETS))


class Gtk:
    """Their functions as methods: `gtk.gtk_entry_new()`."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        for lib, functions in _SOURCES:
            if name in functions:
                result, *arguments = functions[name]
                made: Callable[..., Any] = declare(load_library(lib), result, name, *arguments)
                setattr(self, name, made)
                return made
        raise AttributeError(name)

    def take(self, pointer: Optional[int]) -> str:
        """Return a string that GTK gave away."""
        if not pointer:
            return ""
        text = c.string_at(pointer).decode("utf-8", "surrogateescape")
        declare(load_library("glib"), None, "g_free", P)(pointer)
        return text


gtk = Gtk()
