"""gimpfu's side outside GIMP: where the modules lie, and what puts them into GIMP's profiles.

The modules themselves (``gimpfu``, ``gimp``, …) are data in the folder `modules`, which only GIMP
gets on its path: installing this distribution makes none of those names importable.

=============  =====================================================================================
module         what it does
=============  =====================================================================================
`programs`     which GIMPs this machine has, and what version they are
`profiles`     where a GIMP keeps its plug-ins, by version, system and packaging
`files`        writing files into a profile, and taking out only our own
`installing`   gimpfu for every plug-in of a GIMP
`checking`     which plug-ins of old will run where, from their files
`cli`          the command ``gimpfu``
`launch`       what GIMP starts in the place of Python 2
`python_fu_eval` the plug-in behind ``--batch-interpreter python-fu-eval``
`errors`       what can go wrong outside GIMP
=============  =====================================================================================
"""

from __future__ import annotations

from ._version import __version__
from .checking import Finding, check, plug_ins_in
from .errors import GimpfuError
from .installing import (
    install,
    installed_version,
    interpreter,
    module_files,
    modules,
    remove,
    supported_profile,
)
from .profiles import Packaging, Profile, known_version, packaging_of, profile_of
from .programs import Gimp, find, version_of

__all__ = [
    "Finding",
    "Gimp",
    "GimpfuError",
    "Packaging",
    "Profile",
    "__version__",
    "check",
    "find",
    "install",
    "installed_version",
    "interpreter",
    "known_version",
    "module_files",
    "modules",
    "packaging_of",
    "plug_ins_in",
    "profile_of",
    "remove",
    "supported_profile",
    "version_of",
]
