"""Real GIMPs, each with a profile of its own, without or with a window."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from hosts.install import FORKY, TRIXIE
from hosts.screen import Screen
from hosts.systems import DEBIAN_12, NEWER, Place, debian

__all__ = ["Gimp", "gimp2", "gimp3"]


@dataclass(frozen=True)
class Gimp:
    """A GIMP with a profile.

    Attributes
    ----------
    place : Place
        Where it is installed.
    version : str
        ``"2.10"``, ``"3.0"`` or ``"3.2"``.
    home : pathlib.Path
        The home folder that it is given, somewhere below ``/tmp`` or pytest's ``tmp_path``.
    """

    place: Place
    version: str
    home: Path

    @property
    def profile(self) -> Path:
        """The folder with its settings, where a user has it."""
        return self.home / ".config" / "GIMP" / self.version

    @property
    def plug_ins(self) -> Path:
        """The folder that it looks for plug-ins in."""
        return self.profile / "plug-ins"

    def install(self, name: str, source: str) -> Path:
        """Write a plug-in of one Python file, executable, and return its path."""
        path = self.plug_ins / name / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, "utf-8")
        path.chmod(0o755)
        return path

    def script_fu(
        self, code: str, *, env: Mapping[str, str] | None = None, timeout: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Evaluate Script-Fu without a window. GIMP 2.10 exits with 0 whatever happens."""
        if self.version == "2.10":
            end: tuple[str, ...] = ("-b", "(gimp-quit 0)")
            return self._batch("gimp", ("-b", code, *end), env, timeout)
        interpreter = "--batch-interpreter=plug-in-script-fu-eval"
        return self._batch("gimp-console-3", (interpreter, "-b", code, "--quit"), env, timeout)

    def python_fu(
        self, code: str, *, env: Mapping[str, str] | None = None, timeout: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Evaluate Python in GIMP 3 itself, without a window; GIMP 2.10 has none."""
        assert self.version != "2.10"
        interpreter = "--batch-interpreter=python-fu-eval"
        return self._batch("gimp-console-3", (interpreter, "-b", code, "--quit"), env, timeout)

    def window(
        self,
        screen: Screen,
        *files: Path,
        env: Mapping[str, str] | None = None,
        log: IO[Any] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start it with its windows on a screen; whoever calls ends it."""
        program = "gimp" if self.version == "2.10" else f"gimp-{self.version}"
        self._prepare()
        variables = {**self._variables(env), "DISPLAY": screen.display}
        return self.place.start([program, "-n", "-s", *files], variables, log)

    def _batch(
        self, program: str, words: tuple[str, ...], env: Mapping[str, str] | None, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        self._prepare()
        command = [program, "-i", "-d", "-f", *words]
        return self.place.run(command, self._variables(env), timeout)

    def _prepare(self) -> None:
        self._furnish()
        self.plug_ins.mkdir(parents=True, exist_ok=True)
        settings = self.profile / "gimprc"
        if self.version != "2.10" and not settings.exists():
            # A profile that is new, or an older GIMP's, gets a window with news, some time.
            settings.write_text('(config-version "3.99.0")\n(show-welcome-dialog no)\n')

    def _furnish(self) -> None:
        """Make a home in which GIMP was never started."""
        for path in (self.home / ".cache", self.home / "run"):
            path.mkdir(parents=True, exist_ok=True)
        (self.home / "run").chmod(0o700)

    def _variables(self, env: Mapping[str, str] | None) -> dict[str, str]:
        runtime = {"HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home / "run")}
        return {**runtime, **(env or {})}


def gimp2(home: Path) -> Gimp:
    """Return GIMP 2.10; skip the test where it is not installed."""
    if not DEBIAN_12.has("gimp-2.10"):
        pytest.skip("no GIMP 2.10: python tests/hosts/install.py")
    return Gimp(DEBIAN_12, "2.10", home)


def gimp3(home: Path) -> Gimp:
    """Return GIMP 3.0, or 3.2 if the newer one is asked for; skip where it is not installed."""
    suite, version = (FORKY, "3.2") if NEWER else (TRIXIE, "3.0")
    place = debian(suite)
    assert place.has(f"gimp-{version}")
    return Gimp(place, version, home)
