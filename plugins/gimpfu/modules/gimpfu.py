"""The simple way to write a plug-in: `from gimpfu import *`, `register(…)`, `main()`."""

import gettext
import math

from _gimpfu import python2

python2.install()

import gimp  # noqa: E402
import gimpcolor  # noqa: E402
from _gimpfu.errors import CancelError, error  # noqa: E402
from _gimpfu.python2 import lenient_ord as ord  # noqa: E402
from _gimpfu.python2 import lenient_range as range  # noqa: E402
from _gimpfu.registry import fail, main, register  # noqa: E402
from _gimpfu.widgets import *  # noqa: E402, F403
from gimpenums import *  # noqa: E402, F403

pdb = gimp.pdb
_ = gettext.translation("gimp20-python", gimp.locale_directory, fallback=True).gettext


def N_(message: str) -> str:
    """Mark a text for translation."""
    return message


# What has no name in GIMP's enumerations comes with the star all the same.
del python2
