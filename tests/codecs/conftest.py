from __future__ import annotations

import imagecodecs
import numpy as np
import pytest

from mattekit.compositing import composite, plan_shadow
from mattekit.cutout import Cutout
from mattekit.geometry import Box
from mattekit.options import Options
from mattekit.photo import Photo
from support.layered import DTYPES


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What libpng is given."""
    given: list[bytes] = []
    real = imagecodecs.png_decode
    monkeypatch.setattr(imagecodecs, "png_decode", lambda data: given.append(data) or real(data))
    return given


@pytest.fixture(params=DTYPES, ids=["8", "16"])
def picture(request):
    rng = np.random.default_rng(2)
    most = np.iinfo(request.param).max
    color = rng.integers(0, most, (37, 50, 3), dtype=request.param, endpoint=True)
    alpha = rng.integers(0, most, (37, 50), dtype=request.param, endpoint=True)
    color[5:20] = most // 3  # runs
    alpha[:10], alpha[20:] = 0, most
    return color, alpha


@pytest.fixture(params=DTYPES, ids=["8", "16"])
def composed(request):
    """A subject with a shadow on a half-transparent colour, for a format with layers."""
    most = np.iinfo(request.param).max
    color = np.full((60, 80, 3), most // 3, request.param)
    alpha = np.zeros((60, 80), request.param)
    alpha[15:45, 20:60] = most
    alpha[10:15, 20:60] = most // 2
    cutout = Cutout(color, alpha, box=Box(20, 10, 60, 45))
    options = Options(format="psd", shadow_type="drop", bg_color="81d4fa77")
    return cutout, composite(cutout, Photo(color), plan_shadow(cutout, options), options)
