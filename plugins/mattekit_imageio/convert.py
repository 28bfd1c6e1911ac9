"""From a video to its cut-out, in chunks that survive an interruption."""

from __future__ import annotations

import itertools
import logging
import os
import secrets
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import numpy as np

from mattekit.cutout import Cutout
from mattekit.errors import InputError, OptionError, OutputError, UnreadableImage
from mattekit.geometry import Size
from mattekit.options import Options
from mattekit.photo import Pixels
from mattekit.runtime import Runtime
from mattekit_imageio.chunks import Chunks
from mattekit_imageio.frames import TEMPORAL, Frame, cut_frames
from mattekit_imageio.joining import join
from mattekit_imageio.source import VideoSource, probe
from mattekit_imageio.videoformats import VideoFormat, format_of
from mattekit_imageio.writer import VideoWriter

__all__ = ["CHUNK", "VideoReport", "convert_video"]

_log = logging.getLogger(__name__)

#: Frames of a chunk: what an interruption costs at most.
CHUNK: Final = 250
#: Frames before a resumed chunk that are looked at again, so that mattes are as steady as if
#: nothing had been interrupted.
_RUN_UP: Final = 12
#: Options that would follow the subject, so that the picture would shake.
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
        "copied", "encoded" or "none".
    """

    frames: int
    found: int
    resumed: int
    size: Size
    rate: float
    seconds: float
    audio: str


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

    def writer(self, path: Path) -> VideoWriter:
        return VideoWriter(
            path,
            self.format,
            self.source.rate,
            quality=self.options.quality,
            transparent=self.transparent,
        )

    def cutouts(self, first: int) -> Generator[tuple[Frame, Cutout], None, None]:
        """Yield frames and cut-outs from one frame on."""
        begin = max(0, first - _RUN_UP)
        deep = self.source.deep and self.format.deep
        frames: Iterator[Any] = itertools.islice(self.source.frames(deep=deep), begin, None)
        behind = None
        if self.background is not None:
            endless = self.background.endless(self.source.rate)
            behind = itertools.islice(endless, begin, None)
        stream = cut_frames(
            frames,
            self.options,
            background=behind,
            temporal=self.temporal,
            workers=self.workers,
            runtime=self.runtime,
            first=begin,
        )
        with closing(stream):
            for frame, cutout in stream:
                if frame.number >= first:
                    yield frame, cutout


def convert_video(
    source: str | os.PathLike[str],
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
    **values: object,
) -> VideoReport:
    """Remove the background of a video.

    Parameters
    ----------
    source : path
        Any video that FFmpeg reads.
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
        Whether the sound is kept: copied where the format can hold it as it is, else encoded.
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
        The source is no video.
    UnreadableImage
        The video is empty, or breaks off; the frames before are in `target`, and the message says
        how many there are.
    OutputError
        The target cannot be written, or PyAV lacks the encoder.
    """
    started = time.perf_counter()
    task = _task(
        probe(source),
        Path(target),
        (options or Options()).replace(**values),
        None if background is None else probe(background),
        temporal,
        workers,
        runtime,
    )
    if chunk < 1:
        raise OptionError("chunk", chunk, "a whole number from 1")
    _check_target(task)
    work = _Work(task, progress)
    work.run(Chunks(task.target, chunk, _key(task, chunk)) if task.format.chunks else None, audio)
    report = VideoReport(
        work.written,
        work.found,
        work.resumed,
        work.size,
        float(task.source.rate),
        time.perf_counter() - started,
        work.audio,
    )
    if work.error is not None:
        raise UnreadableImage(
            str(task.source.path),
            f"{getattr(work.error, 'reason', work.error)}; {report.frames} frames are in "
            f"{task.target}",
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
    folder = task.target.absolute().parent
    if not folder.is_dir():
        raise OutputError(str(task.target), f"the folder {folder} does not exist. Create it first.")
    if task.target.is_dir():
        raise OutputError(str(task.target), "is a folder. Give the path of a file.")
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

    def run(self, chunks: Chunks | None, audio: bool) -> None:
        temporary = self.task.target.with_name(
            f".{self.task.target.name[:64]}.{secrets.token_hex(6)}.tmp"
        )
        try:
            if chunks is None:
                with self.task.writer(temporary) as writer:
                    self._frames(0, lambda _: writer)
            else:
                self._in_chunks(chunks)
                sound = self.task.source if audio else None
                self.written, self.audio = join(
                    chunks.complete(), temporary, self.task.format, self.task.source.rate, sound
                )
            try:
                temporary.replace(self.task.target)
            except OSError as error:
                raise OutputError(str(self.task.target), f"cannot be written ({error}).") from error
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        if chunks is not None:
            chunks.remove()

    def _in_chunks(self, chunks: Chunks) -> None:
        done = chunks.prepare()
        first = self.resumed = done * chunks.length
        if done:
            _log.info("%s: going on behind frame %d", self.task.target, first)
        with ExitStack() as stack:
            writer: VideoWriter | None = None

            def of(number: int) -> VideoWriter:
                nonlocal writer
                index, offset = divmod(number, chunks.length)
                if offset == 0 or writer is None:
                    if writer is not None:
                        writer.close()
                        chunks.finish(index - 1)
                    writer = stack.enter_context(self.task.writer(chunks.unfinished(index)))
                return writer

            self._frames(first, of)
            if writer is not None:
                writer.close()
                chunks.finish((self.written - 1) // chunks.length)

    def _frames(self, first: int, writer_of: Callable[[int], VideoWriter]) -> None:
        self.written = first
        stream = self.task.cutouts(first)
        with closing(stream):
            try:
                for frame, cutout in stream:
                    self._write(writer_of(frame.number), cutout)
            except InputError as error:
                if self.written == 0:
                    raise
                self.error = error

    def _write(self, writer: VideoWriter, cutout: Cutout) -> None:
        color: Pixels = cutout.color
        if self.task.options.channels == "alpha":
            color = cast("Pixels", np.repeat(cutout.alpha[..., None], 3, axis=2))
        writer.write(color, cutout.alpha)
        self.size = cutout.size
        self.found += cutout.found
        self.written += 1
        if self.progress is not None:
            self.progress(self.written, max(self.task.source.frame_count, 0))
