"""Frames out of a file, by PyAV itself: imageio's plug-in leaves out alpha, times and colours."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.errors import InvalidFileType
from mattekit.geometry import Size
from mattekit.imaging.orientation import upright
from mattekit_imageio.colorimetry import Colorimetry, swscale_matrix, to_srgb

__all__ = ["Layout", "SourceFrame", "decoded", "moving_pictures", "scaling", "squared"]

#: Decoders that read the alpha of these codecs; FFmpeg's own leave it out.
_WITH_ALPHA: Final = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
#: FFmpeg's numbers for the range of samples.
_LIMITED_RANGE: Final = 1
_FULL_RANGE: Final = 2
#: swscale's flags.
_BILINEAR: Final = 0x2
_BICUBIC: Final = 0x4
_EXACT: Final = 0x40000
#: Widths that are multiples of this are converted whole by swscale's fastest code; it leaves the
#: last columns of others unwritten.
_WHOLE: Final = 16
#: EXIF orientations by where a display matrix sends the first pixel's right and lower neighbour.
_ORIENTATIONS: Final = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}


class SourceFrame(NamedTuple):
    """A frame of a video.

    Attributes
    ----------
    pixels : (H, W, 3 or 4) ndarray of uint8 or uint16
        Upright.
    time, duration : Fraction
        When and for how long it is shown, in seconds.
    """

    pixels: NDArray[Any]
    time: Fraction
    duration: Fraction


class Layout(NamedTuple):
    """How the frames of a video lie in memory and what they mean.

    Attributes
    ----------
    stored : Size
        As decoded.
    alpha : bool
    deep : bool
        Whether there are more than 8 bits per sample.
    orientation : int
        As EXIF counts them.
    stored_aspect : Fraction
        Width of a pixel over its height, as decoded.
    colorimetry : Colorimetry
    """

    stored: Size
    alpha: bool = False
    deep: bool = False
    orientation: int = 1
    stored_aspect: Fraction = Fraction(1)
    colorimetry: Colorimetry = Colorimetry()

    @classmethod
    def of(cls, frame: Any, aspect: Fraction) -> Layout:
        """Return the layout of a decoded frame."""
        components = frame.format.components
        return cls(
            Size(frame.width, frame.height),
            any(part.is_alpha for part in components) or frame.format.has_palette,
            max(part.bits for part in components) > 8,
            _orientation(frame),
            aspect,
            Colorimetry(
                int(frame.color_primaries),
                int(frame.color_trc),
                int(frame.colorspace),
                int(frame.color_range) == _FULL_RANGE or frame.format.name.startswith("yuvj"),
            ),
        )

    @property
    def size(self) -> Size:
        """Of an upright frame."""
        width, height = self.stored
        return Size(height, width) if self.orientation >= 5 else self.stored

    @property
    def pixel_aspect(self) -> Fraction:
        """Width of a pixel of an upright frame over its height."""
        return 1 / self.stored_aspect if self.orientation >= 5 else self.stored_aspect

    @property
    def square_size(self) -> Size:
        """Of an upright frame with square pixels, none of which is lost."""
        return squared(self.size, self.pixel_aspect)

    def pixels(self, frame: Any, *, deep: bool, keep_range: bool, square: bool) -> NDArray[Any]:
        """Return a decoded frame as an array; see `VideoSource.frames`."""
        plain = keep_range or not self.colorimetry.wide
        size = squared(self.stored, self.stored_aspect) if square else self.stored
        sixteen = deep or not plain
        name = ("rgba64le" if sixteen else "rgba") if self.alpha else "rgb48le"
        name = name if sixteen or self.alpha else "rgb24"
        matrix = swscale_matrix(self.colorimetry.yuv_matrix(*self.stored))
        full = self.colorimetry.full or frame.format.is_rgb or frame.format.has_palette
        # Frames of another size than the first one are brought to its size.
        converted = frame.reformat(
            width=size.width,
            height=size.height,
            format=name,
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range=_FULL_RANGE if full else _LIMITED_RANGE,
            dst_color_range=_FULL_RANGE,
            interpolation=scaling(size.width, resized=size != self.stored),
        )
        pixels: NDArray[Any] = converted.to_ndarray()
        if not plain:
            pixels = to_srgb(pixels, self.colorimetry, np.uint16 if deep else np.uint8)
        return upright(pixels, self.orientation)


def scaling(width: int, *, resized: bool = False) -> int:
    """Return swscale's flags for frames of a width."""
    if resized:
        return _BICUBIC | _EXACT
    return _BILINEAR if width % _WHOLE == 0 else _BILINEAR | _EXACT


def squared(size: Size, pixel_aspect: Fraction) -> Size:
    """Return the size with square pixels: one side grows, none shrinks."""
    if pixel_aspect >= 1:
        return Size(max(1, round(size.width * pixel_aspect)), size.height)
    return Size(size.width, max(1, round(size.height / pixel_aspect)))


def _orientation(frame: Any) -> int:
    data = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return 1
    a, b, _, c, d = np.frombuffer(bytes(data), np.int32)[:5].tolist()
    largest = max(abs(a), abs(b), abs(c), abs(d), 1)
    # Anything but quarter turns and reflections counts as the nearest one.
    signs = tuple(round(value / largest) for value in (a, b, c, d))
    return _ORIENTATIONS.get(signs, 1)


def moving_pictures(container: Any, source: str) -> Any:
    """Return the video stream of a file.

    Raises
    ------
    InvalidFileType
        There is none but a cover, or none that can be decoded.
    """
    videos = container.streams.video
    expected = "a video"
    if not videos:
        raise InvalidFileType(source, "a file without pictures", expected)
    from av.stream import Disposition

    still = Disposition.attached_pic | Disposition.timed_thumbnails
    moving = [stream for stream in videos if not stream.disposition & still]
    if not moving:
        raise InvalidFileType(source, "sound with a cover, without moving pictures", expected)
    stream = moving[0]
    if stream.codec_context is None:
        raise InvalidFileType(
            source,
            "a video in a codec that this PyAV does not decode",
            f"{expected} in another codec: convert it first",
        )
    return stream


def decoded(av: Any, path: Path) -> Iterator[Any]:
    """Yield the frames of a file as PyAV has them.

    Raises
    ------
    InvalidFileType
        Its alpha needs a decoder that is missing.
    FFmpegError
        It breaks off.
    """
    with av.open(str(path)) as container:
        stream = moving_pictures(container, str(path))
        decoder = _alpha_decoder(av, stream, str(path))
        if decoder is None:
            stream.thread_type = "AUTO"
            yield from container.decode(stream)
            return
        for packet in container.demux(stream):
            yield from decoder.decode(packet if packet.size else None)


def _alpha_decoder(av: Any, stream: Any, source: str) -> Any:
    tags = {name.lower(): value for name, value in stream.metadata.items()}
    codec = stream.codec_context.name
    if tags.get("alpha_mode") != "1" or codec not in _WITH_ALPHA:
        return None
    try:
        return av.CodecContext.create(_WITH_ALPHA[codec], "r")
    except (av.FFmpegError, ValueError) as error:
        raise InvalidFileType(
            source,
            f"{codec.upper()} with transparency, which only {_WITH_ALPHA[codec]} decodes",
            "a PyAV that has it, as those from PyPI do",
        ) from error
