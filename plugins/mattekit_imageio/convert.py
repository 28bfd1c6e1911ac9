"""From a video to its cut-out, in chunks that survive an interruption."""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from mattekit.cutout import Cutout
from mattekit.errors import InputError, OptionError, OutputError, UnreadableImage
from mattekit.files import temporary_name, unwritable, write_atomically
from mattekit.geometry import Size
from mattekit.imaging.samples import Pixels
from mattekit.options import Options, takes_options
from mattekit.photo import Photo
from mattekit.runtime import Runtime
from mattekit_imageio.arrays import as_photo
from mattekit_imageio.chunks import Chunks
from mattekit_imageio.colorimetry import BT709, Colorimetry
from mattekit_imageio.decoding import SourceFrame
from mattekit_imageio.frames import TEMPORAL, Frame, cut_frames
from mattekit_imageio.joining import join
from mattekit_imageio.source import VideoSource, load_av, probe
from mattekit_imageio.tracks import notes_of
from mattekit_imageio.videoformats import VideoFormat, format_of
from mattekit_imageio.viewing import View, squeezed
from mattekit_imageio.writer import VideoWriter

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mattekit.option_values import OptionValues

__all__ = ["CHUNK", "VideoReport", "convert_video"]

_log = logging.getLogger("mattekit.video")  # below the one that the command shows

#: Frames of a chunk: what an interruption costs at most.
CHUNK: Final = 250
#: Frames before a resumed chunk that are looked at again, so that mattes are as steady as if
#: nothing had been interrupted.
_RUN_UP: Final = 12
#: Options that would follow the subject, so that the picture would shake.
_NOTHING: Final[NDArray[Any]] = np.empty(0)
_SHAKY: Final = ("crop", "scale", "position")


class VideoReport(NamedTuple):
    """What became of a video.

    Attributes
    ----------
    frames : int
        How many were written.
    found : int
        On how many of those worked on now a subject was found.
    resumed : int
        How many were taken from an earlier, interrupted run.
    size : Size
        Of a frame.
    rate : float
        Frames per second of the video.
    seconds : float
        Time taken.
    audio : str
        "copied", "encoded" (at least one track of several) or "none".
    notes : tuple of str
        What of the video is not in the result, or is there in another form.
    """

    frames: int
    found: int
    resumed: int
    size: Size
    rate: float
    seconds: float
    audio: str
    notes: tuple[str, ...] = ()


