"""The simple way to write a plug-in: `from gimpfu import *`, `register(…)`, `main()`."""

# ruff: noqa: E402, F401, F403, PLC0414  What is imported here is what a plug-in gets with the star.

import gettext
import math

from _gimpfu import python2

python2.install()

# What these were in Python 2, as far as they still serve code for Python 3.
filter = python2.listed(filter)
map = python2.listed(python2.lenient_map)
ord = python2.lenient_ord
range = python2.listed(python2.lenient_range)
sorted = python2.lenient_sorted
zip = python2.listed(zip)
del python2

import gimp
import gimpcolor
from _gimpfu.errors import CancelError as CancelError
from _gimpfu.errors import error as error
from _gimpfu.registry import fail as fail
from _gimpfu.registry import main as main
from _gimpfu.registry import register as register
from _gimpfu.widgets import *
from gimpenums import *

pdb = gimp.pdb
_ = gettext.translation("gimp20-python", gimp.locale_directory, fallback=True).gettext


def N_(message: str) -> str:
    """Mark a text for translation."""
    return message
