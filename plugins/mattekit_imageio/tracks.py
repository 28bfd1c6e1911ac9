"""Sound, subtitles and what else lies beside the pictures of a video, on the way into another."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, Final, NamedTuple

from mattekit_imageio.decoding import moving_pictures
from mattekit_imageio.source import VideoSource
from mattekit_imageio.videoformats import VideoFormat

__all__ = ["Tracks", "notes_of"]

_log = logging.getLogger("mattekit.video")

_RATE: Final = 48_000
#: A pause in the sound, in seconds, that is filled with silence rather than closed.
_GAP: Final = Fraction(1, 50)
#: What a container says of itself rather than of what is in it.
_OF_CONTAINER: Final = frozenset(
    {"encoder", "major_brand", "minor_version", "compatible_brands", "duration", "alpha_mode"}
)
#: Prefixes of statistics that no longer hold.
_STATISTICS: Final = ("bps", "number_of_", "_statistics", "duration-")


def notes_of(av: Any, source: VideoSource, format: VideoFormat, *, audio: bool) -> list[str]:
    """Return, in words, what of a video a format will not hold."""
    if source.animation:
        return []
    with av.open(str(source.path)) as container:
        pictures = moving_pictures(container, str(source.path))
        others = [stream for stream in container.streams if stream.index != pictures.index]
        notes = [
            f"{_described(stream)} is left out: {reason}"
            for stream in others
            if (reason := _why_not(stream, format, audio=audio))
        ]
        # The track in which QuickTime writes chapters is read as such, and kept.
        data = sum(stream.type in {"data", "attachment"} for stream in others)
        data -= bool(data and container.chapters())
    if data:
        notes.append(f"{data} {'track' if data == 1 else 'tracks'} of other data left out")
    return notes


def _why_not(stream: Any, format: VideoFormat, *, audio: bool) -> str:
    """Return why a track is left out; nothing where it is kept or nobody will miss it."""
    if stream.type == "audio":
        if not audio or _is_kept(stream, format, audio=audio):
            return ""  # as the caller wanted
        if format.audio_encoder:
            return "this PyAV cannot decode it"
        return f"{format.name} has no sound"
    if stream.type == "subtitle" and not _is_kept(stream, format, audio=audio):
        return f"{format.name} does not hold this kind"
    if stream.type == "video":
        return "only the first pictures of a file are cut out"
    return ""


def _is_kept(stream: Any, format: VideoFormat, *, audio: bool) -> bool:
    if stream.type == "subtitle":
        return _codec(stream) in format.subtitles
    return stream.type == "audio" and audio and bool(format.audio_encoder and _codec(stream))


def _codec(stream: Any) -> str:
    """Return what a track is coded in, whatever decodes it; empty where nothing does."""
    context = stream.codec_context
    return "" if context is None else str(context.codec.canonical_name)


def _described(stream: Any) -> str:
    name = {"audio": "sound", "subtitle": "subtitle", "video": "picture"}.get(
        stream.type, str(stream.type)
    )
    language = stream.metadata.get("language", "")
    details = [_codec(stream)] if _codec(stream) else []
    details += [language] if language and language != "und" else []
    return f"{name} track {stream.index}" + (f" ({', '.join(details)})" if details else "")


class Tracks:
    """The tracks of a video that are kept, and where they go.

    Parameters
    ----------
    av : module
        PyAV.
    original, out : container
        Open, the second one without any packet yet.
    source : VideoSource
        What is known of the first.
    format : VideoFormat
        Of the second.
    audio : bool
        Whether sound is kept.
    end : Fraction
        When the picture ends, in seconds after the original's origin.
    """

    def __init__(
        self,
        av: Any,
        original: Any,
        out: Any,
        source: VideoSource,
        format: VideoFormat,
        end: Fraction,
        *,
        audio: bool,
    ) -> None:
        self._av, self._original, self._out = av, original, out
        self._origin, self._end = source.origin, end
        self._tracks: dict[int, _Copied | _Encoded] = {}
        for stream in original.streams:
            if _is_kept(stream, format, audio=audio):
                self._tracks[stream.index] = self._track(stream, format)
        _keep_metadata(original.metadata, out.metadata)
        self._keep_chapters()

    @property
    def audio(self) -> str:
        """What becomes of the sound: "copied", "encoded" or "none"."""
        ways = [track.way for track in self._tracks.values() if track.kind == "audio"]
        if not ways:
            return "none"
        return "copied" if set(ways) == {"copied"} else "encoded"

    def _track(self, stream: Any, format: VideoFormat) -> _Copied | _Encoded:
        span = _Span(self._origin, self._end)
        copied = stream.type == "subtitle" or _codec(stream) in format.audio
        track: _Copied | _Encoded
        if copied:
            target = self._out.add_stream_from_template(stream)
            track = _Copied(stream, target, span, keeps_lead=format.edits)
        else:
            track = _Encoded(self._av, stream, self._out, format.audio_encoder, span)
        _keep_metadata(stream.metadata, track.target.metadata)
        track.target.disposition = int(stream.disposition)
        return track

    def _keep_chapters(self) -> None:
        chapters = []
        for chapter in self._original.chapters():
            base = Fraction(chapter["time_base"])
            shift = round(self._origin / base)
            chapters.append(
                chapter | {"start": chapter["start"] - shift, "end": chapter["end"] - shift}
            )
        if chapters:
            self._out.set_chapters(chapters)

    def packets(self) -> Iterator[tuple[float, Any]]:
        """Yield all packets with their time in seconds."""
        if not self._tracks:
            return
        streams = [self._original.streams[index] for index in self._tracks]
        for packet in self._demuxed(streams):
            yield from self._tracks[packet.stream.index].feed(packet)
        for track in self._tracks.values():
            yield from track.rest()

    def _demuxed(self, streams: list[Any]) -> Iterator[Any]:
        try:
            yield from self._original.demux(streams)
        except self._av.FFmpegError as error:
            _log.warning("the sound breaks off: %s", error)


class _Span(NamedTuple):
    """The part of the original's clock that is kept, in seconds."""

    origin: Fraction
    length: Fraction


