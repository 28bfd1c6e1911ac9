"""The simple way to write a plug-in: `from gimpfu import *`, `register(…)`, `main()`."""

# ruff: noqa: E402, F401, F403, I001  What is imported here is what a plug-in gets with the star.

import gettext
import math

from _gimpfu import python2

python2.install()
del python2

import gimp
import gimpcolor
from _gimpfu.errors import CancelError, error
from _gimpfu.python2 import lenient_ord as ord
from _gimpfu.python2 import lenient_range as range
from _gimpfu.registry import fail, main, register
from _gimpfu.widgets import *
from gimpenums import *

pdb = gimp.pdb
_ = gettext.translation("gimp20-python", gimp.locale_directory, fallback=True).gettext


def N_(message: str) -> str:
    """Mark a text for translation."""
    return message
