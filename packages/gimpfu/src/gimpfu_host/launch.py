"""What GIMP starts in the place of Python 2: ``gimpfu.interp`` names it.

`gimpfu install` copies it beside the modules, with a first line that names a Python; it is never
imported.
"""

import sys

from _gimpfu.launching import launch

if __name__ == "__main__":
    launch(sys.argv[1:])
