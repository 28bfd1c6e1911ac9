"""Files that are their owner's alone."""

from __future__ import annotations

import logging
import logging.handlers
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from mattekit_server import worker
from mattekit_server.private import make_private, make_private_database

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    make_private(tmp_path / "a")
    assert mode(tmp_path / "a") == 0o600
    assert not caplog.text


def test_a_folder_is_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with pytest.raises(IsADirectoryError):
        make_private(tmp_path)
    assert mode(tmp_path) == 0o755


@pytest.mark.parametrize(("loose", "tight"), [(0o644, 0o600), (0o660, 0o600), (0o555, 0o500)])
def test_a_file_that_is_open_to_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, loose: int, tight: int
) -> None:
    names = [tmp_path / name for name in ("a", "a-wal", "a-shm")]
    for path in names:
        path.touch()
        path.chmod(loose)
    make_private_database(tmp_path / "a")
    assert [mode(path) for path in names] == [tight] * 3
    for path in names:
        assert f"{path} was open to others (mode {loose:o})" in caplog.text
    assert not (tmp_path / "a-journal").exists()


def test_a_file_of_somebody_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").touch()

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    make_private(tmp_path / "a")
    assert "stays so (Operation not permitted). Run `chmod 600` as its owner." in caplog.text


def test_the_log_of_the_worker(tmp_path: Path) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        worker._log_to(tmp_path / "worker.log")
        (handler,) = root.handlers
        assert isinstance(handler, logging.handlers.RotatingFileHandler)
        logging.info("one")
        handler.doRollover()
        logging.info("two")
        handler.close()
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    names = {path.name: mode(path) for path in tmp_path.iterdir()}
    assert names == {"worker.log": 0o600, "worker.log.1": 0o600}
