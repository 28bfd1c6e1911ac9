"""The network looks at the quarters of a subject: finer edges, and nothing else changes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mattekit import matting, pipeline
from mattekit.geometry import Size
from mattekit.imaging.morphology import dilation
from mattekit.imaging.resize import resize_plane
from mattekit.matting.matte import Matte
from mattekit.models.card import InputSpec, ModelCard, OutputSpec
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.runtime import Runtime
from mattekit.runtime.session import FakeSession

CARD = ModelCard(
    "bright",
    input=InputSpec(Size(32, 32), fit="stretch"),
    output=OutputSpec(partial="uncertainty"),
)
SIZE = Size(640, 480)


def bright(batch: np.ndarray) -> np.ndarray:
    """Take what is bright for the subject, and waver at its edge."""
    return np.clip(batch.mean(1, keepdims=True), 0, 1).astype(np.float32)


def swollen(batch: np.ndarray) -> np.ndarray:
    """Take what is bright for the subject, and more than half of what is a pixel beside it."""
    seen = bright(batch)
    near = dilation(seen[0, 0] > 0.5, 1)[None, None]
    return np.maximum(seen, near * np.float32(0.6))


def first_and_then(closer):
    """Return a network that answers otherwise when it looks closer."""
    answers = iter([bright, *[closer] * 4])

    def network(batch: np.ndarray) -> np.ndarray:
        return next(answers)(batch)

    return network


def star() -> tuple[Photo, np.ndarray]:
    """Return a bright star, whose points are finer than a network of 32 pixels sees."""
    y, x = np.mgrid[0 : SIZE.height, 0 : SIZE.width]
    angle, radius = np.arctan2(y - 240, x - 320), np.hypot(x - 320, y - 240)
    inside = radius < 170 + 40 * np.sin(9 * angle)
    return Photo(np.dstack([inside.astype(np.uint8) * 255] * 3)), inside


def looked(network=bright) -> tuple[Matte, Matte, int]:
    session = FakeSession(network, CARD)
    photo, _ = star()
    first = matting.segment(photo, session)
    return first, matting.look_closer(photo, session, first), session.calls - 1


def error(matte: Matte, truth: np.ndarray) -> float:
    alpha = np.zeros(truth.shape, np.float32)
    alpha[matte.box.slices] = resize_plane(matte.alpha, matte.box.size)
    return float(np.abs(alpha - truth).mean())


def test_edges_are_seen_more_finely() -> None:
    first, second, looks = looked(swollen)
    assert looks == 4
    assert second.alpha.shape == first.alpha.shape
    assert second.box == first.box
    _, truth = star()
    assert error(second, truth) < 0.9 * error(first, truth)


def test_what_is_certain_stays() -> None:
    hazy = first_and_then(lambda batch: np.maximum(bright(batch), np.float32(0.1)))
    first, second, _ = looked(hazy)
    assert second is not first
    far = np.zeros((32, 32), np.bool_)
    far[:, :2], far[14:18, 14:18] = True, True
    assert (second.alpha[far] == first.alpha[far]).all()


def test_looks_that_mean_something_else_do_not_count() -> None:
    first, second, looks = looked(first_and_then(lambda batch: 1 - bright(batch)))
    assert looks == 4
    assert second is first


def test_a_look_does_not_count_where_it_denies_a_part() -> None:
    """The dark bumper of a bright van: a part that the look at the whole half believes in."""
    card = dataclasses.replace(CARD, input=InputSpec(Size(128, 128), fit="stretch"))
    y, x = np.mgrid[0 : SIZE.height, 0 : SIZE.width]
    body = (abs(x - 320) < 280 + 8 * np.sin(y / 5)) & (abs(y - 210) < 190)
    part = (abs(x - 320) < 75) & (y >= 400) & (y < 470)
    levels = np.where(body, 255, np.where(part, 178, 0)).astype(np.uint8)
    photo = Photo(np.dstack([levels] * 3))

    def blind(batch: np.ndarray) -> np.ndarray:
        seen = bright(batch)
        return np.where(seen < 0.75, 0, seen)

    session = FakeSession(first_and_then(blind), card)
    first = matting.segment(photo, session)
    second = matting.look_closer(photo, session, first)
    assert second is not first
    inside = np.zeros((128, 128), np.bool_)
    inside[111:121, 58:70] = True
    np.testing.assert_allclose(first.alpha[inside], 0.7, atol=0.02)
    np.testing.assert_allclose(second.alpha[inside], first.alpha[inside], atol=0.02)
    # The body's own edge is where the looks have it.
    assert np.abs(second.alpha - first.alpha)[20:90].max() > 0.1


def test_where_nothing_is_to_be_seen_nobody_looks() -> None:
    photo, _ = star()
    session = FakeSession(bright, CARD)
    first = matting.segment(photo, session)
    fine = np.zeros((600, 600), np.float32)
    fine[200:400, 200:400] = 0.5
    small = Photo(photo.color[::20, ::20])
    for picture, matte in (
        (photo, dataclasses.replace(first, found=False)),
        (photo, dataclasses.replace(first, partial="transparency")),
        (photo, dataclasses.replace(first, alpha=fine)),
        (photo, dataclasses.replace(first, alpha=np.zeros_like(first.alpha))),
        (small, matting.segment(small, session)),
    ):
        calls = session.calls
        assert matting.look_closer(picture, session, matte) is matte
        assert session.calls == calls


@pytest.mark.parametrize(
    ("values", "looks"),
    [
        ({"refine": "best"}, 4),
        ({"refine": "balanced"}, 0),
        ({"refine": "fast"}, 0),
        ({"refine": "best", "zoom": False}, 0),
        ({"refine": "best", "subjects": 1}, 0),
    ],
)
def test_only_best_looks_closer(values, looks) -> None:
    session = FakeSession(bright, CARD)
    photo, _ = star()
    with Runtime() as runtime:
        runtime.use("auto", session)
        before = FakeSession(bright, CARD)
        first = matting.segment(photo, before)
        matting.zoom_in(photo, before, first) if values.get("zoom", True) else None
        pipeline.segment(photo, Options(**values), runtime)
    assert session.calls - before.calls == looks
