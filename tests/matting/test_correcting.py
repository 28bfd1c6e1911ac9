"""Hints are obeyed to the pixel, and nothing changes far from them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mattekit import matting
from mattekit.errors import OptionError
from mattekit.geometry import Box, Size
from mattekit.hints import read_hints
from mattekit.matting.correcting import correct, refined
from mattekit.matting.marks import Corrector, View
from mattekit.matting.matte import Matte
from mattekit.matting.rescaling import rescale
from mattekit.matting.views import Overview
from mattekit.options import Options
from mattekit.photo import Photo

HEIGHT, WIDTH = 240, 320


def scene(seed=0, depth=np.uint8):
    """Two squares, one red, one yellow, on noisy green; the matte knows the red one."""
    rng = np.random.default_rng(seed)
    color = np.empty((HEIGHT, WIDTH, 3), np.float64)
    color[:] = 40, 120, 60
    color[60:180, 40:120] = 200, 50, 40
    color[60:180, 220:290] = 220, 200, 40
    color = np.clip(color + rng.normal(0, 4, color.shape), 0, 255)
    photo = Photo((color * (257 if depth == np.uint16 else 1)).astype(depth))
    alpha = np.zeros((60, 80), np.float32)
    alpha[15:45, 10:30] = 1
    guide = np.ascontiguousarray(photo.color[::4, ::4] // (257 if depth == np.uint16 else 1))
    box = photo.size.box
    return photo, Matte(alpha, box, box, guide.astype(np.uint8))


def nothing(box: Box) -> Matte:
    raise AssertionError(f"nobody should look at {box}")


def corrected(photo, matte, search=nothing, **options):
    opts = Options(**options)
    return correct(Overview.of(photo), matte, read_hints(opts, photo), search=search), opts


def finished(photo, matte, **options):
    return matting.extract(photo, matte, Options(**options))


def test_a_click_takes_the_region_that_was_meant():
    photo, matte = scene()
    better, _ = corrected(photo, matte, keep="255px 120px")
    alpha = finished(photo, better).alpha
    assert (alpha[66:174, 226:284] == 255).all()
    assert (alpha[:, 130:210] == 0).all()
    assert (alpha[:54, 200:] == 0).all()


def test_a_click_gives_a_region_away():
    photo, matte = scene()
    alpha = matte.alpha.copy()
    alpha[15:45, 55:72] = 1
    better, _ = corrected(photo, dataclasses.replace(matte, alpha=alpha), remove="255px 120px")
    result = finished(photo, better).alpha
    assert (result[:, 200:] == 0).all()
    assert (result[66:174, 46:114] == 255).all()


@settings(max_examples=6, deadline=None)
@given(
    seed=st.integers(0, 9999),
    depth=st.sampled_from([np.uint8, np.uint16]),
    refine=st.sampled_from(["fast", "balanced", "best"]),
)
def test_nothing_changes_far_away_and_hints_are_exact(seed, depth, refine):
    """Whatever the picture, to the bit; marks all on the right."""
    photo, matte = scene(seed, depth)
    rng = np.random.default_rng(seed)
    noisy = np.clip(matte.alpha + rng.normal(0, 0.1, matte.alpha.shape), 0, 1)
    matte = dataclasses.replace(matte, alpha=noisy.astype(np.float32))
    strokes = np.zeros((HEIGHT, WIDTH), bool)
    y, x = rng.integers(70, 150), rng.integers(225, 260)
    strokes[y : y + rng.integers(1, 20), x : x + rng.integers(1, 25)] = True
    point = int(rng.integers(200, 219)), int(rng.integers(0, HEIGHT))
    better, _ = corrected(photo, matte, keep=[strokes], remove=[point])
    before = finished(photo, matte, refine=refine)
    after = finished(photo, better, refine=refine)
    top = np.iinfo(depth).max
    assert (after.alpha[strokes] == top).all()
    assert after.alpha[point[1], point[0]] == 0
    changed = (after.alpha != before.alpha) | (after.color != before.color).any(2)
    assert not changed[:, :130].any()
    fx, fy = better.correction.weight.shape[1] / WIDTH, better.correction.weight.shape[0] / HEIGHT
    rows, columns = np.nonzero(changed)
    near = better.correction.weight[
        np.minimum(rows * fy, better.correction.weight.shape[0] - 1).astype(int),
        np.minimum(columns * fx, better.correction.weight.shape[1] - 1).astype(int),
    ]
    assert (near > 0).mean() > 0.95  # all but the interpolated rim


def test_a_hint_that_is_right_already_changes_its_surroundings_only():
    photo, matte = scene()
    better, _ = corrected(photo, matte, keep="80px 120px")
    before, after = finished(photo, matte), finished(photo, better)
    assert np.abs(before.alpha.astype(int) - after.alpha).max() <= 2


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_the_order_of_hints_does_not_matter(order):
    photo, matte = scene()
    points = [(255, 120), (80, 100), (70, 150)]
    better, _ = corrected(photo, matte, keep=points[order])
    first, _ = corrected(photo, matte, keep=points)
    np.testing.assert_array_equal(better.alpha, first.alpha)


def test_a_kept_box_is_looked_at_again():
    photo, matte = scene()
    seen = []

    def search(box):
        seen.append(box)
        alpha = np.ones((20, 20), np.float32)
        return Matte(alpha, box, box, np.zeros((20, 20, 3), np.uint8))

    better, _ = corrected(photo, matte, search, keep="220px 60px 290px 180px")
    assert seen == [Box(220, 60, 290, 180)]
    alpha = finished(photo, better).alpha
    assert (alpha[66:174, 226:284] == 255).all()
    assert (alpha[66:174, 46:114] == 255).all()


def test_a_kept_box_with_nothing_in_it():
    photo, matte = scene()

    def search(box):
        empty = np.zeros((20, 20), np.float32)
        return Matte(empty, box, box, np.zeros((20, 20, 3), np.uint8), found=False)

    with pytest.raises(OptionError, match=r"keep='220px 60px 290px 180px'.*nothing was found"):
        corrected(photo, matte, search, keep="220px 60px 290px 180px")


def test_a_removed_box_is_empty_to_the_pixel():
    photo, matte = scene()
    better, _ = corrected(photo, matte, remove="33px 51px 77px 99px")
    before, after = finished(photo, matte), finished(photo, better)
    assert (after.alpha[51:99, 33:77] == 0).all()
    np.testing.assert_array_equal(after.alpha[:, 130:], before.alpha[:, 130:])
    assert (after.alpha[120:170, 50:110] == 255).all()


def test_a_matte_without_subject_gets_one():
    photo, matte = scene()
    empty = dataclasses.replace(matte, found=False, alpha=np.zeros_like(matte.alpha))
    better, _ = corrected(photo, empty, keep="80px 120px")
    assert better.found
    assert (finished(photo, better).alpha[66:174, 46:114] == 255).all()


def test_everything_removed_is_no_subject():
    photo, matte = scene()
    better, _ = corrected(photo, matte, remove="0% 0% 100% 100%")
    assert not better.found
    assert not finished(photo, better).found


def test_specks_and_holes_leave_alone_what_was_marked():
    photo, matte = scene()
    point = (310, 10)
    better, _ = corrected(photo, matte, keep=[point], remove="80px 120px 82px 122px")
    cutout = finished(photo, better, specks=50, holes=50)
    assert cutout.alpha[10, 310] == 255
    assert (cutout.alpha[120:122, 80:82] == 0).all()


def test_a_thousand_points():
    photo, matte = scene()
    rng = np.random.default_rng(5)
    keep = [(int(x), int(y)) for x, y in rng.integers((225, 65), (285, 175), (500, 2))]
    remove = [(int(x), int(y)) for x, y in rng.integers((130, 5), (210, 235), (500, 2))]
    better, _ = corrected(photo, matte, keep=keep, remove=remove)
    alpha = finished(photo, better).alpha
    assert all(alpha[y, x] == 255 for x, y in keep)
    assert all(alpha[y, x] == 0 for x, y in remove)


def test_only_changes_at_marks_are_taken_over():
    photo, matte = scene()
    hints = read_hints(Options(keep="255px 120px"), photo)
    views = []

    def two_places(view: View):
        views.append(view)
        answer = view.alpha.copy()
        row, column = (int(each.mean()) for each in np.nonzero(view.keep))
        answer[row - 6 : row + 7, column - 6 : column + 7] = 1
        answer[:5, :5] = 1
        return answer

    corrector = Corrector(two_places, Size(64, 64))
    better = correct(Overview.of(photo), matte, hints, search=nothing, corrector=lambda: corrector)
    # The view holds the subject and the mark, with some context.
    assert views[0].image.shape == (64, 64, 3)
    assert views[0].alpha[:, :4].max() < 0.1
    assert views[0].alpha[32, 12] > 0.9
    assert not views[0].remove.any()
    assert better.alpha[120, 245] == 1
    assert np.count_nonzero(better.alpha[:, :20]) == 0


def test_what_is_right_already_asks_nobody():
    photo, matte = scene()
    hints = read_hints(Options(keep="80px 120px", remove="255px 120px"), photo)

    def nobody() -> Corrector:
        raise AssertionError("a corrector was asked for")

    better = correct(Overview.of(photo), matte, hints, search=nothing, corrector=nobody)
    assert better.found


def test_what_a_corrector_does_not_understand_colours_decide():
    photo, matte = scene()
    hints = read_hints(Options(keep="255px 120px"), photo)
    deaf = Corrector(lambda view: view.alpha, Size(64, 64))
    better = correct(Overview.of(photo), matte, hints, search=nothing, corrector=lambda: deaf)
    assert (finished(photo, better).alpha[66:174, 226:284] == 255).all()


def test_a_region_of_interest_stays():
    photo, matte = scene()
    box = Box(0, 0, 160, 240)
    matte = dataclasses.replace(matte, alpha=matte.alpha[:, :40], box=box, roi=box)
    better, _ = corrected(photo, matte, keep="80px 120px", remove="255px 120px")
    alpha = finished(photo, better).alpha
    assert (alpha[:, 160:] == 0).all()
    assert alpha[120, 80] == 255


def test_other_sizes_are_corrected_alike():
    photo, matte = scene()
    better, _ = corrected(photo, matte, keep="255px 120px", remove="80px 100px")
    small = Photo(np.ascontiguousarray(photo.color[::2, ::2]))
    alpha = finished(small, rescale(better, photo.size, small)).alpha
    assert alpha[60, 127] == 255
    assert alpha[50, 40] == 0


def test_what_is_seen_is_what_is_corrected():
    photo, matte = scene()
    # A network's matte: it wavers for eight pixels all around.
    alpha = np.zeros((60, 80), np.float32)
    alpha[13:47, 8:32] = 0.6
    alpha[17:43, 12:28] = 1
    wide = dataclasses.replace(matte, alpha=alpha)
    seen = refined(Overview.of(photo), wide)
    assert seen.box == wide.box
    truth = np.zeros((HEIGHT, WIDTH))
    truth[60:180, 40:120] = 1
    before = np.abs(
        matting.rescale(wide, photo.size, photo).alpha.repeat(4, 0).repeat(4, 1) - truth
    )
    assert np.abs(seen.alpha - truth).mean() < 0.4 * before.mean()
    nobody = dataclasses.replace(matte, found=False)
    assert refined(Overview.of(photo), nobody) is nobody


def test_a_trimap_that_is_lost_at_a_small_size():
    photo, _ = scene()
    levels = np.full((HEIGHT, WIDTH), 128, np.uint8)
    levels[0, 0], levels[-1, -1] = 0, 255
    large = Photo(photo.color.repeat(8, 0).repeat(8, 1))
    mask = matting.matte_from_mask(large, levels.repeat(8, 0).repeat(8, 1))
    assert refined(Overview.of(large), mask).alpha.shape[1] == 640
    lost = np.full((HEIGHT, WIDTH), 128, np.uint8).repeat(8, 0).repeat(8, 1)
    lost[0, 0], lost[-1, -1] = 0, 255
    mask = matting.matte_from_mask(large, lost)
    assert refined(Overview.of(large), mask) is mask
