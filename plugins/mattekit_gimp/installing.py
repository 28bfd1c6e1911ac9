"""The files of GIMP's plug-in folder: what is written, checked and taken out."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mattekit._version import __version__
from mattekit.errors import MattekitError
from mattekit.hooks import HostCopy
from mattekit_cli import programs
from mattekit_cli.hostfiles import (
    installed_version,
    package_files,
    put,
    take_out,
    worker_python,
)
from mattekit_cli.hostoptions import installation_files
from mattekit_gimp import asking
from mattekit_gimp.profiles import GIMP, Profile, known_version, profile_of
from mattekit_gimp.shim import gimpfu_modules

__all__ = [
    "PROCEDURES",
    "find",
    "find_gimpfu",
    "install",
    "install_gimpfu",
    "plug_in_files",
    "remove",
    "remove_gimpfu",
]

#: Folder and file of the plug-in; GIMP wants them to have one name.
NAME: Final = "mattekit-remove-background"
MENU: Final = "Filters > Remove Background"
#: What GIMP must know afterwards.
PROCEDURES: Final = tuple(
    f"plug-in-mattekit-{action}"
    for action in (
        "mask",
        "layer",
        "background",
        "selection",
        "channel",
        "crop",
        "all-images",
    )
)
_OUTSIDE: Final = ("plugin.py", "profiles.py", "asking.py", "installing.py", "shim.py", "gimpfu")
_STUB: Final = "inside/stub.py"
#: Names of a Python that old plug-ins ask for in their first line.
_OLD_PYTHONS: Final = (
    *("python", "python2", "python2.7"),
    *("/usr/bin/python", "/usr/bin/python2", "/usr/bin/python2.7"),
)
_EVAL: Final = "plug-ins/python-fu-eval/python-fu-eval.py"


# -- the menu entries --------------------------------------------------------------------------


def find() -> list[HostCopy]:
    """Return the copies of GIMP on this machine, and whether mattekit's menu entries are in."""
    return [_copy(each.path, each.version, _plug_in_state) for each in programs.find(GIMP)]


def install(copy: HostCopy) -> list[str]:
    """Put the menu entries into a GIMP, ask it whether it knows them, and say what to do next.

    Raises
    ------
    MattekitError
        It cannot be done, or GIMP does not take them.
    """
    profile = _profile(copy)
    python = worker_python()
    stub = f"{NAME}.py"
    folder = profile.plug_ins / NAME
    messages = put(folder, plug_in_files(profile, python), executable={stub})
    messages.append(f"the plug-in is in {folder}")
    messages += _verified(copy.path, profile)
    if profile.packaging != "plain":
        start = "mattekit worker start"
        if profile.packaging == "snap":
            start = f"MATTEKIT_WORKER_DIR={_snap_folder()} {start}"
        messages.append(
            f"this GIMP runs in a sandbox and cannot start mattekit: run `{start}` before using it."
        )
    messages.append(f"restart GIMP; then see {MENU}.")
    return messages


def remove(copy: HostCopy) -> list[str]:
    """Take the menu entries out of a GIMP."""
    return take_out(_profile(copy).plug_ins / NAME)


def plug_in_files(profile: Profile, python: str) -> dict[str, bytes | str]:
    """Return the files of the plug-in's folder by relative path, the stub last.

    Parameters
    ----------
    profile : Profile
        Where it goes.
    python : str
        The interpreter that has mattekit.
    """
    files: dict[str, bytes | str] = {}
    files.update(_gimpfu_files("lib"))
    files.update(package_files("mattekit_bridge", below="lib", leave_out=("py.typed",)))
    ours = package_files("mattekit_gimp", below="lib", leave_out=(*_OUTSIDE, "py.typed"))
    stub = ours.pop(f"lib/mattekit_gimp/{_STUB}").decode("utf-8")
    files.update(ours)
    files.update(
        installation_files(
            python,
            launch=profile.packaging == "plain",
            worker_folder=_sandbox_folder(profile),
        )
    )
    files[f"{NAME}.py"] = f"#!{_interpreter(profile, python)}\n{stub}"
    return files


def _verified(program: Path, profile: Profile) -> list[str]:
    """Ask GIMP; one that cannot be started from here is no reason to give up."""
    try:
        missing, said = asking.unknown_procedures(program, profile, PROCEDURES)
    except MattekitError as error:
        return [f"GIMP could not be asked whether it takes it ({error}) Start it and look."]
    if not missing:
        return ["GIMP was asked and knows it"]
    about = [line for line in said.splitlines() if "Error" in line or "mattekit" in line]
    text = " ".join(about[-3:]) or "it does not say why"
    raise MattekitError(
        f"GIMP does not take the plug-in in {profile.plug_ins / NAME}: {text}. `{program} "
        "--verbose` may say more."
    )


