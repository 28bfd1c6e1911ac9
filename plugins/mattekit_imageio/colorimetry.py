"""What the samples of a video mean as colours, and how they become those of a plain screen.

References
----------
ITU-T H.273 (code points); ITU-R BT.2100-2 (PQ and HLG); ITU-R BT.2087-0 (BT.2020 to BT.709);
ITU-R BT.2408-7 (graphics white of 203 cd/m²).
"""

from __future__ import annotations

import functools
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mattekit.imaging.samples import Pixels, as_depth
from mattekit.resampling import decoded, encoded

__all__ = ["BT709", "UNSPECIFIED", "Colorimetry", "swscale_matrix", "to_srgb"]

UNSPECIFIED: Final = 2
_PQ: Final = 16
_HLG: Final = 18
_BT2020: Final = 9

_FROM_BT2020: Final = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
).T
_FROM_P3: Final = np.array(
    [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]], np.float32
).T
#: Primaries to those of BT.709, in linear light; others are near enough to be taken for them.
_TO_BT709: Final = {_BT2020: _FROM_BT2020, 11: _FROM_P3, 12: _FROM_P3}
#: Luminance of the primaries of BT.2020.
_LUMINANCE: Final = np.array([0.2627, 0.6780, 0.0593], np.float32)
#: FFmpeg's numbers, in swscale, for matrices.
_SWSCALE: Final = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}
#: Luminance, in cd/m², of a white page in HDR, and of what a screen for it shows at most.
_WHITE: Final = 203.0
_PEAK: Final = 1000.0
#: Up to this light, relative to white, tone mapping changes nothing.
_KNEE: Final = 0.6
#: Rows that are converted at a time.
_ROWS: Final = 64


class Colorimetry(NamedTuple):
    """Code points of H.273.

    Attributes
    ----------
    primaries, transfer, matrix : int
        2 where the file does not say.
    full : bool
        Whether samples of YUV use the whole range of their bits.
    """

    primaries: int = UNSPECIFIED
    transfer: int = UNSPECIFIED
    matrix: int = UNSPECIFIED
    full: bool = False

    @property
    def hdr(self) -> bool:
        """Whether the transfer curve is one of high dynamic range, PQ or HLG."""
        return self.transfer in {_PQ, _HLG}

    @property
    def wide(self) -> bool:
        """Whether an ordinary screen would show wrong colours."""
        return self.hdr or self.primaries in _TO_BT709

    @property
    def name(self) -> str:
        """What messages call it."""
        if self.hdr:
            return "HDR (PQ)" if self.transfer == _PQ else "HDR (HLG)"
        return "wide gamut" if self.wide else "BT.709"

    def yuv_matrix(self, width: int, height: int) -> int:
        """Return the code point of the matrix; where there is none, what players assume."""
        if self.matrix not in {0, UNSPECIFIED, 3}:
            return self.matrix
        if self.wide:
            return _BT2020
        return 1 if height > 576 or width > 1024 else 6


def swscale_matrix(matrix: int) -> int:
    """Return FFmpeg's number, in swscale, for the code point of a matrix."""
    return _SWSCALE.get(matrix, 5)


#: What is written unless a wider range is kept.
BT709: Final = Colorimetry(1, 1, 1)


def to_srgb(pixels: Pixels, colorimetry: Colorimetry, dtype: DTypeLike | None = None) -> Pixels:
    """Return colours for an ordinary screen: BT.709 primaries, the curve of sRGB.

    High dynamic range is brought down so that a white page stays nearly white and highlights keep
    their hue; colours outside the smaller gamut are clipped.

    Parameters
    ----------
    pixels : (H, W, 3 or 4) ndarray of uint8 or uint16
        R'G'B' of full range as `colorimetry` says; a fourth channel, alpha, is kept.
    colorimetry : Colorimetry
    dtype : dtype, optional
        uint8 or uint16; by default that of `pixels`.

    Returns
    -------
    ndarray
        Of the same shape.
    """
    dtype = np.dtype(pixels.dtype if dtype is None else dtype)
    result: Pixels = np.empty(pixels.shape, dtype)
    for top in range(0, len(pixels), _ROWS):
        part = pixels[top : top + _ROWS]
        light = _plain_light(part[..., :3], colorimetry)
        result[top : top + _ROWS, :, :3] = encoded(light, dtype)
        result[top : top + _ROWS, :, 3:] = as_depth(part[..., 3:], dtype)
    return result


def _plain_light(codes: Pixels, colorimetry: Colorimetry) -> NDArray[np.float32]:
    """Return linear light in [0, 1] with the primaries of BT.709."""
    if colorimetry.hdr:
        light = _hdr_table(colorimetry.transfer, codes.dtype.itemsize)[codes]
    else:
        light = decoded(codes)
    if colorimetry.transfer == _HLG:
        # The system's gamma acts on luminance, so that hues stay.
        luminance = light @ _LUMINANCE
        light = light * (np.float32(_PEAK / _WHITE) * luminance ** np.float32(0.2))[..., None]
    if colorimetry.primaries in _TO_BT709:
        light = light @ _TO_BT709[colorimetry.primaries]
    light = np.maximum(light, np.float32(0))
    if colorimetry.hdr:
        highest = light.max(-1, keepdims=True)
        light *= _tone_mapped(highest) / np.maximum(highest, np.float32(1e-6))
    return np.minimum(light, np.float32(1))


def _tone_mapped(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bend light above the knee so that the peak of the screen becomes 1."""
    over = np.maximum(light - np.float32(_KNEE), np.float32(0))
    bend = np.float32(1 / (1 - _KNEE) - 1 / (_PEAK / _WHITE - _KNEE))
    return np.asarray(np.minimum(light, np.float32(_KNEE)) + over / (1 + over * bend), np.float32)


@functools.lru_cache(maxsize=4)
def _hdr_table(transfer: int, itemsize: int) -> NDArray[np.float32]:
    """Return the light of each code: relative to white for PQ, of the scene for HLG."""
    codes = np.linspace(0, 1, 1 << (8 * itemsize))
    if transfer == _PQ:
        root = codes ** (1 / 78.84375)
        quotient = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
        light = 10000 / _WHITE * quotient ** (1 / 0.1593017578125)
    else:
        a = 0.17883277
        b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
        light = np.where(codes <= 0.5, codes**2 / 3, (np.exp((codes - c) / a) + b) / 12)
    return light.astype(np.float32)
