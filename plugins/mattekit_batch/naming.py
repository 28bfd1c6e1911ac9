"""Which result gets which name.

``sub/photo.jpg`` becomes ``sub/photo.png``: the tree is kept, the suffix is that of the format.
Where two pictures of one folder differ in their suffix only, ``photo.jpg`` and ``photo.tif``, both
results keep the old suffix in their names: ``photo.jpg.png`` and ``photo.tif.png``. A name that was
given once stays, whatever comes later.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

__all__ = ["name_key", "stems"]


def name_key(name: str) -> str:
    """Return what names have in common that some file system takes for one."""
    return unicodedata.normalize("NFC", name).casefold()


def stems(names: Iterable[str], present: Mapping[str, str]) -> dict[str, str]:
    """Return the stem of the result of every picture of a folder.

    Parameters
    ----------
    names : iterable of str
        The pictures.
    present : mapping of str to str
        Stems that were given before, by picture; those of pictures that are gone stay taken.
    """
    wanted = sorted(names)
    taken = {name_key(stem) for stem in present.values()}
    count = Counter(name_key(_stem(name)) for name in wanted)
    found = {}
    for name in wanted:
        if name in present:
            found[name] = present[name]
            continue
        stem = _stem(name)
        if count[name_key(stem)] > 1 or name_key(stem) in taken:
            stem = name
        unique, number = stem, 2
        while name_key(unique) in taken:
            unique, number = f"{stem}-{number}", number + 1
        taken.add(name_key(unique))
        found[name] = unique
    return found


def _stem(name: str) -> str:
    stem, dot, _ = name.rpartition(".")
    return stem if dot and stem else name
