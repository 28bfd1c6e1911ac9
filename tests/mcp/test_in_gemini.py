"""A real program with an agent, Gemini CLI of npm: it reads our entry and starts the server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mattekit.hooks import HostCopy
from mattekit_mcp.installing import HOSTS

pytestmark = pytest.mark.install


def test_it_connects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npx = shutil.which("npx")
    if npx is None:
        pytest.skip("no npx on this system")
    monkeypatch.setenv("npm_config_cache", str(Path.home() / ".npm"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("MATTEKIT_PLUGINS_OFF", raising=False)
    HOSTS["gemini"].install(HostCopy(Path("/usr/bin/gemini")))
    trusted = tmp_path / ".gemini" / "trustedFolders.json"
    trusted.write_text(json.dumps({str(tmp_path): "TRUST_FOLDER"}))
    said = ""
    for _ in range(8):  # it waits some seconds only for a server
        done = subprocess.run(
            [npx, "--yes", "@google/gemini-cli@0", "mcp", "list"],
            cwd=tmp_path,
            env={**os.environ, "GEMINI_CLI_TRUST_WORKSPACE": "true"},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        said = done.stdout + done.stderr
        if "Connected" in said:
            break
    (line,) = [each for each in said.splitlines() if "mattekit:" in each]
    assert line.endswith(" Connected")
