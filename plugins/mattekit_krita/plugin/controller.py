"""What dialog, docker and menu entries share: the one running job, and the remembered values."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional

from krita import Krita, ManagedColor

import mattekit_bridge as bridge
from mattekit_bridge.settings import Settings
from mattekit_krita.plugin import correcting, hints, layers, live
from mattekit_krita.plugin.jobs import Report, Work, job
from mattekit_krita.plugin.previewing import Preview, preview
from mattekit_krita.plugin.qt import QtCore, QtGui, QtWidgets
from mattekit_krita.plugin.requests import KEPT, Request, request_of
from mattekit_krita.plugin.running import Runner
from mattekit_krita.plugin.undo import UndoWatcher

__all__ = ["Controller"]

#: Group of Krita's own settings in which values are remembered.
_GROUP = "mattekit"
_NOTHING_PAINTED = "No mask is being painted on: Paint… begins."


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
    painting : signal
        Whether a mask is being corrected by paint.
    previewed : signal
        The `Preview` that was asked for.
    """

    begun = QtCore.pyqtSignal()
    progress = QtCore.pyqtSignal(float, str)
    ended = QtCore.pyqtSignal(str, bool)
    painting = QtCore.pyqtSignal(bool)
    previewed = QtCore.pyqtSignal(object)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.session: Optional[live.Session] = None
        self._strokes: Optional[live.Strokes] = None
        self._color: Any = None
        self._runner = Runner(self.progress.emit, self._finished)
        self._next: Optional[Callable[[], None]] = None
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

        def made() -> Any:
            request = self._request(values, values["result"])
            works = _works(values["layers"], values["everywhere"] == "true")
            return job(works, request, self.settings)

        self._begin(made)

    def preview(self, values: Dict[str, str]) -> None:
        """Look what would come of the first of the layers; `previewed` follows."""

        def made() -> Any:
            # Whatever the result is: a preview shows the subject, not its mask.
            request = self._request(values, "layer")
            return preview(_works(values["layers"], False)[0], request, self.settings)

        self._begin(made)

    def cancel(self) -> None:
        """Ask the job to end."""
        self._runner.cancel()

    # -- correcting ------------------------------------------------------------------------------

    def correct(self, values: Dict[str, str], *, keep: bool) -> None:
        """Keep or remove what is selected, in the mask of the active layer or a fresh one."""

        def made() -> Any:
            (work,) = _works("active", False)
            area = layers.selection(work.document)
            if area is None:
                what = "kept" if keep else "removed"
                raise ValueError(f"Nothing is selected: select what is to be {what}.")
            options = self._request(values, "mask").options
            hint = {"keep" if keep else "remove": area}
            return correcting.corrected(work, options, self.settings, **hint)

        self._begin(made)

    def refine(self) -> None:
        """Look for the edge of the active layer's mask anew."""
        self._begin(lambda: correcting.refined(_works("active", False)[0], self.settings))

    def separate(self, values: Dict[str, str]) -> None:
        """Make a layer of each subject of the active layer."""

        def made() -> Any:
            options = self._request(values, "layer").options
            return correcting.separated(_works("active", False)[0], options, self.settings)

        self._begin(made)

    def paint(self, values: Dict[str, str]) -> None:
        """Begin to correct the active layer's mask by paint."""

        def made() -> Any:
            options = self._request(values, "mask").options
            return live.begin(_works("active", False)[0], options, self.settings)

        self._begin(made)

    def take_brush(self, *, keep: bool) -> None:
        """Have the brush, in the color that keeps or removes, on the layer for paint."""
        application = Krita.instance()
        view = application.activeWindow().activeView()
        if self._color is None:
            self._color = view.foregroundColor()
        color = ManagedColor("RGBA", "U8", "")
        pixel = hints.KEEP if keep else hints.REMOVE
        color.setComponents([each / 255 for each in pixel])
        view.setForeGroundColor(color)
        brush = application.action("KritaShape/KisToolBrush")
        if brush is not None:
            brush.trigger()
        if self.session is not None:
            self.session.work.document.setActiveNode(self.session.paint)

    def finish(self) -> None:
        """Make the corrected mask of what was painted."""
        session = self.session
        if session is None:
            self._say(_NOTHING_PAINTED, False)
            return
        if self.busy:
            self._next = self.finish
            return
        self._run(live.finish(session))

    def abandon(self) -> None:
        """Leave the mask as it was."""
        session = self.session
        if session is None:
            self._say(_NOTHING_PAINTED, False)
            return
        if self.busy:
            self._next = self.abandon
            self._runner.cancel()
            return
        self._leave()
        session.close()
        self._say("Nothing was changed.", True)

    # -- inside ----------------------------------------------------------------------------------

    def _begin(self, made: Callable[[], Any]) -> None:
        """Run a job, if it can be made and none runs."""
        if self.busy:
            return
        if self.session is not None:
            self._say("A mask is being painted on: Done or Discard ends that.", False)
            return
        try:
            work = made()
        except ValueError as error:
            self._say(str(error), False)
            return
        self._run(work)

    def _run(self, work: Any) -> None:
        self.begun.emit()
        self._runner.start(work)

    def _request(self, values: Dict[str, str], result: str) -> Request:
        options = {name: value for name, value in values.items() if name in KEPT}
        return request_of(self.settings.options, result, values["layers"], options)

    def _finished(self, result: Any) -> None:
        following, self._next = self._next, None
        if isinstance(result, live.Session):
            self._enter(result)
        elif isinstance(result, Report):
            if self.session is not None:
                self._leave()
            for done in result.done:
                if done.original is not None:
                    self._undo.watch(done.document, done.original, done.result)
            self._say(_summary(result), not result.failed)
        elif isinstance(result, Preview):
            self.previewed.emit(result)
            self.ended.emit("This is what would come of it.", True)
        elif isinstance(result, live.Over):
            self._leave()
            self._say(str(result), False)
        elif isinstance(result, (bridge.BridgeError, ValueError)):
            if following is None:
                self._say(str(result), False)
        elif result is not None:
            self._say(f"{type(result).__name__}: {result}", False)
            raise result  # a defect: Krita's log shows where
        if following is not None:
            following()

    def _enter(self, session: live.Session) -> None:
        application = Krita.instance()
        actions = [application.action(name) for name in ("edit_undo", "edit_redo")]
        self.session = session
        self._strokes = live.Strokes(
            QtWidgets.QApplication.instance(), [each for each in actions if each is not None]
        )
        self._strokes.ended.connect(self._update)
        self.ended.emit("Paint over what is wrong; the mask follows each stroke.", True)
        self.painting.emit(True)
        self.take_brush(keep=True)

    def _leave(self) -> None:
        if self._strokes is not None:
            self._strokes.stop()
        self.session = self._strokes = None
        window = Krita.instance().activeWindow()
        if self._color is not None and window is not None and window.activeView() is not None:
            window.activeView().setForeGroundColor(self._color)
        self._color = None
        self.painting.emit(False)

    def _update(self) -> None:
        """Show what was painted, now or when the job that runs has ended."""
        if self.session is None:
            return
        if self.busy:
            self._next = self._next or self._update
            return
        self._runner.start(live.update(self.session))

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
    if not count and not report.failed:
        lines.append(f"{report.what}.")
    if count == 1:
        lines.insert(0, f"{report.what} “{report.done[0].layer}”.")
    elif count:
        lines.insert(0, f"{report.what} {count} layers.")
    return "\n".join(lines)
