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

import functools
import importlib.metadata
import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

import pluggy

from mattekit.errors import MattekitError, PluginError

if TYPE_CHECKING:
    import click

    from mattekit.cutout import Cutout
    from mattekit.options import Options
    from mattekit.runtime import ModelCard

__all__ = [
    "Host",
    "HostCopy",
    "OutputFormat",
    "Plugins",
    "Step",
    "hookimpl",
    "plugins",
    "postprocess",
]

PROJECT: Final = "mattekit"
hookspec = pluggy.HookspecMarker(PROJECT)

#: Marks a function as the implementation of the hook of the same name.
hookimpl = pluggy.HookimplMarker(PROJECT)

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


# -- what plug-ins hand over -----------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """Something done to every finished cut-out, after shadow and background.

    Attributes
    ----------
    name : str
        For messages.
    run : callable
        ``run(cutout, options) -> Cutout``, pure.
    order : int
        Steps run from the lowest to the highest; equal ones in the order of their names.
    """

    name: str
    run: Callable[[Cutout, Options], Cutout]
    order: int = 0


@dataclass(frozen=True)
class OutputFormat:
    """A file format that the `format` option then accepts.

    Attributes
    ----------
    name : str
        Value of the option, lower case.
    suffixes : tuple of str
        File name suffixes with their dot, the usual one first.
    media_type : str
        For HTTP.
    encode : callable
        ``encode(cutout, options) -> bytes``, the whole file.
    """

    name: str
    suffixes: tuple[str, ...]
    media_type: str
    encode: Callable[[Cutout, Options], bytes]


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
    """

    name: str
    title: str
    find: Callable[[], Sequence[HostCopy]]
    install: Callable[[HostCopy], Sequence[str]] | None = None
    remove: Callable[[HostCopy], Sequence[str]] | None = None


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
    def mattekit_hosts(self) -> Iterable[Host]:  # type: ignore[empty-body]
        """Return programs into which `mattekit hosts install` can put mattekit."""

    @hookspec
    def mattekit_commands(self, cli: click.Group) -> None:
        """Add sub-commands to the `mattekit` command."""


# -- calling them ------------------------------------------------------------------------------


class Plugins:
    """The plug-ins of a process, and what they have handed over.

    Parameters
    ----------
    load : bool
        Whether to load what installed distributions announce.

    Attributes
    ----------
    failures : dict of str to str
        Announced plug-ins that were left out, with the reason.
    """

    def __init__(self, *, load: bool = True) -> None:
        self.manager = pluggy.PluginManager(PROJECT)
        self.manager.add_hookspecs(Specification)
        self.failures: dict[str, str] = {}
        if load:
            self._load()

    def register(self, plugin: object, name: str | None = None) -> None:
        """Add a plug-in.

        Raises
        ------
        PluginError
            It implements a hook that does not exist, or with arguments that do not, or is there
            already.
        """
        label = name or str(getattr(plugin, "__name__", type(plugin).__name__))
        try:
            self.manager.register(plugin, name=name)
            self.manager.check_pending()
        except (ValueError, pluggy.PluginValidationError) as error:
            if self.manager.is_registered(plugin):
                self.manager.unregister(plugin)
            raise PluginError(label, str(error)) from error

    def names(self) -> list[str]:
        """Return the names of all plug-ins, sorted."""
        return sorted(name for name, plugin in self.manager.list_name_plugin() if plugin)

    @functools.cached_property
    def models(self) -> tuple[ModelCard, ...]:
        """Further models."""
        from mattekit.runtime import ModelCard

        return self._collect("mattekit_models", ModelCard)

    @functools.cached_property
    def steps(self) -> tuple[Step, ...]:
        """Post-processing steps in the order in which they run."""
        steps = self._collect("mattekit_steps", Step)
        return tuple(sorted(steps, key=lambda step: (step.order, step.name)))

    @functools.cached_property
    def formats(self) -> dict[str, OutputFormat]:
        """Further output formats by name."""
        return {each.name: each for each in self._collect("mattekit_formats", OutputFormat)}

    @functools.cached_property
    def hosts(self) -> dict[str, Host]:
        """Host programs by name."""
        return {each.name: each for each in self._collect("mattekit_hosts", Host)}

    def add_commands(self, cli: click.Group) -> None:
        """Let every plug-in add its sub-commands.

        One that fails does not stop the others; `failures` says why.
        """
        for implementation in self.manager.hook.mattekit_commands.get_hookimpls():
            plugin = implementation.plugin_name
            arguments = (cli,) if implementation.argnames else ()
            try:
                guarded(plugin, object, implementation.function, *arguments)
            except MattekitError as error:
                self.failures[plugin] = f"adding its commands {getattr(error, 'problem', error)}"
                _log.warning("%s; it may lack commands", error)

    def postprocess(self, cutout: Cutout, options: Options) -> Cutout:
        """Return `cutout` after every step.

        Raises
        ------
        PluginError
            A step failed with anything but a `MattekitError`, or returned no `Cutout`.
        """
        for step in self.steps:
            cutout = guarded(step.name, type(cutout), step.run, cutout, options)
        return cutout

    def _collect(self, hook: str, kind: type[_T]) -> tuple[_T, ...]:
        found = {}
        for implementation in getattr(self.manager.hook, hook).get_hookimpls():
            plugin = str(implementation.plugin_name)
            for item in guarded(plugin, Iterable, implementation.function):
                if not isinstance(item, kind):
                    raise PluginError(
                        plugin, f"{hook} gave {item!r}, expected {kind.__name__} objects."
                    )
                name = cast("Any", item).name
                if name in found:
                    raise PluginError(plugin, f"{hook} gave {name!r}, a name that is taken.")
                found[name] = item
        return tuple(found.values())

    def _load(self) -> None:
        off = {name.strip() for name in os.environ.get("MATTEKIT_PLUGINS_OFF", "").split(",")}
        for entry in importlib.metadata.entry_points(group=PROJECT):
            if "*" in off or entry.name in off:
                self.failures[entry.name] = "switched off by MATTEKIT_PLUGINS_OFF"
                continue
            try:
                plugin = guarded(entry.name, object, entry.load)
                self.register(plugin, entry.name)
            except PluginError as error:
                self.failures[entry.name] = error.problem
                _log.warning("%s; it is left out", error)


def guarded(plugin: str, kind: Any, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call code of a plug-in: its own exceptions become `PluginError`, as does a wrong result."""
    try:
        result = function(*arguments)
    except MattekitError:
        raise
    except Exception as error:
        raise PluginError(plugin, f"failed with {type(error).__name__}: {error}") from error
    if not isinstance(result, kind):
        name = getattr(kind, "__name__", str(kind))
        raise PluginError(plugin, f"returned a {type(result).__name__}, expected {name}.")
    return result


_lock = threading.Lock()
_shared: list[Plugins] = []


def plugins() -> Plugins:
    """Return the plug-ins of this process, loading them on the first call."""
    with _lock:
        if not _shared:
            _shared.append(Plugins())
        return _shared[0]


def postprocess(cutout: Cutout, options: Options) -> Cutout:
    """Return `cutout` after every post-processing step of this process's plug-ins."""
    return plugins().postprocess(cutout, options)
