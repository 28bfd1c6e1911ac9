"""Which GIMPs a machine has."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gimpfu_host import programs
from gimpfu_host.errors import GimpfuError


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any GIMP, whose home and only folder of programs is `tmp_path`."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(programs, "_folders", lambda: iter((tmp_path,)))
    return tmp_path


def _program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_each_once_however_many_links_lead_to_it(machine: Path) -> None:
    real = _program(machine / "bin/gimp-2.10")
    (machine / "bin/gimp").symlink_to(real)
    assert programs.find() == [programs.Gimp(machine / "bin/gimp", "2.10")]


def test_a_flatpak_has_the_version_of_its_profile(machine: Path) -> None:
    program = _program(machine / "flatpak/exports/bin/org.gimp.GIMP")
    assert programs.find() == [programs.Gimp(program, "")]
    (machine / ".config/GIMP/3.0").mkdir(parents=True)
    assert programs.find() == [programs.Gimp(program, "3.0")]


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_what_a_program_says_of_its_version(machine: Path) -> None:
    words = "GNU Image Manipulation Program version 3.0.4"
    program = _program(machine / "bin/gimp", f"#!/bin/sh\necho '{words}'\n")
    assert programs.version_of(program) == "3.0.4"


def test_a_program_that_is_no_gimp(machine: Path) -> None:
    with pytest.raises(GimpfuError, match="does not say that it is GIMP"):
        programs.version_of(Path("/bin/true"))


def test_a_program_that_is_not_there(machine: Path) -> None:
    with pytest.raises(GimpfuError, match="does not start"):
        programs.version_of(machine / "nowhere")
