"""Keeps any picklable value for the rest of GIMP's session: `shelf[key] = value`."""

import pickle
from typing import Any

from _gimpfu.host import backend


class _Shelf:
    """A dictionary that lives in GIMP, so that the next run of the plug-in finds it."""

    def _data(self, key: str) -> Any:
        return backend().get_data(key)

    def has_key(self, key: str) -> bool:
        return self._data(key) is not None

    __contains__ = has_key

    def get(self, key: str, default: Any = None) -> Any:
        data = self._data(key)
        return default if data is None else pickle.loads(data)

    def __getitem__(self, key: str) -> Any:
        data = self._data(key)
        if data is None:
            raise KeyError(key)
        return pickle.loads(data)  # from this GIMP's own memory

    def __setitem__(self, key: str, value: Any) -> None:
        backend().set_data(key, pickle.dumps(value, protocol=2))

    def __delitem__(self, key: str) -> None:
        backend().set_data(key, b"")


shelf = _Shelf()
