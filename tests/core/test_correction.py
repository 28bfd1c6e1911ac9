"""What corrections of a photo start from, and which networks they ask."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mattekit import correction
from mattekit.geometry import Size
from mattekit.hints import read_hints
from mattekit.matting import Matte
from mattekit.models import InputSpec, ModelCard
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.runtime.session import FakeSession


class Runtime:
    """Sessions by name, and which were asked for."""

    def __init__(self, **sessions: FakeSession) -> None:
        self.sessions, self.asked = sessions, []

    def session(self, name, **_):
        self.asked.append(name)
        return self.sessions[name]


def reddish(batch):
    return (batch[:, :1] > batch[:, 1:2] + 0.2).astype(np.float32)


def scene():
    """A red square on noisy green, of which the matte knows nothing."""
    rng = np.random.default_rng(3)
    color = np.empty((120, 160, 3), np.float64)
    color[:] = 40, 120, 60
    color[30:90, 40:120] = 200, 50, 40
    photo = Photo(np.clip(color + rng.normal(0, 4, color.shape), 0, 255).astype(np.uint8))
    box = photo.size.box
    alpha = np.zeros((60, 80), np.float32)
    return photo, Matte(alpha, box, box, np.ascontiguousarray(photo.color[::2, ::2]), found=False)


@pytest.fixture
def runtime():
    card = ModelCard("builtin", input=InputSpec(size=Size(64, 64), fit="stretch"))
    return Runtime(builtin=FakeSession(reddish, card))


def test_a_box_is_looked_into_by_the_built_in_network(runtime):
    photo, matte = scene()
    options = Options(keep="30px 20px 130px 100px")
    found = correction.correct(photo, matte, read_hints(options, photo), options, runtime)
    assert runtime.asked == ["builtin"]
    assert found.found
    assert found.alpha.max() == 1


def test_what_is_ready_changes_nothing_but_the_time(runtime):
    photo, matte = scene()
    options = Options(keep="30px 20px 130px 100px")
    hints = read_hints(options, photo)
    ready = correction.Ready.of(photo, matte, options)
    once = correction.correct(photo, matte, hints, options, runtime)
    again = correction.correct(photo, matte, hints, options, runtime, ready=ready)
    np.testing.assert_array_equal(once.alpha, again.alpha)
    assert once.box == again.box


def test_a_flat_graphic_is_its_own_start():
    image = Image.new("RGB", (200, 120), "white")
    ImageDraw.Draw(image).ellipse((50, 20, 150, 100), fill=(20, 60, 200))
    photo = Photo(np.asarray(image))
    box = photo.size.box
    matte = Matte(np.ones((60, 100), np.float32), box, box, photo.color[::2, ::2])
    prior = correction.Ready.of(photo, matte, Options()).prior
    assert prior is not None
    assert prior.alpha[0, 0] == 0
    photo, matte = scene()
    assert correction.Ready.of(photo, matte, Options()).graphic is None
