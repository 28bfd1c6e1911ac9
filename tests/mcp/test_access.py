"""Which files an agent may name."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from mattekit.errors import InputError, OutputError
from mattekit_mcp import access
from mattekit_mcp.access import Folders


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    for name in ("one/deep", "two", "secret"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "one/deep/a.jpg").write_bytes(b"a")
    (tmp_path / "secret/key").write_bytes(b"key")
    return Folders([tmp_path / "one", tmp_path / "two"])


def test_paths_inside(folders: Folders, tmp_path: Path) -> None:
    assert folders.read("deep/a.jpg") == b"a"
    assert folders.read(str(tmp_path / "one/deep/../deep/a.jpg")) == b"a"
    assert folders.write("b.png", b"b") == tmp_path / "one" / "b.png"
    assert folders.write(str(tmp_path / "two/c.png"), b"c").read_bytes() == b"c"


@pytest.mark.parametrize(
    "given", ["../secret/key", "{}/secret/key", "link", "deep", "nothing", "\0", "{}/one", "~/x"]
)
def test_paths_outside(folders: Folders, tmp_path: Path, given: str) -> None:
    (tmp_path / "one/link").symlink_to(tmp_path / "secret/key")
    with pytest.raises(InputError, match="no file that may be read"):
        folders.read(given.format(tmp_path))


@pytest.mark.parametrize("given", ["../secret/new", "{}/secret/new", "out/new", "/etc/new"])
def test_nothing_is_written_outside(folders: Folders, tmp_path: Path, given: str) -> None:
    (tmp_path / "one/out").symlink_to(tmp_path / "secret")
    with pytest.raises(OutputError, match="no file that may be written"):
        folders.write(given.format(tmp_path), b"x")
    assert [path.name for path in (tmp_path / "secret").iterdir()] == ["key"]


def test_nothing_is_replaced(folders: Folders, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is there already"):
        folders.write("deep/a.jpg", b"x")
    (tmp_path / "one/loose").symlink_to(tmp_path / "one/nothing")
    folders.write("loose", b"x")  # where it leads is inside and was free
    assert (tmp_path / "one/nothing").read_bytes() == b"x"


def test_data(folders: Folders) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(6000)
    text = base64.b64encode(picture).decode()
    assert folders.read(f"data:image/png;base64,{text}") == picture
    assert folders.read(text) == picture
    with pytest.raises(InputError, match="no file that may be read"):
        folders.read(base64.b64encode(b"no picture").decode())
    with pytest.raises(InputError, match="neither a path nor base64"):
        folders.read("data:image/png;base64,?")


@pytest.mark.parametrize("given", ["n" * 300, "\ud800", "d/" * 2000, "ring"])
def test_names_that_no_file_can_have(folders: Folders, tmp_path: Path, given: str) -> None:
    (tmp_path / "one/ring").symlink_to("ring")
    with pytest.raises(InputError, match="no file that may be read"):
        folders.read(given)
    with pytest.raises(OutputError):
        folders.write(given, b"x")


@pytest.mark.parametrize("size", [150, 600, 3000])
def test_a_small_picture_as_base64_is_no_path(folders: Folders, size: int) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(size)
    assert folders.read(base64.b64encode(picture).decode()) == picture


def test_neither_a_pipe_nor_a_folder_nor_a_neighbour_is_read(tmp_path: Path) -> None:
    for name in ("one", "one-more"):
        (tmp_path / name).mkdir()
    (tmp_path / "one-more/key").write_bytes(b"key")
    os.mkfifo(tmp_path / "one/pipe")
    for given in ("pipe", ".", "", "../one-more/key"):
        with pytest.raises(InputError, match="no file that may be read"):
            Folders([tmp_path / "one"]).read(given)


def test_data_that_are_too_large_are_not_decoded(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "_LARGEST", 300)
    monkeypatch.setattr(access.base64, "b64decode", None)
    with pytest.raises(InputError, match="has more than"):
        folders.read("data:image/png;base64," + 408 * "A")


def test_without_folders_there_are_only_data(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    with pytest.raises(InputError, match="send pictures as data"):
        Folders([]).read(str(tmp_path / "a"))
    with pytest.raises(OutputError, match="send pictures as data"):
        Folders([]).write(str(tmp_path / "b"), b"b")
