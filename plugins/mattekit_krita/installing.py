"""The files in Krita's resource folder and the line in its settings: put in, checked, taken out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mattekit._version import __version__
from mattekit.hooks import HostCopy
from mattekit_hosts import programs, sandbox
from mattekit_hosts.declarations import installation_files
from mattekit_hosts.files import installed_version, package_files, put, take_out, worker_python
from mattekit_hosts.undo import drop_noted, put_noted
from mattekit_krita import kritarc, versions
from mattekit_krita.profiles import KRITA, Profile, profile_of

__all__ = ["at", "find", "install", "plug_in_files", "remove"]

#: Module that Krita loads; its settings, manual and action have this name too.
NAME: Final = "mattekit_remove_background"
MENU: Final = "Tools > Scripts > Remove Background"
_SECTION: Final = "python"
_KEY: Final = f"enable_{NAME}"
_INSIDE: Final = ("__init__.py", "plugin")


def find() -> list[HostCopy]:
    """Return the copies of Krita on this machine, and whether mattekit's script is in them."""
    return [_copy(each.path, each.version) for each in programs.find(KRITA)]


def at(path: Path) -> HostCopy:
    """Return what a program file is that is not found by itself.

    Raises
    ------
    MattekitError
        It is no Krita.
    """
    return _copy(versions.checked(path), programs.version_of(path, KRITA.version))


def install(copy: HostCopy) -> list[str]:
    """Put the script into a Krita, switch it on, and say what to do next.

    Raises
    ------
    MattekitError
        It cannot be done.
    """
    profile = profile_of(copy.path)
    there = installed_version(profile.resources) is not None
    messages = put(profile.resources, plug_in_files(profile, worker_python()))
    messages.append(f"the script is in {profile.resources / 'pykrita' / NAME}")
    state = kritarc.value(profile.settings, _SECTION, _KEY)
    if there and state == "false":
        messages.append(f"it stays switched off in {profile.settings}, as it was")
    elif state != "true":
        put_noted(profile.resources, _Enabled(profile.settings), new=not there)
        messages.append(f"switched on in {profile.settings}")
    messages += sandbox.advice(profile.packaging, "krita", "Krita")
    messages += filter(None, [versions.advice(copy.path, copy.version)])
    messages.append(f"restart Krita, open a picture, then see {MENU}.")
    return messages


def remove(copy: HostCopy) -> list[str]:
    """Take the script out of a Krita.

    Raises
    ------
    MattekitError
        It cannot be done.
    """
    profile = profile_of(copy.path)
    drop_noted(profile.resources, _Enabled(profile.settings))
    return take_out(profile.resources)


def plug_in_files(profile: Profile, python: str) -> dict[str, bytes | str]:
    """Return the files in the resource folder by relative path, the one Krita looks for last.

    Parameters
    ----------
    profile : Profile
        Where it goes.
    python : str
        The interpreter that has mattekit.
    """
    ours = package_files("mattekit_krita")
    prefix = "mattekit_krita/resources/"
    resources = {
        name[len(prefix) :]: data for name, data in ours.items() if name.startswith(prefix)
    }
    files: dict[str, bytes | str] = {}
    files.update(package_files("mattekit_bridge", below="pykrita", leave_out=("py.typed",)))
    for name, data in ours.items():
        if name.split("/")[1] in _INSIDE:
            files[f"pykrita/{name}"] = data
    written = installation_files(
        python,
        launch=profile.packaging == "plain",
        worker_folder=sandbox.worker_folder(profile.packaging, "krita"),
    )
    files.update({f"pykrita/mattekit_krita/{name}": text for name, text in written.items()})
    last = f"pykrita/{NAME}.desktop"
    desktop = resources.pop(last)
    files.update(resources)
    files[last] = desktop
    return files


# -- inside ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Enabled:
    """The line that switches the script on."""

    path: Path

    def put(self) -> None:
        kritarc.put(self.path, _SECTION, _KEY, "true")

    def drop(self) -> None:
        kritarc.drop(self.path, _SECTION, _KEY)

    def there(self) -> bool:
        return kritarc.value(self.path, _SECTION, _KEY) is not None


def _copy(path: Path, named: str) -> HostCopy:
    version = named or versions.reported(path)
    profile = profile_of(path)
    there = installed_version(profile.resources)
    about = versions.advice(path, version)
    if there is None:
        advice = f"`mattekit hosts install krita` puts mattekit into {MENU}."
        return HostCopy(path, version, False, about or advice)
    if kritarc.value(profile.settings, _SECTION, _KEY) != "true":
        advice = "it is switched off: Settings > Configure Krita > Python Plugin Manager."
    elif there != __version__:
        advice = f"mattekit {there} is in it; `mattekit hosts install` renews it."
    else:
        advice = about
    return HostCopy(path, version, True, advice)
