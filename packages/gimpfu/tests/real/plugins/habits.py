#!/usr/bin/env python2
# ruff: noqa
"""How public plug-ins are written: both styles, every result, errors, files, temporary procedures."""

import os

from gimpfu import *

gettext.install("gimp20-python", gimp.locale_directory, unicode=True)


def echo(*values):
    """Return what was given."""
    return values


def one(text):
    return text.upper()


def nothing(value):
    return "ignored, since no result is declared"


def old_style(image, drawable, amount):
    pdb.gimp_drawable_brightness_contrast(drawable, amount, 0.0)


def raises(image, drawable):
    image.undo_group_start()
    drawable.set_pixel(0, 0, (1, 2, 3))
    return [][5]


def fails():
    fail("No luck today")


def cancels():
    raise CancelError("never mind")


def wrong_results():
    return 1, 2, 3


def without_run_mode(text):
    return "got " + text


def layers_to_files(image, folder):
    """Save every layer: what half of all public plug-ins do."""
    count = 0
    for index, layer in enumerate(image.layers):
        path = os.path.join(folder, "%02d_%s.png" % (index, layer.name.decode("utf-8")))
        pdb.file_png_save_defaults(image, layer, path, path)
        count += 1
    return count


def calls_others(image, drawable):
    text = pdb.python_fu_one("called")
    pdb.python_fu_old_style(image, drawable, 0.25, run_mode=RUN_NONINTERACTIVE)
    try:
        pdb.python_fu_fails()
    except RuntimeError as refusal:
        text += " " + str(refusal)
    return text


def load_tiny(filename, raw_filename):
    with open(filename, "rb") as source:
        width, height = source.readline().split()[1:]
        pixels = source.read()
    image = gimp.Image(int(width), int(height), GRAY)
    image.filename = filename
    layer = gimp.Layer(image, "tiny", int(width), int(height), GRAY_IMAGE, 100, NORMAL_MODE)
    image.add_layer(layer, 0)
    region = layer.get_pixel_rgn(0, 0, int(width), int(height), True, False)
    region[0 : int(width), 0 : int(height)] = pixels
    layer.flush()
    return image


def save_tiny(image, drawable, filename, raw_filename):
    region = drawable.get_pixel_rgn(0, 0, drawable.width, drawable.height, False, False)
    with open(filename, "wb") as target:
        target.write(b"TINY %d %d\n" % (drawable.width, drawable.height))
        target.write(region[0 : drawable.width, 0 : drawable.height])


def register_tiny():
    gimp.register_magic_load_handler("file-tiny-load", "tiny", "", "0,string,TINY")
    gimp.register_save_handler("file-tiny-save", "tiny", "")


def temporary(image):
    """A procedure that lives as long as this call, called through GIMP."""
    from _gimpfu import running

    heard = []

    def start(message, cancelable):
        heard.append(message)

    progress = gimp.progress_install(
        start, lambda: None, lambda text: None, lambda value: heard.append(value)
    )
    pdb.plug_in_gauss(image, image.active_layer, 9, 9, 0)
    gimp.progress_uninstall(progress)
    assert progress not in running.procedures
    return len(heard)


EVERYTHING = [
    (PF_INT8, "int8", "", 0),
    (PF_INT16, "int16", "", 0),
    (PF_INT32, "int32", "", 0),
    (PF_FLOAT, "float", "", 0.0),
    (PF_STRING, "string", "", ""),
    (PF_COLOR, "color", "", "red"),
    (PF_ITEM, "item", "", None),
    (PF_DISPLAY, "display", "", None),
    (PF_IMAGE, "image", "", None),
    (PF_LAYER, "layer", "", None),
    (PF_CHANNEL, "channel", "", None),
    (PF_DRAWABLE, "drawable", "", None),
    (PF_VECTORS, "vectors", "", None),
    (PF_TOGGLE, "toggle", "", True),
    (PF_SLIDER, "slider", "", 0, (0, 1, 0.1)),
    (PF_SPINNER, "spinner", "", 0, (0, 10, 1)),
    (PF_FONT, "font", "", "Sans"),
    (PF_FILE, "file", "", ""),
    (PF_BRUSH, "brush", "", ""),
    (PF_PATTERN, "pattern", "", ""),
    (PF_GRADIENT, "gradient", "", ""),
    (PF_RADIO, "radio", "", "a", (("A", "a"), ("B", "b"))),
    (PF_TEXT, "text", "", ""),
    (PF_PALETTE, "palette", "", ""),
    (PF_FILENAME, "filename", "", ""),
    (PF_DIRNAME, "dirname", "", ""),
    (PF_OPTION, "option", "", 0, ("a", "b")),
]
ABOUT = ("About", "Help", "mattekit", "mattekit", "2026")

register("echo", *ABOUT, "Echo", "", EVERYTHING, EVERYTHING, echo, menu="<Toolbox>/Shim")
register(
    "one", *ABOUT, "One", "", [(PF_STRING, "text", "", "x")], [(PF_STRING, "up", "")], one, menu=""
)
register("python_fu_nothing", *ABOUT, None, None, [(PF_VALUE, "value", "", "")], [], nothing)
register(
    "old-style", *ABOUT, "<Image>/Filters/Shim/_Old style...", "RGB*, GRAY*",
    [(PF_SLIDER, "amount", "Amount", 0.5, (-1, 1, 0.1))], [], old_style,
)  # fmt: skip
register(
    "raises", *ABOUT, "Raises", "*",
    [(PF_IMAGE, "image", "", None), (PF_DRAWABLE, "drawable", "", None)], [], raises,
    menu="<Image>/Filters/Shim",
)  # fmt: skip
register("fails", *ABOUT, "Fails", "", [], [], fails, menu="<Image>/Filters/Shim")
register("cancels", *ABOUT, "Cancels", "", [], [], cancels, menu="<Image>/Filters/Shim")
register("wrong-results", *ABOUT, None, None, [], [(PF_INT, "a", "")], wrong_results)
register(
    "plug_in_without_run_mode", *ABOUT, None, None, [(PF_STRING, "some_text", "", "")],
    [(PF_STRING, "answer", "")], without_run_mode, run_mode_param=False,
)  # fmt: skip
register(
    "layers-to-files", *ABOUT, "Layers to files", "*",
    [(PF_IMAGE, "image", "", None), (PF_DIRNAME, "folder", "", "/tmp")],
    [(PF_INT, "count", "")], layers_to_files, menu="<Image>/File/Export",
)  # fmt: skip
register(
    "calls-others", *ABOUT, None, "*",
    [(PF_IMAGE, "image", "", None), (PF_DRAWABLE, "drawable", "", None)],
    [(PF_STRING, "said", "")], calls_others,
)  # fmt: skip
register(
    "file-tiny-load", *ABOUT, "Tiny", None,
    [(PF_STRING, "filename", "", None), (PF_STRING, "raw-filename", "", None)],
    [(PF_IMAGE, "image", "")], load_tiny, menu="<Load>", on_query=register_tiny,
)  # fmt: skip
register("file-tiny-save", *ABOUT, "<Save>/Tiny", "GRAY", [], [], save_tiny)
register(
    "temporary", *ABOUT, None, "*", [(PF_IMAGE, "image", "", None)],
    [(PF_INT, "heard", "")], temporary,
)  # fmt: skip

main()
