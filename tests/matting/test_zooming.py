from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattekit import matting, pipeline
from mattekit.errors import ModelCardError
from mattekit.geometry import Box, Region, Size
from mattekit.imaging.resize import resize_plane
from mattekit.matting import zooming
from mattekit.models.card import InputSpec, ModelCard, OutputSpec
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.runtime import Runtime
from mattekit.runtime.session import FakeSession

CARD = ModelCard("bright", input=InputSpec(Size(32, 32), fit="stretch", mean=(0, 0, 0)))


def bright(batch):
    """A network that takes what is bright for the subject."""
    return (batch.mean(1, keepdims=True) > 0.5).astype(np.float32)


def photo(*discs, size=(480, 640), base=0):
    """Bright discs, each ``x, y, radius[, brightness]``, on a dark ground; and where they are."""
    height, width = size
    y, x = np.mgrid[0:height, 0:width]
    plane = np.full(size, base, np.uint8)
    for cx, cy, radius, *level in discs:
        plane[np.hypot(x - cx, y - cy) < radius] = level[0] if level else 255
    return Photo(np.dstack([plane] * 3)), plane == 255


def in_turn(answers):
    """A network that answers another way each time."""

    def network(batch):
        return next(answers)(batch)

    return network


def looked(picture, network=bright, roi=None, **how):
    session = FakeSession(network, CARD)
    first = matting.segment(picture, session, roi=roi)
    return first, matting.zoom_in(picture, session, first, **how), session.calls


def overlap(picture, matte, truth):
    """Return the intersection over union of the matte alone."""
    alpha = np.zeros(truth.shape, bool)
    alpha[matte.box.slices] = resize_plane(matte.alpha, matte.box.size) > 0.5
    return (alpha & truth).sum() / (alpha | truth).sum()


@pytest.mark.parametrize("place", [(300, 200), (38, 30), (610, 450)])
def test_a_small_subject_is_seen_more_finely(place):
    picture, truth = photo((*place, 36))
    first, second, calls = looked(picture)
    assert calls == 2
    assert (first.box, second.box.size.area < 0.1 * first.box.size.area) == (picture.size.box, True)
    assert second.alpha.shape == (32, 32)
    once, twice = (overlap(picture, matte, truth) for matte in (first, second))
    assert twice > 0.95
    assert 1 - twice < 0.6 * (1 - once)


def test_where_it_may_lie_stays():
    picture, _ = photo((300, 200, 36))
    first, second, _ = looked(picture)
    assert (second.found, second.roi) == (True, first.roi)
    assert second.guide.shape == (*second.alpha.shape, 3)


def test_of_its_kind_both_looks_say_alike():
    scores = iter([[0.1, 0.9], [0.8, 0.2], [0.1, 0.9], [0.96, 0.04]])
    card = dataclasses.replace(CARD, output=OutputSpec(kinds=1, kind_names=("car", "other")))

    def network(batch):
        return bright(batch), np.float32([next(scores)])

    session = FakeSession(network, card)
    picture, _ = photo((300, 200, 36))
    for expected, kind in ((0.45, "other"), (0.53, "car")):
        first = matting.segment(picture, session)
        second = matting.zoom_in(picture, session, first)
        assert (first.kind, second.kind) == ("other", kind)
        assert second.kind_scores == pytest.approx({"car": expected, "other": 1 - expected})


def test_a_large_subject_is_seen_once():
    picture, _ = photo((320, 240, 300))
    first, second, calls = looked(picture)
    assert second is first
    assert calls == 1


def test_nothing_is_not_looked_for_again():
    picture, _ = photo()
    first, second, calls = looked(picture)
    assert (second is first, first.found, calls) == (True, False, 1)


@pytest.mark.parametrize(
    "other",
    [
        lambda batch: np.zeros((1, 1, 32, 32), np.float32),
        lambda batch: np.ones((1, 1, 32, 32), np.float32),
        lambda batch: 1 - bright(batch),
        lambda batch: np.full((1, 1, 32, 32), np.nan, np.float32),
    ],
    ids=["nothing", "everything", "the ground", "nan"],
)
def test_an_answer_about_something_else_does_not_count(other):
    answers = iter([bright, other])
    picture, _ = photo((300, 200, 36))
    first, second, calls = looked(picture, in_turn(answers))
    assert second is first
    assert calls == 2


def test_a_network_that_breaks_its_card_is_told():
    answers = iter([bright, lambda batch: np.zeros((32, 32), np.float32)])
    with pytest.raises(ModelCardError, match="shape"):
        looked(photo((300, 200, 36))[0], in_turn(answers))


