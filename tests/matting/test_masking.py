"""Somebody's mask in place of a network's answer."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from mattekit import pipeline
from mattekit.errors import OptionError
from mattekit.geometry import Region
from mattekit.matting.masking import known_levels, matte_from_mask
from mattekit.options import Options
from mattekit.photo import Photo

SIDE = 240


def truth():
    y, x = np.mgrid[:SIDE, :SIDE] - 119.5
    return np.clip(80.5 - np.hypot(x, y), 0, 1)


def disc():
    rng = np.random.default_rng(3)
    alpha = truth()[..., None]
    color = alpha * (210, 60, 40) + (1 - alpha) * (40, 90, 160) + rng.normal(0, 3, (SIDE, SIDE, 3))
    return Photo(np.clip(color, 0, 255).astype(np.uint8))


def levels(alpha):
    return np.asarray(alpha * 255 + 0.5).astype(np.uint8)


def changed(mask, how, reach):
    image = Image.fromarray(mask).filter(how(2 * reach + 1))
    return np.asarray(image)


def refined(mask, **options):
    return pipeline.refine_mask(disc(), mask, **options)


def error(alpha, expected):
    return float(np.square(alpha / 255 - expected).mean())


@pytest.mark.parametrize("refine", ["fast", "balanced", "best"])
@pytest.mark.parametrize("how", [ImageFilter.MinFilter, ImageFilter.MaxFilter])
def test_the_edge_is_found_near_the_mask(how, refine):
    mask = changed(levels(truth() >= 0.5), how, 4)
    cutout = refined(mask, refine=refine)
    assert cutout.found
    assert error(cutout.alpha, truth()) < 0.4 * error(mask, truth())


def test_where_the_edge_is_not_met_it_is_looked_for_farther():
    mask = levels(truth() >= 0.5)
    bitten, swollen = mask.copy(), mask.copy()
    bitten[:, :46] = 0  # the disc begins at 40: farther away than the edge is doubted at first
    swollen[100:140, 34:60] = 255
    for wrong in (bitten, swollen):
        assert error(refined(wrong).alpha, truth()) < 0.02 * error(wrong, truth())


def test_a_good_mask_stays_good():
    mask = levels(truth() >= 0.5)
    assert error(refined(mask).alpha, truth()) <= error(mask, truth())


@pytest.mark.parametrize("refine", ["fast", "balanced", "best"])
def test_a_trimap_is_estimated_where_it_is_grey_only(refine):
    trimap = np.full((SIDE, SIDE), 128, np.uint8)
    distance = np.hypot(*(np.mgrid[:SIDE, :SIDE] - 119.5))
    trimap[distance < 70] = 255
    trimap[distance > 90] = 0
    trimap[:10, :10] = 255  # whatever the picture shows there
    alpha = refined(trimap, refine=refine).alpha
    assert (alpha[trimap == 255] == 255).all()
    assert (alpha[trimap == 0] == 0).all()
    assert error(alpha[30:], truth()[30:]) < 0.002


def test_a_trimap_without_unknown_is_a_mask():
    assert matte_from_mask(disc(), levels(truth() >= 0.5)).mask.trimap is False


def test_a_soft_mask_is_no_trimap():
    soft = np.asarray(Image.fromarray(levels(truth())).filter(ImageFilter.GaussianBlur(6)))
    matte = matte_from_mask(disc(), soft)
    assert matte.mask.trimap is False
    assert np.unique(known_levels(matte.mask)).tolist() == [0, 128, 255]


@pytest.mark.parametrize("missing", ["subject", "background"])
def test_a_trimap_that_names_one_side_only(missing):
    trimap = np.full((SIDE, SIDE), 128, np.uint8)
    trimap[:20] = 0 if missing == "subject" else 255
    with pytest.raises(OptionError, match=f"mask=.*without {missing}"):
        matte_from_mask(disc(), trimap)


def test_all_unknown():
    with pytest.raises(OptionError, match="mask="):
        matte_from_mask(disc(), np.full((SIDE, SIDE), 128, np.uint8))


def test_all_background_is_no_subject():
    cutout = refined(np.zeros((SIDE, SIDE), np.uint8))
    assert not cutout.found
    assert not cutout.alpha.any()


def test_all_subject_is_the_whole_picture():
    cutout = refined(np.full((SIDE, SIDE), 255, np.uint8))
    assert cutout.found
    assert (cutout.alpha == 255).all()
    np.testing.assert_array_equal(cutout.color, disc().color)


def test_the_region_holds():
    mask = levels(truth() >= 0.5)
    roi = Region.parse("0px 0px 120px 240px")
    alpha = refined(mask, roi=roi).alpha
    assert not alpha[:, 120:].any()
    assert alpha[120, 60] == 255


def test_kind_is_what_the_user_says():
    mask = levels(truth() >= 0.5)
    assert refined(mask).kind == "other"
    assert refined(mask, type="car").kind == "car"


def test_no_network_runs():
    class Nowhere:
        def session(self, *_: object, **__: object) -> None:
            raise AssertionError("a network was asked for")

    mask = levels(truth() >= 0.5)
    options = Options(mask=mask, keep="120px 120px", remove="2px 2px")
    assert pipeline.remove_background(disc(), options, runtime=Nowhere()).found


def test_a_flat_graphic_follows_its_mask():
    """The ground's colour must not win over what the user says."""
    color = np.full((SIDE, SIDE, 3), 255, np.uint8)
    color[60:180, 60:180] = 20, 60, 200
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[20:220, 20:120] = 255
    alpha = pipeline.refine_mask(color, mask).alpha
    assert (alpha[40:200, 135:] == 0).all()
    assert alpha[120, 90] == 255


@pytest.mark.slow
def test_small_results_are_made_of_small_masks():
    big = Photo(np.repeat(np.repeat(disc().color, 4, 0), 4, 1))
    mask = np.repeat(np.repeat(levels(truth() >= 0.5), 4, 0), 4, 1)
    cutout = pipeline.refine_mask(big, mask, size="preview")
    height, width = cutout.alpha.shape
    assert width * height < 260_000
    assert cutout.alpha[height // 2, width // 2] == 255
    assert cutout.alpha[5, 5] == 0