def _plug_in_state(profile: Profile) -> tuple[bool, str]:
    version = installed_version(profile.plug_ins / NAME)
    if version is None:
        return False, f"`mattekit hosts install gimp` puts mattekit into {MENU}."
    if version != __version__:
        return True, f"mattekit {version} is in it; `mattekit hosts install` renews it."
    return True, ""


# -- gimpfu for other plug-ins -----------------------------------------------------------------


def find_gimpfu() -> list[HostCopy]:
    """Return the copies of GIMP, and whether gimpfu is there for everybody's plug-ins."""
    return [_copy(each.path, each.version, _gimpfu_state) for each in programs.find(GIMP)]


def install_gimpfu(copy: HostCopy) -> list[str]:
    """Make `from gimpfu import *` work in every plug-in of a GIMP.

    Raises
    ------
    MattekitError
        It cannot be done, or this GIMP has a gimpfu of its own.
    """
    profile = _profile(copy)
    if profile.major < 3 and _has_own_gimpfu(copy.path):
        raise MattekitError("this GIMP comes with Python 2 and a gimpfu of its own.")
    python = _interpreter(profile, "").removeprefix("/usr/bin/env ")
    if "/" not in python:
        python = shutil.which(python, path="/usr/bin:/bin:/usr/local/bin") or "/usr/bin/python3"
    absent = [name for name in _OLD_PYTHONS if not Path(name).exists() and not _on_path(name)]
    files: dict[str, bytes | str] = dict(_gimpfu_files("gimpfu"))
    files["environ/gimpfu.env"] = f"{os.pathsep} PYTHONPATH={profile.folder / 'gimpfu'}\n"
    files["interpreters/gimpfu.interp"] = "".join(f"{name}={python}\n" for name in absent)
    if profile.major < 3:  # GIMP 3 has one
        source = (gimpfu_modules() / "_gimpfu/python_eval.py").read_text("utf-8")
        files[_EVAL] = f"#!{python}\n{source.partition(chr(10))[2]}"
    return [
        *put(profile.folder, files, executable=[_EVAL]),
        f"gimpfu is in {profile.folder / 'gimpfu'}",
        f"put plug-ins into {profile.plug_ins}, each as NAME/NAME.py and executable, and restart "
        "GIMP.",
    ]


def remove_gimpfu(copy: HostCopy) -> list[str]:
    """Take gimpfu out of a GIMP."""
    return take_out(_profile(copy).folder)


def _gimpfu_state(profile: Profile) -> tuple[bool, str]:
    version = installed_version(profile.folder)
    if version is None:
        return False, "`mattekit hosts install gimpfu` makes old Python plug-ins work again."
    if version != __version__:
        return True, f"gimpfu of mattekit {version} is in it; `mattekit hosts install` renews it."
    return True, ""


def _gimpfu_files(below: str) -> dict[str, bytes]:
    source = gimpfu_modules()
    return {
        f"{below}/{path.relative_to(source).as_posix()}": path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _has_own_gimpfu(program: Path) -> bool:
    if sys.platform != "linux":
        return True
    return any(
        (program.resolve().parent.parent / folder / "gimp/2.0/python/gimpfu.py").exists()
        for folder in ("lib", "lib64", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu")
    )


def _on_path(name: str) -> bool:
    return shutil.which(name, path="/usr/local/bin:/usr/bin:/bin") is not None


# -- shared ------------------------------------------------------------------------------------


def _copy(path: Path, version: str, state: Callable[[Profile], tuple[bool, str]]) -> HostCopy:
    short = version or known_version(path)
    if not short:
        return HostCopy(path, "", False, "start it once, then `mattekit hosts install gimp`.")
    installed, advice = state(profile_of(path, short))
    return HostCopy(path, short, installed, advice)


def _profile(copy: HostCopy) -> Profile:
    version = copy.version or asking.version_of(copy.path)
    profile = profile_of(copy.path, version)
    if profile.version.split(".") < ["2"] or (
        profile.major == 2 and profile.version not in {"2.10", "2.99"}
    ):
        raise MattekitError(f"GIMP {version} is too old: 2.10 or 3.0 is needed.")
    if profile.major == 2 and sys.platform == "win32":
        raise MattekitError(
            "GIMP 2.10 on Windows starts plug-ins with a Python 2 of its own. Install GIMP 3."
        )
    return profile


def _interpreter(profile: Profile, python: str) -> str:
    """Return what the first line of a plug-in names.

    GIMP 3 brings a Python with its bindings; 2.10 needs any Python 3. The system's own outlives the
    environment that mattekit was installed in, and can then still say what is wrong.
    """
    if profile.major >= 3 or profile.packaging != "plain":
        return "/usr/bin/env python3"
    system = Path("/usr/bin/python3")
    if sys.platform == "linux" and system.exists():
        return str(system)
    return python or sys.executable


def _sandbox_folder(profile: Profile) -> str | None:
    return str(_snap_folder()) if profile.packaging == "snap" else None


def _snap_folder() -> Path:
    # A snap sees no hidden folders of the home folder.
    return Path.home() / "snap" / "gimp" / "common" / "mattekit-worker"
