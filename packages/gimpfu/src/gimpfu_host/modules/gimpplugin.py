"""A plug-in as a class: its methods are its procedures.

Derive from `plugin`, register procedures in `query` with `gimp.install_procedure`, give each a
method of the same name (with underscores), and call `start()`.
"""

from typing import Any, Callable, Optional

import gimp


class plugin:
    """The base of such classes."""

    def start(self) -> None:
        """Hand control to GIMP."""
        gimp.main(self._own("init"), self._own("quit"), self.query, self._run)

    def _own(self, name: str) -> Optional[Callable[[], None]]:
        # GIMP starts a plug-in that has an init function at each of its own starts.
        if getattr(type(self), name) is getattr(plugin, name):
            return None
        method: Callable[[], None] = getattr(self, name)
        return method

    def init(self) -> None:
        """Do what is to be done at GIMP's start."""

    def quit(self) -> None:
        """Do what is to be done at the end."""

    def query(self) -> None:
        """Register procedures."""

    def _run(self, name: str, params: Any) -> Any:
        method = getattr(self, name, None) or getattr(self, name.replace("-", "_"), None)
        if method is None:
            raise AttributeError("%s has no method %s" % (type(self).__name__, name))
        return method(*params)
