"""The subject's edge moved and softened: discs of known size say by how much."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mattekit.geometry import Box
from mattekit.matting.edges import EdgeChange, shift_edge, soften_edge
from mattekit.options import Options
from mattekit.photo import Photo

distances = st.floats(-12, 12).filter(lambda value: abs(value) > 0.05)
planes = arrays(np.float32, (40, 52), elements=st.sampled_from([0, 0, 0.25, 0.5, 0.75, 1, 1]))


def disc(radius, softness=4.0, side=161, middle=None):
    y, x = np.mgrid[0:side, 0:side]
    middle = middle or ((side - 1) / 2, (side - 1) / 2)
    distance = np.hypot(x - middle[0], y - middle[1])
    return np.clip((radius - distance) / softness + 0.5, 0, 1).astype(np.float32)


def radius_of(alpha):
    return math.sqrt(alpha.sum() / math.pi)


@pytest.mark.parametrize("change", [shift_edge, soften_edge])
def test_no_distance_changes_nothing_at_all(change):
    alpha = disc(50)
    assert change(alpha, 0.0) is alpha


@settings(max_examples=40, deadline=None)
@given(distances, st.floats(40, 55), st.sampled_from([3.0, 6.0]))
def test_a_disc_becomes_the_larger_or_smaller_disc_with_as_soft_an_edge(shift, radius, softness):
    alpha = disc(radius, softness)
    before = alpha.copy()
    moved = shift_edge(alpha, shift)
    assert moved.dtype == np.float32
    assert np.abs(moved - disc(radius + shift, softness)).max() < 0.3 / softness + 0.02
    assert radius_of(moved) - radius_of(alpha) == pytest.approx(shift, abs=0.06)
    assert (alpha == before).all()


@settings(max_examples=25, deadline=None)
@given(distances)
def test_there_and_back_is_where_it_was(shift):
    alpha = disc(50)
    back = shift_edge(shift_edge(alpha, shift), -shift)
    assert np.abs(back - alpha).max() < 0.1
    assert radius_of(back) == pytest.approx(radius_of(alpha), abs=0.05)


@settings(max_examples=40, deadline=None)
@given(planes, st.floats(0.1, 6), st.floats(0.1, 6))
def test_further_is_more(alpha, one, other):
    low, high = sorted((one, other))
    shrunk, grown = shift_edge(alpha, -high), shift_edge(alpha, high)
    # The disc is a polygon of a few corners: a hair's breadth is not monotone.
    assert (shrunk <= alpha).all()
    assert (alpha <= grown).all()
    assert (shift_edge(alpha, low) <= grown + 0.35).all()
    assert shift_edge(alpha, low).mean() <= grown.mean() + 1e-3
    assert ((shrunk >= 0) & (grown <= 1)).all()


@settings(max_examples=40, deadline=None)
@given(planes, st.floats(0.1, 9))
def test_inwards_is_outwards_of_what_is_around(alpha, distance):
    np.testing.assert_allclose(
        shift_edge(1 - alpha, -distance), 1 - shift_edge(alpha, distance), atol=1e-6
    )


@pytest.mark.parametrize("change", [lambda a: shift_edge(a, 7.3), lambda a: soften_edge(a, 7.3)])
def test_tiles_leave_no_seams(change):
    alpha = np.kron(np.random.default_rng(4).random((28, 30)) > 0.6, np.ones((20, 20))) * 1.0
    alpha = alpha.astype(np.float32)[:551, :583]
    whole = change(alpha)
    for part in (slice(100, 300), slice(251, 551)):
        apart = change(alpha[part])
        np.testing.assert_allclose(apart[20:-20], whole[part][20:-20], atol=1e-6)
    turned = change(np.ascontiguousarray(alpha.T))
    np.testing.assert_allclose(turned.T, whole, atol=0.12)


@pytest.mark.parametrize(
    "change",
    [lambda a: shift_edge(a, -5), lambda a: shift_edge(a, 5), lambda a: soften_edge(a, 5)],
)
def test_what_the_border_cuts_off_is_no_edge(change):
    alpha = np.zeros((60, 80), np.float32)
    alpha[:, 40:] = 1
    result = change(alpha)
    assert (result == result[30]).all()
    assert result[30, -1] == 1
    assert result[30, 0] == 0


def test_a_thin_line_grows_whole():
    alpha = np.zeros((80, 80), np.float32)
    alpha[40] = 1
    grown = shift_edge(alpha, 9.4)
    assert (grown[31:50] == 1).all()
    assert grown[30, 40] == pytest.approx(0.4, abs=0.01)
    assert not grown[:30].any()


@pytest.mark.parametrize("reach", [0.8, 3, 10, 25.5])
def test_a_sharp_edge_fades_to_both_sides(reach):
    alpha = np.zeros((120, 160), np.float32)
    alpha[:, 80:] = 1
    row = soften_edge(alpha, reach)[60]
    assert (np.diff(row) >= -1e-6).all()
    assert row[79] + row[80] == pytest.approx(1, abs=1e-5)
    x = np.arange(160) - 79.5
    assert (row[x < -reach - 3] == 0).all()
    assert (row[x > reach + 3] == 1).all()
    slope = np.diff(row)
    width = math.sqrt((slope * (np.arange(159) - 79) ** 2).sum() / slope.sum())
    assert width == pytest.approx(reach / 3, rel=0.01)


def test_softening_keeps_the_area_and_the_middle():
    alpha = disc(50, 1)
    soft = soften_edge(alpha, 9)
    assert soft.sum() == pytest.approx(alpha.sum(), rel=1e-3)
    assert (soft[alpha == 0] < 0.5).all()
    assert soft[80, 80] == 1
    distance = np.hypot(*(np.mgrid[0:161, 0:161] - 80))
    assert (soft[distance < 36] == 1).all()
    assert (soft[distance > 64] == 0).all()


@pytest.mark.parametrize("factor", [2, 3])
def test_at_another_size_it_is_the_same(factor):
    small = disc(50, 2)
    large = disc(50 * factor, 2 * factor, 160 * factor + 1)
    for change in (shift_edge, soften_edge):
        one, two = change(small, 5), change(large, 5 * factor)
        assert np.abs(two[::factor, ::factor] - one).max() < 0.12


# -- what options ask for ------------------------------------------------------------------------


def changed(alpha, photo=None, roi=None, scale=1.0, **values):
    photo = photo or Photo(np.zeros((64, 64, 3), np.uint8))
    change = EdgeChange.of(alpha, Options.parse(values), scale)
    return change.apply(alpha, photo, roi or photo.size.box)


def square():
    plane = np.zeros((64, 64), np.float32)
    plane[12:52, 16:48] = 1
    return plane


def test_pixels_and_per_cent_of_the_shorter_side():
    by_pixels = changed(square(), edge_shift="1.6px")
    np.testing.assert_array_equal(changed(square(), edge_shift="5%"), by_pixels)
    np.testing.assert_array_equal(changed(square(), edge_shift=1.6), by_pixels)
    assert by_pixels[30, 15] == 1
    assert by_pixels[30, 14] == pytest.approx(0.6, abs=0.01)


def test_first_the_shift_then_the_softness():
    both = changed(square(), edge_shift="-3px", edge_soften="6px")
    shifted = changed(square(), edge_shift="-3px")
    np.testing.assert_array_equal(both, changed(shifted, edge_soften="6px"))
    assert 0.4 < both[30, 18:20].mean() < 0.6


def test_the_roi_is_no_edge_and_nothing_leaves_it():
    roi = Box(0, 0, 64, 40)
    plane = square()
    plane[40:] = 0
    for shift in ("3px", "-3px"):
        result = changed(plane, roi=roi, edge_shift=shift, edge_soften="4px")
        assert not result[40:].any()
        assert result[39, 32] == 1


def test_a_preview_moves_its_edge_by_less():
    half = changed(square(), scale=0.5, edge_shift="3.2px")
    np.testing.assert_array_equal(half, changed(square(), edge_shift="1.6px"))
    per_cent = changed(square(), scale=0.5, edge_shift="5%")
    np.testing.assert_array_equal(per_cent, half)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_edges_of_the_photos_own_transparency_count(depth):
    opaque = int(np.iinfo(depth).max)
    own = (square() * opaque).astype(depth)
    photo = Photo(np.zeros((64, 64, 3), depth), alpha=own)
    everything = np.ones((64, 64), np.float32)

    def visible(shift):
        return changed(everything, photo, edge_shift=shift) * (own / opaque)

    np.testing.assert_allclose(visible("-3px"), changed(square(), edge_shift="-3px"), atol=1e-6)
    np.testing.assert_array_equal(visible("3px"), square())
