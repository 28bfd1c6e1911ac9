"""Videos of a red disc, written and read back."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np

RATE = 25


def red_frames(count, size=(64, 48)):
    """A red disc that wanders over a blue ground."""
    rows, columns = np.indices(size[::-1])
    for index in range(count):
        inside = np.hypot(columns - 22 - index, rows - 24) < 13
        yield np.where(inside[..., None], np.uint8([220, 50, 40]), np.uint8([30, 80, 170]))


def write_clip(path, frames, *, codec="libx264", pixels="yuv444p", sound=None, options=None):
    """Write a clip, with a tone of `sound` seconds if wanted."""
    frames = list(frames)
    deep = frames[0].dtype == np.uint16
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=RATE, options=options or {})
        video.pix_fmt = pixels
        video.height, video.width = frames[0].shape[:2]
        tone = None
        if sound:
            tone = container.add_stream("aac", rate=44100, layout="mono")
        for index, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb48le" if deep else "rgb24")
            picture.pts, picture.time_base = index, Fraction(1, RATE)
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        if tone is not None:
            wave = np.sin(np.arange(int(44100 * sound)) / 20).astype(np.float32)[None]
            for start in range(0, wave.shape[1], 1024):
                piece = np.ascontiguousarray(wave[:, start : start + 1024])
                samples = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
                samples.sample_rate, samples.pts = 44100, start
                samples.time_base = Fraction(1, 44100)
                container.mux(tone.encode(samples))
            container.mux(tone.encode(None))
    return path


def read_clip(path):
    """Return all frames as RGBA; the alpha of VP9 needs the decoder of libvpx."""
    frames = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        decoder = stream.codec_context
        if decoder.name == "vp9":
            decoder = av.CodecContext.create("libvpx-vp9", "r")
        for packet in container.demux(stream):
            # swscale's default leaves the last columns of some widths unwritten.
            frames += [
                frame.reformat(format="rgba", interpolation=0x40002).to_ndarray()
                for frame in decoder.decode(packet)
            ]
    return np.stack(frames)


class Interrupted(Exception):
    pass


def interrupt_at(number):
    def progress(done, total):
        assert total == 11
        if done == number:
            raise Interrupted

    return progress
