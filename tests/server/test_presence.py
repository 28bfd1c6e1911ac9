"""Which processes still live, told by locks."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mattekit_server.presence import Presence


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    return tmp_path / "keys.sqlite"


def test_a_name_is_taken_once_and_lies_beside_the_shared_file(shared: Path) -> None:
    presence = Presence(shared)
    name = presence.name()
    assert presence.name() == name
    (file,) = shared.parent.iterdir()
    assert file.name == f"keys.sqlite-process-{name}"
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    presence.close()


def test_who_lives_is_not_gone_and_who_has_closed_is(shared: Path) -> None:
    one, other = Presence(shared), Presence(shared)
    name = one.name()
    assert not one.is_gone(name)
    assert not other.is_gone(name)
    one.close()
    assert other.is_gone(name)
    assert other.is_gone("never-there")
    assert not other.is_gone("")


def test_a_process_that_ends_is_gone_however_it_ends(shared: Path) -> None:
    program = (
        "import os, pathlib, sys\n"
        "from mattekit_server.presence import Presence\n"
        "presence = Presence(pathlib.Path(sys.argv[1]))\n"
        "print(presence.name(), flush=True)\n"
        "sys.stdin.readline(); os._exit(9)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(shared)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        name = process.stdout.readline().strip()
        presence = Presence(shared)
        assert not presence.is_gone(name)
        process.stdin.write("\n")
        process.stdin.flush()
        process.wait()
    assert presence.is_gone(name)


def test_what_others_left_is_swept_and_nothing_else(shared: Path) -> None:
    kept = Presence(shared)
    kept.name()
    for name in ("keys.sqlite-process-dead", "other.sqlite-process-dead", "keys.sqlite-wal"):
        shared.with_name(name).touch()
    kept.sweep()
    left = sorted(path.name for path in shared.parent.iterdir())
    assert left == [
        f"keys.sqlite-process-{kept.name()}", "keys.sqlite-wal", "other.sqlite-process-dead",
    ]  # fmt: skip
    kept.close()


def test_where_nothing_can_be_locked_it_is_said_and_nobody_is_gone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    presence = Presence(tmp_path / "missing" / "keys.sqlite")
    assert presence.name() == ""
    assert "cannot be locked" in caplog.text
    assert not presence.is_gone("")
