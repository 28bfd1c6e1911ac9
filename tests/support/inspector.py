"""The inspector of the Model Context Protocol, by which its makers look at servers."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

__all__ = ["TOOLS", "inspected"]

#: Of mattekit's server.
TOOLS = {"remove_background", "refine_mask", "crop_to_subject", "composite", "list_models"}


def inspected(*server: str | Path) -> set[str]:
    """Return the names of the tools that it finds at a server: a command, or where one is set."""
    npx = shutil.which("npx")
    if npx is None:
        pytest.skip("no npx on this system")
    said = subprocess.run(
        [
            *(npx, "--yes", "@modelcontextprotocol/inspector@0", "--cli"),
            *(*map(str, server), "--method", "tools/list"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert said.returncode == 0, said.stderr
    return {tool["name"] for tool in json.loads(said.stdout)["tools"]}
