"""Videos out, by PyAV itself: imageio's plug-in knows neither encoder options nor sound."""

from __future__ import annotations

import errno
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mattekit.errors import InputError, OutputError
from mattekit.files import unwritable
from mattekit.imaging.samples import Pixels
from mattekit_imageio.colorimetry import BT709, Colorimetry, swscale_matrix
from mattekit_imageio.decoding import scaling
from mattekit_imageio.finaldelay import set_final_delay
from mattekit_imageio.source import load_av
from mattekit_imageio.videoformats import VideoFormat

__all__ = ["VideoWriter", "not_written"]

#: Radius, in pixels, over which colours are continued beyond the subject.
_PADDING: Final = 12
#: FFmpeg's numbers for the range of samples.
_LIMITED_RANGE: Final = 1
_FULL_RANGE: Final = 2
#: Step of the clock of animated pictures.
_TICK: Final = Fraction(1, 1000)


class VideoWriter:
    """Encodes frames to a file, one after the other.

    Parameters
    ----------
    path : pathlib.Path
        A new file.
    format : VideoFormat
        How to write.
    rate : Fraction
        Frames per second, where `write` is given no times.
    quality : int
        1 to 100.
    transparent : bool
        Whether alpha is written.
    pixel_aspect : Fraction
        Width of a pixel over its height, where the format keeps it.
    colorimetry : Colorimetry
        What the R'G'B' of the frames means, and what the file says of its own samples.

    Raises
    ------
    OutputError
        The encoder is missing, or the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        format: VideoFormat,
        rate: Fraction,
        *,
        quality: int,
        transparent: bool,
        pixel_aspect: Fraction = Fraction(1),
        colorimetry: Colorimetry = BT709,
    ) -> None:
        self._av = load_av()
        self.path, self.format, self.rate, self.quality = path, format, rate, quality
        self.transparent, self.pixel_aspect = transparent, pixel_aspect
        self.colorimetry = colorimetry
        self.count = 0
        self._size: tuple[int, int] | None = None
        self._stream: Any = None
        self._final_delay: Fraction | None = None
        options = {"loop": "0"} if format.container in {"gif", "webp"} else {}
        if format.container == "apng":
            options = {"plays": "0"}
        try:
            self._container = self._av.open(
                str(path), "w", format=format.container, container_options=options
            )
        except (self._av.FFmpegError, OSError, ValueError) as error:
            raise not_written(path, error, "the video cannot be written") from error

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def write(
        self,
        color: Pixels,
        alpha: Pixels,
        time: Fraction | None = None,
        duration: Fraction | None = None,
    ) -> None:
        """Append a frame.

        Parameters
        ----------
        color : (H, W, 3) ndarray of uint8 or uint16
        alpha : (H, W) ndarray of the same dtype
            Sides that the format needs to be even, and are not, grow by one: the last row or
            column is repeated.
        time, duration : Fraction, optional
            When and for how long it is shown, in seconds, in an animated picture; by default one
            after the other.

        Raises
        ------
        OutputError
            It has another size than the first, or the encoder fails.
        """
        if self.format.even:
            color, alpha = _even(color), _even(alpha)
        size = alpha.shape[1], alpha.shape[0]
        if self._size is None:
            self._start(size, 1 / self.rate if time is None else _TICK)
        elif size != self._size:
            raise OutputError(
                str(self.path), f"frame {self.count} is {size}, the ones before {self._size} large."
            )
        frame = self._frame(color, alpha)
        if time is None:
            frame.pts, frame.time_base = self.count, 1 / self.rate
        else:
            frame.pts, frame.time_base = round(time / _TICK), _TICK
            self._final_delay = duration
        self._encode(frame)
        self.count += 1

    def close(self) -> None:
        """Write what the encoder still holds; doing so again changes nothing."""
        container, self._container = self._container, None
        if container is None:
            return
        try:
            if self._stream is not None:
                container.mux(self._stream.encode(None))
            container.close()
            if self._final_delay is not None:
                set_final_delay(self.path, self.format.container, self._final_delay)
        except (self._av.FFmpegError, OSError) as error:
            with suppress(self._av.FFmpegError, OSError):
                container.close()
            raise not_written(self.path, error, "the video cannot be ended") from error

    def _start(self, size: tuple[int, int], tick: Fraction) -> None:
        self._size = size
        pixels = self.format.transparent if self.transparent else self.format.opaque
        pixels = pixels or self.format.transparent
        options = self.format.options(self.quality, transparent=self.transparent)
        try:
            stream = self._container.add_stream(self.format.codec, rate=self.rate, options=options)
        except (self._av.FFmpegError, ValueError, TypeError) as error:
            raise OutputError(
                str(self.path),
                f"this PyAV cannot write {self.format.codec} ({error}). Choose another suffix, or "
                "install PyAV from PyPI, which has all encoders.",
            ) from error
        stream.pix_fmt = pixels
        stream.width, stream.height = size
        context = stream.codec_context
        context.time_base = tick
        if self.pixel_aspect != 1:
            context.sample_aspect_ratio = self.pixel_aspect
        if pixels.startswith("yuv"):
            self._tag(context)
            context.color_range = _LIMITED_RANGE
        self._pixels, self._stream = pixels, stream

    def _tag(self, target: Any) -> None:
        """Say of an encoder or a frame what its samples mean."""
        target.color_primaries = self.colorimetry.primaries
        target.color_trc = self.colorimetry.transfer
        target.colorspace = self.colorimetry.matrix

    def _frame(self, color: Pixels, alpha: Pixels) -> Any:
        new = self._av.VideoFrame.from_ndarray
        if self._pixels == "pal8":
            return new(_palette(color, alpha), format="pal8")
        deep = color.dtype == np.uint16
        if self.transparent:
            if self.format.lossy:
                color = _edge_padded(color, alpha)
            frame = new(np.dstack([color, alpha]), format="rgba64le" if deep else "rgba")
        else:
            frame = new(np.ascontiguousarray(color), format="rgb48le" if deep else "rgb24")
        if not self._pixels.startswith("yuv"):
            return frame.reformat(format=self._pixels, interpolation=scaling(color.shape[1]))
        self._tag(frame)  # PyAV 17.0 knows no number for the matrix of BT.2020 but a frame's own
        result = frame.reformat(
            format=self._pixels,
            src_color_range=_FULL_RANGE,
            dst_colorspace=swscale_matrix(self.colorimetry.matrix),
            dst_color_range=_LIMITED_RANGE,
            interpolation=scaling(color.shape[1]),
        )
        self._tag(result)  # some encoders look at frames only
        return result

    def _encode(self, frame: Any) -> None:
        try:
            self._container.mux(self._stream.encode(frame))
        except (self._av.FFmpegError, OSError) as error:
            if isinstance(error, InputError):
                raise
            problem = f"frame {self.count} cannot be encoded"
            raise not_written(self.path, error, problem) from error


def not_written(path: Path, error: Exception, problem: str) -> OutputError:
    """Return what an encoder's error means: of a full disk, the disk's sentence."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return unwritable(path, error)
    return OutputError(str(path), f"{problem} ({error}).")


