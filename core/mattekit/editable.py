"""A photo that was opened for corrections: what is slow is done once, and kept.

It is decoded, the network has looked at it, and its subject was refined at the size of a screen.
Correcting it, and showing that, then costs the same however large the photo is.
"""

from __future__ import annotations

import collections
import threading
from typing import Any, Final

from numpy.typing import NDArray

from mattekit import correction, cropping, matting, pipeline
from mattekit.cutout import Cutout
from mattekit.geometry import Size, fit_area
from mattekit.hints import Hints
from mattekit.matting import Extraction, Matte
from mattekit.options import OPTIONS, Options
from mattekit.photo import Photo
from mattekit.runtime import Runtime

__all__ = ["EditablePhoto"]

#: What the edges of an uncorrected subject depend on. Hints come after it, and a mask is the matte.
_EDGES: Final = tuple(
    name
    for name, option in OPTIONS.items()
    if option.group in {"subject", "edges"} and name not in {"mask", "keep", "remove"}
)
#: A photo of not many times a preview's pixels is shown as it is.
_HARDLY_MORE: Final = 1.2
#: Of so many choices of these the uncorrected subject is kept.
_KEPT: Final = 4


class EditablePhoto:
    """A photo that is being corrected. Safe to use from several threads.

    Parameters
    ----------
    photo : Photo
    options : Options
        With which the subject is found; without hints.
    runtime : Runtime
        Where models run.
    preview_pixels : int
        How many pixels a preview has at most, about.

    Attributes
    ----------
    photo, shown : Photo
        At full size, and as large as a preview.
    matte : Matte
        Of the photo at full size, before any correction.

    Raises
    ------
    OptionError, InputError, ModelError, ProviderError
        As `mattekit.remove_background`.
    """

    def __init__(
        self, photo: Photo, options: Options, runtime: Runtime, preview_pixels: int
    ) -> None:
        self.photo, self.options, self.runtime = photo, options, runtime
        self.matte = pipeline.segment(photo, options, runtime)
        self._ready = correction.Ready.of(photo, self.matte, options)
        self.shown = photo
        if photo.size.area > _HARDLY_MORE * preview_pixels:
            self.shown = cropping.downscale(photo, fit_area(photo.size, preview_pixels))
        self._rescaled: tuple[Matte, Matte] | None = None  # the last matte, and as it is shown
        self._lock = threading.Lock()
        self._before: collections.OrderedDict[object, Extraction] = collections.OrderedDict()

    def corrected(self, hints: Hints | None) -> Matte:
        """Return the matte that hints make of it.

        Raises
        ------
        OptionError
            Nothing was found in a box that is to be kept.
        """
        if hints is None or not any((*hints.keep, *hints.remove)):
            return self.matte
        return correction.correct(
            self.photo, self.matte, hints, self.options, self.runtime, ready=self._ready
        )

    def preview(self, matte: Matte) -> Cutout:
        """Return the subject on the photo's canvas at the size of a preview, nothing behind it."""
        full = self.photo.size
        return matting.extract(
            self.shown,
            self._small(matte),
            self.options,
            original=full,
            before=self._uncorrected(self.options, full),
        )

    def finished_preview(self, matte: Matte, options: Options) -> Cutout:
        """Return the result at the size of a preview, also where there is no subject.

        Parameters
        ----------
        matte : Matte
            From `corrected`.
        options : Options
            May differ from those that it was opened with in all but `mask`, `subjects`, `roi`,
            `type`, `model` and `zoom`. Lengths in px are of the preview.
        """
        before = self._uncorrected(options, self.shown.size)
        return pipeline.complete(
            self.shown, self._small(matte), options, always=True, before=before
        )

    def result(self, matte: Matte, options: Options) -> Cutout:
        """Return the result at full size; options as in `finished_preview`, of the full size."""
        return pipeline.complete(self.photo, matte, options)

    def result_each(self, matte: Matte, options: Options) -> tuple[Cutout, ...]:
        """Return the result of each subject by itself, the largest first; as `result`."""
        return pipeline.complete_each(self.photo, matte, options)

    @property
    def memory(self) -> int:
        """Bytes that are kept, about."""
        photos = [self.photo] if self.shown is self.photo else [self.photo, self.shown]
        planes: list[NDArray[Any]] = [each.color for each in photos]
        planes += [each.alpha for each in photos if each.alpha is not None]
        planes += [self._ready.overview.color, self.matte.alpha]
        if self.matte.mask is not None:
            planes.append(self.matte.mask.levels)
        parts = self._ready.trail.nbytes
        with self._lock:
            for made in self._before.values():
                planes += [made.alpha, made.color]
                parts += made.parts.nbytes
        unique = {id(each): each.nbytes for each in planes}
        return sum(unique.values()) + parts

    def _small(self, matte: Matte) -> Matte:
        if self.shown is self.photo:
            return matte
        small = matting.rescale(matte, self.photo.size, self.shown, known=self._rescaled)
        self._rescaled = matte, small
        return small

    def _uncorrected(self, options: Options, original: Size) -> Extraction:
        """Return the subject before any correction: most of what a preview costs."""
        key = (original, *(getattr(options, name) for name in _EDGES))
        with self._lock:
            found = self._before.get(key)
        if found is None:
            found = matting.uncorrected(
                self.shown, self._small(self.matte), options, original=original
            )
        with self._lock:
            self._before[key] = found
            self._before.move_to_end(key)
            while len(self._before) > _KEPT:
                self._before.popitem(last=False)
        return found
