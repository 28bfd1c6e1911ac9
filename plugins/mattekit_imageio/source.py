"""Videos in: what is known of one, and its frames."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple

from numpy.typing import NDArray

from mattekit.codecs.explain import VIDEOS, not_a_file, refusal
from mattekit.codecs.signatures import HEAD, PICTURES, sniff
from mattekit.codecs.source import DEFAULT_LIMITS
from mattekit.errors import (
    InputError,
    InputNotFound,
    InvalidFileType,
    ResolutionTooHigh,
    UnreadableImage,
)
from mattekit.formats import ANIMATED
from mattekit.geometry import Size
from mattekit_imageio import animation, decoding
from mattekit_imageio.colorimetry import Colorimetry
from mattekit_imageio.decoding import Layout, SourceFrame

__all__ = ["VideoSource", "load_av", "probe", "read_frames"]

#: Rounding of durations may promise so many frames more than there are.
_ROUNDING: Final = 2
#: Decoders leave out so many of all frames, where they lack what those refer to.
_LEFT_OUT: Final = Fraction(1, 50)
_DEFAULT_RATE: Final = Fraction(25)
#: A constant rate is one whose frames are nowhere so far, in frames, from where they should be.
_JITTER: Final = 0.5
#: Pixels that are more oblong than this are a mistake of the header.
_OBLONG: Final = 8
#: Kinds of which a file holds one picture alone. FFmpeg does not read all of the others, and passes
#: over what is missing of them.
_STILLS: Final = PICTURES - ANIMATED
#: Where a PNG states its bits per sample. Pillow brings 16 of them to 8.
_PNG_DEPTH: Final = 24


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
        Frames per second; the mean where they last unequally long.
    frame_count : int
        How many frames its header promises; 0 where it does not tell.
    missing : int
        How many of them are not in the file.
    layout : Layout
        Size, depth, alpha and colours of the frames.
    constant : bool
        Whether all frames last equally long.
    origin : Fraction
        When the earliest of its tracks begins, in seconds of the file's clock.
    start : Fraction
        When its first frame is shown, in seconds after `origin`.
    tick : Fraction
        Step of the clock, in seconds.
    times : tuple of int
        When its frames are shown, in steps of the clock, where frames themselves do not know:
        AVI files state in which order they are decoded.
    notes : tuple of str
        What will be missing from whatever is made of it.
    animation : bool
        Whether Pillow reads it, not FFmpeg.
    """

    path: Path
    rate: Fraction
    frame_count: int
    missing: int
    layout: Layout
    constant: bool = False
    origin: Fraction = Fraction(0)
    start: Fraction = Fraction(0)
    tick: Fraction = Fraction(1, 1000)
    times: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    animation: bool = False

    @property
    def deep(self) -> bool:
        """Whether it has more than 8 bits per sample."""
        return self.layout.deep

    @property
    def colorimetry(self) -> Colorimetry:
        """What its samples mean."""
        return self.layout.colorimetry

    @property
    def pixel_aspect(self) -> Fraction:
        """Width of a pixel of an upright frame over its height."""
        return self.layout.pixel_aspect

    def silent(self) -> VideoSource:
        """Return the same video, beginning with its first frame rather than with its sound."""
        return self._replace(origin=self.origin + self.start, start=Fraction(0))

    def frames(
        self, *, first: int = 0, deep: bool = False, keep_range: bool = False, square: bool = False
    ) -> Iterator[SourceFrame]:
        """Yield the frames, upright, as ``(H, W, 3)``, or ``(H, W, 4)`` where there is alpha.

        Parameters
        ----------
        first : int
            The number of the first frame that is wanted.
        deep : bool
            Whether samples are uint16; else they are uint8.
        keep_range : bool
            Whether colours of high dynamic range or wide gamut stay as they are; else they become
            sRGB.
        square : bool
            Whether frames are brought to square pixels.

        Raises
        ------
        UnreadableImage
            The video breaks off; everything before has been yielded.
        """
        if self.animation:
            yield from animation.frames(self.path, first)
            return
        number = 0
        try:
            stamps = self._stamped(decoding.decoded(load_av(), self.path))
            for number, (frame, time, duration) in enumerate(stamps, 1):
                if number > first:
                    pixels = self.layout.pixels(
                        frame, deep=deep, keep_range=keep_range, square=square
                    )
                    yield SourceFrame(pixels, time, duration)
        except _broken() as error:
            raise self._cut_short(number, str(error)) from error
        if number == 0:
            raise UnreadableImage(str(self.path), "it holds no frame", what="video")
        present = self.frame_count - self.missing
        if self.missing or number < present - max(_ROUNDING, int(present * _LEFT_OUT)):
            raise self._cut_short(number, "")

    def following(
        self, now: Callable[[], Fraction], **form: bool
    ) -> Generator[NDArray[Any], None, None]:
        """Yield, whenever asked, the frame that is shown at the time `now` says, in seconds.

        The video is repeated where it is shorter. Time must not go back.
        """
        begin = Fraction(0)  # of the present repetition
        while True:
            shown: SourceFrame | None = None
            for frame in self.frames(**form):
                time = frame.time - self.start
                while shown is not None and now() - begin < time:
                    yield shown.pixels
                shown, end = frame, time + frame.duration
            assert shown is not None  # `frames` has raised
            while now() - begin < end:
                yield shown.pixels
            begin += max(end, self.tick)

    def _stamped(self, frames: Iterator[Any]) -> Iterator[tuple[Any, Fraction, Fraction]]:
        """Yield frames with time and duration, times growing strictly."""
        period = 1 / self.rate
        last: Fraction | None = None
        skew = Fraction(0)  # of a clock that was set back, as where recordings were joined
        for number, frame in enumerate(frames):
            time = None
            if self.times:
                time = self.times[min(number, len(self.times) - 1)] * self.tick - self.origin
            elif frame.pts is not None and frame.time_base:
                time = frame.pts * Fraction(frame.time_base) - self.origin + skew
            if self.constant:
                least = 0 if last is None else round((last - self.start) / period) + 1
                index = least if time is None else round((time - self.start) / period)
                time = self.start + max(least, index) * period
            elif time is not None and last is not None and last - period < time <= last:
                time = last + self.tick  # a stamp that repeats, of a clock that goes on
            elif time is None or (last is not None and time <= last):
                following = self.start if last is None else last + period
                skew += following - (following if time is None else time)
                time = following
            duration = period
            if not self.constant and frame.duration and frame.time_base:
                duration = frame.duration * Fraction(frame.time_base)
            last = time
            yield frame, time, duration

    def _cut_short(self, number: int, reason: str) -> UnreadableImage:
        of = f" of {self.frame_count}" if self.frame_count > number else ""
        at = float(number / self.rate)
        return UnreadableImage(
            str(self.path),
            f"it breaks off after {number}{of} frames, at {at:.2f} s"
            + (f": {reason}" if reason else ""),
            what="video",
        )


