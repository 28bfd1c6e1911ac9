#!/usr/bin/env python
# ruff: noqa
"""A plug-in of the other kind: a class with gimpplugin, procedures installed by hand."""

import gimp
import gimpplugin
from gimpenums import *

pdb = gimp.pdb


class Mine(gimpplugin.plugin):
    def query(self):
        gimp.install_procedure(
            "plug_in_as_class",
            "About",
            "Help",
            "mattekit",
            "mattekit",
            "2026",
            "<Image>/Filters/Shim/As class",
            "RGB*",
            PLUGIN,
            [
                (PDB_INT32, "run_mode", "Run mode"),
                (PDB_IMAGE, "image", "Image"),
                (PDB_DRAWABLE, "drawable", "Drawable"),
                (PDB_INT32, "count", "How many"),
                (PDB_FLOATARRAY, "numbers", "Numbers"),
            ],
            [(PDB_INT32, "count", "How many"), (PDB_FLOATARRAY, "numbers", "Twice as much")],
        )

    def plug_in_as_class(self, run_mode, image, drawable, count, numbers):
        drawable.fill(WHITE_FILL)
        return count, [2 * number for number in numbers[:count]]


if __name__ == "__main__":
    Mine().start()