class _Task(NamedTuple):
    """What is the same for all frames."""

    source: VideoSource
    target: Path
    format: VideoFormat
    options: Options
    background: VideoSource | None
    temporal: float
    workers: int | None
    runtime: Runtime | None
    transparent: bool

    @property
    def deep(self) -> bool:
        """Whether more than 8 bits are kept."""
        return self.source.deep and self.format.deep

    @property
    def keep_range(self) -> bool:
        """Whether HDR or a wide gamut is kept: what is put behind the subject has neither."""
        options = self.options
        plain = options.bg_color is None and options.bg_image is None and self.background is None
        return self.deep and self.source.colorimetry.wide and plain

    @property
    def view(self) -> View:
        """How the frames that are worked on differ from plain pictures."""
        return View(
            self.source.pixel_aspect if self.format.aspect else Fraction(1), self.colorimetry
        )

    @property
    def colorimetry(self) -> Colorimetry:
        """What the result's samples mean."""
        if not self.keep_range:
            return BT709
        colors = self.source.colorimetry
        return colors._replace(matrix=colors.yuv_matrix(*self.source.layout.stored), full=False)

    @property
    def rate(self) -> Fraction:
        """Frames per second at which chunks are encoded, whatever the times of their frames."""
        return min(max(self.source.rate, Fraction(1)), Fraction(240))

    @property
    def tick(self) -> Fraction:
        """A step of which all times are multiples, in seconds."""
        return 1 / self.source.rate if self.source.constant else self.source.tick

    def writer(self, path: Path) -> VideoWriter:
        return VideoWriter(
            path,
            self.format,
            self.rate,
            quality=self.options.quality,
            transparent=self.transparent,
            pixel_aspect=self.view.pixel_aspect,
            colorimetry=self.colorimetry,
        )

    def cutouts(self, first: int) -> Generator[tuple[SourceFrame, Frame, Cutout], None, None]:
        """Yield frames and cut-outs from one frame on."""
        begin = max(0, first - _RUN_UP)
        shown: dict[int, SourceFrame] = {}
        now = Fraction(0)

        def pixels() -> Iterator[NDArray[Any]]:
            nonlocal now
            frames = self.source.frames(
                first=begin,
                deep=self.deep,
                keep_range=self.keep_range,
                square=not self.format.aspect,
            )
            for number, frame in enumerate(frames, begin):
                shown[number] = frame._replace(pixels=_NOTHING)
                now = frame.time - self.source.start
                yield frame.pixels

        behind = None
        if self.background is not None:
            behind = self._behind(self.background, lambda: now)
        stream = cut_frames(
            pixels(),
            self.options,
            background=behind,
            temporal=self.temporal,
            workers=self.workers,
            runtime=self.runtime,
            first=begin,
            view=self.view,
        )
        with closing(stream):
            for frame, cutout in stream:
                timed = shown.pop(frame.number)
                if frame.number >= first:
                    yield timed, frame, cutout

    def _behind(self, background: VideoSource, now: Callable[[], Fraction]) -> Iterator[Photo]:
        """Yield what lies behind the frame that is shown at the time `now` says."""
        last: NDArray[Any] | None = None
        for pixels in background.following(now, square=True):
            if pixels is not last:
                last = pixels
                picture = squeezed(as_photo(pixels, str(background.path)), self.view.pixel_aspect)
            yield picture

    def notes(self, *, audio: bool) -> Iterator[str]:
        """Say what of the source will not be in the result as it was."""
        source, format = self.source, self.format
        yield from source.notes
        yield from notes_of(load_av(), source, format, audio=audio)
        if source.colorimetry.wide and not self.keep_range:
            yield f"the colours are {source.colorimetry.name} and become those of BT.709"
        size = source.layout.size
        if source.pixel_aspect != 1 and not format.aspect:
            size = source.layout.square_size
            yield (
                f"the pixels are not square, which {format.name} files cannot say; frames become "
                f"{size.width} × {size.height}"
            )
        if format.even and (size.width % 2 or size.height % 2):
            yield (
                f"{format.name} needs even sides: the last row or column of {size.width} × "
                f"{size.height} is repeated"
            )


