"""`Cutout`: a subject freed of its background, on its way out."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mattekit.errors import ForegroundNotFound, OutputError
from mattekit.geometry import Box, Placement, Size
from mattekit.imaging.samples import Pixels
from mattekit.picture import Picture

if TYPE_CHECKING:
    from PIL import Image

    from mattekit.codecs import Encoded

__all__ = ["Cutout"]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Cutout(Picture):
    """A subject: its colours, its alpha, and what is known about it.

    Every step after matting takes a `Cutout` and returns one. Arrays are shared between cut-outs
    and must not be written to.

    Attributes
    ----------
    color : (H, W, 3) ndarray of uint8 or uint16
        Straight foreground colours at the depth of the input. Where alpha is 0 they are whatever
        the photo showed there.
    alpha : (H, W) ndarray of the same dtype
        Straight alpha; 0 is background, the dtype's maximum is subject.
    metadata : Metadata
        Colour profile, resolution, EXIF.
    found : bool
        Whether there is a subject at all. Where there is none alpha is 0 everywhere.
    kind : str
        Kind of subject, one of `mattekit.KINDS`; ``"other"`` where unsure.
    kind_scores : mapping of str to float
        The network's probability for each kind that it tells apart; empty where it tells none.
    confidence : float or None
        How likely the result is right: the network's probability, calibrated on pictures it was
        not trained on, that it shares at least nine tenths with what people marked. Below one half
        look at it. None where the model says nothing of the kind, and where a mask or hints, that
        is a person, decided.
    box : Box or None
        The subject's box in this picture, specks not counted; None where nothing was found.
    max_size : Size or None
        The largest result that this photo could give (``X-Max-Width`` and ``X-Max-Height``).
    placement : Placement or None
        Where the photo's pixels went when the subject was framed; None where nothing moved.
    source : str
        Where the photo came from, for messages.
    layers : tuple of Picture
        What `color` and `alpha` were put together from, bottom first: the background with the
        shadow, and the subject, or with `subjects="each"` all of them, the largest last. Only there
        where a format with layers was asked for and there are several.
    """

    alpha: Pixels
    found: bool = True
    kind: str = "other"
    kind_scores: dict[str, float] = dataclasses.field(default_factory=dict)
    confidence: float | None = None
    box: Box | None = None
    max_size: Size | None = None
    placement: Placement | None = None

    def _described(self) -> list[str]:
        sure = [] if self.confidence is None else [f"confidence {self.confidence:.2f}"]
        return [
            *super()._described(),
            *([self.kind, *sure] if self.found else ["no subject found"]),
        ]

    def type_name(self, level: str = "1") -> str:
        """Return the kind in the words of the API's ``X-Type`` header.

        Parameters
        ----------
        level : {"none", "1", "2", "latest"}
            Value of `type_level`: the empty text; person, product, animal, car, other; or these
            with transportation and graphics (a plural here, unlike the value of `type`).
        """
        if level == "none":
            return ""
        if level == "1" and self.kind in {"transportation", "graphic"}:
            return "other"
        return "graphics" if self.kind == "graphic" else self.kind

    def require_found(self) -> Cutout:
        """Return the cut-out itself.

        Raises
        ------
        ForegroundNotFound
            There is no subject.
        """
        if not self.found:
            raise ForegroundNotFound(self.source)
        return self

    def parts(self) -> tuple[Cutout, ...]:
        """Return each subject by itself, the largest first, on the same canvas.

        Subjects are what does not touch; see `mattekit.subjects.separate`. Each pixel of alpha
        belongs to one of them. Of a cut-out with a background behind it the whole is one.

        Returns
        -------
        tuple of Cutout
            Named ``"Subject 1"`` and so on, with their own `box`; the cut-out itself where there
            is one subject, nothing where there is none.
        """
        from mattekit.subject import subject_box
        from mattekit.subjects import separate

        found = separate(self.alpha) if self.found else None
        if found is None:
            return (self,) if self.found else ()
        if found.number == 1:
            return (self,)
        alphas = (found.alone(self.alpha, {number + 1}) for number in range(found.number))
        return tuple(
            self.replace(alpha=alpha, box=subject_box(alpha), name=f"Subject {number}")
            for number, alpha in enumerate(alphas, 1)
        )

    def rgba(self) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """Return a new ``(H, W, 4)`` array of straight RGBA, colours zero where alpha is 0."""
        from mattekit.codecs.strips import masked

        return masked(self.color, self.alpha)

    def encode(self, **options: object) -> Encoded:
        """Return the file: its bytes, format and media type.

        Parameters
        ----------
        **options
            `format`, `channels`, `quality`, `depth`, `keep_color`, `keep_metadata` of
            `mattekit.options.Options`.
        """
        from mattekit import codecs
        from mattekit.options import Options

        return codecs.encode(self, Options.parse(options))

    def save(self, path: str | os.PathLike[str], **options: object) -> None:
        """Write the file at once or not at all; its suffix names the format.

        Parameters
        ----------
        path : str or os.PathLike
            Where to write. A file that is already there is replaced only by a complete one.
        **options
            As in `encode`.

        Raises
        ------
        OutputError
            The file cannot be written, or that is no path.
        """
        from mattekit import codecs
        from mattekit.files import write_atomically

        if not isinstance(path, (str, os.PathLike)):
            raise OutputError(
                "cutout",
                f"this is an object of type {type(path).__name__}; expected a path. "
                'The bytes of the file, to write anywhere, are encode(format="png").data.',
            )
        options.setdefault("format", codecs.format_of(path))
        write_atomically(path, self.encode(**options).data)

    def to_pil(self) -> Image.Image:
        """Return an RGBA Pillow image of 8 bits, with profile, resolution and EXIF in `info`."""
        from mattekit import codecs

        return codecs.to_pil(self)
