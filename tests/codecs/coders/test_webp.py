"""WebP: the size in its header, and what quality means."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import support.codecs as make
from mattekit.codecs.coders import webp
from mattekit.errors import OptionError
from mattekit.geometry import Size
from mattekit.picture import Metadata


@pytest.mark.parametrize("how", [{"quality": 80}, {"lossless": True}, {"exif": b"Exif\0\0MM\0*"}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_size_of_every_kind(mode: str, how: dict) -> None:
    image = Image.fromarray(make.ramp(37, 53, len(mode)))
    assert webp.size(make.saved(image, "WEBP", **how), "a.webp") == Size(53, 37)


@pytest.mark.parametrize(("quality", "exact"), [(100, True), (80, False)])
def test_a_hundred_is_without_loss(quality: int, exact: bool) -> None:
    samples = make.ramp(37, 53, 4)
    samples[..., 3] |= 1  # what is transparent has no colour
    color, alpha = np.ascontiguousarray(samples[..., :3]), np.ascontiguousarray(samples[..., 3])
    data = webp.write(color, alpha, Metadata(make.SRGB), quality)
    image = Image.open(io.BytesIO(data))
    assert image.info["icc_profile"] == make.SRGB
    assert np.array_equal(np.asarray(image), samples) == exact
    assert np.array_equal(np.asarray(image)[..., 3], alpha)


@pytest.mark.parametrize("refused", [{0}, {0, 2}])
def test_detail_for_which_a_method_has_no_room(
    monkeypatch: pytest.MonkeyPatch, refused: set[int]
) -> None:
    """libwebp gives up where what it says of its blocks exceeds 512 KB (25 megapixels of noise)."""
    save = Image.Image.save

    def strict(image: Image.Image, file: io.BytesIO, kind: str, **how: object) -> None:
        if how["method"] in refused:
            raise ValueError("encoding error 6")
        save(image, file, kind, **how)

    monkeypatch.setattr(Image.Image, "save", strict)
    color = make.ramp(37, 53, 3)
    if refused == {0}:
        data = webp.write(color, None, Metadata(), 80)
        assert Image.open(io.BytesIO(data)).size == (53, 37)
    else:
        with pytest.raises(OptionError, match="png, jpg or zip"):
            webp.write(color, None, Metadata(), 80)
