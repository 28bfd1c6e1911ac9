"""`mattekit video`."""

from __future__ import annotations

import json

import click.testing
import pytest

pytestmark = pytest.mark.slow


def command(*arguments):
    from mattekit_cli.app import cli
    from mattekit_imageio.video_command import video

    if "video" not in cli.commands:
        cli.add_command(video)
    return click.testing.CliRunner().invoke(cli, [str(a) for a in arguments], prog_name="mattekit")


def test_the_command(red_clip, tmp_path, monkeypatch):
    from mattekit_cli.app import Root
    from mattekit_imageio.video_command import video

    monkeypatch.setattr(Root, "_from_plugins", lambda self, ctx: {"video": video})
    done = command("video", red_clip, tmp_path / "out.webm", "--refine", "fast")
    assert done.exit_code == 0, done.output
    assert f"{tmp_path / 'out.webm'}  11 frames  64×48  25 fps" in done.output
    done = command("video", red_clip, tmp_path / "out.mp4", "--bg-video", red_clip, "--json")
    assert json.loads(done.output)["frames"] == 11
    done = command("video", red_clip, tmp_path / "out.mp4")
    assert done.exit_code == 2
    assert "no transparency" in done.output
    done = command("video", tmp_path / "missing.mp4", tmp_path / "out.webm")
    assert done.exit_code == 1
    assert "no such file" in done.output
    done = command("video", "--help")
    assert "--bg-video" in done.output
    assert "--chunk" in done.output
