"""Pictures as the sensor has them, and how they are turned."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
import tifffile
from PIL import Image

from mattekit_raw.sensor import XMP, orientation_of, turned_back, upright


@pytest.mark.parametrize("orientation", range(1, 9))
def test_there_and_back_again(orientation: int) -> None:
    stored = np.arange(12, dtype=np.uint8).reshape(3, 4)
    np.testing.assert_array_equal(turned_back(upright(stored, orientation), orientation), stored)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("kind", ["jpg", "dng"])
def test_what_exif_says(tmp_path: Path, orientation: int, kind: str) -> None:
    path = tmp_path / f"photo.{kind}"
    if kind == "jpg":
        exif = Image.Exif()
        exif[274] = orientation
        Image.new("RGB", (8, 8)).save(path, exif=exif)
    else:
        tags = [(274, 3, 1, orientation, True), (50706, 1, 4, bytes([1, 4, 0, 0]), True)]
        samples = np.zeros((8, 8), np.uint16)
        tifffile.imwrite(path, samples, photometric=32803, extratags=tags, metadata=None)
    assert orientation_of(path) == orientation


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"II*\0" + bytes(20), b"ftypcrx "])
def test_what_cannot_be_told_counts_as_upright(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "photo"
    path.write_bytes(data)
    assert orientation_of(path) == 1
    assert orientation_of(tmp_path / "missing") == 1


def test_the_history_turns_nothing() -> None:
    (entry,) = Xml.fromstring(XMP).iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li")
    names = "operation", "modversion", "params", "enabled"
    values = [entry.get(f"{{http://darktable.sf.net/}}{name}") for name in names]
    assert values == ["flip", "2", "00000000", "1"]
