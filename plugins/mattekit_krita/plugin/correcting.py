"""Correcting a mask that is there: by hints, once; and its edge, and its subjects one by one.

A correction begins where the last one ended: with the options and hints that the document keeps of
the mask, as long as nobody has painted on it since; else with the mask as it is. The corrected mask
is a new one, which is one step of undo, and the old one is hidden while it is there.
"""

from __future__ import annotations

from typing import Any, Dict, Generator, List, Mapping, NamedTuple, Optional, Tuple, Union

import mattekit_bridge as bridge
from mattekit_bridge.settings import Settings
from mattekit_krita.plugin import jobs, layers, masks, planes
from mattekit_krita.plugin.hints import NONE, Hints, Record
from mattekit_krita.plugin.jobs import Done, Job, Offload, Photo, Progress, Report, Work

__all__ = [
    "Base",
    "begun",
    "corrected",
    "hint_pictures",
    "refined",
    "separated",
    "written",
]

#: More subjects than this are no longer told apart.
_MOST = 16


class Base(NamedTuple):
    """What a correction begins with.

    Attributes
    ----------
    mask : object
        The mask in force; None where there is none.
    record : Record
        How it came about.
    """

    mask: Any
    record: Record


def begun(
    work: Work, options: Mapping[str, str], *, deep: bool = False
) -> Generator[Union[Progress, Offload], Any, Tuple[Photo, Base]]:
    """Read a layer, a fifth of the whole, and return what a correction of it begins with.

    Parameters
    ----------
    work : Work
    options : mapping of str to str
        Those of a result that there is not yet.
    deep : bool
        Whether pixels are wanted back, and not alpha alone.
    """
    photo = yield from jobs.photo_of(work, (0.0, 0.2), deep=deep, unmasked=True)
    mask = masks.of(work.node, work.document.activeNode())
    if mask is None:
        return photo, Base(None, Record(dict(options)))
    plane = masks.pixels(mask, photo.source.box)
    known = masks.recall(work.document, mask, plane)
    return photo, Base(mask, known or Record({}, NONE, plane))


def corrected(
    work: Work,
    options: Mapping[str, str],
    settings: Settings,
    *,
    keep: Any = None,
    remove: Any = None,
) -> Job:
    """Return a job that corrects the mask of a layer, or makes it with a hint.

    Parameters
    ----------
    work : Work
        The layer.
    options : mapping of str to str
        For the worker, where there is no mask yet.
    settings : Settings
        Of the plug-in.
    keep, remove : krita.Selection, optional
        What belongs to the subject, and what does not.

    Raises
    ------
    ValueError
        When run: nothing is selected there.
    """
    photo, base = yield from begun(work, options)
    hints = base.record.hints
    for area, add in ((keep, Hints.kept), (remove, Hints.removed)):
        if area is not None:
            hints = add(hints, _firm(area, photo.source.box))
    base = Base(base.mask, base.record._replace(hints=hints))
    return (yield from _made(work, photo, base, settings, "Corrected"))


def refined(work: Work, settings: Settings) -> Job:
    """Return a job that looks for the edge of a layer's mask anew, near the mask's own.

    Raises
    ------
    ValueError
        When run: the layer has no mask.
    """
    photo, base = yield from begun(work, {})
    if base.mask is None:
        raise ValueError(f"{work.node.name()!r} has no visible transparency mask to refine.")
    # As it is now, however it came about.
    record = Record({}, NONE, masks.pixels(base.mask, photo.source.box))
    return (yield from _made(work, photo, Base(base.mask, record), settings, "Refined the edge of"))


def separated(work: Work, options: Mapping[str, str], settings: Settings) -> Job:
    """Return a job that makes a layer of each subject, all of them in one group above the layer.

    Subjects are what does not touch in the mask of the layer, or in a fresh result.
    """
    photo, base = yield from begun(work, options, deep=True)
    source = photo.source

    def cut(tell: jobs.ProgressCallback) -> Tuple[bridge.Result, List[bytes]]:
        return _subjects(photo, base.record, settings, tell)

    result, parts = yield Offload(cut, 0.2, 0.8)
    jobs.check_unchanged(work, source)
    made_of = jobs.Cut(result.picture.samples, result.kind, None)
    data = yield from jobs.back(photo, made_of, (0.8, 0.95), f"{work.node.name()}: writing")
    jobs.check_unchanged(work, source)
    document, node = work.document, work.node
    made = []
    for number, part in reversed(list(enumerate(parts, 1))):
        name = f"{node.name()} (subject {number})"
        pixels = planes.only_where(data, source.space.size, part)
        made.append(layers.new_layer(document, name, source.box, pixels, source.space))
    group = layers.group(document, f"{node.name()} (subjects)", made)
    layers.add_above(node, group)
    node.setVisible(False)
    document.refreshProjection()
    what = f"Made {len(parts)} layer{'s' if len(parts) != 1 else ''} of"
    return Report([Done(document, node.name(), group, node, result.kind, None)], [], what)


