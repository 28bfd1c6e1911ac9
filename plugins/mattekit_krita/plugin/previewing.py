"""A small picture of what would come of a layer, before anything is done to it."""

from __future__ import annotations

from typing import Any, Dict, Generator, Mapping

import mattekit_bridge as bridge
from mattekit_bridge.settings import Settings
from mattekit_krita.plugin import jobs
from mattekit_krita.plugin.jobs import Offload, Work
from mattekit_krita.plugin.qt import QtCore, QtGui
from mattekit_krita.plugin.requests import Request

__all__ = ["Preview", "preview", "shrunk", "shrunk_options"]

#: Pixels of its longer side.
_SIDE = 480
#: Side of a square of the checkerboard, and its two greys.
_SQUARE, _GRAYS = 8, ("#9a9a9a", "#6a6a6a")


class Preview:
    """A picture that can be shown.

    Attributes
    ----------
    image : QImage
        The subject on its background, or on a checkerboard.
    """

    def __init__(self, image: Any) -> None:
        self.image = image


def preview(work: Work, request: Request, settings: Settings) -> Generator[Any, Any, Preview]:
    """Return a job whose result is the `Preview` of a request for one layer."""
    photo = yield from jobs.photo_of(work, (0.0, 0.2), deep=False, unmasked=True)
    small, factor = shrunk(photo)

    def cut(tell: jobs.ProgressCallback) -> bridge.Result:
        return bridge.remove_background(
            jobs.connected(settings, tell),
            small,
            shrunk_options(request.options, factor),
            "pam",
            tell,
        )

    result = yield Offload(cut, 0.2, 1.0)
    return Preview(_painted(result.picture, request.color))


def shrunk(photo: jobs.Photo) -> Any:
    """Return a layer as a small picture, and by which factor it is smaller."""
    box = photo.source.box
    image = QtGui.QImage(
        photo.data, box.width, box.height, 4 * box.width, QtGui.QImage.Format.Format_ARGB32
    )
    factor = min(1.0, _SIDE / max(box.width, box.height))
    if factor < 1:
        image = image.scaled(
            max(1, round(box.width * factor)),
            max(1, round(box.height * factor)),
            QtCore.Qt.AspectRatioMode.IgnoreAspectRatio,
            QtCore.Qt.TransformationMode.SmoothTransformation,
        )
    image = image.convertToFormat(QtGui.QImage.Format.Format_RGBA8888)
    width, height = image.width(), image.height()
    samples = bytes(image.constBits().asstring(4 * width * height))
    return bridge.Picture(width, height, 4, 255, samples), factor


def shrunk_options(options: Mapping[str, str], factor: float) -> Dict[str, str]:
    """Return options whose lengths in pixels are those of a smaller picture."""
    return {
        name: f"{float(text[:-2]) * factor:g}px"
        if name in ("edge_shift", "edge_soften") and text.endswith("px")
        else text
        for name, text in options.items()
    }


# -- inside ------------------------------------------------------------------------------------


def _painted(picture: bridge.Picture, color: str) -> Any:
    """Return a picture on a color, or on a checkerboard."""
    width, height = picture.width, picture.height
    data = bytes(picture.samples)
    subject = QtGui.QImage(data, width, height, 4 * width, QtGui.QImage.Format.Format_RGBA8888)
    image = QtGui.QImage(width, height, QtGui.QImage.Format.Format_RGB32)
    painter = QtGui.QPainter(image)
    light, dark = (QtGui.QColor(each) for each in _GRAYS)
    for y in range(0, height, _SQUARE):
        for x in range(0, width, _SQUARE):
            even = (x // _SQUARE + y // _SQUARE) % 2 == 0
            painter.fillRect(x, y, _SQUARE, _SQUARE, light if even else dark)
    if color:
        painter.fillRect(0, 0, width, height, jobs.color_of(color))
    painter.drawImage(0, 0, subject)
    painter.end()
    return image
