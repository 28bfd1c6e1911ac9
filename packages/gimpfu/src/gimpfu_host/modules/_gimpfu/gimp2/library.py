"""The shared libraries of GIMP 2.10, found and declared."""

import contextlib
import ctypes as c
import os
import sys
from typing import Any, Dict, Iterator

from _gimpfu.gimp2 import structs as s

_STEMS = {
    "gimp": "gimp-2.0",
    "gimpbase": "gimpbase-2.0",
    "gimpui": "gimpui-2.0",
    "gimpwidgets": "gimpwidgets-2.0",
    "gegl": "gegl-0.4",
    "babl": "babl-0.1",
    "gtk": "gtk-x11-2.0",
    "pixbuf": "gdk_pixbuf-2.0",
    "gobject": "gobject-2.0",
    "glib": "glib-2.0",
}
_loaded: Dict[str, Any] = {}


def load_library(name: str) -> Any:
    """Load a library by its short name, once. Raises OSError naming what was tried."""
    if name not in _loaded:
        _loaded[name] = _load(_STEMS[name])
    return _loaded[name]


def _load(stem: str) -> Any:
    if sys.platform == "win32":
        if stem.startswith("gtk-"):
            stem = "gtk-win32-2.0"
        tried = ["lib%s-0.dll" % stem]
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            if os.path.isfile(os.path.join(folder, tried[0])):
                os.add_dll_directory(folder)
                tried.insert(0, os.path.join(folder, tried[0]))
                break
    elif sys.platform == "darwin":
        if stem.startswith("gtk-"):
            stem = "gtk-quartz-2.0"
        name = "lib%s.0.dylib" % stem
        bundle = "/Applications/GIMP-2.10.app/Contents/Resources/lib/"
        tried = [name, "@executable_path/../Resources/lib/" + name, bundle + name]
    else:
        tried = ["lib%s.so.0" % stem]
    for candidate in tried:
        try:
            return c.CDLL(candidate)
        except OSError:  # the next one
            continue
    raise OSError(
        "none of %s can be loaded: is this Python built for the same machine as GIMP?"
        % ", ".join(tried)
    )


def declare(lib: Any, result: Any, name: str, *arguments: Any) -> Any:
    """Give a C function its types and return it."""
    function = getattr(lib, name)
    function.restype = result
    function.argtypes = arguments
    return function


