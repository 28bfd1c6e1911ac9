"""From a photo to a mask; who develops and who cuts out are played."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

import mattekit_bridge as bridge
from mattekit import Options, Photo, codecs
from mattekit.codecs.coders import pfm
from mattekit.errors import InputError
from mattekit_raw import exporting, masks

WORKER = bridge.Worker("http://127.0.0.1:1", "token", 1, "1", bridge.PROTOCOL)
#: As the sensor has it: 4 rows of 6 pixels, each different.
SENSOR = np.arange(24, dtype=np.uint16).reshape(4, 6) * 2000


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The pictures that a worker got, whose mask of a picture is its red channel."""
    pictures: list[Any] = []

    def run(command: Sequence[str], photo: Path, target: Path, waiting: Callable[[], bool]) -> None:
        assert waiting()
        photo_ = Photo(np.dstack([SENSOR] * 3))
        target.write_bytes(codecs.encode(photo_, Options(format="tiff")).data)

    def convert(worker: bridge.Worker, data: bytes, options: Any, progress: Any) -> bytes:
        assert options["channels"] == "alpha"
        red = codecs.decode(data).color[..., 0]
        pictures.append(red)
        if options["format"] == "pfm":
            return pfm.write(red)
        return codecs.encode(Photo(np.dstack([red] * 3)), Options(format="png")).data

    monkeypatch.setattr(exporting, "run", run)
    monkeypatch.setattr(masks, "convert", convert)
    return pictures


def jpeg(path: Path, orientation: int) -> Path:
    exif = Image.Exif()
    exif[274] = orientation
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (6, 4)).save(path, exif=exif)
    return path


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_network_sees_it_upright_and_darktable_as_the_sensor_does(
    tmp_path: Path, seen: list[Any], orientation: int
) -> None:
    photo = jpeg(tmp_path / "a day" / "a.jpg", orientation)
    target = masks.darktable_mask(
        photo, tmp_path / "masks", Path("cli"), lambda: WORKER, lambda done, what: None
    )
    assert target == tmp_path / "masks" / "a day" / "a.jpg.pfm"
    np.testing.assert_array_equal(seen[0], masks.upright(SENSOR, orientation))
    np.testing.assert_array_equal(codecs.decode(target).color[..., 0], SENSOR)


def test_a_raw_file_that_is_a_tiff_file_is_developed(tmp_path: Path, seen: list[Any]) -> None:
    """As of Nikon, Sony, Pentax, and DNG: it was sent to the worker, which refuses it."""
    raw = tmp_path / "a.dng"
    tifffile.imwrite(raw, SENSOR, photometric=32803, metadata=None)
    masks.rendered_mask(raw, Path("cli"), lambda: WORKER, lambda done, what: None)
    np.testing.assert_array_equal(seen[0], SENSOR)
    plain = tmp_path / "b.tif"
    tifffile.imwrite(plain, np.dstack([SENSOR] * 3), photometric="rgb")
    masks.rendered_mask(plain, None, lambda: WORKER, lambda done, what: None)


def test_art_gets_a_grey_png_of_sixteen_bits(tmp_path: Path, seen: list[Any]) -> None:
    raw = tmp_path / "a.dng"
    raw.write_bytes(b"FUJIFILMCCD-RAW " + bytes(600))
    target = masks.rendered_mask(raw, Path("cli"), lambda: WORKER, lambda done, what: None)
    assert target == tmp_path / "a-mask.png"
    assert codecs.decode(target).color.dtype == np.uint16
    photo = jpeg(tmp_path / "b.jpg", 1)
    masks.rendered_mask(photo, None, lambda: WORKER, lambda done, what: None)
    assert seen[1].shape == (4, 6)
    with pytest.raises(InputError, match="ART-cli"):
        masks.rendered_mask(raw, None, lambda: WORKER, lambda done, what: None)


def test_cancelled_while_it_is_developed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = jpeg(tmp_path / "a.jpg", 1)
    monkeypatch.setattr(exporting, "_PATIENCE", 5.0)
    cli = tmp_path / "cli"
    cli.write_text("#!/bin/sh\nexec sleep 60\n")
    cli.chmod(0o755)
    with pytest.raises(bridge.Canceled):
        masks.darktable_mask(
            photo, tmp_path / "masks", cli, lambda: WORKER, lambda done, what: False
        )
    assert not (tmp_path / "masks").exists()
