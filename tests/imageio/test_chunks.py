"""Chunks of a video that was interrupted."""

from __future__ import annotations

import pytest

from mattekit.errors import OutputError
from mattekit_imageio import convert_video
from support.helpers import assert_images_close
from support.videos import Interrupted, interrupt_at, read_clip

pytestmark = pytest.mark.slow


def test_an_interrupted_call_is_resumed(red_clip, tmp_path, runtime):
    target = tmp_path / "out.mov"
    with pytest.raises(Interrupted):
        convert_video(red_clip, target, chunk=3, progress=interrupt_at(8))
    assert not target.exists()
    assert sorted(path.name for path in (tmp_path / "out.mov.parts").glob("0*[0-9].mov")) == [
        "000000.mov",
        "000001.mov",
    ]
    report = convert_video(red_clip, target, chunk=3)
    assert (report.frames, report.resumed, report.found) == (11, 6, 5)
    assert not (tmp_path / "out.mov.parts").exists()
    convert_video(red_clip, tmp_path / "whole.mov", chunk=3)
    for again, once in zip(read_clip(target), read_clip(tmp_path / "whole.mov"), strict=True):
        assert_images_close(again, once, 4)


def test_another_call_does_not_take_the_chunks(red_clip, tmp_path):
    target = tmp_path / "out.mov"
    with pytest.raises(Interrupted):
        convert_video(red_clip, target, chunk=3, progress=interrupt_at(8))
    report = convert_video(red_clip, target, chunk=3, bg_color="white")
    assert (report.frames, report.resumed) == (11, 0)


def test_interrupted_after_the_last_chunk(red_clip, tmp_path, monkeypatch):
    from mattekit_imageio import convert

    def broken(*_, **__):
        raise Interrupted

    with monkeypatch.context() as patch:
        patch.setattr(convert, "join", broken)
        with pytest.raises(Interrupted):
            convert_video(red_clip, tmp_path / "out.mov", chunk=3)
    report = convert_video(red_clip, tmp_path / "out.mov", chunk=3)
    assert report.frames == 11
    assert len(read_clip(tmp_path / "out.mov")) == 11


@pytest.mark.parametrize("name", ["thesis.txt", "plan.json"])
def test_a_folder_of_somebody_else_stays(red_clip, tmp_path, name):
    kept = tmp_path / "out.mov.parts" / name
    kept.parent.mkdir()
    kept.write_text("[1]", "utf-8")
    with pytest.raises(OutputError, match="holds something else"):
        convert_video(red_clip, tmp_path / "out.mov", chunk=3)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [name]
