"""Correcting a mask while it is painted on: green keeps, red removes, on a layer for that alone.

The worker keeps the picture meanwhile. After each stroke what is painted on the layer is what is
marked: a stroke that is undone or erased is marked no more. Until the end the answer is shown in
the mask itself, where it leaves no trace: then the mask is as it was, and a corrected one stands
above it, one step of undo. The layer goes; the hints stay with the mask.
"""

from __future__ import annotations

import contextlib
from typing import Any, Generator, List, Mapping, Union

import mattekit_bridge as bridge
from mattekit_bridge.geometry import Box
from mattekit_bridge.settings import Settings
from mattekit_krita.plugin import colorspaces, correcting, hints, jobs, layers, masks, planes
from mattekit_krita.plugin.correcting import Base
from mattekit_krita.plugin.hints import NONE, Hints, Record
from mattekit_krita.plugin.jobs import Offload, Photo, Progress, Report, Work
from mattekit_krita.plugin.qt import QtCore, QtGui

__all__ = ["Over", "Session", "Strokes", "begin", "finish", "update"]

_NAME = "Keep green, remove red (mattekit)"
_OPACITY = 150
_PAINT = colorspaces.Space("RGBA", "U8", colorspaces.SRGB)
#: Milliseconds from the end of a stroke until it is on its layer.
_LATER = 120

Step = Generator[Union[Progress, Offload], Any, Any]


class Over(ValueError):
    """The session has nothing to go on with; the document is as it was."""


class Session:
    """A mask that is being corrected.

    Attributes
    ----------
    work : Work
        The layer.
    paint : object
        The layer that is painted on.
    hints : Hints
        What the worker knows.
    """

    def __init__(
        self, work: Work, settings: Settings, photo: Photo, base: Base, editor: bridge.Editor
    ) -> None:
        self.work, self.settings, self.photo, self.base = work, settings, photo, base
        self.editor = editor
        self.hints = NONE
        self.before = masks.pixels(base.mask, photo.source.box)
        count = len(self.before)
        self.paint = layers.new_layer(
            work.document,
            _NAME,
            photo.source.box,
            hints.drawn(base.record.hints, count),
            _PAINT,
        )
        self.paint.setOpacity(_OPACITY)
        work.document.rootNode().addChildNode(self.paint, None)
        work.document.setActiveNode(self.paint)

    def painted(self) -> Hints:
        """Return what is painted now.

        Raises
        ------
        Over
            The layer, its mask or the layer for paint is gone.
        """
        document, box = self.work.document, self.photo.source.box
        for node in (self.work.node, self.base.mask, self.paint):
            if not layers.alive(document, node):
                self.close()
                raise Over("A layer that this correction needs is gone; the mask is as it was.")
        document.waitForDone()
        area = layers.bounds(self.paint).intersection(box)
        if area is None:
            return NONE
        # Whole rows, and nothing above and below what is painted.
        part = Box(box.left, area.top, box.right, area.bottom)
        found = hints.painted(bytes(self.paint.pixelData(*part.place)))
        above, below = (
            bytes(box.width * rows) for rows in (area.top - box.top, box.bottom - area.bottom)
        )
        return Hints(*(above + plane + below for plane in found))

    def show(self, preview: bridge.Picture) -> None:
        """Show a preview, whatever its size, in the mask."""
        box = self.photo.source.box
        plane = scaled(bytes(preview.samples), preview.width, preview.height, box)
        self._put(plane)

    def close(self) -> None:
        """End: the mask is as it was, and the layer for paint is gone."""
        document = self.work.document
        if layers.alive(document, self.base.mask):
            self._put(self.before)
        if layers.alive(document, self.paint):
            self.paint.remove()
        if layers.alive(document, self.work.node):
            document.setActiveNode(self.work.node)
            document.refreshProjection()
        with contextlib.suppress(bridge.BridgeError):
            self.editor.close()

    def marked(self, wanted: Hints, tell: jobs.ProgressCallback) -> bridge.Picture:
        """Tell the worker what is painted and return its preview; for a thread that may wait."""
        try:
            return self._marked(wanted, tell)
        except (bridge.WorkerGone, bridge.Refused) as error:
            if isinstance(error, bridge.Refused) and error.code != "editor_unknown":
                raise
            # It ended, or has forgotten the picture: begin again.
            self.editor = opened(self.settings, self.photo, self.base.record, tell)
            self.hints = NONE
            return self._marked(wanted, tell)

    # -- inside ----------------------------------------------------------------------------------

    def _marked(self, wanted: Hints, tell: jobs.ProgressCallback) -> bridge.Picture:
        if not _contains(wanted, self.hints):
            while self.editor.state.undo:
                self.editor.undo(tell)
        box = self.photo.source.box
        everything = [plane for plane in wanted if plane]
        top, marks = hints.rows(
            planes.either(*everything) if len(everything) == 2 else (everything or [b""])[0],
            box.width,
        )
        if marks:
            span = slice(top * box.width, top * box.width + len(marks))
            height = len(marks) // box.width
            keep, remove = (
                bridge.Picture(box.width, height, 1, 255, plane[span]) if plane.count(255) else None
                for plane in wanted
            )
            self.editor.mark(keep=keep, remove=remove, at=(0, top), progress=tell)
        self.hints = wanted
        return self.editor.shown.picture

    def _put(self, plane: bytes) -> None:
        self.base.mask.setPixelData(plane, *self.photo.source.box.place)
        self.work.document.refreshProjection()


