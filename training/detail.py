"""What the correcting network is asked to add detail to an automatic matte.

The built-in network sees a picture at 256 pixels a side. Its matte, enlarged, is the last matte of
a part along its edge that is seen several times as large, and nothing is marked. What the answer
is away from the edge does not matter: it is put into the band around it alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

Rng = np.random.Generator
F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Window = tuple[float, float, float, float]

COARSER = (2.0, 7.0)
"""How many times as large as the built-in network did the view shows the picture."""

ASIDE = 0.05
"""What a place outside of the band counts, against one in it."""


def automatic(wanted: F32, rng: Rng) -> tuple[F32, float]:
    """Return a matte (S x S, 0..1) as the built-in network would have answered, enlarged.

    Its edge lies up to about a pixel of that network's aside, wavering, and is soft where single
    hairs are finer than its pixels. Also how many times it was enlarged.
    """
    side = wanted.shape[0]
    coarser = float(np.exp(rng.uniform(*np.log(COARSER))))
    cells = max(8, round(side / coarser))
    small = _resized(wanted, cells, Image.Resampling.BOX)
    small = ndimage.gaussian_filter(small, rng.uniform(0.3, 1.0), mode="nearest")
    aside = ndimage.gaussian_filter(rng.normal(size=(2, cells, cells)), (0, 3, 3), mode="nearest")
    aside *= rng.uniform(0, 1.2) / max(float(aside.std()), 1e-6)
    places = np.mgrid[:cells, :cells] + aside
    small = ndimage.map_coordinates(small, places, order=1, mode="nearest")
    # Networks are surer than a mean of what lies in a pixel.
    small = np.clip((small - 0.5) * rng.uniform(1, 2.5) + 0.5 + rng.normal(0, 0.08), 0, 1)
    large = _resized(small.astype(np.float32), side, Image.Resampling.BICUBIC)
    return np.clip(large, 0, 1), side / cells


def band(last: F32, coarser: float) -> F32:
    """Return 1 where a matte's edge or its doubt is near (S x S), within three of its pixels."""
    outline = ndimage.maximum_filter(last, 3) - ndimage.minimum_filter(last, 3) > 0.3
    near = outline | ((last > 0.03) & (last < 0.97))
    return (ndimage.distance_transform_edt(~near) <= 3 * coarser).astype(np.float32)


def window(alpha: U8, box: Window, width: int, height: int, rng: Rng) -> Window:
    """Return a part of a photograph along the edge of a subject.

    Parameters
    ----------
    alpha
        The subject's matte.
    box
        Where that lies in the photograph (x0, y0, x1, y1).
    width, height
        Of the photograph.
    rng
        Source of chance.
    """
    step = ndimage.maximum_filter(alpha, 3).astype(np.int16) - ndimage.minimum_filter(alpha, 3)
    rows, columns = np.nonzero(step > 40)
    x0, y0, x1, y1 = box
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    if len(rows):
        at = int(rng.integers(len(rows)))
        x = x0 + (columns[at] + 0.5) * (x1 - x0) / alpha.shape[1]
        y = y0 + (rows[at] + 0.5) * (y1 - y0) / alpha.shape[0]
    span = max(x1 - x0, y1 - y0) * rng.uniform(0.15, 0.5)
    across, down = np.clip(span * np.exp(rng.uniform(-0.15, 0.15, 2)), 48, (width, height))
    left = float(np.clip(x - across * rng.uniform(0.3, 0.7), 0, width - across))
    top = float(np.clip(y - down * rng.uniform(0.3, 0.7), 0, height - down))
    return (left, top, left + float(across), top + float(down))


def _resized(plane: F32, side: int, how: Image.Resampling) -> F32:
    return np.array(Image.fromarray(plane).resize((side, side), how), np.float32)
