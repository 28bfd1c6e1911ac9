"""The files of GIMP's plug-in folder: what is written, checked and taken out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from mattekit._version import __version__
from mattekit.errors import MattekitError
from mattekit.hooks import HostCopy
from mattekit_gimp import probe
from mattekit_gimp._vendor import gimpfu_host
from mattekit_hosts import sandbox
from mattekit_hosts.declarations import installation_files
from mattekit_hosts.files import (
    installed_version,
    package_files,
    put,
    take_out,
    worker_python,
)

__all__ = [
    "PROCEDURES",
    "check_plugins",
    "find",
    "find_gimpfu",
    "install",
    "install_gimpfu",
    "plug_in_files",
    "remove",
    "remove_gimpfu",
]

T = TypeVar("T")

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
        "each-subject",
        "crop",
        "keep-selected",
        "remove-selected",
        "refine-mask",
        "refine-selection",
        "all-images",
    )
)
_OUTSIDE: Final = ("host.py", "probe.py", "installing.py", "_vendor")
_STUB: Final = "plugin/stub.py"


# -- the menu entries --------------------------------------------------------------------------


def find() -> list[HostCopy]:
    """Return the copies of GIMP on this machine, and whether mattekit's menu entries are in."""
    return _copies(_plug_in_state)


def install(copy: HostCopy) -> list[str]:
    """Put the menu entries into a GIMP, ask it whether it knows them, and say what to do next.

    Raises
    ------
    MattekitError
        It cannot be done, or GIMP does not take them.
    """
    profile = _begun(copy)
    python = worker_python()
    stub = f"{NAME}.py"
    folder = profile.plug_ins / NAME
    messages = put(folder, plug_in_files(profile, python), executable={stub})
    messages.append(f"the plug-in is in {folder}")
    messages += _verified(copy.path, profile)
    messages += sandbox.advice(profile.packaging, "gimp", "GIMP")
    messages.append(f"restart GIMP; then see {MENU}.")
    return messages


def remove(copy: HostCopy) -> list[str]:
    """Take the menu entries out of a GIMP."""
    return take_out(_profile(copy).plug_ins / NAME)


def plug_in_files(profile: gimpfu_host.Profile, python: str) -> dict[str, bytes | str]:
    """Return the files of the plug-in's folder by relative path, the stub last.

    Parameters
    ----------
    profile : gimpfu_host.Profile
        Where it goes.
    python : str
        The interpreter that has mattekit.
    """
    files: dict[str, bytes | str] = {}
    files.update(gimpfu_host.module_files("lib"))
    files.update(package_files("mattekit_bridge", below="lib", leave_out=("py.typed",)))
    ours = package_files("mattekit_gimp", below="lib", leave_out=(*_OUTSIDE, "py.typed"))
    stub = ours.pop(f"lib/mattekit_gimp/{_STUB}").decode("utf-8")
    files.update(ours)
    files.update(
        installation_files(
            python,
            launch=profile.packaging == "plain",
            worker_folder=sandbox.worker_folder(profile.packaging, "gimp"),
        )
    )
    files[f"{NAME}.py"] = f"#!{gimpfu_host.interpreter(profile)}\n{stub}"
    return files


def _verified(program: Path, profile: gimpfu_host.Profile) -> list[str]:
    """Ask GIMP; one that cannot be started from here is no reason to give up."""
    try:
        missing, said = probe.unknown_procedures(program, profile, PROCEDURES)
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


def _plug_in_state(gimp: gimpfu_host.Gimp) -> tuple[bool, str]:
    profile = gimpfu_host.profile_of(gimp.path, gimp.version)
    version = installed_version(profile.plug_ins / NAME)
    if version is None:
        return False, f"`mattekit hosts install gimp` puts mattekit into {MENU}."
    if version != __version__:
        return True, f"mattekit {version} is in it; `mattekit hosts install` renews it."
    return True, ""


# -- gimpfu for other plug-ins -----------------------------------------------------------------


def find_gimpfu() -> list[HostCopy]:
    """Return the copies of GIMP, and whether gimpfu is there for everybody's plug-ins."""
    return _copies(_gimpfu_state)


def install_gimpfu(copy: HostCopy) -> list[str]:
    """Make `from gimpfu import *` work in every plug-in of a GIMP.

    Raises
    ------
    MattekitError
        It cannot be done, or this GIMP has a gimpfu of its own.
    """
    _begun(copy)
    return _by_gimpfu(gimpfu_host.install, copy)


def remove_gimpfu(copy: HostCopy) -> list[str]:
    """Take gimpfu out of a GIMP."""
    return _by_gimpfu(gimpfu_host.remove, copy)


def check_plugins(paths: Sequence[Path]) -> list[str]:
    """Tell what will become of old plug-ins, a line for each file; no GIMP is started.

    Raises
    ------
    MattekitError
        There is no such file or folder, or one cannot be read.
    """
    try:
        found = [gimpfu_host.check(path) for path in gimpfu_host.plug_ins_in(paths)]
    except gimpfu_host.GimpfuError as error:
        raise MattekitError(str(error)) from error
    if not found:
        return ["no Python file is there."]
    runs = [each for each in found if each.runs]
    ours = [each for each in found if each.is_plug_in]
    translated = sum(bool(each.translated) for each in runs)
    total = f"{len(runs)} of {len(ours)} plug-ins run, {translated} of them translated."
    return [*map(str, found), total]


def _gimpfu_state(gimp: gimpfu_host.Gimp) -> tuple[bool, str]:
    version = gimpfu_host.installed_version(gimp)
    if version is None:
        return False, "`mattekit hosts install gimpfu` makes old Python plug-ins work again."
    if version != gimpfu_host.__version__:
        return True, f"gimpfu {version} is in it; `mattekit hosts install` renews it."
    return True, ""


# -- shared ------------------------------------------------------------------------------------


def _copies(state: Callable[[gimpfu_host.Gimp], tuple[bool, str]]) -> list[HostCopy]:
    return [_copy(gimp, state) for gimp in gimpfu_host.find()]


def _copy(
    gimp: gimpfu_host.Gimp, state: Callable[[gimpfu_host.Gimp], tuple[bool, str]]
) -> HostCopy:
    if not gimp.version:
        return HostCopy(gimp.path, "", False, "start it once, then `mattekit hosts install gimp`.")
    return HostCopy(gimp.path, gimp.version, *state(gimp))


def _by_gimpfu(action: Callable[[gimpfu_host.Gimp], T], copy: HostCopy) -> T:
    """Let gimpfu do something with a GIMP; its errors become ours."""
    try:
        return action(gimpfu_host.Gimp(copy.path, copy.version))
    except gimpfu_host.GimpfuError as error:
        raise MattekitError(str(error)) from error


def _begun(copy: HostCopy) -> gimpfu_host.Profile:
    """Return the profile of a GIMP; one that was never started has made it then."""
    profile = _profile(copy)
    # That it cannot be started from here is told by whoever asks it next.
    with contextlib.suppress(MattekitError):
        probe.make_profile(copy.path, profile)
    return profile


def _profile(copy: HostCopy) -> gimpfu_host.Profile:
    return _by_gimpfu(gimpfu_host.supported_profile, copy)
