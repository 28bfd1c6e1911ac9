"""From samples, as decoders give them, to a `Photo`."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs.color import ColorSpace, to_rgb
from mattekit.codecs.facts import Facts
from mattekit.codecs.strips import separated
from mattekit.errors import InvalidFileType
from mattekit.imaging.orientation import upright
from mattekit.imaging.samples import Pixels, full_range
from mattekit.photo import Photo
from mattekit.picture import Metadata

__all__ = ["INTEGERS", "photo_of"]

#: What messages say was expected.
INTEGERS: Final = "8 to 16 bits of unsigned integers per channel: save it so, e.g. as PNG"


def photo_of(
    samples: NDArray[Any],
    format_: str,
    source: str,
    profile: object = None,
    facts: Facts = Facts(),  # noqa: B008 - it is a tuple
    *,
    bits: int = 0,
) -> Photo:
    """Return a photo of (H, W) or (H, W, 1..4) samples; they may become part of it.

    Parameters
    ----------
    samples : ndarray of uint8 or uint16
        Grey, grey and alpha, RGB or RGBA.
    format_, source : str
        As of `Photo`.
    profile : bytes or None
        Of the samples, whatever its space; anything else counts as None.
    facts : Facts
        What the file says; the samples are turned upright.
    bits : int
        How many of each sample count; 0 = all.

    Raises
    ------
    InvalidFileType
        Samples of another type, or of another number of channels.
    """
    if samples.dtype not in {np.dtype(np.uint8), np.dtype(np.uint16)} or samples.ndim > 3:
        raise InvalidFileType(source, f"a picture of {samples.dtype}", INTEGERS)
    if samples.ndim == 3 and not 1 <= samples.shape[2] <= 4:
        given = f"a picture of {samples.shape[2]} channels"
        raise InvalidFileType(source, given, "1 to 4 channels")
    if bits and bits < 8 * samples.dtype.itemsize:
        samples = full_range(samples, (1 << bits) - 1, 8 * samples.dtype.itemsize)
    plain, alpha = _split(upright(samples, facts.orientation))
    space: ColorSpace = "rgb" if plain.ndim == 3 else "gray"
    color, profile = to_rgb(plain, space, profile if isinstance(profile, bytes) else None)
    return Photo(color, alpha, Metadata(profile, facts.dpi, facts.exif), format_, source=source)


def _split(samples: NDArray[Any]) -> tuple[Pixels, Pixels | None]:
    """Return grey (H, W) or RGB (H, W, 3), and alpha."""
    if samples.ndim == 2:
        return samples, None
    channels = samples.shape[2]
    if channels <= 2:
        return samples[..., 0], samples[..., 1].copy() if channels == 2 else None
    return separated(samples) if channels == 4 else (np.ascontiguousarray(samples), None)
