"""Which Krita a program file is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mattekit.errors import MattekitError
from mattekit_krita import versions


def _program(path: Path, start: bytes = b"\x7fELF", mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(start)
    path.chmod(mode)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="a script with #!")
def test_the_program_beside_it_tells_the_version(tmp_path: Path) -> None:
    krita = _program(tmp_path / "bin/krita")
    assert versions.reported(krita) == ""
    teller = _program(tmp_path / "bin/krita_version", b"#!/bin/sh\necho 6.0.4.1\n")
    link = tmp_path / "krita"
    link.symlink_to(krita)
    assert versions.reported(link) == "6.0.4.1"
    image = _program(tmp_path / "bin/krita-5.2.9.appimage")
    assert versions.reported(image) == ""
    teller.chmod(0o644)
    assert versions.reported(krita) == ""


@pytest.mark.parametrize(
    ("name", "start", "mode", "words"),
    [
        ("gimp", b"\x7fELF", 0o755, "is no Krita: expected a program whose name begins"),
        ("kritarunner", b"\x7fELF", 0o755, "is no Krita"),
        ("krita.png", b"\x89PNG", 0o755, "expected a program, and this is none"),
        ("krita.appimage", b"\x7fELF", 0o644, "chmod"),
    ],
)
def test_what_is_no_krita_is_refused(
    name: str, start: bytes, mode: int, words: str, tmp_path: Path
) -> None:
    if os.name != "posix" and mode == 0o644:
        pytest.skip("no executable bit on this system")
    with pytest.raises(MattekitError, match=words):
        versions.checked(_program(tmp_path / name, start, mode))
    assert versions.checked(_program(tmp_path / "Krita-x.AppImage")).name == "Krita-x.AppImage"


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("4.4.8", "too old"),
        ("5.0.6", "too old"),
        ("5.1", ""),
        ("5.3.4.1", ""),
        ("6.0.4.1", ""),
        ("7.0", "newer than this mattekit knows"),
        ("", ""),
    ],
)
def test_old_and_new_ones_are_warned_of(version: str, words: str, tmp_path: Path) -> None:
    advice = versions.advice(tmp_path / "krita", version)
    assert (words in advice) if words else (advice == "")


def test_on_debian_the_bindings_may_be_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(versions, "_DEBIAN", tmp_path)
    krita = Path("/usr/bin/env")  # where Debian has it, and no link
    (tmp_path / "PyQt5").mkdir()
    if krita.resolve().parent != Path("/usr/bin"):
        pytest.skip("programs lie elsewhere on this system")
    assert versions.advice(krita, "5.2") == ""
    assert "python3-pyqt6 is installed" in versions.advice(krita, "6.0")