def _subjects(
    photo: Photo, record: Record, settings: Settings, tell: jobs.ProgressCallback
) -> Tuple[bridge.Result, List[bytes]]:
    """Return the result with all subjects, and where each of them is; touches nothing of Krita."""
    size = photo.wanted.size
    picture, pictures = photo.picture(), hint_pictures(photo, record)
    worker = jobs.connected(settings, tell)

    def alpha(number: int) -> bytes:
        asked = {**record.options, "subjects": str(number)}

        def shown(done: float, text: str) -> Optional[bool]:
            return tell(1 - 0.7**number * (1 - 0.3 * done), f"Subject {number}: {text}")

        result = bridge.remove_background(worker, picture, asked, "pgm", shown, pictures)
        return bytes(result.picture.samples)

    def first(done: float, text: str) -> Optional[bool]:
        return tell(0.3 * done, text)

    whole = bridge.remove_background(
        worker, picture, {**record.options, "subjects": "all"}, "bgra", first, pictures
    )
    every = planes.plane(bytes(whole.picture.samples), 4 * size, 4 * size - 1)
    covered, parts = bytes(len(every)), []
    for number in range(1, _MOST + 1):
        # With one more subject these pixels are there; what each alone would be may differ in
        # haze, so alpha is that of all.
        now = every if number == _MOST else alpha(number)
        part = planes.without(planes.some(now), covered)
        if not part.count(255):
            break
        parts.append(part)
        covered = planes.either(covered, part)
        if not planes.without(planes.some(every), covered).count(255):
            break
    if parts:
        rest = planes.without(planes.some(every), covered)
        parts[-1] = planes.either(parts[-1], rest)
    return whole, parts


def hint_pictures(photo: Photo, record: Record) -> Dict[str, bridge.Picture]:
    """Return the mask and hints of a record as the worker takes them."""
    box = photo.source.box
    found = {"mask": record.mask, "keep": record.hints.keep, "remove": record.hints.remove}
    return {
        name: bridge.Picture(box.width, box.height, 1, 255, plane)
        for name, plane in found.items()
        if plane and plane.count(0) < len(plane)
    }


def written(work: Work, photo: Photo, base: Base, plane: bytes, kind: str, box: Any) -> Done:
    """Put a corrected mask into the layer, and hide the one that it was made of."""
    document, node = work.document, work.node
    mask = layers.new_mask(document, photo.source.box, plane)
    node.addChildNode(mask, None)
    masks.remember(document, mask, plane, base.record)
    if base.mask is not None:
        base.mask.setVisible(False)
    document.refreshProjection()
    return Done(document, node.name(), mask, base.mask, kind, box)


# -- inside ------------------------------------------------------------------------------------


def _firm(area: Any, box: Any) -> bytes:
    plane = planes.firm(layers.selected(area, box)[1])
    if not any(plane):
        raise ValueError("Nothing of the layer is more than half selected.")
    return plane


def _made(
    work: Work, photo: Photo, base: Base, settings: Settings, what: str
) -> Generator[Union[Progress, Offload], Any, Report]:
    pictures = hint_pictures(photo, base.record)

    def cut(tell: jobs.ProgressCallback) -> Any:
        worker, options = jobs.connected(settings, tell), base.record.options
        result = bridge.remove_background(worker, photo.picture(), options, "pgm", tell, pictures)
        alpha = photo.beside_alpha(bytes(result.picture.samples))
        return alpha, result.kind, jobs.box_of(result)

    plane, kind, box = yield Offload(cut, 0.2, 0.9)
    jobs.check_unchanged(work, photo.source)
    where = photo.source.box
    box = None if box is None else box.moved(where.left, where.top)
    return Report([written(work, photo, base, plane, kind, box)], [], what)
