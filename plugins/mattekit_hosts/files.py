"""Putting files into a host program's folders, and taking out only what is ours.

An installer of a host hands over the files of one folder. Beside them lies a list,
``mattekit-files.json``, of what was written, with the digest of each file. So that

* installing again is an upgrade: files that are no longer needed go, settings stay;
* removing touches nothing but our own files, and folders that were made for them;
* a file that somebody else wrote, or changed, is never lost: it is moved aside, and that is said.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import sys
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from mattekit._version import __version__
from mattekit.errors import MattekitError, OutputError
from mattekit.files import make_folder, write_atomically

__all__ = [
    "LIST",
    "installed_version",
    "is_there",
    "missing_folders",
    "package_files",
    "put",
    "read_note",
    "read_settings",
    "remove_folders",
    "take_out",
    "worker_python",
    "write_note",
    "write_settings",
]

#: Name of the list of our files in a folder.
LIST: Final = "mattekit-files.json"
#: Keys of the list: folders in this one, and how many from it upwards, that were made for our
#: files, and what others note.
_FOLDERS: Final = "folders"
_ABOVE: Final = "above"
_NOTE: Final = "note"
#: No file of settings has more bytes.
_LARGEST: Final = 4 * 2**20


def worker_python() -> str:
    """Return the absolute path of the interpreter that has mattekit: this one.

    A virtual environment's own path is kept, not what it links to: only the former finds mattekit.

    Raises
    ------
    MattekitError
        The packages of the extra ``server``, which the worker needs, are not installed.
    """
    import importlib.util

    missing = [name for name in ("starlette", "uvicorn") if importlib.util.find_spec(name) is None]
    if missing:
        raise MattekitError(
            f"Editors work through mattekit's worker, which needs {' and '.join(missing)}. Run "
            "`pip install 'mattekit[server]'` and try again."
        )
    return str(Path(sys.executable).absolute())


def package_files(
    package: str, *, below: str = "", leave_out: Collection[str] = ()
) -> dict[str, bytes]:
    """Return the files of an importable package, to be copied into a host.

    Parameters
    ----------
    package : str
        Its name. It is located, not imported.
    below : str
        Folder in which they are to lie, as in ``"lib"``.
    leave_out : collection of str
        Files and folders of the package, relative to it, that are not copied.

    Returns
    -------
    dict of str to bytes
        Content by relative path with ``/``.
    """
    import importlib.util

    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MattekitError(f"The package {package} is missing. Install mattekit again.")
    source = Path(spec.submodule_search_locations[0])
    files = {}
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source).as_posix()
        ours = any(name == each or name.startswith(f"{each}/") for each in leave_out)
        if ours or "__pycache__" in path.parts or not path.is_file():
            continue
        files[str(PurePosixPath(below, package, name))] = path.read_bytes()
    return files


def installed_version(folder: Path) -> str | None:
    """Return the version of mattekit whose files are in a folder; None where none are."""
    listed = _read(folder)
    return str(listed.get("version", "")) if listed is not None else None


def put(
    folder: Path, files: Mapping[str, bytes | str], *, executable: Collection[str] = ()
) -> list[str]:
    """Write our files into a folder and return what the user should know, a line each.

    Parameters
    ----------
    folder : pathlib.Path
        Made where it is not there.
    files : mapping of str to bytes or str
        Contents by relative path with ``/``. They are written in this order, each at once or not
        at all; the file that a host starts should be the last.
    executable : collection of str
        Those that get the executable bit.

    Raises
    ------
    OutputError
        Something cannot be written.
    """
    contents = {
        name: text.encode() if isinstance(text, str) else text for name, text in files.items()
    }
    messages = []
    old = _digests(folder)
    new = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    made = _made(folder, new)
    try:
        make_folder(folder)
        # If this is interrupted, what is there then is known to be ours, old or new.
        both = {name: [*old.get(name, []), *_listed(new, name)] for name in {**old, **new}}
        _write(folder, made | {"files": both})
        for name, data in contents.items():
            path = folder / name
            messages += _make_room(folder, name, {*old.get(name, ()), new[name]})
            make_folder(path.parent)
            if _digest(path) != new[name]:
                write_atomically(path, data)
            _set_executable(path, name in executable)
        for name in old.keys() - new.keys():
            messages += _delete(folder, name, old[name])
        _write(folder, {"files": {name: [digest] for name, digest in new.items()}})
        _drop_empty(folder, old.keys() - new.keys())
    except OSError as error:
        raise _failed(folder, error) from error
    return messages


def take_out(folder: Path) -> list[str]:
    """Delete our files from a folder, and the folders made for them where nothing else is there.

    Returns
    -------
    list of str
        What the user should know, a line each; empty where nothing of ours was there.

    Raises
    ------
    OutputError
        Something cannot be deleted.
    """
    if _read(folder) is None:
        return []
    messages = [f"removed from {folder}"]
    digests = _digests(folder)
    try:
        for name in digests:
            messages += _delete(folder, name, digests[name])
        _drop_empty(folder, digests)
        above = _above(folder)
        (folder / LIST).unlink()
        remove_folders(folder, above)
        _hand_on(folder, above)
    except OSError as error:
        raise _failed(folder, error) from error
    return messages


def is_there(path: Path) -> bool:
    """Whether something is there; not where nobody may look: what is done there then says so."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises what may not be seen


def missing_folders(folder: Path) -> int:
    """Return how many folders are to be made for this one to be there, itself among them."""
    return sum(not is_there(each) for each in (folder, *folder.parents))


