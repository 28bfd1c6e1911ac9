"""Colours that continue beyond the edge of a subject."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest

from mattekit.codecs.edge_padding import pad_edges


def subject(height=150, width=200):
    """A red disc with a soft edge; blue where nobody sees it."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    distance = np.hypot(x - 90, y - 70)
    alpha = (np.clip((45 - distance) / 4 + 0.5, 0, 1) * 255 + 0.5).astype(np.uint8)
    color = np.where(alpha[..., None] > 0, (200, 40, 30), (20, 60, 220)).astype(np.uint8)
    return color, alpha, distance


@pytest.mark.parametrize("size", [(150, 200), (149, 187), (144, 208)])
def test_what_is_seen_is_untouched_and_so_is_what_is_far(size):
    color, alpha, distance = subject(*size)
    result = pad_edges(color, alpha)
    assert np.array_equal(result[alpha > 0], color[alpha > 0])
    far = distance > 47 + 2 * 16 * 1.5
    assert np.array_equal(result[far], color[far])
    near = (alpha == 0) & (distance < 60)
    assert np.abs(result[near].astype(int) - (200, 40, 30)).max() <= 1


def test_the_edge_survives_jpeg():
    color, alpha, _ = subject()
    edge = alpha > 0

    def loss(pixels):
        data = imagecodecs.jpeg8_encode(pixels, level=90, subsampling="420")
        return np.abs(imagecodecs.jpeg8_decode(data).astype(int) - color)[edge].max(-1)

    assert loss(color).max() > 40
    assert loss(pad_edges(color, alpha)).max() <= 6


def test_nothing_to_do_is_nothing_done():
    color, alpha, _ = subject()
    for level in (0, 255):
        assert pad_edges(color, np.full_like(alpha, level)) is color


def test_a_subject_that_ends_with_a_cell_reaches_the_next():
    color = np.full((64, 64, 3), 10, np.uint8)
    alpha = np.zeros((64, 64), np.uint8)
    alpha[16:32, 16:32] = 255
    color[16:32, 16:32] = 200
    result = pad_edges(color, alpha)
    assert (result[:48, :48] == 200).all()
    assert (result[48:] == 10).all()
