"""The examples of the pages for users of Pillow, imageio and scikit-image, executed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from fractions import Fraction

import av
import click.testing
import numpy as np
import pytest
from PIL import Image

from mattekit.runtime import Runtime
from support.helpers import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch, clips):
    """A folder with the sample pictures and a short clip, and the built-in network."""
    monkeypatch.setattr(Runtime, "_shared", None)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sample_images").symlink_to(ROOT / "sample_images")
    for name in ("clip.mp4", "beach.mp4"):
        with av.open(str(tmp_path / name), "w") as container:
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = 120, 80, "yuv420p"
            for number, array in enumerate(clips.clip(4, (120, 80))):
                frame = av.VideoFrame.from_ndarray(array, format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, 25)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    yield
    Runtime.shared().close()


def blocks(page, language):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", ["pillow.md", "imageio.md", "scikit-image.md"])
def test_examples_of_the_page(page, tmp_path):
    found = blocks(page, "python")
    assert len(found) >= 2
    names: dict[str, object] = {}
    for block in found:
        exec(compile(block, page, "exec"), names)
    for name, mode in {"pillow.md": {"cat.png": "RGBA", "card.jpg": "RGB"}}.get(page, {}).items():
        with Image.open(tmp_path / name) as image:
            assert image.mode == mode
            assert np.asarray(image).std() > 20


def test_commands_of_the_page(monkeypatch, tmp_path):
    from mattekit_cli.app import Root, cli
    from mattekit_imageio.video_command import video

    monkeypatch.setattr(Root, "_from_plugins", lambda self, ctx: {"video": video})
    lines = [line for block in blocks("imageio.md", "sh") for line in block.splitlines()]
    assert len(lines) == 5
    for line in lines:
        arguments = shlex.split(line)
        assert arguments[0] == "mattekit"
        done = click.testing.CliRunner().invoke(cli, arguments[1:], prog_name="mattekit")
        assert done.exit_code == 0, done.output
        assert (tmp_path / arguments[3]).stat().st_size > 100


def test_the_gallery_script(tmp_path):
    script = ROOT / "docs" / "examples" / "scikit_image.py"
    subprocess.run([sys.executable, "-W", "error", script, "out.png"], check=True)
    with Image.open("out.png") as image:
        assert image.size == (4 * 451, 300)


def test_every_picture_of_the_pages_is_there():
    for page in ("pillow.md", "imageio.md", "scikit-image.md"):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)", text):
            assert (ROOT / "docs" / target).exists(), f"{page}: {target}"
