"""JPEG XR: cut off, of other numbers, of other bits; see test_deep.py for its depth."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest

from mattekit.codecs.coders import jpegxr
from mattekit.errors import InvalidFileType, UnreadableImage
from support.deep import part


def passes(width: int, height: int) -> None:
    pass


def test_pixels_are_those_that_were_written() -> None:
    samples = part(3)
    photo = jpegxr.read(imagecodecs.jpegxr_encode(samples, level=100), "a.jxr", passes)
    assert np.abs(photo.color.astype(int) - samples).max() <= 1
    assert (photo.format, photo.source) == ("jxr", "a.jxr")


def test_the_size_is_told_before_anything_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = imagecodecs.jpegxr_encode(part(3), level=100)
    monkeypatch.delattr(imagecodecs, "jpegxr_decode")

    def check(width: int, height: int) -> None:
        assert (width, height) == (60, 40)
        raise LookupError

    with pytest.raises(LookupError):
        jpegxr.read(data, "a.jxr", check)


def test_missing_bytes_are_counted() -> None:
    data = imagecodecs.jpegxr_encode(part(3), level=100)
    with pytest.raises(UnreadableImage, match="10 bytes of it are missing"):
        jpegxr.read(data[:-10], "a.jxr", passes)
    with pytest.raises(UnreadableImage, match="no picture"):
        jpegxr.read(data[:20], "a.jxr", passes)


def test_other_numbers_are_refused_by_name() -> None:
    data = imagecodecs.jpegxr_encode((part(3) / 65535).astype(np.float32))
    with pytest.raises(InvalidFileType, match="other than 8 or 16 bits"):
        jpegxr.read(data, "a.jxr", passes)
