"""What correctors see of a picture."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit.geometry import Box, Size
from mattekit.hints import read_hints
from mattekit.matting.matte import Matte
from mattekit.matting.views import Grid, Overview, marked, seen, view_of
from mattekit.options import Options
from mattekit.photo import Photo


def photo(width=3200, height=1600):
    color = np.zeros((height, width, 3), np.uint8)
    color[: height // 2, : width // 2] = 200
    return Photo(color)


def hints(picture, **options):
    return read_hints(Options(**options), picture)


def test_an_overview_is_small():
    overview = Overview.of(photo())
    assert overview.color.shape == (534, 1067, 3)
    part = overview.part(Box(0, 0, 3200, 1600), Size(32, 16))
    assert (part[:7, :15] == 200).all()
    assert not part[9:].any()
    assert Overview.of(photo(300, 200)).factor == 1


def test_a_guide_is_resampled_once():
    overview = Overview.of(photo())
    grid, other = (Grid.over(Box(0, 0, width, 1600)) for width in (3200, 1600))
    guide = overview.guide(grid)
    np.testing.assert_array_equal(guide, overview.part(grid.box, grid.size))
    assert overview.guide(grid) is guide
    assert overview.guide(other).shape == (other.size.height, other.size.width, 3)
    with pytest.raises(ValueError, match="read-only"):
        guide[:] = 0


def test_a_grid_covers_the_matte_and_grows_to_reach_marks():
    picture = photo(1280, 640)
    box = Box(100, 100, 300, 200)
    guide = np.zeros((10, 20, 3), np.uint8)
    matte = Matte(np.ones((10, 20), np.float32), box, picture.size.box, guide)
    near = Grid.of(matte, hints(picture, keep="150px 150px"))
    assert near == Grid(box, box.size)
    far = Grid.of(matte, hints(picture, keep="900px 150px"))
    assert far == Grid(picture.size.box, Size(640, 320))
    assert far.cells(Box(0, 0, 640, 320)) == Box(0, 0, 320, 160)
    assert far.pixels(Box(0, 0, 320, 160)) == Box(0, 0, 640, 320)
    sampled = far.sampled(matte)
    assert sampled[75, 100] == 1
    assert not sampled[:, 160:].any()


def test_no_cell_is_both():
    picture = photo(300, 200)
    said = hints(picture, keep="100px 100px", remove="103px 100px")
    keep, remove = marked(said, picture.size.box, picture.size)
    assert keep[100, 100]
    assert remove[100, 103]
    assert not (keep & remove).any()


def test_a_view_holds_the_subject_and_what_is_kept():
    picture = photo(384, 192)
    grid = Grid.over(picture.size.box)
    said = hints(picture, keep="200px 100px")
    assert view_of(grid.empty(), said, grid) == grid.box
    alpha = grid.empty()
    alpha[90:120, 150:180] = 1
    # 51 x 30 pixels, and two fifths of that on each side.
    assert view_of(alpha, said, grid) == Box(130, 78, 221, 132)


def test_what_a_corrector_sees():
    picture = photo(384, 192)
    grid = Grid.over(picture.size.box)
    alpha = grid.empty()
    alpha[:72] = 1
    part, said = Box(40, 40, 104, 104), hints(picture, keep="60px 60px")
    view = seen(Overview.of(picture), grid, part, alpha, said, Size(128, 128))
    assert view.image.shape == (128, 128, 3)
    assert (view.image[:100] == 200).all()
    assert (view.alpha[:60] == 1).all()
    assert not view.alpha[68:].any()
    assert view.keep[41, 41]
    assert not view.remove.any()
    own = seen(Overview.of(picture), grid, Box(0, 0, 384, 192), alpha, said, None)
    assert own.image.shape == (112, 224, 3)
