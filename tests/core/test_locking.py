"""Locks of the operating system."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from mattekit.locking import _same, locked, locked_if_free


@pytest.mark.slow
def test_the_lock_is_held_by_one_and_leaves_nothing(tmp_path: Path):
    inside, most = 0, 0
    count = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        for _ in range(15):
            with locked(tmp_path / "a.lock", pause=0.001):
                with count:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.001)
                with count:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert list(tmp_path.iterdir()) == []


def test_a_lock_file_that_was_removed_locks_nothing(tmp_path: Path):
    name = tmp_path / "a.lock"
    with name.open("ab") as mine:
        assert _same(mine, name)
        name.unlink()
        assert not _same(mine, name)
        with name.open("ab") as other:
            assert _same(other, name)
            assert not _same(mine, name)


def test_a_lock_that_is_taken_is_not_waited_for(tmp_path: Path):
    with locked_if_free(tmp_path / "a.lock") as first, locked_if_free(tmp_path / "a.lock") as other:
        assert first
        assert not other
    with locked_if_free(tmp_path / "a.lock") as again:
        assert again
