"""From bytes to bytes: what a thread of the pool does with one picture."""

from __future__ import annotations

from typing import Final, NamedTuple

import anyio
import numpy as np

from mattekit import codecs, pipeline
from mattekit.codecs import coders
from mattekit.codecs.coders import netpbm
from mattekit.codecs.decoding import reading
from mattekit.codecs.signatures import HEAD, sniff
from mattekit.cutout import Cutout
from mattekit.editing import Editor
from mattekit.errors import MattekitError
from mattekit.geometry import Box, Size
from mattekit.imaging.samples import Pixels
from mattekit.options import Options
from mattekit.runtime import Runtime
from mattekit.threads import at_most
from mattekit_server import problems
from mattekit_server.prices import PREVIEW_PIXELS, PREVIEW_SIZES, Purchase

__all__ = ["ACCEPTED", "ACCEPTED_LOCAL", "Engine", "OpenEditor", "Result", "probe"]

#: Kinds of files that the HTTP API accepts, and those that the editors' worker accepts.
ACCEPTED: Final = frozenset({"jpg", "png", "webp"})
ACCEPTED_LOCAL: Final = coders.READ
#: Kinds that `semitransparency` of the remove.bg API concerns: it is for the windows of cars.
#: The library's own option of that name, which the worker has, concerns every subject.
_GLAZED: Final = frozenset({"car"})
#: Of previews.
_SHOWN: Final = Options(format="png", depth="8")


class Result(NamedTuple):
    """A finished picture.

    Attributes
    ----------
    data : bytes or memoryview
        The file.
    media_type : str
        What it is.
    size, max_size : Size
        Its size, and the largest that the input could have given.
    box : Box or None
        The subject's box in it.
    kind : str
        Value of ``X-Type``; empty = the header is left out.
    confidence : float or None
        See `mattekit.Cutout`.
    """

    data: bytes | memoryview
    media_type: str
    size: Size
    max_size: Size
    box: Box | None
    kind: str
    confidence: float | None = None


class OpenEditor:
    """A picture that is being corrected, and what its owner asked for.

    Parameters
    ----------
    editor : Editor
    options : Options
        Of the result.
    output : str
        See `Params`.
    threads : int, optional
        What it may use; by default all cores.

    Attributes
    ----------
    purchase : Purchase
        Of the result.
    limiter : anyio.CapacityLimiter
        For threads that wait for the editor: one, and none of those that keys and charges need.
    """

    def __init__(
        self, editor: Editor, options: Options, output: str, threads: int | None = None
    ) -> None:
        self.editor, self.options, self.output = editor, options, output
        small = options.size in PREVIEW_SIZES or editor.photo.size.area <= PREVIEW_PIXELS
        self.purchase = Purchase(paid=small)  # opening it costs as much
        self.limiter = anyio.CapacityLimiter(1)
        self._threads = threads

    def preview(self, output: str) -> Result:
        """Return the corrected picture at the size of a preview; raises what `Editor.matte` does.

        Parameters
        ----------
        output : str
            See `Params`; empty = PNG.
        """
        with at_most(self._threads):
            return _finished(self.editor.preview(), _SHOWN, output)

    def result(self, output: str) -> Result:
        """Return the finished picture at full size.

        Raises
        ------
        MattekitError
            As `Editor.matte`; `ForegroundNotFound` where there is no subject.
        """
        with at_most(self._threads):
            cutout = self.editor.result().require_found()
            return _finished(cutout, self.options, output)

    @property
    def memory(self) -> int:
        """Bytes that are kept for it, about."""
        return self.editor.memory


def probe(data: bytes | memoryview, accepted: frozenset[str], *, limit: int) -> Size:
    """Return the size of a picture from its header, before anything is decoded.

    Raises
    ------
    InputError
        No picture of an accepted kind, broken, or too large.
    """
    kind = sniff(bytes(data[:HEAD]))
    if kind not in accepted:
        raise problems.invalid_file_type(kind, local=accepted is ACCEPTED_LOCAL)
    with reading("image"):
        size = coders.size(data, kind, "image")
    if size.width < 1 or size.height < 1:
        raise problems.invalid_dimensions()
    if size.area > limit:
        raise problems.resolution_too_high(size.area, limit)
    return size


