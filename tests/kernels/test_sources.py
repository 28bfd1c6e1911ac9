"""What tells a library's sources from others."""

from __future__ import annotations

from pathlib import Path

from mattekit.kernels.sources import digest


def test_it_is_of_the_sources_and_of_nothing_else(tmp_path: Path) -> None:
    assert digest(tmp_path) == ""
    (tmp_path / "a.c").write_bytes(b"int a;\nint b;\n")
    first = digest(tmp_path)
    (tmp_path / "library.py").write_bytes(b"pass")
    (tmp_path / "a.c").write_bytes(b"int a;\r\nint b;\r\n")  # as a clone on Windows may have it
    assert digest(tmp_path) == first != ""
    (tmp_path / "b.h").write_bytes(b"")
    (tmp_path / "a.c").write_bytes(b"int a;\nint c;\n")
    assert digest(tmp_path) != first
