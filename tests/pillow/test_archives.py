"""Pillow learns of the ZIP of the remove.bg API."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mattekit_pillow import archives
from mattekit_pillow.names import FORMAT


@pytest.fixture(autouse=True)
def registered() -> None:
    archives.register()
    archives.register()  # again changes nothing


def test_pillow_knows_suffix_and_media_type() -> None:
    assert Image.registered_extensions()[".zip"] == FORMAT
    assert Image.MIME[FORMAT] == "application/zip"


def test_it_goes_through_open_and_save() -> None:
    samples = np.full((5, 7, 4), 200, np.uint8)
    file = io.BytesIO()
    Image.fromarray(samples).save(file, FORMAT)
    file.seek(0)
    with Image.open(file) as image:
        assert (image.format, image.size) == (FORMAT, (7, 5))
        assert np.asarray(image)[..., 3].min() == 200


@pytest.mark.parametrize("head", [b"PK\3\4rest", b"PK\5\6rest"])
def test_what_begins_like_a_zip_is_looked_at(head: bytes) -> None:
    assert archives._accept(head)
    assert not archives._accept(head[1:])
