"""Programs on this machine."""

from __future__ import annotations

import pytest

from mattekit_hosts.programs import Program, find

PAINT = Program(
    ("paint",), ("Paint */bin/paint.exe", "apps/paint-*.AppImage"), r"paint[ -]([\d.]+\d)"
)


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("Paint 3/bin/paint.exe", ""),
        ("Paint 3.2/bin/paint.exe", "3.2"),
        ("apps/paint-4.1.AppImage", "4.1"),
    ],
)
def test_programs_are_found_in_their_usual_places(tmp_path, monkeypatch, path, version):
    program = tmp_path / path
    program.parent.mkdir(parents=True)
    program.touch()
    monkeypatch.setenv("PATH", "")
    (found,) = find(PAINT, lambda: iter([tmp_path, tmp_path]))
    assert found == (program, version)


def test_a_program_on_the_path_counts_once(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "paint-2.10"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (tmp_path / "bin" / "paint").symlink_to(program)
    monkeypatch.setenv("PATH", str(program.parent))
    (found,) = find(PAINT, lambda: iter(()))
    assert found == (tmp_path / "bin" / "paint", "2.10")
