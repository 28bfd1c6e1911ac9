"""A photo that was opened for corrections."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit import matting, painting, pipeline
from mattekit.editable import EditablePhoto
from mattekit.geometry import Size
from mattekit.hints import Hints, Marked
from mattekit.models import InputSpec, ModelCard, Store
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.runtime import FakeSession, Runtime


def red(batch):
    return np.clip((batch[:, :1] - batch[:, 2:3]) * 4, 0, 1).astype(np.float32)


@pytest.fixture
def editable(tmp_path):
    with Runtime(Store(tmp_path)) as runtime:
        card = ModelCard("red", input=InputSpec(size=Size(64, 64), fit="stretch"))
        runtime.use("auto", FakeSession(red, card))
        color = np.random.default_rng(2).normal((30, 40, 160), 2, (300, 450, 3))
        color[100:200, 50:150] = 220, 60, 50
        photo = Photo(np.clip(color, 0, 255).astype(np.uint8))
        yield EditablePhoto(photo, Options(), runtime, 20_000)


def test_previews_are_small_and_results_whole(editable):
    assert editable.shown.size.area <= 20_500
    for cutout in (
        editable.preview(editable.matte),
        editable.finished_preview(editable.matte, Options(bg_color="white")),
    ):
        assert cutout.size == editable.shown.size
    whole = editable.result(editable.matte, Options(crop=True))
    expected = pipeline.remove_background(editable.photo, crop=True, runtime=editable.runtime)
    np.testing.assert_array_equal(whole.alpha, expected.alpha)


def test_what_was_not_corrected_is_made_once(editable, monkeypatch):
    made = []
    real = matting.uncorrected

    def uncorrected(*arguments, **options):
        made.append(arguments[2])
        return real(*arguments, **options)

    monkeypatch.setattr(matting, "uncorrected", uncorrected)
    for options in (Options(), Options(crop=True), Options(bg_color="red"), Options(specks="5%")):
        editable.finished_preview(editable.matte, options)
    assert len(made) == 2
    memory = editable.memory
    for specks in range(6, 16):
        editable.finished_preview(editable.matte, Options(specks=f"{specks}%"))
    assert editable.memory <= 3 * memory


def test_without_hints_nothing_is_corrected(editable):
    size = editable.photo.size
    assert editable.corrected(None) is editable.matte
    assert editable.corrected(Hints(size, Marked(), Marked())) is editable.matte
    stroke = painting.line([(60, 150), (140, 150)], 9, size)
    fixed = editable.corrected(Hints(size, Marked(), Marked(strokes=(stroke,))))
    shown = editable.preview(fixed).alpha
    assert shown[shown.shape[0] // 2, round(shown.shape[1] * 100 / 450)] == 0
