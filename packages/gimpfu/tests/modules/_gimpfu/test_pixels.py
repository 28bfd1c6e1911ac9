"""Regions and tiles of pixels."""

from __future__ import annotations

import array
from typing import Any

import pytest

from front import layer


def test_regions(loaded: Any) -> None:
    target = layer(loaded, 150, 130)
    region = target.get_pixel_rgn(0, 0, 150, 130)
    region[60:70, 60:70] = bytes(range(100)) * 3
    assert region[60:70, 60:70] == bytes(range(100)) * 3
    assert loaded.fake.writes == 0  # four tiles, still here
    target.flush()
    assert loaded.fake.writes == 4
    assert loaded.fake.read(target.ID, (60, 60, 10, 10)) == bytes(range(100)) * 3
    everything = bytes(i % 251 for i in range(150 * 130 * 3))
    region[:, :] = everything
    assert region[0:150, 0:130] == everything
    assert region[:, 129] == everything[-450:]
    assert region[149, :] == b"".join(everything[y * 450 + 447 :][:3] for y in range(130))


def test_single_pixels_ask_once_per_tile(loaded: Any) -> None:
    target = layer(loaded, 64, 64)
    region = target.get_pixel_rgn(0, 0, 64, 64)
    before = loaded.fake.reads
    for y in range(64):
        for x in range(64):
            region[x, y] = chr(x) + chr(y) + chr(255)
        # What has nothing to do with pixels leaves them here.
        assert target.height == 64
        assert target.mask is None
        assert loaded.gimp.pdb.gimp_selection_bounds(1) == (0, 0, 0, 64, 64)
    assert loaded.fake.reads - before == 1
    loaded.gimp.pdb.gimp_two()  # any other call gives back what is held
    assert loaded.fake.writes == 1
    assert loaded.fake.read(target.ID, (5, 7, 1, 1)) == b"\5\7\xff"


def test_a_tile_follows_gimp(loaded: Any) -> None:
    target = layer(loaded, 64, 64)
    tile = target.get_tile(False, 0, 0)
    tile[3, 4] = b"abc"
    tile.flush()
    loaded.fake.write(target.ID, (3, 4, 1, 1), b"xyz")
    loaded.gimp.pdb.gimp_two()
    assert tile[3, 4] == b"xyz"
    tile[0] = array.array("B", b"123")
    region = target.get_pixel_rgn(0, 0, 64, 64)
    assert region[0, 0] == b"123"


@pytest.mark.parametrize("key", [(64, 0), (0, -1), (0, slice(5, 5)), 3, (slice(0, 9, 2), 0)])
def test_outside(loaded: Any, key: Any) -> None:
    region = layer(loaded, 64, 64).get_pixel_rgn(0, 0, 64, 64)
    with pytest.raises((IndexError, TypeError)):
        region[key]


def test_wrong_size(loaded: Any) -> None:
    region = layer(loaded, 64, 64).get_pixel_rgn(0, 0, 64, 64)
    with pytest.raises(TypeError, match="3 bytes of pixels expected, 4 given"):
        region[0, 0] = b"abcd"


def test_pixels_are_strings_of_bytes(loaded: Any) -> None:
    pixel = layer(loaded, 64, 64).get_pixel_rgn(0, 0, 64, 64)[0, 0]
    assert pixel + chr(9) == b"\xff\xff\xff\x09"
    assert "\1" + pixel == b"\1\xff\xff\xff"
    assert pixel == "\xff\xff\xff"
    assert pixel != "\0\0\0"
    assert [loaded.gimpfu.ord(each) for each in pixel] == [255, 255, 255]
    assert array.array("B", pixel)[0] == 255


def test_procedures_of_single_pixels_are_answered_here(loaded: Any) -> None:
    """They agree with regions, and GIMP is asked for nothing but tiles."""
    target, pdb = layer(loaded, 64, 64), loaded.gimp.pdb
    region = target.get_pixel_rgn(0, 0, 64, 64)
    for x in range(64):
        pdb.gimp_drawable_set_pixel(target, x, 2, 3, (x, 1, 2))
        assert pdb.gimp_drawable_get_pixel(target, x, 2) == (3, (x, 1, 2))
    assert region[5, 2] == b"\5\1\2"
    region[5, 2] = b"abc"
    assert target.get_pixel(5, 2) == (97, 98, 99)
    assert (loaded.fake.reads, loaded.fake.writes) == (1, 0)
    called = [name for name, _ in loaded.fake.called]
    assert "gimp-drawable-get-pixel" not in called
    # What GIMP refuses, it refuses itself.
    for place in ((64, 0), (0, -1), (0, 64)):
        pdb.gimp_drawable_get_pixel(target, *place)
    pdb.gimp_drawable_set_pixel(target, 0, 0, 4, (1, 2, 3, 4))
    called = [name for name, _ in loaded.fake.called]
    assert called.count("gimp-drawable-get-pixel") == 3
    assert called.count("gimp-drawable-set-pixel") == 1
