"""What is done, step by step, to one layer after another.

A job is a generator. It does what only Krita's own thread may do, in short pieces, and yields in
between: a `Progress` to be shown, or `Offload`, work that another thread may do and whose result it
is sent. `running` decides how to wait. Nothing is written before everything has arrived, so a job
that fails or is cancelled leaves the layer as it was.
"""

from __future__ import annotations

import os
import re
from typing import Any, Callable, Generator, List, NamedTuple, Optional, Tuple, Union

import mattekit_bridge as bridge
from mattekit_bridge.geometry import Box, bounding_box, margins
from mattekit_bridge.settings import Settings
from mattekit_krita.plugin import colorspaces, layers, planes
from mattekit_krita.plugin.qt import QtGui
from mattekit_krita.plugin.requests import Request

__all__ = [
    "Done",
    "Job",
    "Offload",
    "Progress",
    "ProgressCallback",
    "Report",
    "Work",
    "color_bytes",
    "job",
]

#: Takes the share that is done, 0..1, and what is being done; False cancels.
ProgressCallback = Callable[[float, str], Optional[bool]]


class Progress(NamedTuple):
    """How far it is: the share that is done, and what is being done."""

    share: float
    text: str


class Offload(NamedTuple):
    """Work for another thread, and how much of the whole is done before and after it."""

    work: Callable[[ProgressCallback], Any]
    start: float
    end: float


class Work(NamedTuple):
    """A layer to be worked on."""

    document: Any
    node: Any


class Done(NamedTuple):
    """What was done to one layer.

    Attributes
    ----------
    document : object
        The document.
    layer : str
        Name of the layer.
    result : object
        The new node; None for a selection.
    original : object
        The layer, if it was hidden; else None.
    kind : str
        Of subject, e.g. ``"person"``.
    box : Box or None
        Where the subject is on the canvas.
    """

    document: Any
    layer: str
    result: Any
    original: Any
    kind: str
    box: Optional[Box]


class Report(NamedTuple):
    """What a job did.

    Attributes
    ----------
    done : list of Done
    failed : list of tuple of str
        Name of a layer that was left as it was, and why.
    """

    done: List[Done]
    failed: List[Tuple[str, str]]


Job = Generator[Union[Progress, Offload], Any, Report]
_Part = Generator[Union[Progress, Offload], Any, Done]


class _Document(NamedTuple):
    """A document, what was selected before anything was done, and its subjects so far."""

    document: Any
    area: Any
    boxes: List[Optional[Box]]


class _Cut(NamedTuple):
    data: bytes
    sent: planes.Samples
    kind: str
    box: Optional[Box]


def job(works: List[Work], request: Request, settings: Settings) -> Job:
    """Return a job.

    Parameters
    ----------
    works : list of Work
        What is worked on.
    request : Request
        What is to be done.
    settings : Settings
        Of the plug-in.

    Raises
    ------
    mattekit_bridge.BridgeError
        When run: the worker cannot be had, ended in the middle, or the user cancelled.
    ValueError
        When run: a wrong color or margin.
    """
    margins(request.margin)
    if request.color:
        _color(request.color)
    done: List[Done] = []
    failed: List[Tuple[str, str]] = []
    documents: List[_Document] = []
    for number, work in enumerate(works):
        name = work.node.name()
        if not documents or documents[-1].document is not work.document:
            documents.append(_Document(work.document, layers.selection(work.document), []))
        try:
            each = yield from _one(work, documents[-1], request, settings, number, len(works))
        except (bridge.Refused, ValueError) as error:
            failed.append((name, str(error)))
            continue
        done.append(each)
        documents[-1].boxes.append(each.box)
    for document, _, boxes in documents:
        subjects = [box for box in boxes if box is not None]
        if request.crop and subjects:
            frame = bounding_box(subjects).with_margins(request.margin)
            document.resizeImage(frame.left, frame.top, frame.width, frame.height)
        document.refreshProjection()
    return Report(done, failed)


def color_bytes(text: str, space: colorspaces.Space) -> Generator[float, None, bytes]:
    """Return one pixel of a color in a color space."""
    color = _color(text)
    pixel = bytes((color.blue(), color.green(), color.red(), color.alpha()))
    return (
        yield from colorspaces.converted(
            pixel, 1, colorspaces.Space("RGBA", "U8", colorspaces.SRGB), space
        )
    )


# -- inside ------------------------------------------------------------------------------------


