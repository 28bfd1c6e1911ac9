"""From a picture and an edit to what the page shows and saves. Runs in the threads of the pool.

What a screen shows is made from the picture at the size of a screen, within a fraction of a second
whatever the picture's size; what is saved, and what deep zooming shows, from the picture itself.
Each picture is a `mattekit.editable.EditablePhoto`, kept while there is room and else opened again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import secrets
from typing import Any, Final, NamedTuple

import numpy as np

from mattekit import codecs
from mattekit.cutout import Cutout
from mattekit.editable import EditablePhoto
from mattekit.editing import EditorStore
from mattekit.errors import EditorNotFound
from mattekit.formats import has_layers
from mattekit.geometry import Box, Placement, Size
from mattekit.imaging.resize import downsample
from mattekit.matting import Matte
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.picture import Picture
from mattekit.threads import at_most
from mattekit_server.engine import ACCEPTED_LOCAL, Engine, probe
from mattekit_server.marks import hints_of
from mattekit_server.page.edits import Edit
from mattekit_server.page.visitors import Cache, StoredPicture, Subjects
from mattekit_server.prices import PREVIEW_PIXELS

__all__ = ["TILE", "Renderer", "Rendition"]

#: Sides of a piece of a result at full size, in pixels.
TILE: Final = 512
#: Pixels of what a screen shows. With keys it is the API's preview.
SCREEN: Final = 700_000

_SHOWN: Final = Options(format="png", depth="8")


class Rendition(NamedTuple):
    """Something to show.

    Attributes
    ----------
    data : bytes
        A PNG file.
    summary : dict
        Where the picture's pixels lie in it, and what is known of the subject, for the page.
    """

    data: bytes
    summary: dict[str, Any]

    @property
    def summary_text(self) -> str:
        """The summary as the value of a header."""
        return json.dumps(self.summary, separators=(",", ":"))


class ResultFile(NamedTuple):
    """A file to take home.

    Attributes
    ----------
    encoded : Encoded
    size : Size
    kind : str
        Of its subject, as the API calls it.
    part, parts : int
        Which of how many it is, from 0.
    """

    encoded: codecs.Encoded
    size: Size
    kind: str
    part: int
    parts: int


class Renderer:
    """Renders the pictures of all visitors.

    Parameters
    ----------
    engine : Engine
        Whose networks, models and limits count.
    cache : Cache
        For results.
    opened : EditorStore
        For pictures that are being corrected.
    public : bool
        Whether strangers send pictures and pay for results: then the formats, and the size of what
        is shown before it is paid for, are those of the API.
    """

    def __init__(
        self, engine: Engine, cache: Cache, opened: EditorStore[EditablePhoto], *, public: bool
    ) -> None:
        self.engine, self.cache, self.opened = engine, cache, opened
        self.accepted = engine.accepted if public else ACCEPTED_LOCAL
        self.screen = PREVIEW_PIXELS if public else SCREEN

    def probe(self, data: bytes) -> Size:
        """Return the size of a picture from its header; raises what `engine.probe` does."""
        return probe(data, self.accepted, limit=self.engine.limits.max_pixels)

    def open(self, data: bytes, name: str) -> StoredPicture:
        """Decode a picture and find its subject.

        Raises
        ------
        MattekitError
            The picture is broken, or the network cannot run.
        """
        picture = StoredPicture(secrets.token_urlsafe(12), name, data, self.probe(data))
        editable = self.editable(picture)
        picture.size = editable.photo.size  # upright
        picture.found, picture.kind = editable.matte.found, editable.matte.kind
        picture.purchase.paid = editable.shown is editable.photo  # there is nothing further
        return picture

    def editable(self, picture: StoredPicture, subjects: Subjects = "all") -> EditablePhoto:
        """Return a picture, or some of its subjects, opened for corrections: again if need be."""
        with picture.lock:  # asked for twice, opened once
            found = self._found(picture, subjects)
            if found is not None:
                return found
            others = (self._found(picture, choice) for choice in picture.opened)
            photo = next((each.photo for each in others if each is not None), None)
            with at_most(self.engine.threads):
                if photo is None:
                    photo = codecs.decode(picture.data, limits=self.engine.limits, name="image")
                options = self._options(Options(subjects=subjects))
                made = EditablePhoto(photo, options, self.engine.runtime, self.screen)
            picture.opened[subjects] = self.opened.add(made, picture.id)
            return made

    def _found(self, picture: StoredPicture, subjects: Subjects) -> EditablePhoto | None:
        with contextlib.suppress(KeyError, EditorNotFound):
            return self.opened.find(picture.opened[subjects], picture.id)
        return None

    def background(self, data: bytes) -> Photo:
        """Decode a background picture."""
        self.probe(data)
        return codecs.decode(data, limits=self.engine.limits, name="background")

    def original(self, picture: StoredPicture) -> Rendition:
        """Return the picture as a screen shows it."""
        shown = self.editable(picture).shown
        return Rendition(_png(shown), _size_summary(shown.size))

    def preview(self, picture: StoredPicture, edit: Edit, background: Photo | None) -> Rendition:
        """Return the result of an edit as a screen shows it, empty where there is no subject."""
        edit = _together(edit)
        editable = self.editable(picture, edit.options.subjects)
        scale = editable.shown.size.width / picture.size.width
        options = self._options(edit.scaled(scale).options, background)
        with at_most(self.engine.threads):
            matte = self._corrected(picture, editable, edit)
            cutout = editable.finished_preview(matte, options)
            return Rendition(_png(cutout), _summary(cutout, picture.size))

    def result(self, picture: StoredPicture, edit: Edit, background: Photo | None) -> Cutout:
        """Return the result of an edit at full size."""
        asked = edit
        if not has_layers(edit.options.format):  # the others do not decide about pixels
            together = _together(edit)
            asked = together._replace(options=together.options.replace(format="auto"))

        def make() -> Cutout:
            editable = self.editable(picture, _together(asked).options.subjects)
            with at_most(self.engine.threads):
                matte = self._corrected(picture, editable, asked)
                return editable.result(matte, self._options(asked.options, background))

        with picture.lock:  # asked for twice, made once
            return self.cache.get((picture.id, asked), make, _bytes)

    def results(
        self, picture: StoredPicture, edit: Edit, background: Photo | None
    ) -> tuple[Cutout, ...]:
        """Return what files an edit asks for: one, or one for each subject, the largest first.

        Raises
        ------
        ForegroundNotFound
            There is no subject.
        """
        if edit.options.subjects != "each" or has_layers(edit.options.format):
            return (self.result(picture, edit, background).require_found(),)
        asked = edit._replace(options=edit.options.replace(format="auto"))

        def make() -> tuple[Cutout, ...]:
            editable = self.editable(picture)
            options = self._options(_together(asked).options, background)
            with at_most(self.engine.threads):
                matte = self._corrected(picture, editable, asked)
                return editable.result_each(matte, options)

        with picture.lock:
            found = self.cache.get(
                (picture.id, asked), make, lambda cutouts: sum(map(_bytes, cutouts))
            )
        return found or (self.result(picture, edit, background).require_found(),)

    def result_summary(
        self, picture: StoredPicture, edit: Edit, background: Photo | None
    ) -> dict[str, Any]:
        """Return what the page must know of the result of an edit at full size."""
        return _summary(self.result(picture, edit, background), picture.size)

    def file(
        self, picture: StoredPicture, edit: Edit, background: Photo | None, part: int = 0
    ) -> ResultFile:
        """Return a result of an edit as a file, as the library would write it.

        Parameters
        ----------
        picture, edit, background
            What is asked for.
        part : int
            Which of several, from 0; beyond the last it is the last.

        Raises
        ------
        ForegroundNotFound
            There is no subject.
        """
        made = self.results(picture, edit, background)
        part = min(part, len(made) - 1)
        options = edit.options if has_layers(edit.options.format) else _together(edit).options
        cutout = made[part]
        with at_most(self.engine.threads):
            encoded = codecs.encode(cutout, options)
        kind = cutout.type_name(options.type_level)
        return ResultFile(encoded, cutout.size, kind, part, len(made))

    def tile(self, source: Picture, level: int, column: int, row: int) -> bytes:
        """Return a piece of a picture as PNG; empty where there is none.

        Parameters
        ----------
        source : Picture
            A photo or a result.
        level : int
            Pixels are averaged over ``2 ** level`` in each direction.
        column, row : int
            Which piece, counted in pieces of `TILE` pixels of that level.
        """
        side = TILE << level
        box = Box(column * side, row * side, (column + 1) * side, (row + 1) * side)
        box = box.intersection(source.size.box)
        if box.empty:
            return b""
        size = Size(math.ceil(box.width / (1 << level)), math.ceil(box.height / (1 << level)))
        alpha = None if source.alpha is None else downsample(source.alpha, box, size)
        piece = Picture(downsample(source.color, box, size), alpha, source.metadata)
        return _png(piece)

    def photo_tile(self, picture: StoredPicture, level: int, column: int, row: int) -> bytes:
        """Return a piece of the picture as it came."""
        return self.tile(self.editable(picture).photo, level, column, row)

    def forget(self, picture: StoredPicture) -> None:
        """Let go of what was made for a picture."""
        self.cache.forget(lambda key: key[0] == picture.id)
        for name in picture.opened.values():
            with contextlib.suppress(EditorNotFound):
                self.opened.forget(name, picture.id)

    def _corrected(self, picture: StoredPicture, editable: EditablePhoto, edit: Edit) -> Matte:
        """Return the matte with what was marked, which costs the same for every size."""
        return self.cache.get(
            (picture.id, "matte", edit.options.subjects, edit.marks),
            lambda: editable.corrected(hints_of(edit.marks, picture.size)),
            lambda matte: 4 * matte.alpha.nbytes,
        )

    def _options(self, options: Options, background: Photo | None = None) -> Options:
        return options.updated(
            {"model": self.engine.model, "device": self.engine.device, "bg_image": background}
        )


def _together(edit: Edit) -> Edit:
    """Return an edit that shows together what it asks for one by one."""
    if edit.options.subjects != "each":
        return edit
    return edit._replace(options=edit.options.replace(subjects="all"))


def _png(picture: Picture) -> bytes:
    metadata = dataclasses.replace(picture.metadata, exif=None)
    return codecs.encode(picture.replace(metadata=metadata), _SHOWN).data


def _bytes(picture: Picture) -> int:
    alpha = 0 if picture.alpha is None else picture.alpha.nbytes
    return picture.color.nbytes + alpha + sum(_bytes(each) for each in picture.layers)


def _size_summary(size: Size) -> dict[str, Any]:
    return {"width": size.width, "height": size.height}


def _summary(cutout: Cutout, full: Size) -> dict[str, Any]:
    """Return what the page must know of a result."""
    placement = cutout.placement or Placement.identity(cutout.size)
    box = cutout.box
    return {
        **_size_summary(cutout.size),
        "found": cutout.found,
        "kind": cutout.kind,
        "box": None if box is None else list(map(int, box)),
        "opaque": bool(np.all(cutout.full_alpha() == cutout.opaque)),
        # From pixels of the whole picture to pixels of what is shown.
        "x_scale": placement.x_scale * placement.photo.width / full.width,
        "y_scale": placement.y_scale * placement.photo.height / full.height,
        "dx": placement.dx,
        "dy": placement.dy,
        "window": list(map(int, placement.window)),
    }