class LibGimp:
    """The functions of libgimp that the backend calls."""

    def __init__(self) -> None:
        g = load_library("gimp")
        base = load_library("gimpbase")
        text, number, flag, pointer = c.c_char_p, c.c_int, c.c_int, c.c_void_p
        params = c.POINTER(s.Param)
        defs = c.POINTER(s.ParamDef)
        texts = c.POINTER(text)
        numbers = c.POINTER(number)
        self.main = declare(g, number, "gimp_main", c.POINTER(s.PlugInInfo), number, texts)
        self.run = declare(g, params, "gimp_run_procedure2", text, numbers, number, params)
        self.destroy_params = declare(g, None, "gimp_destroy_params", params, number)
        self.destroy_defs = declare(g, None, "gimp_destroy_paramdefs", defs, number)
        self.error = declare(g, text, "gimp_get_pdb_error")
        install = [text] * 8 + [number] * 3 + [defs] * 2
        self.install = declare(g, None, "gimp_install_procedure", *install)
        self.install_temporary = declare(g, None, "gimp_install_temp_proc", *install, s.RunProc)
        self.uninstall = declare(g, None, "gimp_uninstall_temp_proc", text)
        self.acknowledge = declare(g, None, "gimp_extension_ack")
        self.process = declare(g, None, "gimp_extension_process", c.c_uint)
        self.info = declare(
            g,
            flag,
            "gimp_procedural_db_proc_info",
            text,
            *[c.POINTER(pointer)] * 5,
            *[numbers] * 3,
            *[c.POINTER(defs)] * 2,
        )
        self.query = declare(
            g,
            flag,
            "gimp_procedural_db_query",
            *[text] * 7,
            numbers,
            c.POINTER(c.POINTER(text)),
        )
        self.progress_init = declare(g, flag, "gimp_progress_init", text)
        self.progress_update = declare(g, flag, "gimp_progress_update", c.c_double)
        self.message = declare(g, flag, "gimp_message", text)
        self.displays_flush = declare(g, flag, "gimp_displays_flush")
        self.default_display = declare(g, c.c_int32, "gimp_default_display")
        self.set_error_handler = declare(g, flag, "gimp_plugin_set_pdb_error_handler", number)
        self.enable_precision = declare(g, flag, "gimp_plugin_enable_precision")
        self.item_is = {
            kind: declare(g, flag, "gimp_item_is_" + kind, c.c_int32)
            for kind in (
                "valid",
                "layer",
                "group",
                "text_layer",
                "layer_mask",
                "selection",
                "channel",
                "vectors",
            )
        }
        self.drawable = declare(g, pointer, "gimp_drawable_get", c.c_int32)
        self.drawable_flush = declare(g, None, "gimp_drawable_flush", pointer)
        self.drawable_detach = declare(g, None, "gimp_drawable_detach", pointer)
        self.buffer = declare(g, pointer, "gimp_drawable_get_buffer", c.c_int32)
        self.shadow_buffer = declare(g, pointer, "gimp_drawable_get_shadow_buffer", c.c_int32)
        self.drawable_type = declare(g, number, "gimp_drawable_type", c.c_int32)
        self.width = declare(g, number, "gimp_drawable_width", c.c_int32)
        self.height = declare(g, number, "gimp_drawable_height", c.c_int32)
        self.item_image = declare(g, c.c_int32, "gimp_item_get_image", c.c_int32)
        self.precision = declare(g, number, "gimp_image_get_precision", c.c_int32)
        self.drawable_format = declare(g, pointer, "gimp_drawable_get_format", c.c_int32)
        region = c.POINTER(s.PixelRgn)
        self.region = declare(g, None, "gimp_pixel_rgn_init", region, pointer, *[number] * 6)
        self.get_rect = declare(g, None, "gimp_pixel_rgn_get_rect", region, pointer, *[number] * 4)
        self.set_rect = declare(g, None, "gimp_pixel_rgn_set_rect", region, pointer, *[number] * 4)
        self.folders = {
            "user": declare(base, text, "gimp_directory"),
            "data": declare(base, text, "gimp_data_directory"),
            "locale": declare(base, text, "gimp_locale_directory"),
            "sysconf": declare(base, text, "gimp_sysconf_directory"),
            "plug-in": declare(base, text, "gimp_plug_in_directory"),
        }
        self.free = declare(load_library("glib"), None, "g_free", pointer)
        self.free_list = declare(load_library("glib"), None, "g_strfreev", c.POINTER(text))
        self.unref = declare(load_library("gobject"), None, "g_object_unref", pointer)
        self.version = tuple(
            c.c_uint.in_dll(base, "gimp_%s_version" % part).value
            for part in ("major", "minor", "micro")
        )


@contextlib.contextmanager
def _no_operations() -> Iterator[None]:
    """Keep GEGL from loading its operations: buffers need none, and it takes 0.2 s."""
    known = os.environ.get("GEGL_PATH")
    os.environ["GEGL_PATH"] = os.devnull
    try:
        yield
    finally:
        if known is None:
            del os.environ["GEGL_PATH"]
        else:
            os.environ["GEGL_PATH"] = known


class LibGegl:
    """The functions of GEGL and babl for pixels in any format; loading them takes a moment."""

    def __init__(self) -> None:
        gegl, babl = load_library("gegl"), load_library("babl")
        rectangle = c.POINTER(s.Rectangle)
        with _no_operations():
            declare(gegl, None, "gegl_init", c.c_void_p, c.c_void_p)(None, None)
        self.get = declare(
            gegl,
            None,
            "gegl_buffer_get",
            c.c_void_p,
            rectangle,
            c.c_double,
            c.c_void_p,
            c.c_void_p,
            c.c_int,
            c.c_int,
        )
        self.set = declare(
            gegl,
            None,
            "gegl_buffer_set",
            c.c_void_p,
            rectangle,
            c.c_int,
            c.c_void_p,
            c.c_void_p,
            c.c_int,
        )
        self.flush = declare(gegl, None, "gegl_buffer_flush", c.c_void_p)
        self.format = declare(babl, c.c_void_p, "babl_format", c.c_char_p)
        self.format_exists = declare(babl, c.c_int, "babl_format_exists", c.c_char_p)
        self.bytes_per_pixel = declare(babl, c.c_int, "babl_format_get_bytes_per_pixel", c.c_void_p)
        self.name = declare(babl, c.c_char_p, "babl_get_name", c.c_void_p)
