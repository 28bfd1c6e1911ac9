"""Programs that develop, played by scripts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mattekit.errors import InputError, MattekitError
from mattekit_bridge.errors import Canceled
from mattekit_raw import exporting

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts of a shell")


def program(folder: Path, script: str) -> Path:
    path = folder / "develop-cli"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_command_lines(tmp_path: Path) -> None:
    photo, target = Path("/photos/a b.dng"), tmp_path / "out.tif"
    command = exporting.darktable(Path("/bin/darktable-cli"), photo, target, tmp_path)
    assert command[:4] == [
        "/bin/darktable-cli",
        str(photo),
        str(tmp_path / "sensor.xmp"),
        str(target),
    ]
    assert "flip" in (tmp_path / "sensor.xmp").read_text()
    assert command[command.index("--library") :][:2] == ["--library", ":memory:"]
    command = exporting.art(Path("/bin/ART-cli"), photo, target)
    assert command[-2:] == ["-c", str(photo)]
    assert command[command.index("-o") + 1] == str(target)


def test_what_is_written_counts(tmp_path: Path) -> None:
    target = tmp_path / "out.tif"
    cli = program(tmp_path, f'printf done >"{target}"')
    exporting.run([str(cli)], tmp_path / "a.dng", target, lambda: True)
    assert target.read_text() == "done"


def test_what_goes_wrong_is_told(tmp_path: Path) -> None:
    target = tmp_path / "out.tif"
    cli = program(tmp_path, "echo no such camera")
    with pytest.raises(
        InputError, match=r"a\.dng: develop-cli could not develop it: no such camera"
    ):
        exporting.run([str(cli)], tmp_path / "a.dng", target, lambda: True)
    with pytest.raises(MattekitError, match="is missing"):
        exporting.run([str(tmp_path / "gone")], tmp_path / "a.dng", target, lambda: True)


def test_cancel_ends_it(tmp_path: Path) -> None:
    cli = program(tmp_path, "exec sleep 600")
    with pytest.raises(Canceled):
        exporting.run([str(cli)], tmp_path / "a.dng", tmp_path / "out.tif", lambda: False)


def test_one_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_PATIENCE", 0.0)
    cli = program(tmp_path, "exec sleep 600")
    with pytest.raises(MattekitError, match="ten minutes"):
        exporting.run([str(cli)], tmp_path / "a.dng", tmp_path / "out.tif", lambda: True)
