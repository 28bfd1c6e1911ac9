"""Data attached to images and items."""

from typing import Any, List, Optional

from _gimpfu import calls, makers
from _gimpfu.backend import ParasiteValue, Type
from _gimpfu.convert import to_bytes
from _gimpfu.errors import error


class Parasite:
    """A named piece of data: `Parasite(name, flags, data)`."""

    def __init__(self, name: str, flags: int, data: Any) -> None:
        self._name = name
        self._flags = int(flags)
        self._data = to_bytes(data)

    @property
    def name(self) -> str:
        return self._name

    @property
    def flags(self) -> int:
        return self._flags

    @property
    def data(self) -> bytes:
        return self._data

    @property
    def is_persistent(self) -> bool:
        return bool(self._flags & 1)

    @property
    def is_undoable(self) -> bool:
        return bool(self._flags & 2)

    def copy(self) -> "Parasite":
        return Parasite(self._name, self._flags, self._data)

    def is_type(self, name: str) -> bool:
        return self._name == name

    def has_flag(self, flag: int) -> bool:
        return self._flags & flag == flag

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Parasite):
            return NotImplemented
        mine = (self._name, self._flags, self._data)
        return mine == (other._name, other._flags, other._data)

    def __hash__(self) -> int:
        return hash((self._name, self._flags, self._data))

    def __repr__(self) -> str:
        return "<gimp.Parasite %s>" % self._name


def _from_value(value: ParasiteValue) -> Parasite:
    return Parasite(*value)


makers.register(Type.PARASITE, _from_value)


class HasParasites:
    """What an object with parasites can do; `_parasites` is the beginning of the names."""

    _parasites: str

    def _parasite(self, verb: str, *rest: Any) -> Any:
        # Procedures of GIMP itself, which belong to no object, start with their own words.
        return calls.call("%s-%s" % (self._parasites, verb), self, *rest)

    def parasite_find(self, name: str) -> Optional[Parasite]:
        """Return a parasite, None when there is none of this name."""
        try:
            found = self._parasite("get-parasite", name)
        except error:
            return None
        return found if isinstance(found, Parasite) and found.name else None

    def parasite_attach(self, parasite: Parasite) -> None:
        self._parasite("attach-parasite", parasite)

    def attach_new_parasite(self, name: str, flags: int, data: Any) -> None:
        self.parasite_attach(Parasite(name, flags, data))

    def parasite_detach(self, name: str) -> None:
        self._parasite("detach-parasite", name)

    def parasite_list(self) -> List[str]:
        return list(self._parasite("get-parasite-list")[1])