class Engine:
    """Does the work of a request with the networks of one runtime. Safe from several threads.

    Parameters
    ----------
    runtime : Runtime
        Where networks run.
    model, device : str
        What a request does not choose.
    pixel_limit : int
        Largest picture.
    local : bool
        Whether the caller may send and get uncompressed pictures.
    threads : int, optional
        What one picture may use; by default all cores.
    """

    def __init__(
        self,
        runtime: Runtime,
        *,
        model: str = "auto",
        device: str = "auto",
        pixel_limit: int = 50_000_000,
        local: bool = False,
        threads: int | None = None,
    ) -> None:
        self.runtime, self.model, self.device = runtime, model, device
        self.threads, self.local = threads, local
        self.limits = codecs.Limits(max_pixels=pixel_limit)
        self.accepted = ACCEPTED_LOCAL if local else ACCEPTED

    def probe(self, data: bytes | memoryview) -> Size:
        """Return the size of a picture; raises what `probe` raises."""
        return probe(data, self.accepted, limit=self.limits.max_pixels)

    def warm_up(self) -> str:
        """Load the network, and what the first picture would load, and return its name."""
        name = self.runtime.session(self.model, device=self.device).card.name
        sample = netpbm.write_pam(Cutout(_sample(), np.full((64, 64), 255, np.uint8)))
        photo = codecs.decode(sample, limits=self.limits)
        options = Options.parse({"model": self.model, "device": self.device})
        codecs.encode(pipeline.remove_background(photo, options, runtime=self.runtime), options)
        return name

    def remove_background(
        self,
        picture: bytes | memoryview,
        background: bytes | None,
        options: Options,
        output: str = "",
    ) -> Result:
        """Return the finished picture.

        Raises
        ------
        MattekitError
            As the library; `ForegroundNotFound` where there is no subject.
        """
        options = self._resolved(options, background)
        with at_most(self.threads):
            photo = codecs.decode(picture, limits=self.limits, name="image")
            matte = pipeline.segment(photo, options, self.runtime)
            if not self.local and matte.kind not in _GLAZED:
                options = options.replace(semitransparency=True)
            cutout = pipeline.complete(photo, matte, options, spend=True)
            return _finished(cutout.require_found(), options, output)

    def open_editor(
        self,
        picture: bytes | memoryview,
        background: bytes | None,
        options: Options,
        output: str = "",
    ) -> OpenEditor:
        """Return a picture that is to be corrected; raises as `remove_background`."""
        options = self._resolved(options, background)
        with at_most(self.threads):
            photo = codecs.decode(picture, limits=self.limits, name="image")
            editor = Editor(photo, options, runtime=self.runtime, overpaint=True)
        return OpenEditor(editor, options, output, self.threads)

    def probe_hint(self, field: str, data: bytes) -> None:
        """Look at the header of a picture among the hints.

        Raises
        ------
        Problem
            What `probe` raises, said of the field.
        """
        try:
            self.probe(data)
        except MattekitError as error:
            raise problems.invalid_hint(field, problems.problem_of(error)) from error

    def probe_all(self, options: Options) -> None:
        """Look at the headers of all pictures that options hold; raises what `probe_hint` does."""
        for name, picture in options.pictures():
            if isinstance(picture, bytes):
                self.probe_hint(name, picture)

    def probe_request(
        self, picture: bytes | memoryview, background: bytes | None, options: Options
    ) -> Size:
        """Look at the headers of all pictures of a request and return the size of the first.

        Raises what `probe` and `probe_all` do.
        """
        size = self.probe(picture)
        if background is not None:
            self.probe(background)
        self.probe_all(options)
        return size

    def _resolved(self, options: Options, background: bytes | None) -> Options:
        changes: dict[str, object] = {"device": self.device}
        if options.model == "auto":
            changes["model"] = self.model
        if background is not None:
            # Decoded here, under the same limits and with the same errors as the picture.
            self.probe(background)
            changes["bg_image"] = codecs.decode(background, limits=self.limits, name="background")
        return options.updated(changes)


def _sample() -> Pixels:
    """Return a bright square on a dark ground."""
    color = np.full((64, 64, 3), 40, np.uint8)
    color[16:48, 16:48] = 220, 60, 40
    return color


def _finished(cutout: Cutout, options: Options, output: str) -> Result:
    """Return a cut-out as it is answered; `output` names an uncompressed file."""
    data: bytes | memoryview
    if output:
        shown, keep = codecs.at_depth(cutout, options.depth), options.keep_color
        data, media_type = netpbm.write_as(shown, output, keep_color=keep)
    else:
        encoded = codecs.encode(cutout, options)
        data, media_type = encoded.data, encoded.media_type
    return Result(
        data,
        media_type,
        cutout.size,
        cutout.max_size or cutout.size,
        cutout.box,
        cutout.type_name(options.type_level),
        cutout.confidence,
    )
