"""Pictures in: bytes, files, arrays and Pillow images become a `Photo`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs import archive, jpeg, jpegpixels, netpbm, pillow, png, pngpixels, raw
from mattekit.codecs.color import ColorSpace, to_rgb
from mattekit.codecs.explain import refusal
from mattekit.codecs.facts import Facts
from mattekit.codecs.orientation import upright
from mattekit.codecs.signatures import HEAD, PICTURES, sniff
from mattekit.codecs.source import DEFAULT_LIMITS, Check, Limits, Source, read
from mattekit.codecs.strips import separated
from mattekit.errors import (
    InvalidDimensions,
    InvalidFileType,
    MattekitError,
    ResolutionTooHigh,
    UnreadableImage,
)
from mattekit.imaging.samples import Pixels, eight_bits
from mattekit.photo import Photo
from mattekit.picture import Metadata

__all__ = ["decode", "label_of", "reading"]

#: Entries of a ZIP that holds pictures are packed already: they are hardly longer unpacked.
_ENTRY_ROOM: Final = 1 << 20
#: Characters of a path up to which it is named in full, and what of a longer one.
_LONGEST_NAME: Final = 1024
_START_OF_NAME: Final = 60
_FROM_SHARES: Final = "(array * 255).round().astype('uint8')"


def decode(source: Source, *, limits: Limits = DEFAULT_LIMITS, name: str = "") -> Photo:
    """Decode a picture: upright, at the depth of its file, in RGB.

    The bytes decide what a file is, never its name. Of an animation the first frame is taken.
    CMYK, YCCK, Lab and grey with a profile become sRGB; RGB keeps its own profile.

    Parameters
    ----------
    source : path, bytes, binary file, (H, W[, C]) ndarray, PIL.Image.Image or Photo
        The picture. Arrays are uint8 or uint16: grey, grey and alpha, RGB or RGBA in sRGB; they
        are copied. A photo is returned as it is.
    limits : Limits, optional
        Checked before anything is decoded.
    name : str, optional
        What messages call the picture; by default its path.

    Returns
    -------
    Photo
        With new, writable, C-contiguous arrays.

    Raises
    ------
    InputNotFound
        No such file, a folder, no permission.
    FileTooLarge, ResolutionTooHigh
        More than `limits` allow.
    InvalidFileType
        Not a picture, or a kind that is not supported; the message says what it looks like.
    UnreadableImage
        Truncated or broken.
    InvalidDimensions
        No width or no height.
    """
    from PIL import Image

    if isinstance(source, Photo):
        return source
    label = name or label_of(source)

    def check(width: int, height: int) -> None:
        if width < 1 or height < 1:
            raise InvalidDimensions(label, width, height)
        if width * height > limits.max_pixels:
            raise ResolutionTooHigh(label, width, height, limits.max_pixels)

    if isinstance(source, np.ndarray):
        return _from_array(source, label, check)
    if isinstance(source, Image.Image):
        check(*source.size)
        with reading(label):
            pillow.refuse_preview(source, label)
            return _drop_opaque_alpha(pillow.photo_from(source, label))
    data = read(source, limits, label)
    kind = sniff(data[:HEAD])
    with reading(label):
        return _drop_opaque_alpha(_from_bytes(data, kind, label, check))


def label_of(source: object) -> str:
    """Return what messages call a source that was given no name."""
    if isinstance(source, (str, os.PathLike)):
        path = os.fsdecode(source)
        # A picture as text, in place of a path, would fill the screen.
        return path if len(path) <= _LONGEST_NAME else f"{path[:_START_OF_NAME]}…"
    named = getattr(source, "name", None) or getattr(source, "filename", None)
    return str(named) if isinstance(named, (str, os.PathLike)) and named else "picture"


@contextmanager
def reading(source: str) -> Iterator[None]:
    """Turn what decoders raise into an `InputError`.

    Whatever it is: Pillow, tifffile and imagecodecs have error classes of their own, which change
    from version to version, and run into every built-in one when lengths, counts and offsets lie.
    Warnings are among them where the process makes errors of warnings.
    """
    try:
        yield
    except MattekitError:
        raise
    except ImportError as error:
        raise InvalidFileType(
            source,
            f"a picture for which the imagecodecs installed here has no codec ({error})",
            "a picture of a common kind: save it as PNG or JPEG, or install imagecodecs from PyPI",
        ) from error
    except Exception as error:
        if isinstance(error, MemoryError):
            raise UnreadableImage(
                source, "there is not enough memory", "Close other programs, or save it smaller."
            ) from error
        raise UnreadableImage(source, str(error)[:200] or type(error).__name__) from error


def _drop_opaque_alpha(photo: Photo) -> Photo:
    """Drop an alpha that says nothing."""
    if photo.alpha is not None and photo.alpha.min() == np.iinfo(photo.alpha.dtype).max:
        return photo.replace(alpha=None)
    return photo


def _from_bytes(data: bytes, kind: str, source: str, check: Check) -> Photo:
    if kind == "jpg":
        return _from_jpeg(data, source, check)
    if kind == "png":
        return _from_png(data, source, check)
    if kind == "tiff":
        from mattekit.codecs import tiff

        return tiff.read(data, source, check)
    if kind == "netpbm":
        header = netpbm.read_header(data, source)
        if header is not None:
            check(header.width, header.height)
            return _from_samples(netpbm.read_pixels(data, header, source), "netpbm", source)
    if kind == "raw":
        raise raw.refusal(source, raw.raw_kind(data[:HEAD]))
    if kind in {"avif", "heic", "jp2", "jxl", "jxr"}:
        from mattekit.codecs import deep

        readers = {
            "avif": deep.read_avif,
            "heic": deep.read_heic,
            "jp2": deep.read_jpeg2000,
            "jxl": deep.read_jpegxl,
            "jxr": deep.read_jpegxr,
        }
        return readers[kind](data, source, check)
    if kind == "psd":
        from mattekit.codecs import photoshop

        return photoshop.read(data, source, check)
    if kind == "ora":
        name = f"{source}: the merged picture"
        return _from_png(archive.merged(data, len(data) + _ENTRY_ROOM, source), name, check)
    if kind == "zip":
        return _from_zip(data, source, check)
    if kind not in PICTURES and kind != "unknown":
        raise refusal(source, kind)
    image = pillow.identify(data, source, kind)
    check(*image.size)
    return pillow.photo_from(image, source)


def _from_zip(data: bytes, source: str, check: Check) -> Photo:
    """Return the colour and the alpha of a result with ``format="zip"``."""
    try:
        parts = archive.unpack(data, len(data) + _ENTRY_ROOM, source)
    except InvalidFileType:
        raise refusal(source, "zip") from None
    color, matte = (
        _from_bytes(part, sniff(part[:HEAD]), f"{source}: {name}", check)
        for part, name in zip(parts, (archive.COLOR, archive.MATTE), strict=True)
        if sniff(part[:HEAD]) in {"jpg", "png"}
    )
    if color.size != matte.size:
        raise UnreadableImage(
            source, f"its colour is {color.size} and its alpha {matte.size} pixels large"
        )
    alpha = np.ascontiguousarray(eight_bits(matte.color)[..., 0])
    return color.replace(color=eight_bits(color.color), alpha=alpha, format="zip", source=source)


def _from_jpeg(data: bytes, source: str, check: Check) -> Photo:
    header = jpeg.read_header(data, source)
    check(header.width, header.height)
    if header.precision != 8 or header.components not in {1, 3, 4}:
        raise InvalidFileType(
            source,
            f"a JPEG of {header.components} channels with {header.precision} bits",
            "grey, RGB or CMYK with 8 bits: save it so, or with more as PNG or TIFF",
        )
    if header.components == 4:
        data = jpegpixels.checked(data, source, header.components)
        image = pillow.identify(data, source, "jpg", ("JPEG",))
        return pillow.photo_from(image, source, header.facts)
    samples = jpegpixels.decode(data, source, header.components)
    if samples.shape[:2] != (header.height, header.width):
        raise UnreadableImage(source, "its frames disagree about the size")
    return _from_samples(samples, "jpg", source, header.icc_profile, header.facts)


def _from_png(data: bytes, source: str, check: Check) -> Photo:
    header = png.read_header(data, source)
    check(header.width, header.height)
    data = pngpixels.pixels_of(data, header, source)
    if header.palette or header.depth < 8:
        image = pillow.identify(data, source, "png", ("PNG",))
        return pillow.photo_from(image, source, header.facts)
    import imagecodecs

    samples = imagecodecs.png_decode(data)
    if samples.shape[:2] != (header.height, header.width):
        raise UnreadableImage(source, "its chunks disagree about the size")
    return _from_samples(samples, "png", source, header.icc_profile, header.facts)


def _from_samples(
    samples: NDArray[Any],
    format_: str,
    source: str,
    profile: bytes | None = None,
    facts: Facts = Facts(),  # noqa: B008 - it is a tuple
) -> Photo:
    """Return a photo of (H, W) or (H, W, 1..4) samples; they may become part of it.

    The profile is that of the samples, whatever its space.
    """
    plain, alpha = _split(upright(samples, facts.orientation))
    space: ColorSpace = "rgb" if plain.ndim == 3 else "gray"
    color, profile = to_rgb(plain, space, profile)
    metadata = Metadata(profile, facts.dpi, facts.exif)
    return Photo(color, alpha, metadata, format_, source=source)


def _split(samples: NDArray[Any]) -> tuple[Pixels, Pixels | None]:
    """Return grey (H, W) or RGB (H, W, 3), and alpha."""
    if samples.ndim == 2:
        return samples, None
    channels = samples.shape[2]
    if channels <= 2:
        return samples[..., 0], samples[..., 1].copy() if channels == 2 else None
    return separated(samples) if channels == 4 else (np.ascontiguousarray(samples), None)


def _from_array(samples: NDArray[Any], source: str, check: Check) -> Photo:
    native = samples.dtype.newbyteorder("=")
    if native not in {np.dtype(np.uint8), np.dtype(np.uint16)}:
        # Whole numbers are levels already; the others go from 0 to 1.
        example = (
            "array.astype('uint8') where it goes from 0 to 255"
            if native.kind in "iu"
            else _FROM_SHARES
        )
        raise InvalidFileType(
            source, f"an array of {samples.dtype}", f"uint8 or uint16: convert it, e.g. {example}"
        )
    if samples.ndim not in {2, 3} or (samples.ndim == 3 and not 1 <= samples.shape[2] <= 4):
        raise InvalidFileType(
            source,
            f"an array of shape {samples.shape}",
            "(H, W), (H, W, 1), (H, W, 2), (H, W, 3) or (H, W, 4)",
        )
    check(samples.shape[1], samples.shape[0])
    return _drop_opaque_alpha(_from_samples(samples.astype(native), "", source))
