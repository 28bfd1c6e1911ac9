"""Colour spaces: everything that is not RGB becomes sRGB here, at its own depth."""

from __future__ import annotations

import dataclasses
import functools
from typing import Final, Literal, TypeAlias

import numpy as np

from mattekit.codecs.strips import to_gray
from mattekit.imaging.color import srgb_profile, transform
from mattekit.imaging.samples import Pixels, strips
from mattekit.picture import Metadata

__all__ = [
    "PROFILE_LIMIT",
    "ColorSpace",
    "is_rgb_profile",
    "lab_from_cielab",
    "lab_from_icclab",
    "profile_space",
    "to_rgb",
    "with_profile",
]

#: No real profile is larger; what claims to be is refused before it is unpacked.
PROFILE_LIMIT: Final = 16 << 20

#: What samples mean. Grey is 0 for black; CMYK is 0 for no ink; Lab is that of ICC (D50) with L*
#: over the whole range and a*, b* from -128 to 127 (ICC.1:2022, table 12 and 6.3.4.2).
ColorSpace: TypeAlias = Literal["gray", "rgb", "cmyk", "lab"]

_PROFILE_SPACES: Final = {"gray": "GRAY", "cmyk": "CMYK", "rgb": "RGB "}


def profile_space(profile: bytes | None) -> str:
    """Return the four letters of the colour space of an ICC profile; empty where it is none.

    The signature of the space stands at offset 16 of the header and ``acsp`` at offset 36
    (ICC.1:2022, 7.2).
    """
    if profile is None or len(profile) < 128 or profile[36:40] != b"acsp":
        return ""
    return profile[16:20].decode("latin-1")


def is_rgb_profile(profile: bytes | None) -> bool:
    """Whether a profile describes RGB pixels and may be handed on with them."""
    return profile_space(profile) == "RGB "


def to_rgb(
    samples: Pixels, space: ColorSpace, profile: bytes | None
) -> tuple[Pixels, bytes | None]:
    """Return samples as RGB, and the profile of that RGB.

    Parameters
    ----------
    samples : (H, W) or (H, W, C) ndarray of uint8 or uint16
        Of one channel for grey, three for RGB and Lab, four for CMYK.
    space : {"gray", "rgb", "cmyk", "lab"}
        What they mean.
    profile : bytes or None
        ICC profile that came with them. One that does not fit the space, or that the colour
        management cannot use, is left aside, as viewers do.

    Returns
    -------
    color : (H, W, 3) ndarray of the same dtype
        RGB is returned as it is. Grey without a profile of its own becomes equal channels.
    profile : bytes or None
        The RGB profile that the colours are in; None is sRGB.
    """
    fits = profile is not None and profile_space(profile) == _PROFILE_SPACES.get(space)
    rgb_profile = profile if is_rgb_profile(profile) else None
    if space == "rgb":
        return samples, rgb_profile
    if space == "lab":
        return transform(samples, _lab(), srgb_profile(), space="lab"), None
    if fits and profile is not None:
        import imagecodecs

        try:
            color = transform(samples, profile, srgb_profile(), space=space)
        except imagecodecs.CmsError:
            pass  # left aside
        else:
            # The channels of grey may differ in the last bit.
            return to_gray(color[..., 1]) if space == "gray" else color, None
    if space == "cmyk":
        return _inks_removed(samples), None
    return to_gray(samples.reshape(samples.shape[:2])), rgb_profile


def lab_from_cielab(samples: Pixels) -> Pixels:
    """Return Lab as TIFF 6.0 stores it, with signed a* and b*, in the encoding of ICC."""
    sign = 0x80 if samples.dtype == np.uint8 else 0x8000
    result = samples.copy()
    result[..., 1:] ^= sign
    if samples.dtype == np.uint16:
        # 256 steps to a unit there, 257 here; L* covers the whole range in both.
        result[..., 1:] = _wider(result[..., 1:])
    return result


def lab_from_icclab(samples: Pixels) -> Pixels:
    """Return Lab of ICC profiles of version 2 in the encoding of version 4."""
    return samples if samples.dtype == np.uint8 else _wider(samples)


def _wider(samples: Pixels) -> Pixels:
    """Return 16-bit samples with 257 steps to where 256 were."""
    result: Pixels = np.empty(samples.shape, np.uint16)
    for part in strips(samples.shape):
        steps = (samples[part].astype(np.uint32) * 257 + 128) >> 8
        result[part] = np.minimum(steps, 65535)
    return result


def _inks_removed(samples: Pixels) -> Pixels:
    """Return CMYK without a profile as RGB: each ink takes its share of the light."""
    full = int(np.iinfo(samples.dtype).max)
    result: Pixels = np.empty((*samples.shape[:2], 3), samples.dtype)
    for part in strips(samples.shape):
        light = full - samples[part, :, 3].astype(np.uint32)
        for ink in range(3):
            taken = samples[part, :, ink].astype(np.uint32) * light
            # The product of two 16-bit numbers and the half fit into 32 bits.
            result[part, :, ink] = light - (taken + full // 2) // full
    return result


@functools.lru_cache(maxsize=1)
def _lab() -> bytes:
    import imagecodecs

    profile: bytes = imagecodecs.cms_profile("lab4")
    return profile


def with_profile(metadata: Metadata) -> Metadata:
    """Name the profile in any case: Krita takes 16 bits without one for linear light, or asks."""
    if metadata.icc_profile is not None:
        return metadata
    return dataclasses.replace(metadata, icc_profile=srgb_profile())
