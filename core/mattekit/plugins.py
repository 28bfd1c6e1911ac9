"""Finding plug-ins and calling them safely; what they may hand over is none of its business.

The contract, and with it every hook that exists, is in `mattekit.hooks`. That module lies above all
that collects from plug-ins, and makes its hooks known here with `specify` when it is imported:
plug-ins that are loaded by then are checked then, all others when they are loaded.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar, cast

import pluggy

from mattekit import forking
from mattekit.errors import MattekitError, PluginError

__all__ = ["Plugins", "call_plugin", "hookimpl", "hookspec", "shared", "specify"]

PROJECT: Final = "mattekit"
hookspec = pluggy.HookspecMarker(PROJECT)

#: Marks a function as the implementation of the hook of the same name.
hookimpl = pluggy.HookimplMarker(PROJECT)

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_lock = forking.Lock()
_specifications: list[type] = []
_shared: list[Plugins] = []


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
        self.failures: dict[str, str] = {}
        self._specified = 0
        self._collected: dict[str, tuple[Any, ...]] = {}
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
            self.check()
        except (ValueError, pluggy.PluginValidationError) as error:
            if self.manager.is_registered(plugin):
                self.manager.unregister(plugin)
            raise PluginError(label, str(error)) from error

    def check(self) -> None:
        """Hold what is registered against the hooks that exist, as far as they are known.

        Raises
        ------
        pluggy.PluginValidationError
            A plug-in implements a hook that does not exist, or with arguments that do not.
        """
        for specification in _specifications[self._specified :]:
            self._specified += 1
            self.manager.add_hookspecs(specification)
        if self._specified:
            self.manager.check_pending()

    def names(self) -> list[str]:
        """Return the names of all plug-ins, sorted."""
        return sorted(name for name, plugin in self.manager.list_name_plugin() if plugin)

    def implementations(self, hook: str, **arguments: Any) -> dict[str, Callable[[], Any]]:
        """Return who implements a hook: a call of it with `arguments` by name of the plug-in.

        An implementation gets those arguments that it names.
        """
        caller = getattr(self.manager.hook, hook, None)
        found = caller.get_hookimpls() if caller is not None else []
        return {
            str(each.plugin_name): functools.partial(
                each.function, **{name: arguments[name] for name in each.argnames}
            )
            for each in found
        }

    def collect(self, hook: str, kind: type[_T]) -> tuple[_T, ...]:
        """Return what plug-ins give for a hook without arguments; asked once per process.

        Parameters
        ----------
        hook : str
            Its name.
        kind : type
            What each of the things given must be; they have a `name`, which is theirs alone.

        Raises
        ------
        PluginError
            A plug-in failed, gave something else, or a name that is taken.
        """
        if hook not in self._collected:
            found = {}
            for plugin, function in self.implementations(hook).items():
                for item in call_plugin(plugin, Iterable, function):
                    if not isinstance(item, kind):
                        raise PluginError(
                            plugin, f"{hook} gave {item!r}, expected {kind.__name__} objects."
                        )
                    name = cast("Any", item).name
                    if name in found:
                        raise PluginError(plugin, f"{hook} gave {name!r}, a name that is taken.")
                    found[name] = item
            self._collected[hook] = tuple(found.values())
        return self._collected[hook]

    def _load(self) -> None:
        loaded: dict[str, object] = {}
        off = {name.strip() for name in os.environ.get("MATTEKIT_PLUGINS_OFF", "").split(",")}
        for entry in importlib.metadata.entry_points(group=PROJECT):
            if "*" in off or entry.name in off:
                self.failures[entry.name] = "switched off by MATTEKIT_PLUGINS_OFF"
                continue
            with self._left_out_where_it_fails(entry.name):
                loaded[entry.name] = call_plugin(entry.name, object, entry.load)
        # Importing them has brought the hooks, so that each is held against these on its own.
        for name, plugin in loaded.items():
            with self._left_out_where_it_fails(name):
                self.register(plugin, name)

    @contextlib.contextmanager
    def _left_out_where_it_fails(self, name: str) -> Iterator[None]:
        try:
            yield
        except PluginError as error:
            self.failures[name] = error.problem
            _log.warning("%s; it is left out", error)


def call_plugin(plugin: str, kind: Any, function: Callable[..., Any], *arguments: Any) -> Any:
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


def specify(specification: type) -> None:
    """Make the hooks of a class known, to plug-ins that are loaded already too.

    Raises
    ------
    pluggy.PluginValidationError
        One of those implements a hook wrongly.
    """
    with _lock:
        _specifications.append(specification)
        for plugins in _shared:
            plugins.check()


def shared() -> Plugins:
    """Return the plug-ins of this process, loading them on the first call."""
    with _lock:
        if not _shared:
            _shared.append(Plugins())
        return _shared[0]
