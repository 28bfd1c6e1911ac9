"""From samples to a photo."""

from __future__ import annotations

import numpy as np
import pytest

import support.codecs as make
from mattekit import codecs
from mattekit.errors import (
    InvalidDimensions,
    InvalidFileType,
)
from support.decoding import RGB, check_contract


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_arrays_are_copied(dtype: type, channels: int) -> None:
    picture = make.ramp(9, 11, channels, dtype)
    before = picture.copy()
    photo = codecs.decode(picture)
    check_contract(photo)
    photo.color[...] = 0
    np.testing.assert_array_equal(picture, before)


def test_array_of_another_machine() -> None:
    picture = np.arange(48, dtype=">u2").reshape(4, 4, 3) * 1000
    photo = codecs.decode(picture)
    assert photo.color.dtype == np.uint16
    np.testing.assert_array_equal(photo.color, picture)


def test_transposed_array() -> None:
    view = RGB.swapaxes(0, 1)
    np.testing.assert_array_equal(codecs.decode(view).color, view)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4), np.float32),
        np.zeros((4, 4), bool),
        np.zeros((4, 4), np.int64),
        np.zeros(4, np.uint8),
        np.zeros((4, 4, 5), np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
    ],
    ids=lambda a: f"{a.dtype}{a.shape}",
)
def test_other_arrays_are_refused(array: np.ndarray) -> None:
    with pytest.raises(InvalidFileType, match="array of"):
        codecs.decode(array)


def test_empty_array() -> None:
    with pytest.raises(InvalidDimensions):
        codecs.decode(np.zeros((0, 4, 3), np.uint8))
