"""Everything in a process shares its networks."""

from __future__ import annotations

import imageio.v3 as iio
import numpy as np
import pytest

import mattekit
from mattekit.runtime import Runtime
from mattekit_imageio import MattekitPlugin, cutout_array, cutout_frames
from mattekit_pillow import RemoveBackground
from support.tiny_onnx import CARD, write_network


@pytest.fixture
def model(tmp_path):
    path = write_network(tmp_path / "tiny.onnx")
    path.with_suffix(".toml").write_text(CARD)
    return str(path)


def test_a_model_is_opened_once(model, monkeypatch, photo, tmp_path):
    monkeypatch.setattr(Runtime, "_shared", None)
    opened = []
    build = Runtime._build

    def counting(self, card, path, device):
        opened.append(path)
        return build(self, card, path, device)

    monkeypatch.setattr(Runtime, "_build", counting)
    photo.save(tmp_path / "x.png")
    picture = np.asarray(photo)
    mattekit.remove_background(photo, model=model)
    photo.filter(RemoveBackground(model=model))
    RemoveBackground(model=model).apply(photo)
    iio.imread(tmp_path / "x.png", plugin=MattekitPlugin, model=model)
    iio.imwrite(tmp_path / "y.png", picture, plugin=MattekitPlugin, model=model)
    cutout_array(picture, model=model)
    list(cutout_frames([picture] * 3, model=model))
    assert len(opened) == 1
    assert len(Runtime.shared().loaded()) == 1
    Runtime.shared().close()
