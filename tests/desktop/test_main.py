"""What a file manager runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mattekit
import mattekit_bridge as bridge
from mattekit import codecs
from mattekit_desktop import __main__ as program
from mattekit_desktop.installing import HOSTS
from support.helpers import disc


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    seen: list[tuple[str, str]] = []
    monkeypatch.setattr(program, "notify", lambda title, text: seen.append((title, text)) or True)
    return seen


def test_a_wrong_call_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["fly", "a.jpg"]) == 2
    assert program.main(["remove-background"]) == 2
    assert "actions: remove-background" in capsys.readouterr().err


def test_what_failed_is_told(tmp_path: Path, messages: list[tuple[str, str]]) -> None:
    assert program.main(["white-background", str(tmp_path / "gone.jpg")]) == 1
    ((title, text),) = messages
    assert title == "White Background: 0 of 1 done"
    assert text.startswith("gone.jpg: cannot be read")


def test_without_a_desktop_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "notify", lambda title, text: False)
    assert program.main(["remove-background", str(tmp_path / "gone.jpg")]) == 1
    assert "0 of 1 done" in capsys.readouterr().err


@pytest.fixture
def worker_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("MATTEKIT_WORKER_DIR", str(tmp_path / "worker"))
    monkeypatch.setenv("MATTEKIT_PLUGINS_OFF", "*")
    yield tmp_path / "worker"
    bridge.stop()


@pytest.mark.slow
@pytest.mark.usefixtures("worker_place")
def test_the_script_writes_what_the_library_does(tmp_path: Path) -> None:
    pytest.importorskip("uvicorn", reason="the extra `server` is not installed")
    photo, other = tmp_path / "a photo & $more.png", tmp_path / "no picture.jpg"
    Image.fromarray(disc(100, 120).image).save(photo)
    other.write_text("no picture")
    files = HOSTS["nautilus"].files(sys.executable, "plain")
    script = tmp_path / "Remove Background"
    script.write_text(str(files["scripts/Remove Background"]))
    done = subprocess.run(
        ["sh", script, photo.name, other.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    result = tmp_path / "a photo & $more-removebg.png"
    expected = codecs.encode(mattekit.remove_background(photo), mattekit.Options(format="png"))
    assert result.read_bytes() == expected.data
    program.main(["white-background", str(photo)])
    white = np.asarray(Image.open(tmp_path / "a photo & $more-removebg.jpg"))
    assert white[0, 0].tolist() == [255, 255, 255]
