"""What Krita's own undo leaves out.

What a script adds to a document is one step of undo. That the original layer was hidden is none: a
script cannot make it one. So it is shown again when its replacement goes, and hidden when it comes
back.
"""

from __future__ import annotations

from typing import Any, List

from krita import Krita

from mattekit_krita.plugin import layers
from mattekit_krita.plugin.qt import QtCore

__all__ = ["UndoWatcher"]

#: Milliseconds that Krita is given to undo.
_PATIENCE = 250


class _Pair:
    def __init__(self, document: Any, original: Any, new: Any) -> None:
        self.document, self.original, self.new = document, original, new
        self.there = True


class UndoWatcher(QtCore.QObject):  # type: ignore[misc]
    """Watches undo and redo of every window."""

    def __init__(self) -> None:
        super().__init__()
        self._pairs: List[_Pair] = []
        self._actions: List[Any] = []

    def watch(self, document: Any, original: Any, new: Any) -> None:
        """Keep the original hidden exactly while `new` is in the document."""
        self._pairs.append(_Pair(document, original, new))
        for name in ("edit_undo", "edit_redo"):
            action = Krita.instance().action(name)
            if action is not None and all(action is not each for each in self._actions):
                self._actions.append(action)
                action.triggered.connect(self._later)

    def _later(self) -> None:
        QtCore.QTimer.singleShot(_PATIENCE, self._refresh)

    def _refresh(self) -> None:
        documents = Krita.instance().documents()
        self._pairs = [
            pair for pair in self._pairs if any(pair.document == each for each in documents)
        ]
        for pair in self._pairs:
            there = layers.alive(pair.document, pair.new)
            if there != pair.there:
                pair.there = there
                pair.original.setVisible(not there)
                pair.document.refreshProjection()
