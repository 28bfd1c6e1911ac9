"""A kind that was asked for, with a network that knows a picture's subjects by their colours."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit import matting, pipeline
from mattekit.geometry import Region, Size
from mattekit.models.card import InputSpec, ModelCard, OutputSpec
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.runtime import FakeSession, Runtime

KINDS = ("person", "animal", "car", "transportation", "graphic", "other")
RED, GREEN, WHITE = (230, 20, 20), (20, 230, 20), (230, 230, 230)


def network(batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is bright is subject: red people, green cars, things of white; it names what is most."""
    red, green, blue = (batch[0, channel] > 0.5 for channel in range(3))
    areas = {
        "person": np.count_nonzero(red & ~green),
        "car": np.count_nonzero(green & ~red),
        "other": np.count_nonzero(red & green & blue),
    }
    total = max(1, sum(areas.values()))
    kinds = np.float32([[areas.get(name, 0) / total for name in KINDS]])
    return (red | green)[None, None].astype(np.float32), kinds


def session(names: tuple[str, ...] = KINDS) -> FakeSession:
    output = OutputSpec(kinds=1 if names else None, kind_names=names)
    return FakeSession(network, ModelCard("fake", input=InputSpec(Size(96, 96)), output=output))


def photo(*colors: tuple[int, int, int]) -> Photo:
    """Squares of these colours side by side on a dark ground, and a speck beside the last."""
    ground = np.random.default_rng(0).integers(0, 60, (96, 96 * len(colors), 3))
    color = ground.astype(np.uint8)  # no flat graphic
    for number, each in enumerate(colors):
        color[30:66, 96 * number + 30 : 96 * number + 66] = each
    color[48:51, -24:-21] = colors[-1]
    return Photo(color)


def restricted(picture: Photo, kind: str, roi: Region | None = None) -> matting.Matte:
    matte = matting.segment(picture, session(), roi=roi)
    return matting.restrict(picture, matte, session(), kind)


def halves(matte: matting.Matte) -> tuple[bool, bool]:
    middle = matte.alpha.shape[1] // 2
    return bool(matte.alpha[:, :middle].any()), bool(matte.alpha[:, middle:].any())


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("auto", (True, True)),
        ("person", (True, False)),
        ("car", (False, True)),
        ("transportation", (False, True)),
        ("product", (True, True)),  # no network knows products; a dressed person may be one
    ],
)
def test_parts_of_another_kind_are_background(kind: str, kept: tuple[bool, bool]) -> None:
    matte = restricted(photo(RED, GREEN), kind)
    assert matte.found
    assert halves(matte) == kept


def test_what_may_be_anything_goes_where_something_better_is_there() -> None:
    assert halves(restricted(photo(RED, WHITE), "person")) == (True, False)
    assert halves(restricted(photo(RED, WHITE), "product")) == (False, True)
    # Nothing here is an animal for sure; what is certainly a person is none.
    assert halves(restricted(photo(RED, WHITE), "animal")) == (False, True)


@pytest.mark.parametrize("kind", ["animal", "graphic"])
def test_nothing_is_found_where_all_is_of_another_kind(kind: str) -> None:
    for picture in (photo(RED), photo(RED, GREEN)):
        matte = restricted(picture, kind)
        assert not matte.found
        assert matte.roi.empty
        assert not matte.alpha.any()


def test_only_the_roi_counts() -> None:
    matte = restricted(photo(RED, GREEN), "person", Region.parse("0% 0% 50% 100%"))
    assert matte.found
    assert not restricted(photo(RED, GREEN), "person", Region.parse("60% 0% 100% 100%")).found


def test_a_network_that_tells_no_kinds_keeps_everything() -> None:
    picture = photo(RED, GREEN)
    for names in ((), ("animal", "graphic", "other", "x", "y", "z")):
        network = session(names)
        matte = matting.restrict(picture, matting.segment(picture, network), network, "person")
        assert (matte.found, halves(matte)) == (True, (True, True))


def cutout(picture: Photo, **options: object):  # type: ignore[no-untyped-def]
    with Runtime() as runtime:
        runtime.use("auto", session())
        return pipeline.remove_background(picture, Options(**options), runtime=runtime)


def test_the_kind_decides_about_the_shadow() -> None:
    plain = photo(WHITE)
    without = cutout(plain, add_shadow=True)
    assert without.kind == "other"
    shaded = cutout(plain, add_shadow=True, type="car")
    assert shaded.kind == "car"
    assert shaded.alpha[66:, 30:66].sum() > without.alpha[66:, 30:66].sum() + 500


def test_where_nothing_is_found_nothing_is_named() -> None:
    with Runtime() as runtime:
        runtime.use("auto", session())
        green = photo(GREEN)
        person = pipeline.segment(green, Options(type="person"), runtime=runtime)
        found = pipeline.segment(green, Options(), runtime=runtime)
    assert found.found
    assert (person.found, person.kind) == (False, found.kind)


def test_a_flat_graphic_keeps_the_name_that_was_asked_for() -> None:
    color = np.full((96, 96, 3), 255, np.uint8)
    color[30:66, 30:66] = (20, 20, 230)
    drawing = Photo(color)
    assert cutout(drawing).kind == "graphic"
    assert cutout(drawing, type="product").kind == "product"
