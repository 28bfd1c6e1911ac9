from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mattekit import codecs
from mattekit.errors import (
    FileTooLarge,
    InputError,
    InvalidFileType,
    ResolutionTooHigh,
    UnreadableImage,
)
from support.helpers import ends_soon
from support.zips import ALPHA, COLOR, CUTOUT, packed


def test_other_writers_and_other_entries() -> None:
    entries = [("readme.txt", b"hello"), ("alpha.png", ALPHA), ("color.jpg", COLOR)]
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        photo = codecs.decode(codecs.zip_to_png(packed(entries, compression)))
        np.testing.assert_array_equal(photo.alpha, CUTOUT.alpha)


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [("color.jpg", COLOR)],
        [("../color.jpg", COLOR), ("../alpha.png", ALPHA)],
        [("/color.jpg", COLOR), ("/alpha.png", ALPHA)],
        [("a/color.jpg", COLOR), ("a/alpha.png", ALPHA)],
        [("COLOR.JPG", COLOR), ("ALPHA.PNG", ALPHA)],
    ],
)
def test_without_the_two_entries(
    entries: list[tuple[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidFileType, match=r"color\.jpg and alpha\.png"):
        codecs.zip_to_png(packed(entries))
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicates() -> None:
    entries = [("color.jpg", COLOR), ("alpha.png", ALPHA), ("color.jpg", COLOR)]
    with pytest.raises(UnreadableImage, match="2 times"):
        codecs.zip_to_png(packed(entries))


def test_encrypted() -> None:
    data = bytearray(packed([("color.jpg", COLOR), ("alpha.png", ALPHA)]))
    at = data.index(b"PK\1\2")
    data[at + 8] |= 1
    with pytest.raises(UnreadableImage, match="encrypted"):
        codecs.zip_to_png(bytes(data))


@pytest.mark.slow
def test_bomb() -> None:
    bomb = packed([("color.jpg", bytes(80 << 20)), ("alpha.png", ALPHA)], zipfile.ZIP_DEFLATED)
    limits = codecs.Limits(max_bytes=60 << 20)
    with ends_soon(), pytest.raises(FileTooLarge):
        codecs.zip_to_png(bomb, limits=limits)
    # The same with a directory that lies about the size.
    at = bomb.index(b"PK\1\2")
    lying = bytearray(bomb)
    struct.pack_into("<I", lying, at + 24, 1000)
    with ends_soon(), pytest.raises(InputError):
        codecs.zip_to_png(bytes(lying), limits=limits)


def test_huge_directory() -> None:
    many = packed([(f"{i:06}", b"") for i in range(5000)])
    with pytest.raises(InvalidFileType, match="very many"):
        codecs.zip_to_png(many)


def test_limits_hold_inside() -> None:
    data = packed([("color.jpg", COLOR), ("alpha.png", ALPHA)])
    with pytest.raises(ResolutionTooHigh):
        codecs.zip_to_png(data, limits=codecs.Limits(max_pixels=2399))
    with pytest.raises(FileTooLarge):
        codecs.zip_to_png(data, limits=codecs.Limits(max_bytes=100))


@pytest.mark.parametrize("data", [b"", b"hello", COLOR, b"PK\3\4" + bytes(50)])
def test_other_files(data: bytes) -> None:
    with pytest.raises((InvalidFileType, UnreadableImage)):
        codecs.zip_to_png(data)


def test_truncated_anywhere() -> None:
    data = packed([("color.jpg", COLOR), ("alpha.png", ALPHA)])
    for end in range(0, len(data), max(1, len(data) // 80)):
        with pytest.raises(InputError):
            codecs.zip_to_png(data[:end])


def test_mutated() -> None:
    data = packed([("color.jpg", COLOR), ("alpha.png", ALPHA)], zipfile.ZIP_DEFLATED)
    rng = np.random.default_rng(0)
    for _ in range(300):
        changed = bytearray(data)
        for at in rng.integers(-200, 200, 6):
            changed[at] = rng.integers(256)
        try:
            codecs.zip_to_png(bytes(changed))
        except InputError:
            continue
