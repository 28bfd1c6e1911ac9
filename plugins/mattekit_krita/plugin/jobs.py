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
from mattekit_krita.plugin import colorspaces, layers, masks, planes
from mattekit_krita.plugin.hints import Record
from mattekit_krita.plugin.qt import QtGui
from mattekit_krita.plugin.requests import Request

__all__ = [
    "Cut",
    "Done",
    "Job",
    "Offload",
    "Photo",
    "Progress",
    "ProgressCallback",
    "Report",
    "Work",
    "back",
    "box_of",
    "check_unchanged",
    "color_bytes",
    "color_of",
    "connected",
    "job",
    "photo_of",
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
    what : str
        What was done, in words that the layer's name follows.
    """

    done: List[Done]
    failed: List[Tuple[str, str]]
    what: str = "Removed the background of"


Job = Generator[Union[Progress, Offload], Any, Report]
_Part = Generator[Union[Progress, Offload], Any, Done]


class _Document(NamedTuple):
    """A document, what was selected before anything was done, and its subjects so far."""

    document: Any
    area: Any
    boxes: List[Optional[Box]]


class Photo(NamedTuple):
    """A layer that was read, and its pixels in the color space that the worker is sent."""

    source: layers.Source
    wanted: colorspaces.Space
    data: bytes

    def picture(self) -> bridge.Picture:
        """Return what the worker is sent."""
        box, full = self.source.box, 255 if self.wanted.size == 1 else 65535
        return bridge.Picture(box.width, box.height, 4, full, self.data, bgra=True)

    def beside_alpha(self, alpha: bytes) -> bytes:
        """Return the matte for a mask: the layer's own alpha stays in force beside it."""
        pixel = 4 * self.wanted.size
        own = planes.plane(self.data, pixel, pixel - 1)
        return alpha if own.count(255) == len(own) else planes.divided(alpha, own)

    def hides(self) -> bool:
        """Return whether the layer has colors that its own alpha hides."""
        pixel = 4 * self.wanted.size
        return 0 in planes.plane(self.data, pixel, pixel - 1)


class Cut(NamedTuple):
    """What the worker made of a layer: its pixels or alpha, and where the subject is."""

    data: Union[bytes, memoryview]
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
        color_of(request.color)
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
    color = color_of(text)
    pixel = bytes((color.blue(), color.green(), color.red(), color.alpha()))
    return (
        yield from colorspaces.converted_pixels(
            pixel, colorspaces.Space("RGBA", "U8", colorspaces.SRGB), space
        )
    )


def color_of(text: str) -> Any:
    """Return a color as Qt has it; raises `ValueError` for what is none."""
    digits = text.strip().lstrip("#")
    if re.fullmatch(r"[0-9a-fA-F]{3,4}", digits):
        digits = "".join(digit * 2 for digit in digits)
    if re.fullmatch(r"[0-9a-fA-F]{6}([0-9a-fA-F]{2})?", digits):
        return QtGui.QColor(*bytes.fromhex(digits))
    color = QtGui.QColor(text.strip())
    if not color.isValid():
        raise ValueError(f"{text!r} is no colour: write 6 hexadecimal digits or a CSS name.")
    return color


def photo_of(
    work: Work, shares: Tuple[float, float], *, deep: bool, unmasked: bool = False
) -> Generator[Union[Progress, Offload], Any, Photo]:
    """Read a layer; a step of a job, between two shares of it."""
    text = f"{work.node.name()}: reading"
    yield Progress(shares[0], text)
    source = layers.read(work.document, work.node, unmasked=unmasked)
    wanted = colorspaces.target(source.space, deep)
    reading = colorspaces.converted(source.data, source.box.width, source.space, wanted)
    data = yield from _shown(reading, *shares, text)
    return Photo(source, wanted, data)


def check_unchanged(work: Work, source: layers.Source) -> None:
    """Raise where a layer is not there any more as it was read."""
    if not layers.alive(work.document, work.node):
        raise ValueError("The layer is gone; nothing was changed.")
    moved = work.node.bounds()
    if (moved.x(), moved.y()) != (source.box.left, source.box.top):
        raise ValueError("The layer was changed meanwhile; nothing was done to it. Try again.")


def connected(settings: Settings, tell: ProgressCallback) -> bridge.Worker:
    """Return the running worker; for the thread that may wait."""
    return bridge.connect(
        settings, lambda: tell(0.0, "Starting mattekit") is not False, host="Krita"
    )


def back(
    photo: Photo, found: Cut, shares: Tuple[float, float], text: str
) -> Generator[Union[Progress, Offload], Any, bytearray]:
    """Return the pixels of a cut-out layer in the color space of its original."""
    source, wanted = photo.source, photo.wanted
    start, end = shares
    middle = (start + end) / 2

    def compare(_tell: ProgressCallback) -> Tuple[planes.Edits, bytes]:
        return planes.edits(photo.data, found.data, wanted.size)

    edits, ours = yield Offload(compare, start, start)
    cleaned = yield from _shown(
        colorspaces.converted_pixels(ours, wanted, source.space), start, middle, text
    )

    def merge(_tell: ProgressCallback) -> bytearray:
        pixel = len(source.data) // (source.box.width * source.box.height)
        return planes.merged(source.data, cleaned, edits, pixel, source.space.size)

    data: bytearray = yield Offload(merge, middle, end)
    return data


def box_of(result: bridge.Result) -> Optional[Box]:
    """Return where the subject is in a picture."""
    if result.box is None:
        return None
    left, top, across, down = result.box
    return Box(left, top, left + across, top + down)


# -- inside ------------------------------------------------------------------------------------


def _one(
    work: Work, where: _Document, request: Request, settings: Settings, number: int, count: int
) -> _Part:
    document, node = work

    def share(part: float) -> float:
        return (number + part) / count

    pictures = request.result in ("layer", "file")
    photo = yield from photo_of(work, (share(0.0), share(0.2)), deep=pictures)
    source = photo.source
    area = None if where.area is None else layers.selected(where.area, source.box)
    options = dict(request.options)
    if area is not None:
        region = area[0].moved(-source.box.left, -source.box.top)
        options["roi"] = "{}px {}px {}px {}px".format(*region)
    # Otherwise it is put together of the layer's own pixels and what comes back: what the layer
    # itself hides is no edge of the subject, but the worker takes it for one.
    finished = pictures and area is None and photo.wanted == source.space and not photo.hides()
    if finished:
        options["keep_color"] = "true"

    def cut(tell: ProgressCallback) -> Cut:
        """Send, wait, receive; touches nothing of Krita."""
        output = "bgra" if pictures else "pgm"
        worker = connected(settings, tell)
        result = bridge.remove_background(worker, photo.picture(), options, output, tell)
        data = result.picture.samples
        if pictures:
            if area is not None:
                data = planes.keep_only(bytes(data), photo.wanted.size, area[1])
        else:
            data = bytes(data)
            if request.result == "mask":
                data = photo.beside_alpha(data)
            data = data if area is None else planes.times(data, area[1])
        return Cut(data, result.kind, box_of(result))

    found = yield Offload(cut, share(0.2), share(0.8))
    check_unchanged(work, source)
    box = None if found.box is None else found.box.moved(source.box.left, source.box.top)
    facts = (document, node.name())
    if request.result == "selection":
        layers.select(document, source.box, found.data, more=bool(where.boxes))
        return Done(*facts, None, None, found.kind, box)
    if request.result == "mask" and not request.color:
        mask = layers.new_mask(document, source.box, found.data)
        node.addChildNode(mask, None)
        if area is None:
            masks.remember(document, mask, found.data, Record(options))
        return Done(*facts, mask, None, found.kind, box)
    shares = share(0.8), share(1.0)
    new = yield from _new_node(work, photo, found, request, shares, finished=finished)
    layers.add_above(node, new)
    node.setVisible(False)
    return Done(*facts, new, node, found.kind, box)


def _new_node(
    work: Work,
    photo: Photo,
    found: Cut,
    request: Request,
    shares: Tuple[float, float],
    *,
    finished: bool,
) -> Generator[Union[Progress, Offload], Any, Any]:
    """Return what is put above a layer instead of it; a step of a job, between two shares.

    What is `finished` is the layer's pixels; else they are put together with its own.
    """
    (document, node), source = work, photo.source
    start, end = shares
    written, text = start + 0.75 * (end - start), f"{node.name()}: writing"
    if request.result == "mask":
        new = node.duplicate()
        new.addChildNode(layers.new_mask(document, source.box, bytes(found.data)), None)
    else:
        data: layers.Pixels
        if finished:
            data = bytes(found.data)
        else:
            data = yield from back(photo, found, (start, written), text)
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
        pixel = yield from _shown(making, written, end, text)
        name = f"{node.name()} on {request.color}"
        new = layers.group(document, name, [layers.filled(document, pixel), new])
    return new


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
