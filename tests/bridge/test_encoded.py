"""Whole files to the worker and back."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import mattekit
import mattekit_bridge as bridge
from mattekit import codecs
from support.helpers import disc

pytest.importorskip("uvicorn", reason="the extra `server` is not installed")
pytestmark = pytest.mark.slow


def test_bytes_are_those_of_the_library(worker: bridge.Worker) -> None:
    scene = disc(120, 160)
    file = io.BytesIO()
    Image.fromarray(scene.image).save(file, "GIF")  # what the API does not take
    for format_ in ("png", "pfm"):
        cutout = mattekit.remove_background(file.getvalue(), format=format_)
        expected = codecs.encode(cutout, mattekit.Options(format=format_)).data
        assert bridge.convert(worker, file.getvalue(), {"format": format_}) == expected
    mask = np.zeros((120, 160), np.uint8)
    mask[40:80, 50:110] = 255
    png = io.BytesIO()
    Image.fromarray(mask).save(png, "PNG")
    refined = mattekit.refine_mask(file.getvalue(), png.getvalue())
    assert (
        bridge.convert(worker, file.getvalue(), {"format": "png"}, files={"mask": png.getvalue()})
        == codecs.encode(refined, mattekit.Options(format="png")).data
    )


def test_what_is_no_picture_is_refused_in_words(worker: bridge.Worker) -> None:
    with pytest.raises(bridge.Refused, match="Expected a picture, received pdf"):
        bridge.convert(worker, b"%PDF-1.7")
