"""Hosts that take a folder of files, and perhaps one entry in a file of settings: most of them.

Such a host is declared as a `FileHost`; finding, installing, renewing and removing are here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from mattekit._version import __version__
from mattekit.hooks import HostCopy
from mattekit_hosts import programs, sandbox
from mattekit_hosts.files import installed_version, put, take_out, worker_python
from mattekit_hosts.sandbox import Packaging
from mattekit_hosts.undo import Switch, drop_noted, put_noted

__all__ = ["FileHost"]


@dataclass(frozen=True)
class FileHost:
    """A program that mattekit is put into by writing files.

    Attributes
    ----------
    name, title : str
        As of `mattekit.hooks.Host`.
    program : mattekit_hosts.programs.Program
        How it is found.
    place : str
        Where a user then finds mattekit, in words.
    folder : callable
        ``folder(packaging)`` is where the files go.
    files : callable
        ``files(python, packaging)`` are their contents by relative path; `python` is the
        interpreter that has mattekit.
    executable : collection of str
        Files that get the executable bit.
    switch : callable or None
        ``switch(python)`` is the entry that makes the program see the files.
    application : str
        What Flatpak calls the program; empty where it has none that matters.
    python : callable or None
        Returns the interpreter that has mattekit, or raises where it lacks what the program needs;
        None for `mattekit_hosts.files.worker_python`.
    """

    name: str
    title: str
    program: programs.Program
    place: str
    folder: Callable[[Packaging], Path]
    files: Callable[[str, Packaging], Mapping[str, bytes | str]]
    executable: Collection[str] = ()
    switch: Callable[[str], Switch] | None = None
    application: str = ""
    python: Callable[[], str] | None = None

    def find(self) -> list[HostCopy]:
        """Return the copies on this machine, and whether mattekit is in them."""
        return [self._copy(each.path, each.version) for each in programs.find(self.program)]

    def install(self, copy: HostCopy) -> list[str]:
        """Put mattekit in, or renew it, and say what to do next.

        Raises
        ------
        MattekitError
            It cannot be done.
        """
        packaging = self.packaging(copy.path)
        python = (self.python or worker_python)()
        folder, files = self.folder(packaging), self.files(python, packaging)
        new = installed_version(folder) is None
        messages = put(folder, files, executable=self.executable)
        if self.switch is not None:
            put_noted(folder, self.switch(python), new=new)
        if files:
            messages.append(f"its files are in {folder}")
        messages += sandbox.advice(packaging, self.name, self.title)
        messages.append(f"restart {self.title}; then see {self.place}.")
        return messages

    def remove(self, copy: HostCopy) -> list[str]:
        """Take mattekit out.

        Raises
        ------
        MattekitError
            It cannot be done.
        """
        folder = self.folder(self.packaging(copy.path))
        if self.switch is not None:
            drop_noted(folder, self.switch(""))
        return take_out(folder)

    def packaging(self, program: Path) -> Packaging:
        """Return how a copy was packaged, by the path of its program."""
        if self.application and program.name == self.application:
            return "flatpak"
        return "snap" if program.parts[-3:-1] == ("snap", "bin") else "plain"

    def _copy(self, path: Path, version: str) -> HostCopy:
        there = installed_version(self.folder(self.packaging(path)))
        if there is None or (self.switch is not None and not self.switch("").there()):
            advice = f"`mattekit hosts install {self.name}` puts mattekit into {self.place}."
            return HostCopy(path, version, False, advice)
        if there != __version__:
            advice = f"mattekit {there} is in it; `mattekit hosts install` renews it."
            return HostCopy(path, version, True, advice)
        return HostCopy(path, version, True)
