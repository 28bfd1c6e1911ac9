"""What dialog, docker and menu entries share: the one running job, and the remembered values."""

from __future__ import annotations

from typing import Any, Dict, List

from krita import Krita

import mattekit_bridge as bridge
from mattekit_bridge.settings import Settings
from mattekit_krita.plugin import layers
from mattekit_krita.plugin.jobs import Report, Work, job
from mattekit_krita.plugin.qt import QtCore, QtGui
from mattekit_krita.plugin.requests import KEPT, request_of
from mattekit_krita.plugin.running import Runner
from mattekit_krita.plugin.undo import UndoWatcher

__all__ = ["Controller"]

#: Group of Krita's own settings in which values are remembered.
_GROUP = "mattekit"


class Controller(QtCore.QObject):  # type: ignore[misc]
    """Starts jobs and tells everybody who shows them.

    Attributes
    ----------
    settings : Settings
        Of the plug-in.
    begun : signal
    progress : signal
        The share that is done, 0..1, and what is being done.
    ended : signal
        What the user should know, and whether all went well.
    """

    begun = QtCore.pyqtSignal()
    progress = QtCore.pyqtSignal(float, str)
    ended = QtCore.pyqtSignal(str, bool)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self._runner = Runner(self.progress.emit, self._finished)
        self._undo = UndoWatcher()

    @property
    def busy(self) -> bool:
        """Whether a job runs."""
        return bool(self._runner.busy)

    def remembered(self) -> Dict[str, str]:
        """Return the values that were used last; defaults where there were none."""
        defaults = {"result": "mask", "layers": "active", "everywhere": "false"}
        for each in self.settings.options:
            if each["name"] in KEPT:
                defaults[each["name"]] = each["default"]
        read = Krita.instance().readSetting
        return {name: str(read(_GROUP, name, value)) for name, value in defaults.items()}

    def remember(self, values: Dict[str, str]) -> None:
        """Keep values for the next time, also when Krita is closed in between."""
        for name, value in values.items():
            Krita.instance().writeSetting(_GROUP, name, value)

    def start(self, values: Dict[str, str]) -> None:
        """Begin; `ended` follows, also if nothing can be done."""
        if self.busy:
            return
        try:
            options = {name: value for name, value in values.items() if name in KEPT}
            request = request_of(self.settings.options, values["result"], values["layers"], options)
            works = _works(values["layers"], values["everywhere"] == "true")
        except ValueError as error:
            self._say(str(error), False)
            return
        self.begun.emit()
        self._runner.start(job(works, request, self.settings))

    def cancel(self) -> None:
        """Ask the job to end."""
        self._runner.cancel()

    # -- inside ----------------------------------------------------------------------------------

    def _finished(self, result: Any) -> None:
        if isinstance(result, Report):
            for done in result.done:
                if done.original is not None:
                    self._undo.watch(done.document, done.original, done.result)
            self._say(_summary(result), not result.failed)
        elif isinstance(result, (bridge.BridgeError, ValueError)):
            self._say(str(result), False)
        else:
            self._say(f"{type(result).__name__}: {result}", False)
            raise result  # a defect: Krita's log shows where

    def _say(self, text: str, well: bool) -> None:
        self.ended.emit(text, well)
        window = Krita.instance().activeWindow()
        view = window.activeView() if window is not None else None
        if view is not None:
            icon = QtGui.QIcon() if well else Krita.instance().icon("warning")
            view.showFloatingMessage(text, icon, 3000 if well else 8000, 1)


def _works(which: str, everywhere: bool) -> List[Work]:
    application = Krita.instance()
    active = application.activeDocument()
    if active is None:
        raise ValueError("No picture is open.")
    view = application.activeWindow().activeView()
    works = []
    for document in application.documents() if everywhere else [active]:
        seen = view if document == active else None
        works += [Work(document, node) for node in layers.chosen(document, which, seen)]
    if not works:
        raise ValueError("There is no visible layer with a picture.")
    return works


def _summary(report: Report) -> str:
    lines = [f"{name}: {why}" for name, why in report.failed]
    count = len(report.done)
    if count == 1:
        lines.insert(0, f"Removed the background of “{report.done[0].layer}”.")
    elif count:
        lines.insert(0, f"Removed the background of {count} layers.")
    return "\n".join(lines)