def remove_folders(folder: Path, count: int) -> None:
    """Delete a folder and those above it, as many as were made, while at most caches are left."""
    with contextlib.suppress(OSError):
        for each in (folder, *folder.parents)[:count]:
            if _is_empty(each):
                shutil.rmtree(each)


def read_note(folder: Path) -> Any:
    """Return what `write_note` has put into the list of our files in a folder; None if nothing."""
    return (_read(folder) or {}).get(_NOTE)


def write_note(folder: Path, note: Any) -> None:
    """Put something of JSON into the list of our files in a folder, where it is kept by `put`.

    Raises
    ------
    OutputError
        It cannot be written.
    """
    _write(folder, {_NOTE: note})


def read_settings(path: Path) -> bytes:
    """Return a file of settings that is the program's or the user's; nothing where there is none.

    Raises
    ------
    OutputError
        It cannot be read, or can be none; it is to be written, and stays as it is.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise OutputError(str(path), f"cannot be read ({error.strerror or error}).") from error
    if len(data) > _LARGEST:
        raise OutputError(str(path), "is too large for a file of settings. Look at it.")
    return data


def write_settings(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file of settings that is the program's or the user's, at once or not at all.

    Parameters
    ----------
    path : pathlib.Path
        Its folder is made where it is not there.
    data : bytes
        All of its content.
    private : bool
        Whether a new file is its owner's alone.

    Raises
    ------
    OutputError
        It cannot be written.
    """
    make_folder(path.parent)
    write_atomically(path, data, private=private)


# -- inside ------------------------------------------------------------------------------------


def _read(folder: Path) -> dict[str, Any] | None:
    try:
        listed = json.loads((folder / LIST).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return listed if isinstance(listed, dict) else {}


def _digests(folder: Path) -> dict[str, list[str]]:
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


def _listed(new: Mapping[str, str], name: str) -> list[str]:
    return [new[name]] if name in new else []


def _made(folder: Path, names: Collection[str]) -> dict[str, Any]:
    """Return the list's entries on folders; those that are there already are somebody else's.

    A list that has none is one of mattekit 0.1.0, which held every folder that is empty for ours.
    """
    listed = _read(folder)
    if listed is not None and _FOLDERS not in listed:
        return {}
    known = _folders(listed or {})
    new = {name for name in _parents(names) if not is_there(folder / name)}
    above = missing_folders(folder) or (listed or {}).get(_ABOVE, 0)
    return {_FOLDERS: sorted(known | new), _ABOVE: above}


def _above(folder: Path) -> int:
    above = (_read(folder) or {}).get(_ABOVE, 1)
    return above if isinstance(above, int) else 0


def _hand_on(folder: Path, above: int) -> None:
    """Let the last of several folders of ours take those above them with it, whoever made them."""
    for listed in folder.parent.glob(f"*/{LIST}") if above > 1 else ():
        if _above(listed.parent) < above:
            with contextlib.suppress(OutputError):  # not ours to write after all
                _write(listed.parent, {_ABOVE: above})


def _write(folder: Path, entries: Mapping[str, Any]) -> None:
    """Write the list; what it has and `entries` do not name stays."""
    listed = {**(_read(folder) or {}), **entries, "version": __version__}
    text = json.dumps(listed, indent=1, sort_keys=True)
    write_atomically(folder / LIST, text.encode() + b"\n")


def _digest(path: Path) -> str | None:
    if path.is_symlink() or not path.is_file():
        return None
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _set_executable(path: Path, wanted: bool) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    bits = (mode & 0o444) >> 2  # who may read it may run it
    goal = mode | bits if wanted else mode & ~0o111
    if os.name == "posix" and goal != mode:
        path.chmod(goal)


def _make_room(folder: Path, name: str, known: Collection[str]) -> list[str]:
    """Move aside what stands where `name` is to be written and is not ours."""
    *parents, _ = PurePosixPath(name).parts
    place = folder
    for part in parents:
        place /= part
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            return [_move_aside(place)]
    path = folder / name
    if (path.is_symlink() or path.exists()) and _digest(path) not in known:
        return [_move_aside(path)]
    return []


def _move_aside(path: Path) -> str:
    number = 1
    while (aside := path.with_name(f"{path.name}.yours-{number}")).exists():
        number += 1
    path.rename(aside)
    return f"{path} was not as mattekit had written it; it is now {aside.name}"


def _delete(folder: Path, name: str, known: Collection[str]) -> list[str]:
    path = folder / name
    if not path.is_symlink() and not path.exists():
        return []
    if _digest(path) not in known:
        return [f"{path} was changed by somebody and stays"]
    path.unlink()
    return []


def _drop_empty(folder: Path, names: Collection[str]) -> None:
    """Delete the folders made for `names`, where at most Python caches are left."""
    parents = _parents(names)
    listed = _read(folder) or {}
    if _FOLDERS in listed:
        parents &= _folders(listed)
    for parent in sorted(parents, key=lambda each: -each.count("/")):
        place = folder / parent
        if place.is_symlink() or not place.is_dir():
            continue
        if _is_empty(place):
            shutil.rmtree(place)


def _is_empty(folder: Path) -> bool:
    """Whether nothing but Python's caches is in a folder."""
    return all(child.name == "__pycache__" for child in folder.iterdir())


def _parents(names: Collection[str]) -> set[str]:
    return {
        parent.as_posix()
        for name in names
        for parent in PurePosixPath(name).parents
        if parent.parts
    }


def _folders(listed: Mapping[str, Any]) -> set[str]:
    names = listed.get(_FOLDERS)
    return {str(name) for name in names} if isinstance(names, list) else set()


def _failed(folder: Path, error: OSError) -> OutputError:
    where = str(error.filename or folder)
    return OutputError(where, f"cannot be changed ({error.strerror or error}).")
