"""The table of video formats."""

from __future__ import annotations

import av
import pytest

from mattekit.errors import OptionError
from mattekit_imageio.videoformats import FORMATS, VideoFormat, format_of


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("a.webm", "WebM"),
        ("a.MKV", "Matroska"),
        ("a.b.mov", "QuickTime"),
        ("a.m4v", "MP4"),
        ("a.webp", "animated WebP"),
        ("a.apng", "animated PNG"),
        ("a.gif", "GIF"),
    ],
)
def test_a_suffix_names_one_format(name: str, format_: str) -> None:
    assert format_of(name).name == format_


@pytest.mark.parametrize(
    ("name", "reason"), [("a", "no suffix"), ("a.avi", r"ends in \.avi"), (".gif", "no suffix")]
)
def test_other_names_are_told_which_there_are(name: str, reason: str) -> None:
    with pytest.raises(OptionError, match=reason) as caught:
        format_of(name)
    assert ".webm, .mkv, .mov" in str(caught.value)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda each: each.name)
def test_what_the_table_says_this_ffmpeg_has(format_: VideoFormat) -> None:
    codec = av.Codec(format_.codec, "w")
    pixels = {each.name for each in codec.video_formats or ()}
    assert {format_.opaque, format_.transparent} - {""} <= pixels
    if format_.audio_encoder:
        av.Codec(format_.audio_encoder, "w")


@pytest.mark.parametrize("format_", FORMATS, ids=lambda each: each.name)
@pytest.mark.parametrize("transparent", [False, True])
def test_better_quality_is_asked_for_with_other_options(
    format_: VideoFormat, transparent: bool
) -> None:
    asked = [format_.options(quality, transparent=transparent) for quality in (10, 90)]
    for options in asked:
        assert all(isinstance(value, str) for value in options.values())
    if "crf" in asked[0]:
        assert int(asked[0]["crf"]) > int(asked[1]["crf"])
