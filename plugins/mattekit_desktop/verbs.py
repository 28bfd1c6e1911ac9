"""Explorer's verbs: keys of ours in the user's part of the Windows registry.

Explorer starts a verb without a shell, so that no name of a file can become a command; a file in
*Send to* would go through one.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar, Final

from mattekit_desktop.actions import ACTIONS, command

__all__ = ["Verbs"]

_IMAGES: Final = r"Software\Classes\SystemFileAssociations\image\shell"


@dataclass(frozen=True)
class Verbs:
    """The actions as verbs of everything that Windows takes for a picture.

    Attributes
    ----------
    python : str
        The interpreter that has mattekit.
    registry : module, optional
        `winreg`, or what stands for it in a test.
    """

    python: str
    registry: ModuleType | None = None
    #: It is no file that they lie in.
    path: ClassVar[None] = None

    def put(self) -> None:
        """Make or renew the keys."""
        registry = self._registry()
        for path, name, value in self.values():
            with registry.CreateKey(registry.HKEY_CURRENT_USER, path) as key:
                registry.SetValueEx(key, name, 0, registry.REG_SZ, value)

    def drop(self) -> None:
        """Delete the keys, the inner ones first."""
        registry = self._registry()
        for path in sorted({path for path, _, _ in self.values()}, key=len, reverse=True):
            try:
                registry.DeleteKey(registry.HKEY_CURRENT_USER, path)
            except FileNotFoundError:
                continue

    def there(self) -> bool:
        """Whether the first is there."""
        registry = self._registry()
        path = next(self.values())[0]
        try:
            with registry.OpenKey(registry.HKEY_CURRENT_USER, path):
                return True
        except FileNotFoundError:
            return False

    def values(self) -> Iterator[tuple[str, str, str]]:
        """Yield the path of each key below ``HKEY_CURRENT_USER``, a name and its value."""
        for action in ACTIONS:
            path = rf"{_IMAGES}\mattekit.{action.name}"
            yield path, "", action.title
            yield path, "MultiSelectModel", "Player"  # "Document" stops at fifteen files
            line = subprocess.list2cmdline(command(self.python, action))
            yield rf"{path}\command", "", f'{line} "%1"'

    def _registry(self) -> Any:
        if self.registry is not None:
            return self.registry
        import winreg

        return winreg
