"""What of a matte is certain, and what is not."""

from __future__ import annotations

import math

import numpy as np

from mattekit.matting.trimap import gaps_inside, still_certain, trimap_from_alpha


def test_what_of_a_matte_is_certain():
    alpha = np.zeros((9, 20), np.float32)
    alpha[:, 10:] = 1
    alpha[:, 9] = 0.4
    front, back = trimap_from_alpha(alpha, 2)
    assert not (front & back).any()
    np.testing.assert_array_equal(np.flatnonzero(front[4]), np.arange(13, 20))
    np.testing.assert_array_equal(np.flatnonzero(back[4]), np.arange(7))
    for value in (0, 1):
        front, back = trimap_from_alpha(np.full((4, 4), value, np.float32), 2)
        assert front.all() == bool(value)
        assert back.all() != bool(value)
    front, back = trimap_from_alpha(np.full((4, 4), 0.5, np.float32), 2)
    assert not front.any()
    assert not back.any()


def test_doubt_deep_inside_the_subject_is_not_believed():
    alpha = np.zeros((40, 40), np.float32)
    alpha[5:35, 5:35] = 1
    alpha[15:25, 15:25] = 0.6  # an eye
    front, _ = trimap_from_alpha(alpha, 1)
    assert not front[20, 20]
    front, _ = trimap_from_alpha(alpha, 1, near=4)
    assert front[10:30, 10:30].all()
    assert not front[5, 5:35].any()  # nor does the outline itself become certain


def test_faint_doubt_far_outside_the_subject_is_not_believed():
    alpha = np.zeros((40, 40), np.float32)
    alpha[5:15, 5:15] = 1
    alpha[30, 10], alpha[30, 30], alpha[17, 10] = 0.07, 0.3, 0.07
    _, back = trimap_from_alpha(alpha, 1)
    assert not back[[30, 30, 17], [10, 30, 10]].any()
    _, back = trimap_from_alpha(alpha, 1, near=4)
    assert back[30, 10]
    assert not back[30, 30]  # what is more than faint
    assert not back[17, 10]  # what is near


def test_a_band_that_ends_before_the_edge_does_grows_there():
    front, back = np.zeros((40, 40), np.bool_), np.zeros((40, 40), np.bool_)
    front[:, :10], back[:, 20:] = True, True
    met = np.zeros((40, 40), np.float32)
    met[:, :15] = 1
    nearer, farther = still_certain(met, front, back, 4)
    assert nearer is front
    assert farther is back
    beyond = met.copy()
    beyond[18:22, :20] = 1  # goes on beyond the band
    nearer, farther = still_certain(beyond, front, back, 4)
    assert nearer is front
    np.testing.assert_array_equal(farther[20, 20:26], [False] * 4 + [True] * 2)
    assert farther[:10, 20:].all()
    assert farther[30:, 20:].all()
    hollow = met.copy()
    hollow[18:22, 10:] = 0
    nearer, farther = still_certain(hollow, front, back, 4)
    assert farther is back
    np.testing.assert_array_equal(nearer[20, 4:10], [True] * 2 + [False] * 4)


def foliage() -> tuple[np.ndarray, np.ndarray]:
    """Return a matte and colours: a crown with sky in it, and an eye with none."""
    leaf, sky = (40, 120, 30), (120, 170, 230)
    alpha = np.zeros((120, 120), np.float32)
    alpha[20:100, 20:100] = 1
    alpha[26:46, 26:46] = alpha[26:46, 74:94] = alpha[58:62, 58:62] = 0.7
    colors = np.where(alpha[..., None] > 0, leaf, sky).astype(np.uint8)
    colors[28:44:4, 28:44:4] = sky
    colors[58:62, 58:62] = sky  # as deep inside as can be
    return alpha, colors


def test_gaps_inside_a_subject_are_where_colors_alternate_near_its_outline():
    alpha, colors = foliage()
    gaps = gaps_inside(alpha, colors, 4)
    assert gaps[28:37, 28:37].all()
    assert not gaps[:, 50:].any()  # neither the eye nor what is deep inside, nor what is certain
    assert gaps_inside(alpha, colors, math.inf) is None
    assert gaps_inside((alpha > 0).astype(np.float32), colors, 4) is None
    assert gaps_inside(np.zeros_like(alpha), colors, 4) is None


def test_doubt_is_believed_where_there_may_be_gaps():
    alpha, colors = foliage()
    alpha[110, 110] = 0.07
    gaps = gaps_inside(alpha, colors, 4)
    front, back = trimap_from_alpha(alpha, 1, 4, gaps)
    assert not front[28:37, 28:37].any()
    assert front[30:42, 78:90].all()
    assert front[52:68, 52:68].all()
    assert back[110, 110]  # what is faint outside is not, wherever
