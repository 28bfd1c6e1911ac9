"""Arrays of every dtype that scikit-image knows, in and out.

==================  ======================  ===========================
dtype               range in and out        depth of the work
==================  ======================  ===========================
bool                False, True             8 bits
uint8               0 … 255                 8 bits
uint16              0 … 65535               16 bits
uint32, uint64      0 … the largest value   16 bits, the upper ones
int8                0 … 127                 8 bits
int16               0 … 32767               16 bits
int32, int64        0 … the largest value   16 bits, the upper ones
float16, 32, 64     0.0 … 1.0               16 bits
==================  ======================  ===========================

These are scikit-image's conventions, less their negative half: a colour is not negative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from mattekit.errors import InvalidFileType, shorten
from mattekit.imaging.samples import Pixels
from mattekit.options import Options, takes_options
from mattekit.photo import Photo

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mattekit.cutout import Cutout
    from mattekit.option_values import OptionValues
    from mattekit.runtime import Runtime

__all__ = ["as_photo", "as_pixels", "cutout_array", "from_cutout", "like"]

#: Rounding of float arithmetic may leave the range by this much.
_SLACK: Final = 1e-3
_SHAPES: Final = "(M, N), (M, N, 1), (M, N, 2), (M, N, 3) or (M, N, 4)"


@takes_options
def cutout_array(
    image: NDArray[Any],
    options: Options | None = None,
    *,
    runtime: Runtime | None = None,
    **values: Unpack[OptionValues],
) -> NDArray[Any]:
    """Remove the background of an array and return an array of the same dtype.

    Parameters
    ----------
    image : (M, N[, C]) ndarray
        Grey, grey and alpha, RGB or RGBA in sRGB, of any dtype and range that
        `mattekit_imageio.arrays` lists, channels last.
    options : Options, optional
        Checked options.
    runtime : Runtime, optional
        Where models run; by default the one that the whole process shares.
    **values
        Options by name.

    Returns
    -------
    (M, N, 4) ndarray
        Straight RGBA in the dtype and range of `image`; ``(M, N)``, the matte alone, with
        ``channels="alpha"``. Options such as `crop` change M and N. Wholly transparent where no
        subject is found.

    Raises
    ------
    InvalidFileType
        A wrong dtype, range or shape.
    OptionError, UnknownOption
        A wrong option.

    Notes
    -----
    Colours of more than 16 bits, floats included, are rounded to multiples of 1/65535 of the range.

    Examples
    --------
    >>> from skimage import data, util  # doctest: +SKIP
    >>> cutout_array(util.img_as_float(data.astronaut())).shape  # doctest: +SKIP
    (512, 512, 4)
    """
    from mattekit.pipeline import remove_background

    opts = Options.of(options, values)
    cutout = remove_background(as_photo(image), opts, runtime=runtime)
    return from_cutout(cutout, opts, np.asarray(image).dtype)


def as_photo(image: NDArray[Any], name: str = "array") -> Photo:
    """Return an array as a photo of 8 or 16 bits."""
    from mattekit import codecs

    return codecs.decode(as_pixels(np.asarray(image), name), name=name)


def as_pixels(image: NDArray[Any], name: str = "array") -> Pixels:
    """Return samples as uint8 or uint16; the array itself where it has one of these.

    Raises
    ------
    InvalidFileType
        A wrong shape or dtype, a value out of range or not finite.
    """
    if image.dtype.kind in "OSU" and not image.ndim:
        raise InvalidFileType(name, f"no array but {shorten(image.item())}", _SHAPES)
    if image.ndim not in {2, 3} or (image.ndim == 3 and not 1 <= image.shape[2] <= 4):
        raise InvalidFileType(name, f"an array of shape {image.shape}", _SHAPES)
    dtype = image.dtype
    if dtype in {np.dtype(np.uint8), np.dtype(np.uint16)}:
        return image if dtype.isnative else cast("Pixels", image.astype(np.uint16))
    if dtype.kind == "b":
        return image.astype(np.uint8) * np.uint8(255)
    if dtype.kind == "u":
        return (image >> (8 * dtype.itemsize - 16)).astype(np.uint16)
    if dtype.kind == "i":
        return _from_signed(image, name)
    if dtype.kind == "f" and dtype.itemsize <= 8:
        return _from_float(image, name)
    raise InvalidFileType(
        name, f"an array of {dtype}", "bool, integers or floats of up to 64 bits per sample"
    )


def _from_signed(image: NDArray[Any], name: str) -> Pixels:
    if image.size and image.min() < 0:
        raise InvalidFileType(
            name,
            f"an array of {image.dtype} with values down to {image.min()}",
            f"0 … {np.iinfo(image.dtype).max}: negative values are no colours",
        )
    if image.dtype.itemsize == 1:
        return _scaled(image, 127, np.uint8)
    if image.dtype.itemsize == 2:
        return _scaled(image, 32767, np.uint16)
    return (image >> (8 * image.dtype.itemsize - 17)).astype(np.uint16)


def _scaled(image: NDArray[Any], top: int, to: type[np.uint8] | type[np.uint16]) -> Pixels:
    """Return integers ``0 … top`` as the whole range of an unsigned type, rounded."""
    wide = image.astype(np.uint32)
    return cast("Pixels", ((wide * np.iinfo(to).max + top // 2) // top).astype(to))


def _from_float(image: NDArray[Any], name: str) -> Pixels:
    result = np.empty(image.shape, np.uint16)
    step = max(1, (1 << 20) // max(1, image[0].size if len(image) else 1))
    for top in range(0, len(image), step):
        part = image[top : top + step].astype(np.float32)
        with np.errstate(invalid="ignore"):
            low, high = float(part.min(initial=0)), float(part.max(initial=0))
        if not (low >= -_SLACK and high <= 1 + _SLACK):  # NaN fails both
            values = "values that are no numbers" if np.isnan(low + high) else "values"
            values += "" if np.isnan(low + high) else f" from {low:g} to {high:g}"
            advice = " (divide by 255)" if 1 + _SLACK < high <= 255 and low >= 0 else ""
            raise InvalidFileType(
                name, f"an array of {image.dtype} with {values}", f"0.0 … 1.0{advice}"
            )
        result[top : top + step] = np.clip(part, 0, 1) * np.float32(65535) + np.float32(0.5)
    return result


def from_cutout(
    cutout: Cutout, options: Options, dtype: np.dtype[Any] | None = None
) -> NDArray[Any]:
    """Return a cut-out as RGBA, or as its matte with ``channels="alpha"``.

    Parameters
    ----------
    cutout : Cutout
    options : Options
        `channels` and `keep_color` count here.
    dtype : dtype, optional
        By default that of the cut-out.
    """
    if options.channels == "alpha":
        pixels: Pixels = cutout.alpha
    elif options.keep_color:
        pixels = cast("Pixels", np.dstack([cutout.color, cutout.alpha]))
    else:
        pixels = cutout.rgba()
    return pixels if dtype is None else like(pixels, dtype)


def like(pixels: Pixels, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return samples of 8 or 16 bits in the dtype and range of another array."""
    if pixels.dtype == dtype:
        return pixels
    top = int(np.iinfo(pixels.dtype).max)
    if dtype.kind == "b":
        return pixels > top // 2
    if dtype.kind == "f":
        scaled = np.divide(pixels, top, dtype=np.float64 if dtype.itemsize == 8 else np.float32)
        return scaled.astype(dtype, copy=False)
    limit = int(np.iinfo(dtype).max)
    if dtype.itemsize <= 2:
        return ((pixels.astype(np.uint32) * limit + top // 2) // top).astype(dtype)
    # Whole multiples, so that 0 and the largest value are met exactly.
    if limit % top == 0:
        return cast("NDArray[Any]", pixels.astype(dtype) * dtype.type(limit // top))
    bits = 8 * dtype.itemsize - 1
    wide = pixels.astype(np.uint64)
    for shift in (16, 32, 48):
        if shift < bits:
            wide |= pixels.astype(np.uint64) << np.uint64(shift)
    # Repeating the 16 bits fills any width; the surplus low bits fall off.
    total = 32 if bits < 32 else 64
    return (wide >> np.uint64(total - bits)).astype(dtype)