@takes_options
def convert_video(
    source: str | os.PathLike[str] | VideoSource,
    target: str | os.PathLike[str],
    options: Options | None = None,
    *,
    background: str | os.PathLike[str] | None = None,
    temporal: float = TEMPORAL,
    audio: bool = True,
    chunk: int = CHUNK,
    workers: int | None = None,
    progress: Callable[[int, int], object] | None = None,
    runtime: Runtime | None = None,
    **values: Unpack[OptionValues],
) -> VideoReport:
    """Remove the background of a video.

    Parameters
    ----------
    source : path or VideoSource
        Any video that FFmpeg reads, or an animated WebP or AVIF. Its transparency is honoured.
    target : path
        Its suffix is the format. With transparency: .webm and .mkv (VP9), .mov (ProRes 4444),
        .webp, .png and .gif, animated. Without: .mp4 (H.264), and the others over a background.
    options : Options, optional
        Checked options; `quality` is that of the video.
    background : path, optional
        A second video to put behind the subject, repeated where it is shorter.
    temporal : float
        How steady mattes are kept from frame to frame, 0 to 1.
    audio : bool
        Whether the sound is kept, all tracks of it: copied where the format can hold it as it is,
        else encoded.
    chunk : int
        Frames of a chunk. Chunks lie in ``<target>.parts`` until the end; the same call after an
        interruption goes on behind the last complete one. GIF, PNG and WebP have none.
    workers : int, optional
        Threads that finish frames.
    progress : callable, optional
        Called with the frames done and those in all, 0 where that is not known.
    runtime : Runtime, optional
        Where models run; by default the one that the whole process shares.
    **values
        Options by name.

    Returns
    -------
    VideoReport

    Raises
    ------
    OptionError
        An unknown suffix, an option that makes no sense for a video, MP4 without a background.
    InputNotFound, InvalidFileType
        The source is no video, or may not be read.
    ResolutionTooHigh
        Its frames have more pixels than are read.
    UnreadableImage
        The video is empty, or breaks off; the frames before are in `target`, and the message says
        how many there are.
    OutputError
        The target cannot be written, or PyAV lacks the encoder.

    Notes
    -----
    Frames keep their times. What the target cannot hold of the source is logged before the work
    begins, and stands in `VideoReport.notes`.
    """
    started = time.perf_counter()
    clip = source if isinstance(source, VideoSource) else probe(source)
    task = _task(
        clip if audio else clip.silent(),
        Path(target),
        Options.of(options, values),
        None if background is None else probe(background),
        temporal,
        workers,
        runtime,
    )
    if chunk < 1:
        raise OptionError("chunk", chunk, "a whole number from 1")
    _check_target(task)
    notes = tuple(task.notes(audio=audio))
    for note in notes:
        _log.warning("%s: %s", task.source.path, note)
    work = _Work(task, progress)
    work.run(Chunks(task.target, chunk, _key(task, chunk)) if task.format.chunks else None, audio)
    report = VideoReport(
        work.written,
        work.found,
        work.resumed,
        work.size,
        work.rate,
        time.perf_counter() - started,
        work.audio,
        notes,
    )
    if work.error is not None:
        raise UnreadableImage(
            str(task.source.path),
            f"{getattr(work.error, 'reason', work.error)}; {report.frames} frames are in "
            f"{task.target}",
            what="video",
        ) from work.error
    return report


def _task(
    source: VideoSource,
    target: Path,
    options: Options,
    background: VideoSource | None,
    temporal: float,
    workers: int | None,
    runtime: Runtime | None,
) -> _Task:
    if os.path.isdir(target):  # noqa: PTH112 - which does not fail where it may not look
        raise unwritable(target, IsADirectoryError(errno.EISDIR, "it is a folder"))
    format = format_of(target)
    for name in _SHAKY:
        value = getattr(options, name)
        if value not in {None, False}:
            raise OptionError(name, value, "the default in a video: frames would shake")
    color = options.bg_color
    opaque = background is not None or options.bg_image is not None or options.bg_blur > 0
    opaque = opaque or (color is not None and color.alpha == 255) or options.channels == "alpha"
    if not opaque and not format.transparent:
        raise OptionError(
            "output",
            str(target),
            "bg_color, bg_image, bg_blur or a background video, or a name that ends in .webm or "
            ".mov",
            f"{format.name} has no transparency",
        )
    return _Task(
        source, target, format, options, background, temporal, workers, runtime, not opaque
    )


def _check_target(task: _Task) -> None:
    """Find out before hours of work whether the result can be written."""
    try:
        _check_path(task)
    except OSError as error:
        raise unwritable(task.target, error) from error
    trial = task.target.with_name(temporary_name(task.target.name))
    try:
        write_atomically(trial, b"")
        trial.unlink()
    except OutputError as error:
        raise OutputError(str(task.target), error.problem) from error
    except OSError as error:
        raise unwritable(task.target, error) from error


def _check_path(task: _Task) -> None:
    inputs = [task.source.path] + ([task.background.path] if task.background else [])
    if task.target.exists() and any(task.target.samefile(path) for path in inputs):
        raise OutputError(str(task.target), "is an input and stays as it is. Choose another name.")


def _key(task: _Task, chunk: int) -> dict[str, Any]:
    """Return what must be the same for chunks of an earlier run to be used."""
    from mattekit import __version__

    inputs = [task.source] + ([task.background] if task.background else [])
    return {
        "version": __version__,
        "inputs": [
            [str(item.path.absolute()), item.path.stat().st_size, item.path.stat().st_mtime_ns]
            for item in inputs
        ],
        "options": {
            option.name: option.grammar.format(value) for option, value in task.options.changed()
        },
        "temporal": task.temporal,
        "chunk": chunk,
        "format": task.format.name,
    }


