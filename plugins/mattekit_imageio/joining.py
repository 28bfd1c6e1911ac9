"""Chunks of a video put end to end, with the sound of the original."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from mattekit.errors import OutputError
from mattekit_imageio.source import VideoSource, load_av
from mattekit_imageio.videoformats import VideoFormat

__all__ = ["join"]

#: Ticks per frame of the joined video: room for packets that a container dates finely.
_TICKS: Final = 512
_RATE: Final = 48_000


def join(
    parts: Sequence[Path],
    target: Path,
    format: VideoFormat,
    rate: Fraction,
    sound: VideoSource | None,
) -> tuple[int, str]:
    """Join chunks that were encoded alike; packets are copied.

    Returns
    -------
    count : int
        Frames of the result.
    audio : str
        What became of the sound: "copied", "encoded" or "none".

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    av = load_av()
    counts = [_count(av, part) for part in parts]
    try:
        with av.open(str(target), "w", format=format.container) as out:
            video = _Video(av, out, parts, rate, counts)
            seconds = float(sum(counts) / rate)
            if sound is None or not sound.audio or not format.audio_encoder:
                for _, packet in video.packets():
                    out.mux(packet)
                return sum(counts), "none"
            with av.open(str(sound.path)) as original:
                copied = sound.audio in format.audio
                tracks = _copied if copied else _encoded
                audio = tracks(av, original, out, format, seconds)
                for _, packet in heapq.merge(video.packets(), audio, key=lambda item: item[0]):
                    out.mux(packet)
                return sum(counts), "copied" if copied else "encoded"
    except (av.FFmpegError, OSError) as error:
        raise OutputError(str(target), f"the chunks cannot be joined ({error}).") from error


def _count(av: Any, part: Path) -> int:
    with av.open(str(part)) as container:
        stream = container.streams.video[0]
        return sum(packet.size > 0 for packet in container.demux(stream))


class _Video:
    """The picture track of the result."""

    def __init__(
        self, av: Any, out: Any, parts: Sequence[Path], rate: Fraction, counts: Sequence[int]
    ) -> None:
        self._av, self._parts, self._rate, self._counts = av, parts, rate, counts
        with av.open(str(parts[0])) as container:
            stream = container.streams.video[0]
            self._stream = out.add_stream_from_template(stream)
            for name, value in stream.metadata.items():
                if name.lower() == "alpha_mode":
                    self._stream.metadata["alpha_mode"] = value
        self._base = 1 / (rate * _TICKS)
        self._stream.time_base = self._base

    def packets(self) -> Iterator[tuple[float, Any]]:
        """Yield the packets with their time in seconds."""
        first = 0
        for part, count in zip(self._parts, self._counts, strict=True):
            with self._av.open(str(part)) as container:
                for packet in container.demux(container.streams.video[0]):
                    if packet.dts is None:
                        continue
                    ticks = packet.time_base * self._rate
                    packet.pts = (first + round(packet.pts * ticks)) * _TICKS
                    packet.dts = (first + round(packet.dts * ticks)) * _TICKS
                    packet.duration = _TICKS
                    packet.time_base = self._base
                    packet.stream = self._stream
                    # Muxing rescales the packet: the time must be taken before.
                    yield float(packet.dts * self._base), packet
            first += count


def _copied(
    av: Any, original: Any, out: Any, format: VideoFormat, seconds: float
) -> Iterator[tuple[float, Any]]:
    source = original.streams.audio[0]
    stream = out.add_stream_from_template(source)

    def packets() -> Iterator[tuple[float, Any]]:
        for packet in original.demux(source):
            if packet.dts is None:
                continue
            at = float(packet.dts * packet.time_base)
            if at >= seconds:
                return
            packet.stream = stream
            yield at, packet

    return packets()


def _encoded(
    av: Any, original: Any, out: Any, format: VideoFormat, seconds: float
) -> Iterator[tuple[float, Any]]:
    stream = out.add_stream(format.audio_encoder, rate=_RATE, layout="stereo")
    context = stream.codec_context
    sample = context.codec.audio_formats[0].name
    context.format = sample
    size = context.frame_size or 960

    def packets() -> Iterator[tuple[float, Any]]:
        resampler = av.AudioResampler(
            format=sample, layout="stereo", rate=_RATE, frame_size=context.frame_size or size
        )
        done = 0
        for frame in original.decode(audio=0):
            if frame.time is not None and frame.time >= seconds:
                break
            for piece in resampler.resample(frame):
                piece.pts, piece.time_base = done, Fraction(1, _RATE)
                done += piece.samples
                for packet in stream.encode(piece):
                    yield float((packet.dts or 0) * packet.time_base), packet
        for packet in stream.encode(None):
            yield float((packet.dts or 0) * packet.time_base), packet

    return packets()
