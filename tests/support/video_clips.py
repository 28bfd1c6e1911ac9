"""Tiny synthetic videos of every kind, and what a file holds, read by PyAV and Pillow."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
from PIL import Image

SIZE = (96, 64)
#: swscale's flags: its default leaves the last columns of some widths unwritten.
EXACT = 0x4 | 0x40000 | 0x2000


def frames(count=6, size=SIZE, *, hole=False):
    """A red square that wanders over blue; with a hole, RGBA that is transparent inside it."""
    width, height = size
    for index in range(count):
        frame = np.empty((height, width, 4), np.uint8)
        frame[:] = (30, 80, 170, 255)
        frame[16:48, 20 + index : 60 + index] = (220, 50, 40, 255)
        if hole:
            frame[24:40, 32:48, 3] = 0
        yield frame if hole else frame[..., :3]


def write(
    path,
    pictures,
    *,
    codec="libx264",
    pixels="yuv444p",
    times=None,
    rate=25,
    options=None,
    context=None,
    matrix=None,
    sound=(),
    delay=0.0,
    seconds=None,
    languages=(),
):
    """Write a video; `times` are milliseconds, `sound` the codecs of its tracks of sound.

    `context` holds attributes of the encoder, such as tags; `matrix` is the one that samples are
    made with, by swscale's number, and `context["color_range"]` their range.
    """
    pictures = list(pictures)
    with av.open(str(path), "w") as out:
        video = out.add_stream(codec, rate=1000 if times else rate, options=options or {})
        video.height, video.width = pictures[0].shape[:2]
        video.pix_fmt = pixels
        for name, value in (context or {}).items():
            setattr(video.codec_context, name, value)
        tracks = [out.add_stream(name, rate=48000, layout="mono") for name in sound]
        for track, language in zip(tracks, languages, strict=False):
            track.metadata["language"] = language
        base = Fraction(1, 1000) if times else 1 / Fraction(rate)
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, _name(picture))
            if matrix:
                span = (context or {}).get("color_range", 1)
                frame.colorspace = matrix  # PyAV 17.0 knows no other way to say BT.2020
                frame = frame.reformat(
                    format=pixels,
                    dst_colorspace=matrix,
                    src_color_range=2,
                    dst_color_range=span,
                    interpolation=EXACT,
                )
                frame.color_range = span
            else:
                frame = frame.reformat(format=pixels, interpolation=EXACT)
            frame.pts, frame.time_base = times[index] if times else index, base
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        length = seconds or (times[-1] / 1000 + 0.04 if times else len(pictures) / rate)
        for track in tracks:
            _beep(out, track, length, delay)
    return path


def _name(picture):
    deep = "48le" if picture.dtype == np.uint16 else "24"
    return "rgba" if picture.shape[2] == 4 else f"rgb{deep}"


def _beep(out, track, seconds, delay):
    wave = (0.4 * np.sin(np.arange(int(48000 * seconds)) * 0.06)).astype(np.float32)
    kind = track.codec_context.format.name
    for start in range(0, len(wave), 960):
        piece = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(wave[None, start : start + 960]), "fltp", "mono"
        )
        piece.sample_rate = 48000
        piece.pts, piece.time_base = start + round(delay * 48000), Fraction(1, 48000)
        if kind != "fltp":
            (piece,) = av.AudioResampler(kind, "mono", 48000).resample(piece)
        out.mux(track.encode(piece))
    out.mux(track.encode(None))


def turned(path, target, matrix):
    """Copy an MP4 or MOV and put a display matrix (nine 16.16 numbers) into its track's header."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in matrix)
    target.write_bytes(data)
    return target


def read(path):
    """Return the frames as RGBA, and when each is shown in seconds."""
    pictures, times = [], []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        vp9 = stream.codec_context.name == "vp9"
        decoder = av.CodecContext.create("libvpx-vp9", "r") if vp9 else stream
        for packet in container.demux(stream):
            for frame in decoder.decode(packet):
                rgba = frame.reformat(format="rgba", interpolation=EXACT)
                pictures.append(rgba.to_ndarray())
                times.append(frame.time)
    return np.stack(pictures), times


def tags(path):
    """Return primaries, transfer and matrix, and the pixels' aspect."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frame = next(container.decode(stream))
        aspect = stream.sample_aspect_ratio or Fraction(1)
        return (frame.color_primaries, frame.color_trc, frame.colorspace), aspect


def heard(path, track=0):
    """Return when the sound of a track begins and ends, in seconds, by its samples."""
    loud = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=track):
            samples = np.abs(frame.to_ndarray().astype(np.float64)).reshape(-1)
            step = frame.sample_rate * (len(samples) // frame.samples)
            scale = 1 if frame.format.name.startswith(("flt", "dbl")) else 32768
            where = np.flatnonzero(samples / scale > 0.1)
            if len(where):
                loud += [frame.time + where[0] / step, frame.time + where[-1] / step]
    return (min(loud), max(loud)) if loud else None


def durations(path):
    """Return the durations of the frames of an animated picture, in milliseconds."""
    found = []
    with Image.open(path) as image:
        for index in range(image.n_frames):
            image.seek(index)
            image.load()
            found.append(image.info["duration"])
    return found
