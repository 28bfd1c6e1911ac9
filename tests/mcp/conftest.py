from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from support.helpers import disc
from support.red_network import runtime

__all__ = ["folder", "runtime"]

#: At will: scripts/test tools
collect_ignore = [] if os.environ.get("MATTEKIT_TOOLS") else ["test_in_gemini.py"]

pytest.importorskip("mcp", reason="the extra `mcp` is not installed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a photo, a mask of it and another picture."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.fromarray(disc(100, 140).image).save(folder / "photo.png")
    mask = np.zeros((100, 140), np.uint8)
    mask[25:75, 40:100] = 255
    Image.fromarray(mask).save(folder / "mask.png")
    Image.new("RGB", (140, 100), "navy").save(folder / "sea.png")
    return folder