def _broken() -> tuple[type[BaseException], ...]:
    return (load_av().FFmpegError, OSError, EOFError)


def read_frames(path: str | os.PathLike[str], *, deep: bool = False) -> Iterator[NDArray[Any]]:
    """Yield the frames of a video as a viewer would see them, ready for `cutout_frames`.

    Parameters
    ----------
    path : path
        Any video that FFmpeg reads, or an animated picture.
    deep : bool
        Whether samples are uint16 where the video has more than 8 bits.

    Yields
    ------
    (H, W, 3) or (H, W, 4) ndarray of uint8 or uint16
        Upright, with square pixels, in sRGB; with straight alpha where the video has it.

    Raises
    ------
    InputNotFound, InvalidFileType, UnreadableImage, ResolutionTooHigh
        As `mattekit_imageio.convert_video` does.
    """
    source = probe(path)
    for frame in source.frames(deep=deep and source.deep, square=True):
        yield frame.pixels


def probe(path: str | os.PathLike[str]) -> VideoSource:
    """Look at a video.

    Raises
    ------
    InputNotFound
        No such file, or no permission to read it.
    InvalidFileType
        Not a video, a codec that PyAV does not know, or PyAV is missing.
    UnreadableImage
        A video without a frame that can be decoded.
    ResolutionTooHigh
        Frames of more pixels than are read.
    """
    source = Path(path)
    kind, head = _sniffed(source, os.fspath(path))
    if kind in _STILLS:
        raise refusal(str(path), kind, "a video")
    if kind in ANIMATED and not (kind == "png" and head[_PNG_DEPTH : _PNG_DEPTH + 1] == b"\x10"):
        return _animation(source)
    av = load_av()
    try:
        with av.open(str(source)) as container:
            pictures = decoding.moving_pictures(container, str(source))
            return _from_container(av, source, container, pictures)
    except (av.FFmpegError, StopIteration) as error:
        if isinstance(error, av.InvalidDataError) and kind != "empty":
            if kind not in VIDEOS:
                raise refusal(str(source), kind, "a video") from error
            raise InvalidFileType(
                str(source), "a video that lacks its index or its end", "a complete one"
            ) from error
        reason = (
            "the file is empty" if kind == "empty" else str(error) or "nothing follows its header"
        )
        raise UnreadableImage(str(source), f"it holds no frame: {reason}", what="video") from error


def _sniffed(path: Path, given: str) -> tuple[str, bytes]:
    """Return what a file looks like, and its first bytes."""
    try:
        # Not `is_file`: from Python 3.14 on it says no as well where it was not permitted to look.
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputNotFound(str(path), "this is a folder. Give the path of a video.")
        if not stat.S_ISREG(mode):
            raise _no_file(given)
        with path.open("rb") as file:
            head = file.read(HEAD)
            return sniff(head), head
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # ValueError: a NUL
        raise _no_file(given) from error
    except OSError as error:
        raise InputNotFound(
            str(path), f"the file cannot be read ({error.strerror}). Check its permissions."
        ) from error


