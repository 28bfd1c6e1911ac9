"""Sound, subtitles, chapters and words about a video keep their place and their time."""

from __future__ import annotations

from fractions import Fraction

import av
import pytest

import support.video_clips as clips
from mattekit_imageio import convert_video
from support.tiers import tiered

SUBTITLES = """1
00:00:00,100 --> 00:00:00,500
Hello

2
00:00:00,600 --> 00:00:00,900
World
"""


@pytest.fixture
def full(tmp_path):
    """A second of Matroska with two tracks of sound, subtitles, chapters and a title."""
    plain = clips.write(
        tmp_path / "plain.mkv", clips.frames(25), options={"bf": "0"}, sound=("aac", "flac")
    )
    (tmp_path / "text.srt").write_text(SUBTITLES)
    path = tmp_path / "full.mkv"
    with (
        av.open(str(plain)) as video,
        av.open(str(tmp_path / "text.srt")) as text,
        av.open(str(path), "w") as out,
    ):
        targets = [out.add_stream_from_template(stream) for stream in video.streams]
        lines = out.add_stream_from_template(text.streams.subtitles[0])
        targets[1].metadata["language"], targets[2].metadata["language"] = "eng", "fra"
        targets[2].metadata["title"] = "Commentary"
        lines.metadata["language"] = "deu"
        out.metadata["title"] = "A title"
        out.set_chapters(
            [
                {
                    "id": number,
                    "start": start,
                    "end": start + 500,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": f"Part {number}"},
                }
                for number, start in ((1, 0), (2, 500))
            ]
        )
        for packet in video.demux():
            if packet.size:
                packet.stream = targets[packet.stream.index]
                out.mux(packet)
        for packet in text.demux():
            if packet.size:
                packet.stream = lines
                out.mux(packet)
    return path


def kinds(path):
    with av.open(str(path)) as container:
        return [
            (stream.type, stream.metadata.get("language"))
            for stream in container.streams
            if stream.type != "data"
        ]


@pytest.mark.parametrize("suffix", tiered([".mkv", ".webm", ".mov", ".mp4"], {".mkv"}))
def test_every_track_of_sound_is_kept(full, tmp_path, suffix):
    target = tmp_path / f"out{suffix}"
    report = convert_video(full, target, chunk=10, bg_color="white")
    found = kinds(target)
    assert [language for kind, language in found if kind == "audio"] == ["eng", "fra"]
    with av.open(str(target)) as container:
        assert container.metadata["title"] == "A title"
        chapters = [
            (float(chapter["start"] * chapter["time_base"]), chapter["metadata"]["title"])
            for chapter in container.chapters()
        ]
    assert chapters == [(0.0, "Part 1"), (0.5, "Part 2")]
    for track in range(2):
        begin, end = clips.heard(target, track)
        assert begin == pytest.approx(0, abs=0.03)
        assert end == pytest.approx(1, abs=0.05)
    if suffix == ".mkv":
        assert ("subtitle", "deu") in found
        assert report.notes == ()
        assert report.audio == "copied"
    else:
        (note,) = report.notes
        assert "subtitle track 3 (subrip, deu) is left out" in note
        assert report.audio == "encoded"


@pytest.mark.slow
def test_without_sound_the_rest_stays(full, tmp_path):
    report = convert_video(full, tmp_path / "out.mkv", audio=False)
    assert report.audio == "none"
    assert kinds(tmp_path / "out.mkv") == [("video", None), ("subtitle", "deu")]
    assert report.notes == ()


@pytest.mark.slow
def test_what_an_animated_picture_cannot_hold_is_said(full, tmp_path, caplog):
    report = convert_video(full, tmp_path / "out.gif", temporal=0)
    assert len(report.notes) == 3
    assert "sound track 1 (aac, eng) is left out: GIF has no sound" in report.notes[0]
    assert all(note in caplog.text for note in report.notes)


@pytest.mark.parametrize("source", tiered([".mkv", ".mov", ".ts"], {".mov"}))
@pytest.mark.parametrize("target", tiered([".webm", ".mkv", ".mov"], {".mkv"}))
def test_sound_that_begins_late_stays_late(tmp_path, source, target):
    clip = clips.write(
        tmp_path / f"in{source}",
        clips.frames(25),
        codec="mpeg2video" if source == ".ts" else "libx264",
        pixels="yuv420p",
        options={"bf": "0"},
        sound=("aac",),
        delay=0.4,
        seconds=0.4,
    )
    convert_video(clip, tmp_path / f"out{target}", chunk=10)
    times = clips.read(tmp_path / f"out{target}")[1]
    assert times[0] == pytest.approx(0, abs=0.001)
    begin, end = clips.heard(tmp_path / f"out{target}")
    assert begin == pytest.approx(0.4, abs=0.03)
    assert end == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize("target", tiered([".webm", ".mkv", ".mov"], {".mkv"}))
def test_pictures_that_begin_late_stay_late(tmp_path, target):
    clip = clips.write(
        tmp_path / "in.mkv",
        clips.frames(6),
        times=[500 + 40 * index for index in range(6)],
        options={"bf": "0"},
        sound=("flac",),
        seconds=0.7,
    )
    convert_video(clip, tmp_path / f"out{target}", chunk=4)
    times = clips.read(tmp_path / f"out{target}")[1]
    assert times[0] == pytest.approx(0.5, abs=0.002)
    begin, end = clips.heard(tmp_path / f"out{target}")
    assert begin == pytest.approx(0, abs=0.03)
    assert end == pytest.approx(0.7, abs=0.03)
    convert_video(clip, tmp_path / "silent.mkv", audio=False)
    assert clips.read(tmp_path / "silent.mkv")[1][0] == 0


@pytest.mark.slow
def test_a_pause_in_the_sound_stays_one(tmp_path):
    clip = tmp_path / "in.mkv"
    clips.write(clip, clips.frames(25), options={"bf": "0"}, sound=("flac",))
    with av.open(str(clip)) as source, av.open(str(tmp_path / "gap.mkv"), "w") as out:
        targets = [out.add_stream_from_template(stream) for stream in source.streams]
        for packet in source.demux():
            at = packet.pts * packet.time_base if packet.pts is not None else 0
            if packet.size and not (packet.stream.type == "audio" and 0.3 <= at < 0.6):
                packet.stream = targets[packet.stream.index]
                out.mux(packet)
    convert_video(tmp_path / "gap.mkv", tmp_path / "out.webm")
    loud = [time for time in _loud(tmp_path / "out.webm") if 0.4 < time < 0.55]
    assert not loud
    assert clips.heard(tmp_path / "out.webm")[1] == pytest.approx(1, abs=0.05)


@pytest.mark.slow
def test_sound_that_breaks_off_does_not_take_the_picture_with_it(tmp_path, caplog):
    clip = clips.write(
        tmp_path / "in.ts", clips.frames(25), codec="mpeg2video", pixels="yuv420p", sound=("aac",)
    )
    data = bytearray(clip.read_bytes())
    with av.open(str(clip)) as container:
        places = [p.pos for p in container.demux(container.streams.audio[0]) if p.size]
    for place in range(places[8], len(data), 188):  # what is in the packets, not their heads
        if (data[place + 1] & 0x1F, data[place + 2]) == (0x01, 0x01):
            data[place + 30 : place + 180] = bytes(150)
    clip.write_bytes(data)
    report = convert_video(clip, tmp_path / "out.webm")
    assert report.frames == 25
    assert "sound" in caplog.text


def _loud(path):
    import numpy as np

    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            if np.abs(frame.to_ndarray()).max() > 0.1:
                yield frame.time
