"""Chunks of a video put end to end, with the sound of the original."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from mattekit_imageio.chunks import Chunk
from mattekit_imageio.source import VideoSource, load_av
from mattekit_imageio.tracks import Tracks
from mattekit_imageio.videoformats import VideoFormat
from mattekit_imageio.writer import not_written

__all__ = ["join"]

#: No clock of a joined video is coarser, so that sound keeps its distance to the picture.
_COARSEST: Final = Fraction(1, 10_000)


def join(
    chunks: Sequence[Chunk],
    target: Path,
    format: VideoFormat,
    rate: Fraction,
    tick: Fraction,
    source: VideoSource,
    *,
    audio: bool,
) -> str:
    """Join chunks that were encoded alike; packets are copied.

    Parameters
    ----------
    chunks : sequence of Chunk
    target : pathlib.Path
        A new file.
    format : VideoFormat
    rate : Fraction
        Frames per second at which the chunks were encoded.
    tick : Fraction
        A step of which all times are multiples, in seconds.
    source : VideoSource
        Where sound, subtitles, chapters and words about the video are taken from.
    audio : bool
        Whether sound is.

    Returns
    -------
    str
        What became of the sound: "copied", "encoded" or "none".

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    av = load_av()
    try:
        with av.open(str(target), "w", format=format.container) as out:
            video = _Video(av, out, chunks, format, rate, tick)
            if source.animation:
                for _, packet in video.packets():
                    out.mux(packet)
                return "none"
            with av.open(str(source.path)) as original:
                tracks = Tracks(av, original, out, source, format, video.end, audio=audio)
                merged = heapq.merge(video.packets(), tracks.packets(), key=lambda item: item[0])
                for _, packet in merged:
                    out.mux(packet)
                return tracks.audio
    except (av.FFmpegError, OSError, ValueError) as error:
        raise not_written(target, error, "the chunks cannot be joined") from error


class _Video:
    """The picture track of the result."""

    def __init__(
        self,
        av: Any,
        out: Any,
        chunks: Sequence[Chunk],
        format: VideoFormat,
        rate: Fraction,
        tick: Fraction,
    ) -> None:
        self._av, self._chunks, self._rate = av, chunks, rate
        with av.open(str(chunks[0].path)) as container:
            stream = container.streams.video[0]
            self._stream = out.add_stream_from_template(stream)
            if format.aspect and stream.sample_aspect_ratio:
                self._stream.codec_context.sample_aspect_ratio = stream.sample_aspect_ratio
            for name, value in stream.metadata.items():
                if name.lower() == "alpha_mode":
                    self._stream.metadata["alpha_mode"] = value
        self._base = tick / max(1, -(-tick // _COARSEST))
        self._stream.time_base = self._base
        times = [time for chunk in chunks for time in chunk.times[:-1]]
        self.end = chunks[-1].times[-1]
        self._ticks = [round(time / self._base) for time in [*times, self.end]]
        # Frames that are coded before ones shown earlier: decoding begins so many frames sooner.
        order = [index for index, _ in self._in_order()]
        self._ahead = max(count - index for count, index in enumerate(order))

    def packets(self) -> Iterator[tuple[float, Any]]:
        """Yield the packets with their time in seconds."""
        for count, (index, packet) in enumerate(self._in_order()):
            packet.pts = self._at(index)
            packet.duration = self._at(index + 1) - packet.pts
            packet.dts = self._at(count - self._ahead)
            packet.time_base = self._base
            packet.stream = self._stream
            # Muxing rescales the packet: the time must be taken before.
            yield float(packet.dts * self._base), packet

    def _in_order(self) -> Iterator[tuple[int, Any]]:
        """Yield the packets of all chunks as they are coded, each with the number of its frame."""
        first = 0
        for chunk in self._chunks:
            with self._av.open(str(chunk.path)) as container:
                for packet in container.demux(container.streams.video[0]):
                    if packet.size and packet.pts is not None:
                        yield first + round(packet.pts * packet.time_base * self._rate), packet
            first += len(chunk.times) - 1

    def _at(self, index: int) -> int:
        """Return when a frame begins, in steps of the clock; decoding begins before the first."""
        if index >= 0:
            return self._ticks[index]
        return self._ticks[0] + index * max(1, self._ticks[1] - self._ticks[0])