class _Work:
    """The frames of a video on their way into a file."""

    def __init__(self, task: _Task, progress: Callable[[int, int], object] | None) -> None:
        self.task, self.progress = task, progress
        self.written = self.found = self.resumed = 0
        self.size = Size(0, 0)
        self.audio = "none"
        self.error: InputError | None = None
        self._length = Fraction(0)

    @property
    def rate(self) -> float:
        """Frames per second of the result, the mean where they last unequally long."""
        if self.task.source.constant or not self._length:
            return float(self.task.source.rate)
        return float(self.written / self._length)

    def run(self, chunks: Chunks | None, audio: bool) -> None:
        temporary = self.task.target.with_name(temporary_name(self.task.target.name))
        try:
            if chunks is None:
                with self.task.writer(temporary) as writer:
                    self._without_chunks(writer)
            else:
                self._in_chunks(chunks)
                complete = chunks.complete()
                self.written = sum(len(chunk.times) - 1 for chunk in complete)
                self._length = complete[-1].times[-1] - complete[0].times[0]
                self.audio = join(
                    complete,
                    temporary,
                    self.task.format,
                    self.task.rate,
                    self.task.tick,
                    self.task.source,
                    audio=audio,
                )
            try:
                temporary.replace(self.task.target)
            except OSError as error:
                raise unwritable(self.task.target, error) from error
        except BaseException:
            if chunks is not None and not chunks.complete():
                chunks.remove()  # nothing is in it that the next call could use
            raise
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        if chunks is not None:
            chunks.remove()

    def _without_chunks(self, writer: VideoWriter) -> None:
        start = self.task.source.start

        def write(shown: SourceFrame, _number: int, cutout: Cutout) -> None:
            writer.write(*self._planes(cutout), shown.time - start, shown.duration)
            self._length = shown.time + shown.duration - start

        self._frames(0, write)

    def _in_chunks(self, chunks: Chunks) -> None:
        done = chunks.prepare()
        first = self.resumed = done * chunks.length
        if done:
            _log.info("%s: going on behind frame %d", self.task.target, first)
        writer: VideoWriter | None = None
        times: list[Fraction] = []

        def end() -> None:
            nonlocal writer
            if writer is not None:
                writer.close()
                chunks.finish((self.written - 1) // chunks.length, times)
                writer = None

        def write(shown: SourceFrame, number: int, cutout: Cutout) -> None:
            nonlocal writer
            index, offset = divmod(number, chunks.length)
            if offset == 0 and times:
                times[-1] = shown.time  # frames last until the next one
                end()
            if writer is None:
                times.clear()
                writer = stack.enter_context(self.task.writer(chunks.unfinished(index)))
            writer.write(*self._planes(cutout))
            del times[offset:]
            times.extend((shown.time, shown.time + shown.duration))

        with ExitStack() as stack:
            self._frames(first, write)
            end()

    def _frames(self, first: int, write: Callable[[SourceFrame, int, Cutout], None]) -> None:
        self.written = first
        stream = self.task.cutouts(first)
        with closing(stream):
            try:
                for shown, frame, cutout in stream:
                    write(shown, frame.number, cutout)
                    self._count(cutout)
            except InputError as error:
                if self.written == 0:
                    raise
                self.error = error

    def _planes(self, cutout: Cutout) -> tuple[Pixels, Pixels]:
        color: Pixels = cutout.color
        if self.task.options.channels == "alpha":
            color = cast("Pixels", np.repeat(cutout.alpha[..., None], 3, axis=2))
        return color, cutout.alpha

    def _count(self, cutout: Cutout) -> None:
        width, height = cutout.size
        even = self.task.format.even
        self.size = Size(width + width % 2, height + height % 2) if even else cutout.size
        self.found += cutout.found
        self.written += 1
        if self.progress is not None:
            self.progress(self.written, max(self.task.source.frame_count, 0))
