"""A folder of masks beside the pictures: which mask is whose.

A mask lies where its picture lies, below another root, and has the name of its picture but for the
suffix: ``masks/shoes/red.png`` is that of ``photos/shoes/red.jpg``.
"""

from __future__ import annotations

import threading

from mattekit.errors import InputError, InputNotFound
from mattekit.formats import SUFFIXES
from mattekit_batch.storage import Entry, Storage, joined, parent_of

__all__ = ["Masks"]


class Masks:
    """The masks of a batch; travels to other processes.

    Parameters
    ----------
    storage : Storage
        The tree of masks.
    """

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self._folders: dict[str, dict[str, list[Entry]]] = {}
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, object]:
        return {"storage": self.storage}

    def __setstate__(self, state: dict[str, Storage]) -> None:
        self.__init__(state["storage"])  # type: ignore[misc] # a lock does not travel

    def stamp(self, picture: str) -> str:
        """Return what changes whenever the mask of a picture does; the folder is listed anew."""
        folder, name = parent_of(picture)
        return " ".join(
            f"{each.name}:{each.size}:{each.stamp}" for each in self._named(folder, name)
        )

    def refresh(self, folder: str) -> None:
        """Forget what a folder held."""
        with self._lock:
            self._folders.pop(folder, None)

    def read(self, picture: str) -> bytes:
        """Return the file of the mask of a picture.

        Raises
        ------
        InputError
            There is none, or more than one, or it cannot be read.
        """
        folder, name = parent_of(picture)
        found = self._named(folder, name)
        if not found:
            self.refresh(folder)  # it may have come meanwhile
            found = self._named(folder, name)
        where = self.storage.show(joined(folder, name.rpartition(".")[0]))
        if not found:
            raise InputNotFound(picture, f"there is no mask for it: {where} with any suffix.")
        if len(found) > 1:
            names = ", ".join(each.name for each in found)
            raise InputError(picture, f"several masks are there for it: {names}. Leave one.")
        return self.storage.read(joined(folder, found[0].name), found[0].size)

    def _named(self, folder: str, name: str) -> list[Entry]:
        with self._lock:
            if folder not in self._folders:
                self._folders[folder] = self._listed(folder)
            return self._folders[folder].get(name.rpartition(".")[0], [])

    def _listed(self, folder: str) -> dict[str, list[Entry]]:
        try:
            entries = self.storage.listing(folder)[1]
        except FileNotFoundError:
            return {}
        except OSError as error:
            where = self.storage.show(folder)
            raise InputNotFound(
                where, f"the masks cannot be listed ({error.strerror or error})."
            ) from error
        masks: dict[str, list[Entry]] = {}
        for entry in entries:
            stem, _, suffix = entry.name.rpartition(".")
            if "." + suffix.lower() in SUFFIXES:
                masks.setdefault(stem, []).append(entry)
        return masks
