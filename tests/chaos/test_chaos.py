"""A short form of `chaos.py`, which is run in full by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals"),
]

SCENES = ("batch", "watch", "server", "worker", "fetch", "full_disk", "read_only", "vanishing")


@pytest.mark.parametrize("name", SCENES)
def test_nothing_is_lost(name: str, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("chaos.py")), "--kills", "3", name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    if "not tried" in result.stdout:
        pytest.skip(result.stdout.splitlines()[-1])
