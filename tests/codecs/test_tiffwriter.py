"""TIFF as it is written."""

from __future__ import annotations

import io

import numpy as np

from support.encoding import cutout, encoded


def test_sixteen_bit_tiff_says_that_its_alpha_is_straight() -> None:
    import tifffile

    data = encoded(cutout(np.uint16), format="tiff").data
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages.first
        assert page.bitspersample == 16
        assert [int(kind) for kind in page.extrasamples] == [2]
        np.testing.assert_array_equal(page.asarray()[..., 3], cutout(np.uint16).alpha)
