"""What a cut-out says of its subject, and how it is written."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mattekit import Cutout
from mattekit.errors import ForegroundNotFound, OptionError, OutputError
from mattekit.options import KINDS


@pytest.fixture
def cutout() -> Cutout:
    color = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    alpha = np.full((4, 5), 255, np.uint8)
    alpha[0] = 0
    return Cutout(color, alpha, source="a.jpg")


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_kinds_at_each_level(kind: str) -> None:
    cutout = Cutout(np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8), kind=kind)
    fine = "graphics" if kind == "graphic" else kind
    coarse = "other" if kind in {"transportation", "graphic"} else kind
    assert [cutout.type_name(level) for level in ("none", "1", "2", "latest")] == [
        "", coarse, fine, fine,
    ]  # fmt: skip


def test_where_nothing_was_found(cutout: Cutout) -> None:
    assert cutout.require_found() is cutout
    with pytest.raises(ForegroundNotFound, match=r"a\.jpg"):
        cutout.replace(found=False).require_found()


def test_rgba_is_black_where_nothing_is_seen(cutout: Cutout) -> None:
    rgba = cutout.rgba()
    assert not rgba[0].any()
    np.testing.assert_array_equal(rgba[1:, :, :3], cutout.color[1:])
    np.testing.assert_array_equal(rgba[..., 3], cutout.alpha)
    np.testing.assert_array_equal(np.asarray(cutout.to_pil()), rgba)


def test_a_file_is_what_encode_gives(cutout: Cutout, tmp_path: Path) -> None:
    cutout.save(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == cutout.encode(format="png").data
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a.png")), cutout.rgba())


def test_a_suffix_that_names_no_format_writes_nothing(cutout: Cutout, tmp_path: Path) -> None:
    with pytest.raises(OptionError):
        cutout.save(tmp_path / "a.xyz")
    assert list(tmp_path.iterdir()) == []


def test_it_is_told_in_a_line(cutout: Cutout) -> None:
    width, height = cutout.size
    known = cutout.replace(kind="animal", confidence=0.428)
    assert repr(known) == f"<Cutout a.jpg: {width} × {height}, uint8, animal, confidence 0.43>"
    assert repr(known.replace(found=False)).endswith("uint8, no subject found>")


@pytest.mark.parametrize("target", [io.BytesIO(), None, 3])
def test_what_is_no_path_is_told_the_way_to_the_bytes(cutout: Cutout, target: Any) -> None:
    with pytest.raises(OutputError, match=rf"{type(target).__name__}.*encode\(format=\"png\"\)"):
        cutout.save(target)