class Strokes(QtCore.QObject):  # type: ignore[misc]
    """Tells when something was painted, or undone; only as long as somebody keeps it.

    Attributes
    ----------
    ended : signal
    """

    ended = QtCore.pyqtSignal()

    def __init__(self, application: Any, actions: List[Any]) -> None:
        super().__init__()
        self._application, self._actions = application, actions
        kinds = QtCore.QEvent.Type
        self._kinds = (kinds.MouseButtonRelease, kinds.TabletRelease)
        application.installEventFilter(self)
        for action in actions:
            action.triggered.connect(self._later)

    def eventFilter(self, watched: Any, event: Any) -> bool:  # noqa: N802 - Qt's name
        """Look at an event, and let it pass."""
        if event.type() in self._kinds:
            self._later()
        return False

    def stop(self) -> None:
        """Look no more."""
        self._application.removeEventFilter(self)
        for action in self._actions:
            with contextlib.suppress(TypeError, RuntimeError):
                action.triggered.disconnect(self._later)

    def _later(self) -> None:
        QtCore.QTimer.singleShot(_LATER, self.ended.emit)


def begin(work: Work, options: Mapping[str, str], settings: Settings) -> Step:
    """Return a job that begins to correct the mask of a layer; its result is the `Session`.

    Where there is no mask, it is made first, which is a step of undo of its own.

    Parameters
    ----------
    work : Work
        The layer.
    options : mapping of str to str
        For the worker, where there is no mask yet.
    settings : Settings
        Of the plug-in.
    """
    photo, base = yield from correcting.begun(work, options)

    def start(tell: jobs.ProgressCallback) -> Any:
        editor = opened(settings, photo, base.record, tell)
        if base.mask is not None:
            return editor, b"", ""
        result = editor.result("pgm", tell)
        plane = photo.beside_alpha(bytes(result.picture.samples))
        return editor, plane, result.kind

    editor, plane, kind = yield Offload(start, 0.2, 0.95)
    jobs.check_unchanged(work, photo.source)
    if base.mask is None:
        made = correcting.written(work, photo, base, plane, kind, None)
        base = Base(made.result, base.record)
    return Session(work, settings, photo, base, editor)


def update(session: Session) -> Step:
    """Return a job that shows what was painted since the last time."""
    wanted = session.painted()
    if wanted == session.hints:
        return
    preview = yield Offload(lambda tell: session.marked(wanted, tell), 0.0, 1.0)
    if layers.alive(session.work.document, session.base.mask):
        session.show(preview)


def finish(session: Session) -> Step:
    """Return a job that makes the corrected mask and ends the session; it returns a `Report`."""
    wanted = session.painted()
    photo, work = session.photo, session.work
    if wanted == _filled(session.base.record.hints, wanted):
        session.close()
        return Report([], [], "Nothing was marked")

    def make(tell: jobs.ProgressCallback) -> Any:
        session.marked(wanted, tell)
        result = session.editor.result("pgm", tell)
        plane = photo.beside_alpha(bytes(result.picture.samples))
        return plane, result.kind, jobs.box_of(result)

    plane, kind, box = yield Offload(make, 0.0, 0.95)
    session.painted()  # or it is over
    session.close()
    jobs.check_unchanged(work, photo.source)
    base = Base(session.base.mask, session.base.record._replace(hints=wanted))
    where = photo.source.box
    box = None if box is None else box.moved(where.left, where.top)
    return Report([correcting.written(work, photo, base, plane, kind, box)], [], "Corrected")


def opened(
    settings: Settings, photo: Photo, record: Record, tell: jobs.ProgressCallback
) -> bridge.Editor:
    """Return an editor for a layer; hints are told it later."""
    pictures = correcting.hint_pictures(photo, record._replace(hints=NONE))
    return bridge.open_editor(
        jobs.connected(settings, tell), photo.picture(), record.options, "pgm", tell, pictures
    )


def scaled(plane: bytes, width: int, height: int, box: Box) -> bytes:
    """Return a plane at the size of a box."""
    if (width, height) == (box.width, box.height):
        return plane
    image = QtGui.QImage(plane, width, height, width, QtGui.QImage.Format.Format_Grayscale8)
    large = image.scaled(
        box.width,
        box.height,
        QtCore.Qt.AspectRatioMode.IgnoreAspectRatio,
        QtCore.Qt.TransformationMode.SmoothTransformation,
    ).convertToFormat(QtGui.QImage.Format.Format_Grayscale8)
    row = large.bytesPerLine()
    data = large.constBits().asstring(row * box.height)
    if row == box.width:
        return bytes(data)
    return b"".join(data[at : at + box.width] for at in range(0, len(data), row))


# -- inside ------------------------------------------------------------------------------------


def _contains(large: Hints, small: Hints) -> bool:
    return all(
        not part or (bool(whole) and not planes.without(part, whole).count(255))
        for whole, part in zip(large, small)
    )


def _filled(found: Hints, like: Hints) -> Hints:
    """Return hints whose planes are there where those of others are."""
    return Hints(*(plane or bytes(len(other)) for plane, other in zip(found, like)))
