"""The contract between mattekit and its plug-ins: this file is all of it.

A plug-in is a module or object whose functions carry the names below and are marked with
:data:`hookimpl`. A distribution announces it with an entry point in the group ``mattekit``:

.. code-block:: toml

    [project.entry-points.mattekit]
    sepia = "mattekit_sepia"

.. code-block:: python

    import mattekit

    @mattekit.hookimpl
    def mattekit_steps():
        return [mattekit.Step("sepia", tone)]

Rules that hold for every hook
------------------------------
Arguments
    A hook implementation may leave out arguments that it does not need. An argument or a hook that
    does not exist is refused when the plug-in is loaded.
Arrays
    Arrays of a `Photo` or `Cutout` are lent and shared, often with other threads. Never write to
    them; return new ones. What a plug-in returns belongs to mattekit.
Threads
    `mattekit_models`, `mattekit_formats`, `mattekit_steps`, `mattekit_hosts` and
    `mattekit_commands` are called once per process, on whichever thread asks first. What they
    return (`Step.run`, `OutputFormat.encode`) is called from any thread and from several at once.
Errors
    A `MattekitError` is an answer to the user: the picture fails with that message. Any other
    exception is a defect of the plug-in and reaches the caller as `PluginError` with the exception
    as its cause. A plug-in that cannot be imported or breaks the rules when it is loaded is left
    out with a warning in the log; `mattekit plugins` tells why.
Imports
    Plug-ins are imported with the first picture and by every command. Import what is heavy inside
    functions.

``MATTEKIT_PLUGINS_OFF`` names plug-ins, separated by commas, that are not loaded; ``*`` is all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mattekit import plugins
from mattekit.errors import MattekitError
from mattekit.plugins import Plugins, hookimpl, hookspec

if TYPE_CHECKING:
    import click

    from mattekit.formats import OutputFormat
    from mattekit.models import ModelCard
    from mattekit.runtime import Runtime
    from mattekit.steps import Step

__all__ = [
    "Host",
    "HostCopy",
    "Plugins",
    "add_commands",
    "hookimpl",
    "hosts",
]

_log = logging.getLogger(__name__)


# -- what plug-ins hand over; formats and steps are declared where they are used -------------------


class HostCopy(NamedTuple):
    """One installed copy of a host program.

    Attributes
    ----------
    path : pathlib.Path
        Its program file.
    version : str
        Its version; empty where it cannot be told.
    installed : bool
        Whether mattekit's part is in place.
    advice : str
        What the user should do next; empty where nothing.
    """

    path: Path
    version: str = ""
    installed: bool = False
    advice: str = ""


@dataclass(frozen=True)
class Host:
    """A program that mattekit can be put into.

    Attributes
    ----------
    name : str
        What users type, e.g. ``"gimp"``.
    title : str
        Its proper name.
    find : callable
        ``find() -> copies``: looks for installed copies without starting them.
    install, remove : callable or None
        ``install(copy) -> messages`` puts mattekit's part in place, ``remove(copy) -> messages``
        takes it out; each message is one line for the user. None where that cannot be done.
    at : callable or None
        ``at(path) -> copy``: what a program file is that `find` does not find, without starting
        the host; a MattekitError where it is none of them. None where that cannot be told.
    check_plugins : callable or None
        ``check_plugins(paths) -> messages`` tells what will become of the host's own old plug-ins,
        a line each, from their files or folders alone.
    """

    name: str
    title: str
    find: Callable[[], Sequence[HostCopy]]
    install: Callable[[HostCopy], Sequence[str]] | None = None
    remove: Callable[[HostCopy], Sequence[str]] | None = None
    at: Callable[[Path], HostCopy] | None = None
    check_plugins: Callable[[Sequence[Path]], Sequence[str]] | None = None


# -- the hooks ---------------------------------------------------------------------------------


class Specification:
    """Every hook there is."""

    @hookspec
    def mattekit_models(self) -> Iterable[ModelCard]:  # type: ignore[empty-body]
        """Return cards of further models; their `file` is an absolute path or fetched from `urls`.

        A name that is taken is refused.
        """

    @hookspec
    def mattekit_steps(self) -> Iterable[Step]:  # type: ignore[empty-body]
        """Return post-processing steps."""

    @hookspec
    def mattekit_formats(self) -> Iterable[OutputFormat]:  # type: ignore[empty-body]
        """Return further output formats. A name that is taken is refused."""

    @hookspec
    def mattekit_runtime(self, server: str, token: str) -> Runtime | None:
        """Return where networks run that ``MATTEKIT_SERVER`` asks for; None = not known here.

        The first plug-in that knows wins; where all give None, networks run in this process.
        """

    @hookspec
    def mattekit_hosts(self) -> Iterable[Host]:  # type: ignore[empty-body]
        """Return programs into which `mattekit hosts install` can put mattekit."""

    @hookspec
    def mattekit_commands(self, cli: click.Group) -> None:
        """Add sub-commands to the `mattekit` command."""


plugins.specify(Specification)


# -- what only programs ask for ----------------------------------------------------------------


def hosts() -> dict[str, Host]:
    """Return host programs by name.

    Raises
    ------
    PluginError
        A plug-in gave something else.
    """
    return {each.name: each for each in plugins.shared().collect("mattekit_hosts", Host)}


def add_commands(cli: click.Group) -> None:
    """Let every plug-in add its sub-commands.

    One that fails does not stop the others; `Plugins.failures` says why.
    """
    shared = plugins.shared()
    for plugin, add in shared.implementations("mattekit_commands", cli=cli).items():
        try:
            plugins.call_plugin(plugin, object, add)
        except MattekitError as error:
            shared.failures[plugin] = f"adding its commands {getattr(error, 'problem', error)}"
            _log.warning("%s; it may lack commands", error)
