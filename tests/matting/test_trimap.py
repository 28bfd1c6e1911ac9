"""What of a matte is certain, and what is not."""

from __future__ import annotations

import numpy as np

from mattekit.matting.trimap import still_certain, trimap_from_alpha


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
