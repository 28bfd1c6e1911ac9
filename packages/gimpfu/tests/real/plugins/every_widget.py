#!/usr/bin/env python3
# ruff: noqa
"""One parameter of each type, and what the function got, in a file."""

import os

from gimpfu import *


def every(image, drawable, *values):
    with open(os.environ["GIMPFU_TEST_OUT"], "w") as out:
        for value in values:
            out.write("%s %r\n" % (type(value).__name__, value))
        out.write("end\n")


register(
    "python-fu-every-widget",
    "Every kind of parameter in one dialog",
    "",
    "mattekit",
    "mattekit",
    "2026",
    "_Every widget...",
    "*",
    [
        (PF_IMAGE, "image", "Image", None),
        (PF_DRAWABLE, "drawable", "Drawable", None),
        (PF_INT8, "int8", "_Byte", 200),
        (PF_INT16, "int16", "Short", -5),
        (PF_INT32, "int32", "_Integer", 123456),
        (PF_FLOAT, "float", "_Float", 0.25),
        (PF_STRING, "string", "_String", "a string"),
        (PF_TEXT, "text", "Te_xt", "two\nlines"),
        (PF_COLOR, "color", "_Color", (240, 180, 70)),
        (PF_TOGGLE, "toggle", "T_oggle", True),
        (PF_SLIDER, "slider", "S_lider", 1.5, (0, 7, 0.1)),
        (PF_SPINNER, "spinner", "Sp_inner", 4, (0, 15, 1)),
        (PF_RADIO, "radio", "_Radio", "png", (("GIF", "gif"), ("PNG", "png"))),
        (PF_OPTION, "option", "O_ption", 1, ("first", "second", "third")),
        (PF_FONT, "font", "Fo_nt", "Sans"),
        (PF_BRUSH, "brush", "Br_ush", "2. Hardness 050"),
        (PF_PATTERN, "pattern", "Pa_ttern", "Pine"),
        (PF_GRADIENT, "gradient", "_Gradient", "Golden"),
        (PF_PALETTE, "palette", "Pal_ette", "Bears"),
        (PF_FILE, "file", "File to open", "/tmp/a.txt"),
        (PF_FILENAME, "filename", "File to save", "/tmp/b.txt"),
        (PF_DIRNAME, "dirname", "Folder", "/tmp"),
        (PF_LAYER, "layer", "Layer", None),
        (PF_CHANNEL, "channel", "Channel", None),
        (PF_VECTORS, "vectors", "Path", None),
    ],
    [],
    every,
    menu="<Image>/Filters/Shim",
)

main()
