"""Formats that Pillow opens at 8 bits or not at all, and files that mattekit writes, read again."""

from __future__ import annotations

from typing import Any

import imagecodecs
import numpy as np
import pytest

import support.codecs as make
from mattekit import codecs
from mattekit.cutout import Cutout
from mattekit.errors import InputError, InvalidFileType, ResolutionTooHigh
from mattekit.options import Options
from mattekit.picture import Metadata
from support.deep import ENCODERS, full, part


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("kind", "bits"),
    [
        *[("jp2", bits) for bits in (8, 12, 16)],
        *[("j2k", bits) for bits in (8, 16)],
        *[("jxl", bits) for bits in (8, 10, 12, 16)],
        *[("jxr", bits) for bits in (8, 16)],
    ],
)
def test_depth_is_kept(kind: str, bits: int, channels: int) -> None:
    if kind == "jxr" and channels == 2:
        pytest.skip("JPEG XR has no grey with alpha")
    samples = part(channels, bits)
    photo = codecs.decode(ENCODERS[kind](samples, bits))
    assert photo.color.dtype == (np.uint8 if bits == 8 else np.uint16)
    expected = full(samples, bits)
    color = expected[..., :3] if channels >= 3 else expected.reshape(40, 60, -1)[..., :1]
    if kind == "jxl" and channels <= 2 and bits > 8:
        # The encoder states linear light, and grey is converted: as many levels, other values.
        assert len(np.unique(photo.color)) > 50
    else:
        assert np.abs(photo.color.astype(int) - color).max() <= 1
    if channels in {2, 4}:
        assert photo.alpha is not None
        assert np.abs(photo.alpha.astype(int) - expected[..., -1]).max() <= 1


@pytest.mark.parametrize("kind", ["jpegxl", "jpegxr"])
def test_floating_point_is_refused_by_name(kind: str) -> None:
    encode = getattr(imagecodecs, f"{kind}_encode")
    with pytest.raises(InvalidFileType, match="8 to 16 bits"):
        codecs.decode(encode((part(3) / 65535).astype(np.float32)))


@pytest.mark.parametrize("kind", sorted(ENCODERS))
def test_pixels_are_counted_before_decoding(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("decoded before the check")

    data = ENCODERS[kind](part(3), 16)
    for name in ("jpeg2k_decode", "jpegxl_decode", "jpegxr_decode"):
        monkeypatch.setattr(imagecodecs, name, refuse)
    with pytest.raises(ResolutionTooHigh):
        codecs.decode(data, limits=codecs.Limits(max_pixels=2399))


@pytest.mark.parametrize("kind", sorted(ENCODERS))
def test_cut_anywhere_it_is_whole_or_refused(kind: str) -> None:
    data = ENCODERS[kind](part(3), 16)
    whole = codecs.decode(data)
    for lost in {*range(1, 30), *range(30, len(data), len(data) // 40)}:
        try:
            photo = codecs.decode(data[:-lost])
        except InputError:
            continue
        np.testing.assert_array_equal(photo.color, whole.color)


def cutout(dtype: Any) -> Cutout:
    samples = make.ramp(40, 60, 4, dtype)
    color, alpha = samples[..., :3].copy(), samples[..., 3].copy()
    color[alpha == 0] = 0
    return Cutout(color, alpha, metadata=Metadata(dpi=(150.0, 300.0)))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("format_", ["png", "tiff", "ora", "psd", "zip"])
def test_own_files_are_read_back(format_: str, dtype: Any) -> None:
    made = cutout(dtype)
    photo = codecs.decode(codecs.encode(made, Options(format=format_)).data)
    kind = np.uint8 if format_ == "zip" else dtype
    assert photo.color.dtype == kind
    assert photo.alpha is not None
    scale = 257 if kind == np.uint8 and dtype == np.uint16 else 1
    alpha = made.alpha.astype(np.int64)
    assert np.abs(photo.alpha.astype(int) - np.round(alpha / scale)).max() <= 1
    if format_ == "zip":
        return  # its colours are JPEG
    wrong = np.abs(photo.color.astype(np.int64) - made.color)
    if format_ == "psd":  # it is mixed with white and rounded
        top = np.iinfo(dtype).max
        seen = (wrong * alpha[..., None]) // top
        assert seen.max() <= 1
    else:
        assert wrong[alpha > 0].max() == 0
    if format_ == "psd":
        assert photo.metadata.dpi == pytest.approx((150, 300), abs=0.01)
