"""Explorer's verbs, in a registry that is played."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from mattekit_desktop.actions import ACTIONS
from mattekit_desktop.verbs import Verbs


class Registry(SimpleNamespace):
    """The part of `winreg` that is used; a key with keys in it cannot be deleted."""

    HKEY_CURRENT_USER, REG_SZ = "user", 1

    def __init__(self) -> None:
        super().__init__(keys={})

    @contextlib.contextmanager
    def CreateKey(self, root: str, path: str) -> Iterator[str]:
        assert root == "user"
        yield path if path in self.keys else self.keys.setdefault(path, {}) or path

    @contextlib.contextmanager
    def OpenKey(self, root: str, path: str) -> Iterator[str]:
        if path not in self.keys:
            raise FileNotFoundError(path)
        yield path

    def SetValueEx(self, key: str, name: str, _: int, kind: int, value: str) -> None:
        assert kind == 1
        self.keys[key][name] = value

    def DeleteKey(self, root: str, path: str) -> None:
        if path not in self.keys:
            raise FileNotFoundError(path)
        assert not any(each.startswith(path + "\\") for each in self.keys)
        del self.keys[path]


def test_there_and_back_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    registry: Any = Registry()
    theirs = r"Software\Classes\SystemFileAssociations\image\shell\edit"
    registry.keys[theirs] = {"": "Edit"}
    verbs = Verbs(r"C:\Program Files\mattekit\python.exe", registry)
    assert not verbs.there()
    verbs.put()
    verbs.put()
    assert verbs.there()
    path = r"Software\Classes\SystemFileAssociations\image\shell\mattekit.remove-background"
    assert registry.keys[path] == {"": "Remove Background", "MultiSelectModel": "Player"}
    assert registry.keys[rf"{path}\command"][""] == (
        r'"C:\Program Files\mattekit\python.exe" -m mattekit_desktop remove-background "%1"'
    )
    assert len(registry.keys) == 1 + 2 * len(ACTIONS)
    verbs.drop()
    verbs.drop()
    assert registry.keys == {theirs: {"": "Edit"}}


def test_there_is_none_elsewhere() -> None:
    with pytest.raises(ModuleNotFoundError):
        Verbs("python").there()
