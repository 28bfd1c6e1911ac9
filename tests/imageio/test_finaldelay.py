"""How long the last frame of an animated picture is shown."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mattekit_imageio.finaldelay import set_final_delay
from support.video_clips import durations

KINDS = [("gif", "gif"), ("apng", "png"), ("webp", "webp")]


def written(path: Path, count: int) -> Path:
    rng = np.random.default_rng(4)
    first, *more = [
        Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8)) for _ in range(count)
    ]
    first.save(path, save_all=True, append_images=more, duration=100)
    return path


@pytest.mark.parametrize(("container", "suffix"), KINDS)
def test_only_the_last_one_changes(tmp_path: Path, container: str, suffix: str) -> None:
    path = written(tmp_path / f"a.{suffix}", 3)
    before = path.stat().st_size
    set_final_delay(path, container, Fraction(730, 1000))
    assert durations(path) == [100, 100, 730]
    assert path.stat().st_size == before


@pytest.mark.parametrize(("container", "suffix"), KINDS)
def test_the_longest_that_can_be_said(tmp_path: Path, container: str, suffix: str) -> None:
    path = written(tmp_path / f"a.{suffix}", 2)
    set_final_delay(path, container, Fraction(10**6))
    assert durations(path)[-1] == {"gif": 655_350, "apng": 65_535, "webp": 0xFFFFFF}[container]


@pytest.mark.parametrize(("container", "suffix"), KINDS[1:])
def test_what_stands_still_stays_as_it_is(tmp_path: Path, container: str, suffix: str) -> None:
    path = written(tmp_path / f"a.{suffix}", 1)
    before = path.read_bytes()
    set_final_delay(path, container, Fraction(1))
    assert path.read_bytes() == before
