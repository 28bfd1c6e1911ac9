from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from mattekit.errors import OutputError
from mattekit.files import make_folder, unwritable, write_atomically

POSIX = pytest.mark.skipif(os.name != "posix", reason="permissions and devices of POSIX")


def test_new_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.bin", b"abc")
    write_atomically(str(tmp_path / "b.bin"), lambda file: file.write(b"def"))
    assert (tmp_path / "a.bin").read_bytes() == b"abc"
    assert (tmp_path / "b.bin").read_bytes() == b"def"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.bin", "b.bin"]


@POSIX
def test_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a"
    old = os.umask(0o027)
    try:
        write_atomically(path, b"1")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o604)
        write_atomically(path, b"2")
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


@POSIX
def test_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "full"), RuntimeError("defect"), KeyboardInterrupt()], ids=repr
)
def test_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"precious")

    def fail(file: BinaryIO) -> None:
        file.write(b"half")
        raise error

    expected = OutputError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        write_atomically(path, fail)
    assert path.read_bytes() == b"precious"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_failure_to_replace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"precious")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OutputError, match="no permission"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"precious"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk of .* is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "no permission"),
        (errno.EDQUOT, "quota"),
        (errno.EIO, "cannot be written"),
    ],
)
def test_what_the_system_says(
    number: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(OutputError, match=words) as caught:
        write_atomically(tmp_path / "a.png", b"x")
    assert caught.value.target == str(tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


def test_missing_folder_and_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"folder .*missing does not exist"):
        write_atomically(tmp_path / "missing" / "a.png", b"x")
    with pytest.raises(OutputError, match="it is a folder"):
        write_atomically(tmp_path, b"x")
    with pytest.raises(OutputError):
        write_atomically("a\0b", b"x")


@pytest.mark.parametrize("below", ["file/a.png", "file/deeper/a.png"])
def test_a_file_in_the_way_is_named(tmp_path: Path, below: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    said = f"{tmp_path / below}: cannot be written: {file} is a file, not a folder. "
    for write in (make_folder, lambda path: write_atomically(path, b"x")):
        with pytest.raises(OutputError) as caught:
            write(tmp_path / below)
        assert str(caught.value) == said + "Choose another folder."


def test_a_drive_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of the folders above is there, not even the topmost."""
    monkeypatch.setattr("os.path.exists", lambda path: False)
    error = unwritable("/gone/x.png", FileNotFoundError(errno.ENOENT, "No such file"))
    monkeypatch.undo()
    assert str(error).startswith("/gone/x.png:")
    assert "/gone does not exist" in str(error)


def test_folders_are_made_with_those_above(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(tmp_path / "a" / "b", private=True)
    assert list(tmp_path.rglob("*")) == [tmp_path / "a", tmp_path / "a" / "b"]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="is there already, and is no folder"):
        make_folder(tmp_path / "file")
    with pytest.raises(OutputError, match="cannot be written"):
        make_folder("a\0b")


def test_the_folder_named_is_the_one_that_is_missing(tmp_path: Path) -> None:
    link = tmp_path / "link.png"
    link.symlink_to(tmp_path / "gone" / "a.png")
    with pytest.raises(OutputError, match=r"folder .*gone does not exist"):
        write_atomically(link, b"x")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here")
def test_a_folder_that_takes_no_files_is_not_called_missing() -> None:
    with pytest.raises(OutputError, match="/proc takes no new files"):
        write_atomically("/proc/a.png", b"x")


def test_long_names(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("n" * 250 + ".png"), b"x")
    with pytest.raises(OutputError, match="too long"):
        write_atomically(tmp_path / ("n" * 400), b"x")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_full_device() -> None:
    with pytest.raises(OutputError, match="is full"):
        write_atomically("/dev/full", b"x" * 100_000)


@POSIX
@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="no permission"):
            write_atomically(tmp_path / "a", b"x")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(not hasattr(os, "fchown"), reason="files have no owner here")
@pytest.mark.parametrize("refused", [False, True])
def test_a_replaced_file_stays_its_owner_s(tmp_path, monkeypatch, refused):
    """As where root changes the settings of a user, who else could read them no more."""
    path = tmp_path / "settings.json"
    path.touch(mode=0o600)
    given = []

    def fchown(handle, user, group):
        given.append((user, group))
        if refused:
            raise PermissionError

    monkeypatch.setattr(os, "fchown", fchown)
    write_atomically(path, b"new")
    assert not given  # it is the writer's own
    monkeypatch.setattr(
        os, "fstat", lambda handle: os.stat_result([0o600, 0, 0, 1, 77, 78, *[0] * 4])
    )
    write_atomically(path, b"newer")
    status = path.stat()
    assert given == [(-1, status.st_gid), (status.st_uid, -1)]
    assert path.read_bytes() == b"newer"
    assert status.st_mode & 0o777 == 0o600