def _even(samples: Pixels) -> Pixels:
    """Repeat the last row and column where there is an odd number of them."""
    height, width = samples.shape[:2]
    if height % 2 == width % 2 == 0:
        return samples
    pad = ((0, height % 2), (0, width % 2), (0, 0))[: samples.ndim]
    return cast("Pixels", np.pad(samples, pad, "edge"))


def _edge_padded(color: Pixels, alpha: Pixels) -> Pixels:
    """Continue the subject's colours where alpha is 0.

    An encoder that halves the resolution of colours, and rounds blocks of them, would otherwise mix
    whatever is hidden there into the subject's edge.
    """
    hidden = alpha == 0
    shift = 8 * (color.dtype.itemsize - 1)
    seen = (alpha >> shift).astype(np.uint8)
    weighted = (color >> shift).astype(np.uint16) * seen[..., None] // 255
    blur = ImageFilter.BoxBlur(_PADDING)
    sums = np.asarray(Image.fromarray(weighted.astype(np.uint8)).filter(blur), np.float32)
    weights = np.asarray(Image.fromarray(seen).filter(blur), np.float32)[..., None]
    fill = np.where(weights > 0, np.clip(sums * 255 / np.maximum(weights, 1), 0, 255), 0)
    result = color.copy()
    result[hidden] = fill[hidden].astype(color.dtype) << shift
    return result


def _palette(color: Pixels, alpha: Pixels) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return a frame in 255 colours of its own, and one for what is transparent."""
    eight = np.ascontiguousarray((color >> (8 * (color.dtype.itemsize - 1))).astype(np.uint8))
    image = Image.fromarray(eight).quantize(255, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    indices = np.asarray(image).copy()
    indices[alpha <= np.iinfo(alpha.dtype).max // 2] = 255
    colors = np.asarray(image.getpalette("RGB"), np.uint8).reshape(-1, 3)
    palette = np.zeros((256, 4), np.uint8)
    palette[: len(colors), 1:] = colors
    palette[:255, 0] = 255  # alpha comes first
    palette[255] = 0
    return indices, palette