class _Copied:
    """A track whose packets are handed on."""

    way = "copied"

    def __init__(self, source: Any, target: Any, span: _Span, *, keeps_lead: bool) -> None:
        self.target, self._span, self._keeps_lead = target, span, keeps_lead
        self.kind = source.type

    def feed(self, packet: Any) -> Iterator[tuple[float, Any]]:
        if packet.pts is None or packet.size == 0:
            return
        base = Fraction(packet.time_base)
        shift = round(self._span.origin / base)
        packet.pts -= shift
        # Matroska and MPEG state one time only where nothing is reordered.
        packet.dts = packet.pts if packet.dts is None else packet.dts - shift
        at = packet.dts * base
        # What leads a decoder in lies before the beginning; where a format cannot say so, it would
        # put off everything else.
        if at < self._span.length and (at >= 0 or self._keeps_lead):
            packet.stream = self.target
            yield float(at), packet

    def rest(self) -> Iterator[tuple[float, Any]]:
        yield from ()


class _Encoded:
    """A track of sound that is encoded again."""

    way = "encoded"
    kind = "audio"

    def __init__(self, av: Any, source: Any, out: Any, encoder: str, span: _Span) -> None:
        self._av, self._source, self._span = av, source, span
        layout = _layout(source)
        self.target = out.add_stream(encoder, rate=_RATE, layout=layout)
        context = self.target.codec_context
        context.format = context.codec.audio_formats[0].name
        self._sample, self._layout = context.format.name, layout
        self._resampler: Any = None
        self._begin = 0  # of the first sample, in samples after the origin
        self._count = 0  # samples that went in so far

    def feed(self, packet: Any) -> Iterator[tuple[float, Any]]:
        try:
            frames = self._source.decode(packet if packet.size else None)
        except self._av.FFmpegError as error:
            # What is missing becomes a pause.
            _log.warning("a piece of the sound at %.2f s is broken: %s", self._expected, error)
            return
        yield from self._frames(frames)

    def rest(self) -> Iterator[tuple[float, Any]]:
        if self._resampler is None:
            return
        yield from self._encoded(self._resampler.resample(None))
        yield from self._muxed(self.target.encode(None))

    def _frames(self, frames: Iterable[Any]) -> Iterator[tuple[float, Any]]:
        for frame in frames:
            at = self._expected
            if frame.pts is not None:
                at = frame.pts * Fraction(frame.time_base) - self._span.origin
            if at >= self._span.length:
                continue
            if self._resampler is None:
                self._start(at)
            elif at - self._expected > _GAP:
                yield from self._pushed(self._silence(frame, at - self._expected))
            yield from self._pushed(frame)

    @property
    def _expected(self) -> Fraction:
        return Fraction(self._begin + self._count, _RATE)

    def _start(self, at: Fraction) -> None:
        self._begin = round(at * _RATE)
        self._resampler = self._av.AudioResampler(
            format=self._sample,
            layout=self._layout,
            rate=_RATE,
            frame_size=self.target.codec_context.frame_size or 960,
        )

    def _silence(self, like: Any, seconds: Fraction) -> Any:
        samples = max(1, round(seconds * like.sample_rate))
        silence = self._av.AudioFrame(like.format.name, like.layout.name, samples)
        for plane in silence.planes:
            filler = b"\x80" if like.format.name.startswith("u8") else b"\0"
            plane.update(filler * plane.buffer_size)
        silence.sample_rate = like.sample_rate
        return silence

    def _pushed(self, frame: Any) -> Iterator[tuple[float, Any]]:
        self._count += round(Fraction(frame.samples * _RATE, frame.sample_rate))
        frame.pts = None  # the resampler would take a gap for a change of its speed
        yield from self._encoded(self._resampler.resample(frame))

    def _encoded(self, pieces: Iterable[Any]) -> Iterator[tuple[float, Any]]:
        for piece in pieces:
            piece.pts, piece.time_base = self._begin + self._done, Fraction(1, _RATE)
            self._done += piece.samples
            yield from self._muxed(self.target.encode(piece))

    _done = 0  # samples that came out so far

    def _muxed(self, packets: Iterable[Any]) -> Iterator[tuple[float, Any]]:
        for packet in packets:
            yield float((packet.dts or 0) * packet.time_base), packet


def _layout(source: Any) -> str:
    """Return the channels of a track as its encoder takes them; more than it takes become two."""
    count = source.codec_context.layout.nb_channels
    return {1: "mono", 6: "5.1"}.get(count, "stereo")


def _keep_metadata(source: Any, target: Any) -> None:
    for name, value in source.items():
        lower = name.lower()
        if lower not in _OF_CONTAINER and not lower.startswith(_STATISTICS):
            target[name] = value
