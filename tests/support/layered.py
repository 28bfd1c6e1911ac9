"""Files with layers, read by a reader that is not ours."""

from __future__ import annotations

import numpy as np
import pytest

DTYPES = [np.uint8, np.uint16]
PNG = pytest.importorskip("png", reason="pypng reads 16-bit PNG independently")


def read_png(data):
    width, height, rows, info = PNG.Reader(bytes=data).read()
    samples = np.array([list(row) for row in rows])
    assert info["bitdepth"] in {8, 16}
    return samples.reshape(height, width, -1), info["bitdepth"]
