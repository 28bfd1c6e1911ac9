"""Pictures with a profile."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile

import mattekit_bridge as bridge
from mattekit_bridge import tiff


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_picture_with_a_profile_is_a_file_that_others_read(channels: int, dtype: type) -> None:

    top = int(np.iinfo(dtype).max)
    image = np.random.default_rng(3).integers(0, top + 1, (7, 5, channels)).astype(dtype)
    big = image.astype(image.dtype.newbyteorder(">"))
    profile = bytes(range(101))
    picture = bridge.Picture(5, 7, channels, top, big.tobytes(), profile)
    data = tiff.header(picture) + picture.samples
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert (file.asarray() == image.squeeze()).all()
        page = file.pages[0]
        assert page.tags[34675].value == profile
        assert channels % 2 or page.tags[338].value in (2, (2,))
