"""Arrays of every dtype of scikit-image."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import util

from mattekit import remove_background
from mattekit.errors import InvalidFileType
from mattekit_imageio.arrays import as_photo, as_pixels, cutout_array, like
from support.helpers import assert_images_close

UNSIGNED = [np.uint8, np.uint16, np.uint32, np.uint64]
SIGNED = [np.int8, np.int16, np.int32, np.int64]
FLOATS = [np.float16, np.float32, np.float64]


def top(dtype):
    return 1 if np.dtype(dtype).kind in "bf" else np.iinfo(dtype).max


def in_dtype(image, dtype):
    """Return a picture of 8 bits in a dtype, by means of Python's exact integers."""
    if np.dtype(dtype).kind in "bf":
        return (image / 255).round().astype(bool) if dtype is bool else (image / 255).astype(dtype)
    levels = np.array([value * top(dtype) // 255 for value in range(256)], dtype)
    return levels[image]


@pytest.mark.parametrize("dtype", [bool, *UNSIGNED, *SIGNED, *FLOATS])
@pytest.mark.parametrize("channels", ["rgba", "alpha"])
def test_same_dtype_and_range_out(truth, dtype, channels):
    image = in_dtype(truth.image, dtype)
    before = image.copy()
    result = cutout_array(image, channels=channels)
    assert (image == before).all()
    assert result.dtype == dtype
    assert result.shape == ((48, 64) if channels == "alpha" else (48, 64, 4))
    alpha = result if channels == "alpha" else result[..., 3]
    assert alpha.min() == 0
    assert alpha.max() == top(dtype)
    expected = remove_background(truth.image).alpha / 255
    assert_images_close(alpha.astype(float) / top(dtype), expected, 1, mean=0.01)


@pytest.mark.parametrize("dtype", [np.uint32, np.int16, np.int8, *FLOATS, np.int32, np.uint64])
def test_certain_colours_keep_their_value(truth, dtype):
    image = in_dtype(truth.image, dtype)
    result = cutout_array(image)
    level = remove_background(as_photo(image)).alpha  # fewer bits would round some alphas up
    certain = level == np.iinfo(level.dtype).max
    assert certain.mean() > 0.1
    a, b = (x[certain].astype(float) / top(dtype) for x in (result[..., :3], image))
    assert_images_close(a, b, 1.1 / 65535 if dtype is not np.float16 else 1e-3)


@pytest.mark.parametrize("dtype", [np.uint16, *SIGNED, *FLOATS])
def test_skimage_agrees_about_the_ranges(dtype):
    eight = np.arange(256, dtype=np.uint8).reshape(16, 16)
    there = {
        np.uint16: util.img_as_uint,
        np.int16: util.img_as_int,
        np.float32: util.img_as_float32,
        np.float64: util.img_as_float64,
    }.get(dtype)
    if there is None:
        there = lambda x: in_dtype(x, dtype)  # noqa: E731
    pixels = as_pixels(there(eight)).astype(float)
    assert_images_close(pixels / pixels.max(), eight / 255, 1 / 120 if dtype is np.int8 else 1e-3)


@pytest.mark.parametrize("shape", [(48, 64), (48, 64, 1), (48, 64, 2), (48, 64, 3), (48, 64, 4)])
def test_every_number_of_channels(truth, shape):
    red = truth.image[..., :1]
    image = np.full(shape, 255, np.uint8)
    image[..., : min(3, image.shape[-1])] = red if image.ndim == 3 else 0
    if image.ndim == 2:
        image[:] = red[..., 0]
    if image.ndim == 3 and shape[2] in {2, 4}:
        image[..., -1] = 255
    assert cutout_array(image).shape == (48, 64, 4)


def test_a_path_is_no_array():
    with pytest.raises(InvalidFileType, match=r"no array but 'cat\.jpg'; expected \(M, N\)"):
        cutout_array("cat.jpg")


def test_other_byte_orders_and_strides(truth):
    image = truth.image.astype(np.uint16) * 257
    expected = cutout_array(image)
    swapped = cutout_array(image.astype(image.dtype.newbyteorder()))
    assert_images_close(swapped, expected)
    assert_images_close(cutout_array(image[:, ::-1]), expected[:, ::-1], 3000, mean=300)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.full((4, 4), 255.0), r"0\.0 … 1\.0 \(divide by 255\).*from 0 to 255|divide by 255"),
        (np.full((4, 4), -0.5), "from -0.5 to 0"),
        (np.full((4, 4), np.nan), "no numbers"),
        (np.full((4, 4), np.inf), "from 0 to inf"),
        (np.full((4, 4), -3, np.int16), "down to -3"),
        (np.zeros((4, 4), complex), "complex128"),
        (np.zeros((4, 4), "U1"), "<U1"),
        (np.zeros(4), r"shape \(4,\)"),
        (np.zeros((4, 4, 5)), r"shape \(4, 4, 5\)"),
        (np.zeros((2, 4, 4, 3)), r"shape \(2, 4, 4, 3\)"),
    ],
    ids=str,
)
def test_wrong_arrays_are_refused(image, words):
    with pytest.raises(InvalidFileType, match=words):
        cutout_array(image)


def test_empty_arrays_are_refused():
    with pytest.raises(Exception, match="nothing to cut out"):
        cutout_array(np.zeros((0, 4, 3)))


def test_a_little_beyond_the_range_is_rounding():
    image = np.array([[-1e-4, 1 + 1e-4]], np.float32)
    assert as_pixels(image).tolist() == [[0, 65535]]


@pytest.mark.slow
@given(
    dtype=st.sampled_from([*UNSIGNED, *SIGNED]), values=st.lists(st.integers(0, 2**64), min_size=1)
)
def test_there_and_back_is_within_the_depth(dtype, values):
    image = np.array([[value % (top(dtype) + 1) for value in values]], dtype)
    pixels = as_pixels(image)
    back = like(pixels, image.dtype)
    assert back.dtype == image.dtype
    step = max(1, top(dtype) // 65535) if np.dtype(dtype).itemsize > 1 else 0
    for a, b in zip(image.ravel().tolist(), back.ravel().tolist(), strict=True):
        assert abs(a - b) <= step
    extremes = as_pixels(np.array([[0, top(dtype)]], dtype))
    assert like(extremes, image.dtype).tolist() == [[0, top(dtype)]]
