"""Videos in, through imageio's plug-in for PyAV."""

from __future__ import annotations

import itertools
import os
from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit.errors import InputError, InputNotFound, InvalidFileType, UnreadableImage

__all__ = ["VideoSource", "load_av", "probe"]

#: Rates that differ by less are one rate.
_SAME_RATE: Final = 0.01
#: A video may hold so few frames less than its duration promises.
_TOLERANCE: Final = 2
_DEFAULT_RATE: Final = Fraction(25)
#: A header that promises more frames per second tells its clock's rate: recorders of browsers and
#: screens, which write a frame when there is something new, leave 1000 there.
_FASTEST: Final = 240


def load_av() -> Any:
    """Return PyAV.

    Raises
    ------
    InputError
        It is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise InputError(
            "video", "PyAV, which videos need, is missing: pip install 'mattekit[imageio]'"
        ) from error
    return av


class VideoSource(NamedTuple):
    """What is known of a video before its frames are read.

    Attributes
    ----------
    path : pathlib.Path
    rate : Fraction
        Frames per second.
    frame_count : int
        How many frames its header promises; 0 where it does not tell.
    exact : bool
        Whether the header counts frames rather than seconds.
    deep : bool
        Whether it has more than 8 bits per sample.
    turned : int
        Quarter turns, counter-clockwise, after which frames are upright.
    steady : bool
        Whether all frames last equally long.
    audio : str
        Codec of its sound; empty where there is none.
    """

    path: Path
    rate: Fraction
    frame_count: int
    exact: bool
    deep: bool
    turned: int
    steady: bool
    audio: str

    def frames(self, *, rate: Fraction | None = None, deep: bool = False) -> Iterator[NDArray[Any]]:
        """Yield the frames, upright, as ``(H, W, 3)`` of uint8, or of uint16 with `deep`.

        Parameters
        ----------
        rate : Fraction, optional
            Frames per second that are wanted; frames are repeated or left out to get there. By
            default those that are there, where they last equally long.

        Raises
        ------
        UnreadableImage
            The video breaks off; everything before has been yielded.
        """
        number = 0
        try:
            for frame in self._decoded(rate, deep):
                yield np.rot90(frame, self.turned) if self.turned else frame
                number += 1
        except _broken() as error:
            raise self._cut_short(number, str(error)) from error
        if number == 0:
            raise UnreadableImage(str(self.path), "the video holds no frame")
        slack = 0 if self.exact else max(_TOLERANCE, self.frame_count // 50)
        if rate is None and self.steady and number < self.frame_count - slack:
            raise self._cut_short(number, "")

    def endless(self, rate: Fraction) -> Generator[NDArray[Any], None, None]:
        """Yield the frames again and again."""
        for _ in itertools.count():
            yield from self.frames(rate=rate)

    def _decoded(self, rate: Fraction | None, deep: bool) -> Iterator[NDArray[Any]]:
        import imageio.v3 as iio

        if rate is None and not self.steady:
            rate = self.rate
        keywords: dict[str, Any] = {"format": "rgb48le" if deep else "rgb24"}
        if rate is not None:
            keywords["filter_sequence"] = [("fps", f"{rate.numerator}/{rate.denominator}")]
        with iio.imopen(self.path, "r", plugin="pyav") as file:
            yield from file.iter(**keywords)

    def _cut_short(self, number: int, reason: str) -> UnreadableImage:
        of = f" of {self.frame_count}" if self.frame_count > number else ""
        at = float(number / self.rate)
        return UnreadableImage(
            str(self.path),
            f"the video breaks off after {number}{of} frames, at {at:.2f} s"
            + (f": {reason}" if reason else ""),
        )


def _broken() -> tuple[type[BaseException], ...]:
    return (load_av().FFmpegError, OSError, EOFError)


def probe(path: str | os.PathLike[str]) -> VideoSource:
    """Look at a video.

    Raises
    ------
    InputNotFound
        No such file.
    InvalidFileType
        Not a video, or PyAV is missing.
    UnreadableImage
        A video without a frame that can be decoded.
    """
    av = load_av()
    source = Path(path)
    if not source.is_file():
        raise InputNotFound(str(source), "there is no such file. Check the path.")
    try:
        with av.open(str(source)) as container:
            if not container.streams.video:
                raise InvalidFileType(str(source), "a file without pictures", "a video")
            return _facts(source, container)
    except (av.FFmpegError, StopIteration) as error:
        if isinstance(error, av.InvalidDataError) and source.stat().st_size:
            raise InvalidFileType(
                str(source), "something else, or a video that lacks its index", "a complete video"
            ) from error
        reason = str(error) or "it is empty"
        raise UnreadableImage(str(source), f"the video holds no frame: {reason}") from error


def _facts(path: Path, container: Any) -> VideoSource:
    stream = container.streams.video[0]
    first = next(container.decode(stream))
    rate = stream.average_rate or stream.guessed_rate or stream.base_rate or _DEFAULT_RATE
    rate = Fraction(rate)
    base = Fraction(stream.base_rate or rate)
    count, exact = int(stream.frames or 0), bool(stream.frames)
    if rate > _FASTEST:
        count, rate = _counted(container, stream)
        exact = True
    elif not count:
        seconds = None
        if stream.duration is not None and stream.time_base is not None:
            seconds = float(stream.duration * stream.time_base)
        elif container.duration is not None:
            seconds = container.duration / 1_000_000
        count = round(seconds * rate) if seconds else 0
    audio = container.streams.audio
    return VideoSource(
        path,
        rate.limit_denominator(1001),
        count,
        exact,
        deep=max(component.bits for component in first.format.components) > 8,
        turned=round(getattr(first, "rotation", 0) / 90) % 4,
        steady=abs(float(base / rate) - 1) < _SAME_RATE,
        audio=audio[0].codec_context.name if audio else "",
    )


def _counted(container: Any, stream: Any) -> tuple[int, Fraction]:
    """Return how many frames there are and how many a second, from all packets, undecoded."""
    container.seek(0)
    times = [packet.pts for packet in container.demux(stream) if packet.pts is not None]
    if len(times) < 2 or max(times) == min(times):
        return len(times), _DEFAULT_RATE
    seconds = (max(times) - min(times)) * stream.time_base
    return len(times), min(Fraction(len(times) - 1) / seconds, Fraction(_FASTEST))