def _one(
    work: Work, where: _Document, request: Request, settings: Settings, number: int, count: int
) -> _Part:
    document, node = work

    def share(part: float) -> float:
        return (number + part) / count

    text = f"{node.name()}: reading"
    yield Progress(share(0.0), text)
    source = layers.read(document, node)
    area = None if where.area is None else layers.selected(where.area, source.box)
    pictures = request.result in ("layer", "file")
    wanted = colorspaces.target(source.space, pictures)
    width = source.box.width
    reading = colorspaces.converted(source.data, width, source.space, wanted)
    srgb = yield from _shown(reading, share(0.0), share(0.2), text)
    options = dict(request.options)
    if area is not None:
        region = area[0].moved(-source.box.left, -source.box.top)
        options["roi"] = "{}px {}px {}px {}px".format(*region)

    def cut(tell: ProgressCallback) -> _Cut:
        """Send, wait, receive; touches nothing of Krita."""
        sent = planes.samples(srgb, wanted.size)
        picture = bridge.Picture(
            width, source.box.height, sent.channels, 255 if wanted.size == 1 else 65535, sent.data
        )
        running = bridge.connect(
            settings, lambda: tell(0.0, "Starting mattekit") is not False, host="Krita"
        )
        result = bridge.remove_background(
            running, picture, options, "pam" if pictures else "pgm", tell
        )
        data = result.picture.samples
        if pictures:
            data = data if area is None else planes.keep_only(data, wanted.size, area[1])
        else:
            if request.result == "mask" and sent.channels == 4:
                # The layer's own alpha stays in force beside the mask.
                data = planes.divided(data, planes.plane(sent.data, 4, 3))
            data = data if area is None else planes.times(data, area[1])
        box = None
        if result.box is not None:
            left, top, across, down = result.box
            box = Box(left, top, left + across, top + down)
        return _Cut(data, sent, result.kind, box)

    found = yield Offload(cut, share(0.2), share(0.8))
    if not layers.alive(document, node):
        raise ValueError("The layer is gone; nothing was changed.")
    moved = node.bounds()
    if (moved.x(), moved.y()) != (source.box.left, source.box.top):
        raise ValueError("The layer was changed meanwhile; nothing was done to it. Try again.")
    box = None if found.box is None else found.box.moved(source.box.left, source.box.top)
    facts = (document, node.name())
    if request.result == "selection":
        layers.select(document, source.box, found.data, more=bool(where.boxes))
        return Done(*facts, None, None, found.kind, box)
    if request.result == "mask" and not request.color:
        mask = layers.new_mask(document, source.box, found.data)
        node.addChildNode(mask, None)
        return Done(*facts, mask, None, found.kind, box)
    text = f"{node.name()}: writing"
    if request.result == "mask":
        new = node.duplicate()
        new.addChildNode(layers.new_mask(document, source.box, found.data), None)
    else:
        data = yield from _back(source, wanted, found, (share(0.8), share(0.95)), text)
        if not layers.alive(document, node):
            raise ValueError("The layer is gone; nothing was changed.")
        name = f"{node.name()} (subject)"
        if request.result == "layer":
            new = layers.new_layer(document, name, source.box, data, source.space)
        else:
            path = _free_path(document, node.name())
            new = layers.new_file_layer(document, name, path, source.box, data, source.space)
    if request.color:
        making = color_bytes(request.color, colorspaces.of(document))
        pixel = yield from _shown(making, share(0.95), share(1.0), text)
        name = f"{node.name()} on {request.color}"
        new = layers.group(document, name, [layers.filled(document, pixel), new])
    layers.add_above(node, new)
    node.setVisible(False)
    return Done(*facts, new, node, found.kind, box)


def _back(
    source: layers.Source,
    wanted: colorspaces.Space,
    found: _Cut,
    shares: Tuple[float, float],
    text: str,
) -> Generator[Union[Progress, Offload], Any, bytes]:
    """Return the pixels of a cut-out layer in the color space of its original."""
    start, end = shares
    middle = (start + end) / 2

    def order(tell: ProgressCallback) -> bytes:
        return planes.to_krita(found.data, wanted.size)

    ours = yield Offload(order, start, start)
    back = colorspaces.converted(ours, source.box.width, wanted, source.space)
    cleaned = yield from _shown(back, start, middle, text)

    def merge(tell: ProgressCallback) -> bytes:
        return planes.merged(
            source.data, cleaned, found.sent, found.data, wanted.size, source.space.size
        )

    data: bytes = yield Offload(merge, middle, end)
    return data


def _shown(
    conversion: colorspaces.Conversion, start: float, end: float, text: str
) -> Generator[Union[Progress, Offload], Any, bytes]:
    """Run a conversion, telling how far it is."""
    while True:
        try:
            share = next(conversion)
        except StopIteration as finished:
            return bytes(finished.value)
        yield Progress(start + (end - start) * share, text)


def _color(text: str) -> Any:
    digits = text.strip().lstrip("#")
    if re.fullmatch(r"[0-9a-fA-F]{3,4}", digits):
        digits = "".join(digit * 2 for digit in digits)
    if re.fullmatch(r"[0-9a-fA-F]{6}([0-9a-fA-F]{2})?", digits):
        return QtGui.QColor(*bytes.fromhex(digits))
    color = QtGui.QColor(text.strip())
    if not color.isValid():
        raise ValueError(f"{text!r} is no colour: write 6 hexadecimal digits or a CSS name.")
    return color


def _free_path(document: Any, name: str) -> str:
    saved = document.fileName()
    if not saved:
        raise ValueError("A file layer lies beside its document: save the document first.")
    stem = os.path.splitext(saved)[0]
    safe = re.sub(r"[^\w.-]+", "-", name).strip("-") or "layer"
    for number in range(1, 1000):
        path = f"{stem}-{safe}-subject{'' if number == 1 else f'-{number}'}.png"
        if not os.path.exists(path):
            return path
    raise ValueError(f"There are too many files like {path}.")
