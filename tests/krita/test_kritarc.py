"""One line of a file that is not ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattekit_krita import kritarc

SAMPLE = b"""canvasState=OPENGL_SUCCESS
ResourceDirectory=/data/krita

[General]
name=caf\xe9
[python]
enable_tenscripts=true

[theme]
Theme=Krita dark
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "kritarc").write_bytes(SAMPLE)
    return tmp_path / "kritarc"


def test_values(path: Path) -> None:
    assert kritarc.value(path, "", "ResourceDirectory") == "/data/krita"
    assert kritarc.value(path, "python", "enable_tenscripts") == "true"
    assert kritarc.value(path, "theme", "enable_tenscripts") is None
    assert kritarc.value(path.with_name("none"), "", "x") is None


def test_a_line_is_added_to_its_section_and_taken_out_again(path: Path) -> None:
    kritarc.put(path, "python", "enable_ours", "true")
    added = path.read_bytes()
    assert added == SAMPLE.replace(b"[python]\n", b"[python]\nenable_ours=true\n")
    kritarc.put(path, "python", "enable_ours", "true")
    assert path.read_bytes() == added
    kritarc.drop(path, "python", "enable_ours")
    assert path.read_bytes() == SAMPLE


def test_a_value_is_replaced_in_its_place(path: Path) -> None:
    kritarc.put(path, "python", "enable_tenscripts", "false")
    assert path.read_bytes() == SAMPLE.replace(b"scripts=true", b"scripts=false")


def test_a_file_is_made_and_left_empty(tmp_path: Path) -> None:
    path = tmp_path / "config" / "kritarc"
    kritarc.put(path, "python", "enable_ours", "true")
    assert path.read_bytes() == b"[python]\nenable_ours=true\n"
    kritarc.drop(path, "python", "enable_ours")
    assert path.read_bytes() == b""


def test_windows_line_ends_stay(tmp_path: Path) -> None:
    path = tmp_path / "kritarc"
    path.write_bytes(b"a=1\r\n[x]\r\nb=2")
    kritarc.put(path, "python", "k", "true")
    assert path.read_bytes() == b"a=1\r\n[x]\r\nb=2\r\n\r\n[python]\r\nk=true\r\n"


def test_a_linked_file_stays_a_link(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    kritarc.put(link, "python", "k", "true")
    assert link.is_symlink()
    assert kritarc.value(path, "python", "k") == "true"


_NAMES = st.text("abcXYZ_/ .", min_size=1, max_size=6).map(str.strip).filter(bool)
_LINES = st.one_of(
    st.tuples(_NAMES, _NAMES).map(lambda pair: f"{pair[0]}={pair[1]}"),
    _NAMES.map(lambda name: f"[{name}]"),
    st.sampled_from(["", "# a remark", "[other][sub]"]),
)


@given(st.lists(_LINES, max_size=12))
def test_nothing_else_is_touched(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    path = tmp_path_factory.mktemp("rc") / "kritarc"
    before = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(before)
    kritarc.put(path, "python", "enable_ours", "true")
    assert kritarc.value(path, "python", "enable_ours") == "true"
    added = {b"[python]", b"enable_ours=true"}
    after = [line for line in path.read_bytes().splitlines() if line and line not in added]
    assert after == [line for line in before.splitlines() if line]
    kritarc.drop(path, "python", "enable_ours")
    assert path.read_bytes().rstrip() == before.rstrip()
