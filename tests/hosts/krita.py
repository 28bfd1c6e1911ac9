"""Real Kritas, each with settings of its own, without or with a window."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from hosts.install import EXPERIMENTAL, FORKY, TRIXIE, Suite
from hosts.screen import Screen
from hosts.systems import DEBIAN_12, NEWER, Place, debian

__all__ = ["KRITAS", "Krita", "krita6", "krita51", "krita52", "krita53"]


@dataclass(frozen=True)
class Krita:
    """A Krita with settings of its own.

    Attributes
    ----------
    place : Place
        Where it is installed.
    version : str
        ``"5.1"``, ``"5.2"``, ``"5.3"`` or ``"6"``.
    home : pathlib.Path
        The home folder that it is given, somewhere below ``/tmp`` or pytest's ``tmp_path``.
    """

    place: Place
    version: str
    home: Path

    @property
    def resources(self) -> Path:
        """The folder with its resources: ``pykrita`` and ``actions`` lie in it."""
        return self.home / ".local" / "share" / "krita"

    @property
    def settings(self) -> Path:
        """Its ``kritarc``."""
        return self.home / ".config" / "kritarc"

    def runner(
        self,
        script: Path,
        *arguments: str,
        screen: Screen | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        """Run a script with kritarunner, which calls its ``__main__(args)``.

        Without a screen there are no windows.
        """
        variables = {**self._variables(screen), "PYTHONPATH": str(script.parent), **(env or {})}
        command = ["kritarunner", "-s", script.stem, *arguments]
        return self.place.run(command, variables, timeout)

    def window(
        self,
        screen: Screen,
        *files: Path,
        env: Mapping[str, str] | None = None,
        log: IO[Any] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start it with its windows on a screen; whoever calls ends it."""
        variables = {**self._variables(screen), **(env or {})}
        return self.place.start(["krita", "--nosplash", *files], variables, log)

    def _variables(self, screen: Screen | None) -> dict[str, str]:
        run = self.home / "run"
        for path in (self.resources, self.settings.parent, run):
            path.mkdir(parents=True, exist_ok=True)
        run.chmod(0o700)
        where = {"DISPLAY": screen.display} if screen else {"QT_QPA_PLATFORM": "offscreen"}
        return {"HOME": str(self.home), "XDG_RUNTIME_DIR": str(run), **where}


def krita51(home: Path) -> Krita:
    """Return Krita 5.1; skip the test where it is not installed."""
    if not DEBIAN_12.has("kritarunner"):
        pytest.skip("no Krita: python tests/hosts/install.py")
    return Krita(DEBIAN_12, "5.1", home)


def krita52(home: Path) -> Krita:
    """Return Krita 5.2; skip the test where it is not installed."""
    return _in_folder(TRIXIE, "5.2", home)


def krita53(home: Path) -> Krita:
    """Return Krita 5.3; skip the test where it is not installed."""
    return _in_folder(FORKY, "5.3", home)


def krita6(home: Path) -> Krita:
    """Return Krita 6, which stands on Qt 6; skip the test where it is not installed."""
    return _in_folder(EXPERIMENTAL, "6", home)


def _in_folder(suite: Suite, version: str, home: Path) -> Krita:
    place = debian(suite)
    assert place.has("kritarunner")
    return Krita(place, version, home)


#: Those that the tests run in.
KRITAS = (krita53,) if NEWER else (krita51, krita52, krita6)
