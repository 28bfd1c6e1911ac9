"""What the page shows is the library's result, at the size of a screen or whole, piece by piece."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mattekit import codecs, pipeline
from mattekit.codecs import decode
from mattekit.options import Options
from mattekit.picture import Picture
from mattekit.runtime import Runtime
from mattekit_server.page.edits import Edit
from mattekit_server.page.rendering import TILE, Renderer
from support.server.pictures import Make, picture


@pytest.fixture
def renderer(make: Make) -> Renderer:
    return make().app.state.page.renderer


def opened(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGBA"))


def two_squares() -> bytes:
    color = np.full((240, 480, 3), (20, 40, 200), np.uint8)
    color[80:160, 40:120] = 220, 40, 30
    color[40:200, 280:440] = 220, 40, 30
    out = io.BytesIO()
    Image.fromarray(color).save(out, "PNG")
    return out.getvalue()


def test_a_small_picture_is_shown_as_it_is(renderer: Renderer) -> None:
    data = picture()
    stored = renderer.open(data, "disc.png")
    assert (stored.size, stored.purchase.paid) == ((128, 96), True)
    np.testing.assert_array_equal(opened(renderer.original(stored).data), opened(data))


@pytest.mark.slow
def test_a_large_one_is_shown_smaller_and_saved_whole(renderer: Renderer, runtime: Runtime) -> None:
    data = picture(1200, 900)
    stored = renderer.open(data, "disc.png")
    assert not stored.purchase.paid
    edit = Edit(Options(crop=True))
    shown = renderer.preview(stored, edit, None)
    file = renderer.file(stored, edit, None)
    expected = pipeline.remove_background(decode(data), edit.options, runtime=runtime)
    assert file.encoded.data == expected.encode(format="auto").data
    assert file.size == expected.size
    height, width = opened(shown.data).shape[:2]
    assert (shown.summary["width"], shown.summary["height"]) == (width, height)
    assert width == pytest.approx(file.size.width * shown.summary["x_scale"], abs=2)
    assert width < file.size.width


def test_a_result_is_made_once_whatever_its_file(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = renderer.open(picture(), "disc.png")
    made = renderer.result(stored, Edit(Options(format="png")), None)
    assert renderer.result(stored, Edit(Options(format="webp")), None) is made
    assert renderer.result(stored, Edit(Options(format="psd")), None) is not made
    renderer.forget(stored)
    assert renderer.result(stored, Edit(Options(format="png")), None) is not made


def test_tiles_are_the_picture(renderer: Renderer) -> None:
    rng = np.random.default_rng(6)
    color = rng.integers(0, 256, (700, 900, 3), np.uint8)
    whole = Picture(color, np.full((700, 900), 200, np.uint8))
    rows = [
        np.concatenate([opened(renderer.tile(whole, 0, column, row)) for column in (0, 1)], axis=1)
        for row in (0, 1)
    ]
    seen = np.concatenate(rows)
    np.testing.assert_array_equal(seen[..., :3], color)
    assert (seen[..., 3] == 200).all()
    assert opened(renderer.tile(whole, 1, 0, 0)).shape[:2] == (350, 450)
    assert renderer.tile(whole, 0, 900 // TILE + 1, 0) == b""


def test_summaries_are_text_for_a_header(renderer: Renderer) -> None:
    view = renderer.original(renderer.open(picture(), "disc.png"))
    assert view.summary_text == '{"width":128,"height":96}'


def test_of_several_subjects_those_that_were_asked_for(
    renderer: Renderer, runtime: Runtime
) -> None:
    data = two_squares()
    stored = renderer.open(data, "two.png")
    edit = Edit(Options(subjects="largest", format="png"))
    shown = opened(renderer.preview(stored, edit, None).data)[..., 3]
    assert shown[120, 80] == 0
    assert shown[120, 360] == 255
    for everything in ("all", "each"):
        edit_all = Edit(Options(subjects=everything))
        assert opened(renderer.preview(stored, edit_all, None).data)[120, 80, 3] == 255
    expected = pipeline.remove_background(decode(data), edit.options, runtime=runtime)
    assert renderer.file(stored, edit, None).encoded.data == expected.encode(format="png").data


def test_the_one_that_was_clicked(renderer: Renderer, runtime: Runtime) -> None:
    data = two_squares()
    stored = renderer.open(data, "two.png")
    edit = Edit(Options(subjects="16.7% 50%", format="png"))
    shown = opened(renderer.preview(stored, edit, None).data)[..., 3]
    assert (shown[120, 80], shown[120, 360]) == (255, 0)
    expected = pipeline.remove_background(decode(data), edit.options, runtime=runtime)
    assert renderer.file(stored, edit, None).encoded.data == expected.encode(format="png").data
    nothing = renderer.preview(stored, Edit(Options(subjects="50% 5%")), None)
    assert not nothing.summary["found"]


def test_one_by_one_in_files_or_layers(renderer: Renderer, runtime: Runtime) -> None:
    data = two_squares()
    stored = renderer.open(data, "two.png")
    options = Options(subjects="each", format="png", crop=True)
    files = [renderer.file(stored, Edit(options), None, part) for part in (0, 1, 7)]
    assert [(each.part, each.parts) for each in files] == [(0, 2), (1, 2), (1, 2)]
    together = options.replace(subjects="all")
    parts = pipeline.remove_background_each(decode(data), together, runtime=runtime)
    for file, part in zip(files, parts, strict=False):
        assert file.encoded.data == codecs.encode(part, together).data
        assert file.size == part.size
    layered = Edit(Options(subjects="each", format="psd"))
    expected = pipeline.remove_background(decode(data), layered.options, runtime=runtime)
    file = renderer.file(stored, layered, None)
    assert (file.parts, file.encoded.data) == (1, codecs.encode(expected, layered.options).data)


def test_what_had_to_make_room_is_opened_again(renderer: Renderer) -> None:
    stored = renderer.open(picture(1200, 900), "disc.png")
    before = renderer.preview(stored, Edit(Options()), None).data
    first = renderer.editable(stored)
    assert renderer.editable(stored) is first
    assert renderer.editable(stored, "largest").photo is first.photo
    for name in stored.opened.values():
        renderer.opened.forget(name, stored.id)
    assert renderer.editable(stored) is not first
    assert renderer.preview(stored, Edit(Options()), None).data == before


def test_what_is_forgotten_is_forgotten_whole(renderer: Renderer) -> None:
    stored = renderer.open(picture(), "disc.png")
    renderer.result(stored, Edit(Options()), None)
    renderer.forget(stored)
    assert len(renderer.opened) == 0
    assert renderer.cache.used == 0
