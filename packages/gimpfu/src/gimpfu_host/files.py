"""Writing files into GIMP's profile, and taking out only what is ours.

Beside the modules lies a list of what was written, with the digest of each file. So that

* installing again is an upgrade: files that are no longer needed go;
* removing touches nothing but our own files, and folders that were made for them;
* a file that somebody else wrote, or changed, is never lost: it is moved aside, and that is said.

Folders of the profile may be links: ``plug-ins`` often leads to a place of the user's own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any, Collection, Dict, List, Mapping, Optional, Set

from ._version import __version__
from .errors import GimpfuError

__all__ = ["LIST", "listed_version", "put", "take_out"]

#: The list of our files, relative to the profile.
LIST = "gimpfu/gimpfu-files.json"
#: Its keys for folders in the profile, and for how many from it upwards, that were made.
_FOLDERS = "folders"
_ABOVE = "above"


def listed_version(folder: Path) -> Optional[str]:
    """Return the version of gimpfu whose files are in a profile; None where none are."""
    listed = _read(folder)
    return None if listed is None else str(listed.get("version", ""))


def put(folder: Path, files: Mapping[str, bytes], executable: Collection[str] = ()) -> List[str]:
    """Write our files into a profile and return what the user should know, a line each.

    Parameters
    ----------
    folder : pathlib.Path
        Made where it is not there.
    files : mapping of str to bytes
        Contents by relative path with ``/``, each written at once or not at all.
    executable : collection of str
        Those that get the executable bit.

    Raises
    ------
    GimpfuError
        Something cannot be written.
    """
    old = _digests(folder)
    new = {name: _digest(data) for name, data in files.items()}
    messages = []
    try:
        made = _made(folder, [*new, LIST])
        # If this is interrupted, what is there then is known to be ours, old or new.
        both = {name: _both(old, new, name) for name in {**old, **new}}
        _write_list(folder, {**made, "files": both})
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if _is_foreign(path, {*old.get(name, ()), new[name]}):
                messages.append(_move_aside(path))
            _write(path, data, 0o755 if name in executable else 0o644)
        gone = old.keys() - new.keys()
        messages += _delete(folder, {name: old[name] for name in gone})
        _write_list(folder, {**made, "files": {name: [digest] for name, digest in new.items()}})
    except OSError as error:
        raise _failure(folder, error) from error
    return messages


def take_out(folder: Path) -> List[str]:
    """Delete our files from a profile, and the folders made for them where nothing else is there.

    Returns
    -------
    list of str
        What the user should know, a line each; empty where nothing of ours was there.

    Raises
    ------
    GimpfuError
        Something cannot be deleted.
    """
    if _read(folder) is None:
        return []
    digests = _digests(folder)
    try:
        listed = _read(folder) or {}
        messages = _delete(folder, digests)
        (folder / LIST).unlink()
        _drop_empty(folder, [*digests, LIST], listed)
        above = listed.get(_ABOVE)
        with contextlib.suppress(OSError):
            for each in (folder, *folder.parents)[: above if isinstance(above, int) else 0]:
                each.rmdir()
    except OSError as error:
        raise _failure(folder, error) from error
    return [f"removed from {folder}", *messages]


# -- the list ------------------------------------------------------------------------------------


def _read(folder: Path) -> Optional[Dict[str, Any]]:
    try:
        listed = json.loads((folder / LIST).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):  # broken: nothing is known to be ours
        return {}
    return listed if isinstance(listed, dict) else {}


def _digests(folder: Path) -> Dict[str, List[str]]:
    """Return the digests that each of our files may have; what leads out of the folder is none."""
    files = (_read(folder) or {}).get("files")
    if not isinstance(files, dict):
        return {}
    return {
        name: [str(digest) for digest in digests]
        for name, digests in files.items()
        if isinstance(digests, list) and _is_inside(name)
    }


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _both(old: Mapping[str, List[str]], new: Mapping[str, str], name: str) -> List[str]:
    return [*old.get(name, []), *([new[name]] if name in new else [])]


def _made(folder: Path, names: Collection[str]) -> Dict[str, Any]:
    """Return the list's entries on folders; those that are there already are somebody else's.

    A list that has none is one of gimpfu 0.1.0, which held every folder that is empty for ours.
    """
    listed = _read(folder)
    if listed is not None and _FOLDERS not in listed:
        return {}
    new = {name for name in _parents(names) if not (folder / name).exists()}
    missing = sum(not each.exists() for each in (folder, *folder.parents))
    known = listed or {}
    return {_FOLDERS: sorted(new | _folders(known)), _ABOVE: missing or known.get(_ABOVE, 0)}


def _parents(names: Collection[str]) -> Set[str]:
    paths = [parent for name in names for parent in PurePosixPath(name).parents if parent.parts]
    return {path.as_posix() for path in paths}


def _folders(listed: Mapping[str, Any]) -> Set[str]:
    names = listed.get(_FOLDERS)
    return {str(name) for name in names} if isinstance(names, list) else set()


def _write_list(folder: Path, entries: Mapping[str, Any]) -> None:
    text = json.dumps({"version": __version__, **entries}, indent=1, sort_keys=True)
    (folder / LIST).parent.mkdir(parents=True, exist_ok=True)
    _write(folder / LIST, text.encode() + b"\n", 0o644)


# -- single files --------------------------------------------------------------------------------


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _is_foreign(path: Path, known: Collection[str]) -> bool:
    """Whether something is there that is not one of our files as we wrote it."""
    if not path.is_symlink() and not path.exists():
        return False
    return path.is_symlink() or not path.is_file() or _digest(path.read_bytes()) not in known


def _write(path: Path, data: bytes, mode: int) -> None:
    handle, part = tempfile.mkstemp(prefix=path.name, suffix=".part", dir=str(path.parent))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(part, mode)
        os.replace(part, str(path))
    except OSError:
        os.unlink(part)
        raise


def _move_aside(path: Path) -> str:
    number = 1
    while path.with_name(f"{path.name}.yours-{number}").exists():
        number += 1
    aside = path.rename(path.with_name(f"{path.name}.yours-{number}"))
    return f"{path} was not as gimpfu had written it; it is now {aside.name}"


def _delete(folder: Path, digests: Mapping[str, Collection[str]]) -> List[str]:
    messages = []
    for name, known in digests.items():
        path = folder / name
        if _is_foreign(path, known):
            messages.append(f"{path} was changed by somebody and stays")
        elif path.exists():
            path.unlink()
    _drop_empty(folder, digests, _read(folder) or {})
    return messages


def _drop_empty(folder: Path, names: Collection[str], listed: Mapping[str, Any]) -> None:
    """Delete the folders made for `names`, where at most Python caches are left."""
    parents = _parents(names)
    if _FOLDERS in listed:
        parents &= _folders(listed)
    for parent in sorted(parents, key=lambda each: -each.count("/")):
        place = folder / parent
        if place.is_symlink() or not place.is_dir():
            continue
        if all(child.name == "__pycache__" for child in place.iterdir()):
            shutil.rmtree(place)


def _failure(folder: Path, error: OSError) -> GimpfuError:
    return GimpfuError(f"{error.filename or folder} cannot be changed ({error.strerror or error}).")
