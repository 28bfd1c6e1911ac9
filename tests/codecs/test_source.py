"""Where bytes come from, and how many may come."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.errors import (
    FileTooLarge,
    InputNotFound,
    InvalidFileType,
    ResolutionTooHigh,
)
from support.decoding import RGB


def test_every_kind_of_source(tmp_path: Path) -> None:
    data = make.png(RGB)
    path = tmp_path / "a picture.jpg"  # the suffix lies
    path.write_bytes(data)
    with path.open("rb") as file:
        photos = [
            codecs.decode(source)
            for source in (path, str(path), data, bytearray(data), memoryview(data), file)
        ]
    photos.append(codecs.decode(io.BytesIO(data)))
    photos.append(codecs.decode(Image.open(io.BytesIO(data))))
    photos.append(codecs.decode(RGB))
    for photo in photos:
        np.testing.assert_array_equal(photo.color, RGB)
    assert photos[0].format == "png"
    assert photos[0].source == str(path)
    assert photos[5].source == str(path)
    assert codecs.decode(photos[0]) is photos[0]


def test_name_is_what_messages_say() -> None:
    with pytest.raises(InvalidFileType, match=r"^upload:"):
        codecs.decode(b"hello", name="upload")


def test_missing_file_folder_and_text_file(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound, match="no such file"):
        codecs.decode(tmp_path / "none.png")
    with pytest.raises(InputNotFound, match="folder"):
        codecs.decode(tmp_path)
    with pytest.raises(InputNotFound):
        codecs.decode("a\0b")
    text = tmp_path / "a.txt"
    text.write_text("hello", encoding="utf-8")
    with text.open(encoding="utf-8") as file, pytest.raises(InvalidFileType, match="'rb'"):
        codecs.decode(file)  # type: ignore[arg-type]


def test_limits(tmp_path: Path) -> None:
    data = make.png(RGB)
    path = tmp_path / "a.png"
    path.write_bytes(data)
    few_bytes = codecs.Limits(max_bytes=len(data) - 1)
    few_pixels = codecs.Limits(max_pixels=37 * 53 - 1)
    for source in (lambda: data, lambda: path, lambda: io.BytesIO(data)):
        with pytest.raises(FileTooLarge) as caught:
            codecs.decode(source(), limits=few_bytes)
        assert caught.value.limit == len(data) - 1
        with pytest.raises(ResolutionTooHigh):
            codecs.decode(source(), limits=few_pixels)
        enough = codecs.Limits(max_bytes=len(data), max_pixels=37 * 53)
        assert codecs.decode(source(), limits=enough).size == (53, 37)
    with pytest.raises(ResolutionTooHigh):
        codecs.decode(RGB, limits=few_pixels)


@pytest.mark.parametrize("size", [1, 2])
def test_a_view_of_plain_samples_is_the_same_picture(size: int) -> None:
    samples = RGB.astype(f">u{size}") * (257 if size == 2 else 1)
    height, width = RGB.shape[:2]
    head = f"P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH 3\nMAXVAL {256**size - 1}\nENDHDR\n"
    data = head.encode() + samples.tobytes()
    memory = bytearray(b"x" + data + b"behind it")
    photo = codecs.decode(memoryview(memory)[1:-9])
    memory[:] = bytes(len(memory))  # whoever lends it may write over it
    np.testing.assert_array_equal(photo.color, codecs.decode(data).color)
    twice = bytearray(2 * len(data))
    twice[::2] = data
    np.testing.assert_array_equal(codecs.decode(memoryview(twice)[::2]).color, photo.color)


def test_an_empty_view_of_several_axes_is_no_picture() -> None:
    with pytest.raises(InvalidFileType):
        codecs.decode(memoryview(np.zeros((0, 3), np.uint8)))