def _no_file(given: str) -> InputNotFound:
    # As it was given: a Path has lost one of the slashes of an address.
    return InputNotFound(given, not_a_file(given) or "there is no such file. Check the path.")


def _animation(path: Path) -> VideoSource:
    summary = animation.probe(path)
    layout = Layout(summary.size, alpha=summary.alpha)
    rate = max(1 / summary.duration, Fraction(1, 1000))
    return VideoSource(path, rate, summary.frame_count, 0, layout, animation=True)


def _from_container(av: Any, path: Path, container: Any, stream: Any) -> VideoSource:
    context = stream.codec_context
    _check_size(path, Size(context.width, context.height))
    timing = _Timing.of(stream, container)
    frame = next(decoding.decoded(av, path))
    aspect = stream.sample_aspect_ratio or Fraction(1)
    notes: tuple[str, ...] = ()
    if not Fraction(1, _OBLONG) <= aspect <= _OBLONG:
        notes = (f"the pixels' aspect of {aspect} is taken for a mistake and left aside",)
        aspect = Fraction(1)
    layout = Layout.of(frame, aspect)
    _check_size(path, layout.square_size)
    # Streams know when they begin only after a look at their packets.
    starts = [
        track.start_time * track.time_base
        for track in container.streams
        if track.type in {"video", "audio"} and track.start_time is not None
    ]
    first = timing.first
    if first is None:
        first = frame.pts * Fraction(frame.time_base) if frame.pts is not None else Fraction(0)
    origin = min([first, *starts])
    return VideoSource(
        path,
        timing.rate,
        timing.frame_count,
        timing.missing,
        layout,
        timing.constant,
        origin,
        first - origin,
        Fraction(stream.time_base or Fraction(1, 1000)),
        timing.times,
        notes,
    )


def _check_size(path: Path, size: Size) -> None:
    limit = DEFAULT_LIMITS.max_pixels
    if size.width * size.height > limit:
        raise ResolutionTooHigh(str(path), size.width, size.height, limit)


class _Timing(NamedTuple):
    """When frames are shown, from the times of all packets."""

    rate: Fraction
    frame_count: int
    missing: int
    constant: bool
    first: Fraction | None
    times: tuple[int, ...]

    @classmethod
    def of(cls, stream: Any, container: Any) -> _Timing:
        base = Fraction(stream.time_base or Fraction(1, 1000))
        ordered = container.format.name != "avi"
        times, discarded, end = _times(container, stream, ordered=ordered)
        times.sort()
        rate = stream.average_rate or stream.guessed_rate or stream.base_rate
        rate = Fraction(rate) if rate else _DEFAULT_RATE
        constant = _is_constant(times, base, rate)
        first = times[0] * base if times else None
        if not constant and len(times) > 1:
            rate = (len(times) - 1) / ((times[-1] - times[0]) * base)
        rate = max(rate.limit_denominator(1001), Fraction(1, 1000))
        slack = _ROUNDING
        if stream.frames:
            missing = int(stream.frames) - discarded - len(times)
            if "mov" in container.format.name:
                slack = 0  # a table with a row for each frame
        else:
            missing = 0
            if container.duration is not None:
                promised = (container.duration + (container.start_time or 0)) / 1_000_000
                missing = round((promised - float(end)) * rate)
        missing = missing if missing > slack else 0
        shown = () if ordered else tuple(times)
        return cls(rate, len(times) + missing, missing, constant, first, shown)


def _times(container: Any, stream: Any, *, ordered: bool) -> tuple[list[int], int, Fraction]:
    """Look at all packets, undecoded.

    Parameters
    ----------
    container, stream
        Of PyAV.
    ordered : bool
        Whether packets say when they are shown, or else when they are decoded.

    Returns
    -------
    times : list of int
        When frames of a stream are shown, in its own steps.
    discarded : int
        How many of its frames are not.
    end : Fraction
        When the last packet of any track ends, in seconds; 0 where there is none.
    """
    times: list[int] = []
    discarded, end = 0, Fraction(0)
    tracks = [track for track in container.streams if track.type in {"video", "audio"}]
    try:
        for packet in container.demux(tracks):
            time = packet.pts if ordered else packet.dts
            if packet.size == 0 or time is None:
                continue
            if packet.stream.index == stream.index:
                if packet.is_discard:
                    discarded += 1
                    continue
                times.append(time)
            end = max(end, (time + (packet.duration or 0)) * packet.time_base)
    except _broken():
        pass  # where a video breaks off is told when its frames are read
    return times, discarded, end


def _is_constant(times: list[int], base: Fraction, rate: Fraction) -> bool:
    step = float(base * rate)
    return all(abs((time - times[0]) * step - index) < _JITTER for index, time in enumerate(times))
