"""Which GIMP this plug-in runs in."""

import sys
from typing import Optional, Sequence

from _gimpfu.backend import Backend

# The words that GIMP starts a plug-in with, the program's own name included: 2.10 passes
# `-gimp read write mode stack`, 3.x puts the protocol's version behind `-gimp`.
_WORDS_2 = 6
_WORDS_3 = 7

_backend: Optional[Backend] = None


class NotInGimp(ImportError):
    """The modules were imported by a program that GIMP did not start."""


def backend() -> Backend:
    """Return the backend for the GIMP that started this process. Raises NotInGimp."""
    global _backend  # noqa: PLW0603  one GIMP per process
    if _backend is None:
        _backend = _make(sys.argv)
    return _backend


def use(chosen: Optional[Backend]) -> None:
    """Use this backend from now on; None looks at the command line again (for tests)."""
    global _backend  # noqa: PLW0603
    _backend = chosen


def _make(argv: Sequence[str]) -> Backend:
    if len(argv) > 1 and argv[1] == "-gimp":
        if len(argv) == _WORDS_2:
            from _gimpfu.gimp2 import make as make_2

            return make_2()
        if len(argv) >= _WORDS_3:
            from _gimpfu.gimp3 import make as make_3

            return make_3()
    raise NotInGimp(
        "gimpfu works only in a plug-in that GIMP starts: put the script into GIMP's plug-ins "
        "folder, in a folder of the same name, make it executable, and start GIMP"
    )