def test_small_parts_that_are_firm_are_not_lost():
    picture, truth = photo((120, 120, 70), (560, 420, 16))
    first, second, calls = looked(picture)
    assert calls == 2
    assert second.box != first.box
    assert second.box.right > 570
    assert second.box.bottom > 430
    assert overlap(picture, second, truth) > overlap(picture, first, truth)
    alpha = matting.refine(picture, second, quality="fast")
    assert alpha[420, 560] > 0.9
    # The large one is seen as finely as without the small one.
    _, alone, _ = looked(photo((120, 120, 70))[0])
    per_pixel = [matte.alpha.shape[1] / matte.box.width for matte in (second, alone)]
    assert per_pixel[0] == pytest.approx(per_pixel[1], rel=0.1)


@pytest.mark.slow
def test_far_apart_the_matte_stays_of_a_bearable_size():
    picture, _ = photo((160, 170, 150), (5900, 3900, 40), size=(4000, 6000))

    def network(batch):
        return (batch.mean(1, keepdims=True) > 0.1).astype(np.float32)

    card = ModelCard("b", input=InputSpec(Size(256, 256), fit="stretch", mean=(0, 0, 0)))
    session = FakeSession(network, card)
    first = matting.segment(picture, session)
    second = matting.zoom_in(picture, session, first)
    assert session.calls == 2
    assert max(second.alpha.shape) == 1024
    assert second.alpha[-1, -1] == 0
    height, width = second.alpha.shape
    at = [(170, 160), (3900, 5900)]
    for y, x in at:
        row = int((y - second.box.top) * height / second.box.height)
        column = int((x - second.box.left) * width / second.box.width)
        assert second.alpha[row, column] > 0.9


def test_haze_elsewhere_goes():
    def soft(batch):
        return np.clip(batch.mean(1, keepdims=True), 0, 1).astype(np.float32)

    picture, _ = photo((160, 160, 80), (560, 420, 20, 70))
    first, second, _ = looked(picture, soft)
    assert first.alpha[28, 28] > 0.15
    assert second.box.right < 400


def test_only_the_roi_says_where_to_look():
    picture, _ = photo((200, 200, 30), (360, 200, 30))
    roi = Region.parse("100px 100px 325px 400px")
    first, second, calls = looked(picture, roi=roi)
    assert first.alpha.max() == 1
    assert calls == 2
    assert second.roi == Box(100, 100, 325, 400)
    assert second.box.right <= 250
    assert not matting.refine(picture, second)[:, 325:].any()


def test_a_roi_without_a_subject_is_seen_once():
    picture, _ = photo((360, 200, 30))
    _, _, calls = looked(picture, roi=Region.parse("100px 100px 329px 400px"))
    assert calls == 1


def test_others_may_choose_the_box():
    asked = []

    def choose(subject, view):
        asked.append((subject, view))
        return Box(200, 100, 420, 320)

    picture, _ = photo((300, 200, 36))
    _, second, _ = looked(picture, choose=choose)
    assert second.box == Box(200, 100, 420, 320)
    ((subject, view),) = asked
    assert view == picture.size.box
    assert subject.union(Box(265, 165, 335, 235)) == subject
    assert subject.width < 72 + 2 * 20


def test_the_box_has_context_and_stays_in_the_view():
    view = Box(0, 0, 640, 480)
    assert matting.zoom_box(Box(100, 100, 200, 300), view) == Box(85, 70, 215, 330)
    assert matting.zoom_box(Box(0, 10, 200, 480), view) == Box(0, 0, 230, 480)


@given(st.integers(0, 1000), st.integers(0, 1000), st.floats(0.6, 1))
def test_two_answers_make_one_between_them(one, two, weight):
    first, second = np.float32([[one / 1000]]), np.float32([[two / 1000]])
    mean = float(zooming._mixed(first, second, weight)[0, 0])
    low, high = min(one, two) / 1000, max(one, two) / 1000
    assert low - 1e-3 <= mean <= high + 1e-3


def test_certainty_of_both_is_certainty():
    sure = np.float32([[0, 1]])
    assert (zooming._mixed(sure, sure, 0.7) == sure).all()


@pytest.mark.parametrize(("zoom", "calls"), [(True, 2), (False, 1)])
def test_the_option(zoom, calls):
    picture, _ = photo((300, 200, 36))
    session = FakeSession(bright, CARD)
    with Runtime() as runtime:
        runtime.use("auto", session)
        matte = pipeline.segment(picture, Options(zoom=zoom), runtime)
    assert session.calls == calls
    assert (matte.box == picture.size.box) is not zoom


def test_transparency_that_says_all_is_believed():
    picture, _ = photo((300, 200, 36), base=255)
    hidden = np.hypot(*np.ogrid[-200:280, -300:340]) > 100
    picture = picture.replace(alpha=np.where(hidden, 0, 255).astype(np.uint8))
    first, second, calls = looked(picture, lambda batch: np.zeros((1, 1, 32, 32), np.float32))
    assert first.found
    assert (second is first, calls) == (True, 1)
