"""gimpfu for every plug-in of a GIMP: what is written into its profile, and taken out again."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Dict, List, Optional

from . import files
from .errors import GimpfuError
from .profiles import Profile, profile_of
from .programs import Gimp, version_of

__all__ = [
    "EXECUTABLE",
    "install",
    "installed_version",
    "interpreter",
    "module_files",
    "modules",
    "profile_files",
    "remove",
    "supported_profile",
]

_OLDEST = (2, 10)
_BIN = "/usr/bin:/bin:/usr/local/bin"
#: What old plug-ins name in their first line.
_OLD_PYTHONS = tuple(
    folder + name
    for folder in ("", "/usr/bin/", "/usr/local/bin/", "/bin/")
    for name in ("python", "python2", "python2.7", "python2.6", "python2.5")
)
_EVAL = "plug-ins/python-fu-eval/python-fu-eval.py"
_LAUNCHER = "gimpfu/launch.py"
#: Those of `profile_files` that are programs.
EXECUTABLE = (_EVAL, _LAUNCHER)


def modules() -> Path:
    """Return the folder that goes on `sys.path` inside GIMP: gimpfu.py, gimp.py and the rest."""
    return Path(__file__).parent / "modules"


def module_files(below: str) -> Dict[str, bytes]:
    """Return the modules' files, for a plug-in that brings its own copy.

    Parameters
    ----------
    below : str
        The folder in which they are to lie, as ``"lib"``.

    Returns
    -------
    dict of str to bytes
        Content by relative path with ``/``.
    """
    folder = modules()
    return {
        f"{below}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def install(gimp: Gimp) -> List[str]:
    """Make ``from gimpfu import *`` work in every plug-in of a GIMP.

    Returns
    -------
    list of str
        What the user should know, a line each.

    Raises
    ------
    GimpfuError
        It cannot be done, or this GIMP has a gimpfu of its own.
    """
    profile = supported_profile(gimp)
    if profile.major < 3 and _has_own_gimpfu(gimp.path):
        raise GimpfuError("this GIMP comes with Python 2 and a gimpfu of its own.")
    messages = files.put(profile.folder, profile_files(profile), executable=EXECUTABLE)
    return [
        *messages,
        f"gimpfu is in {profile.folder / 'gimpfu'}",
        f"put plug-ins into {profile.plug_ins}, each as NAME/NAME.py and executable, and restart "
        "GIMP.",
    ]


def remove(gimp: Gimp) -> List[str]:
    """Take gimpfu out of a GIMP; returns what the user should know, nothing where it was not in.

    Raises
    ------
    GimpfuError
        It cannot be done.
    """
    return files.take_out(supported_profile(gimp).folder)


def installed_version(gimp: Gimp) -> Optional[str]:
    """Return the version of gimpfu that a GIMP has, None where it has none.

    Parameters
    ----------
    gimp : Gimp
        Its version must be known: it is not started.
    """
    return files.listed_version(profile_of(gimp.path, gimp.version).folder)


def supported_profile(gimp: Gimp) -> Profile:
    """Return the profile of a GIMP that runs plug-ins written with gimpfu.

    Raises
    ------
    GimpfuError
        It does not start, is no GIMP, or is too old.
    """
    version = gimp.version or version_of(gimp.path)
    major, minor = (int(part) for part in version.split(".")[:2])
    if (major, minor) < _OLDEST:
        raise GimpfuError(f"GIMP {version} is too old: 2.10 or 3.0 is needed.")
    if major == 2 and sys.platform == "win32":
        raise GimpfuError(
            "GIMP 2.10 on Windows starts plug-ins with a Python 2 of its own. Install GIMP 3."
        )
    return profile_of(gimp.path, version)


def interpreter(profile: Profile) -> str:
    """Return what the first line of a plug-in names behind ``#!``.

    GIMP 3 brings a Python with its bindings; 2.10 needs any Python 3. The system's own outlives the
    environment that this was installed in, and can then still say what is wrong.
    """
    if profile.major >= 3 or profile.packaging != "plain":
        return "/usr/bin/env python3"
    system = Path("/usr/bin/python3")
    return str(system) if sys.platform == "linux" and system.exists() else sys.executable


def profile_files(profile: Profile) -> Dict[str, bytes]:
    """Return what `install` writes: content by path in the profile."""
    python = _python(profile)
    launcher = profile.folder / _LAUNCHER
    # A Python 2 that is there all the same could not run these modules.
    starts = [f"{name}={launcher}" for name in _OLD_PYTHONS]
    # What has no first line that names a program goes by the ending of its name.
    starts.append(f":gimpfu:E::py::{launcher}:")
    texts = {
        "environ/gimpfu.env": f"{os.pathsep} PYTHONPATH={profile.folder / 'gimpfu'}\n",
        "interpreters/gimpfu.interp": "".join(f"{line}\n" for line in starts),
        _LAUNCHER: f"#!{python}\n{_source('launch.py')}",
    }
    if profile.major < 3:  # GIMP 3 has one
        texts[_EVAL] = f"#!{python}\n{_source('python_fu_eval.py')}"
    encoded = {name: text.encode("utf-8") for name, text in texts.items()}
    return {**module_files("gimpfu"), **encoded}


def _python(profile: Profile) -> str:
    """Return the path of the program that runs plug-ins."""
    named = interpreter(profile)
    prefix = "/usr/bin/env "
    if not named.startswith(prefix):
        return named
    return shutil.which(named[len(prefix) :], path=_BIN) or "/usr/bin/python3"


def _source(name: str) -> str:
    return (Path(__file__).parent / name).read_text("utf-8")


def _has_own_gimpfu(program: Path) -> bool:
    if sys.platform != "linux":
        return True
    return any(
        (program.resolve().parent.parent / folder / "gimp/2.0/python/gimpfu.py").exists()
        for folder in ("lib", "lib64", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu")
    )
