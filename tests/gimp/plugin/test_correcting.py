"""Corrections: what is sent, and what becomes of the mask."""

from __future__ import annotations

from typing import Any

import pytest

from mattekit.options import Options
from mattekit_gimp.plugin.mask_parasite import NAME
from support.gimp import fake
from support.gimp.bench import Bench


def correct(bench: Bench, image: Any, what: str, **given: Any) -> Any:
    layer = image.layers[0]
    bench.gimp.call(f"plug-in-mattekit-{what}", image=image, drawable=layer, **given)
    return layer


def plane(*marked: tuple[int, int]) -> bytes:
    made = bytearray(48)
    for x, y in marked:
        made[y * 8 + x] = 255
    return bytes(made)


@pytest.mark.parametrize("what", ["keep", "remove"])
def test_a_first_correction_asks_a_network(bench: Bench, what: str) -> None:
    image = bench.gimp.open("picture")
    image.select((1, 2))
    bench.answers = [bytes(range(48))]
    layer = correct(bench, image, f"{what}-selected")
    assert layer.mask.written == bytes(range(48))
    assert image.steps == 1
    (sent,) = bench.pictures
    assert {name: each.samples for name, each in sent.items()} == {what: plane((1, 2))}
    assert Options.parse(bench.asked[0]) == Options()


def test_the_second_goes_on_where_the_first_ended(bench: Bench) -> None:
    image = bench.gimp.open("picture")
    correct(bench, image, "mask", refine="best")
    for where, what in (((1, 2), "keep"), ((3, 3), "remove"), ((1, 2), "remove")):
        image.select(where)
        bench.answers = [bytes([where[0]] * 48)]
        correct(bench, image, f"{what}-selected")
    assert [asked["refine"] for asked in bench.asked] == ["best"] * 4
    assert [{name: each.samples for name, each in sent.items()} for sent in bench.pictures[1:]] == [
        {"keep": plane((1, 2))},
        {"keep": plane((1, 2)), "remove": plane((3, 3))},
        {"remove": plane((1, 2), (3, 3))},
    ]


def test_a_mask_of_somebody_changes_only_where_it_was_corrected(bench: Bench) -> None:
    image = bench.gimp.open("picture")
    layer = image.layers[0]
    layer.add_mask(layer.create_mask(0))
    layer.mask.written = mine = bytes(range(48))
    image.select((0, 0))
    bench.answers = [bytes(48), bytes([9]) + bytes(47)]
    correct(bench, image, "keep-selected")
    assert layer.mask.written == bytes([9]) + mine[1:]
    before, after = bench.pictures
    assert before["mask"].samples == after["mask"].samples == mine
    assert set(after) == {"mask", "keep"}
    # The next one starts from the same mask, with both marks.
    image.select((2, 0))
    correct(bench, image, "remove-selected")
    assert bench.pictures[-1]["mask"].samples == mine
    assert set(bench.pictures[-1]) == {"mask", "keep", "remove"}
    # Painted on in between, it is somebody's mask again.
    layer.mask.written = painted = bytes([7] * 48)
    correct(bench, image, "keep-selected")
    assert bench.pictures[-1]["mask"].samples == painted
    assert set(bench.pictures[-1]) == {"mask", "keep"}


def test_a_mask_cut_by_a_selection_is_somebodys(bench: Bench) -> None:
    image = bench.gimp.open("picture")
    image.select((1, 1))
    assert NAME not in correct(bench, image, "mask").parasites
    assert NAME in correct(bench, image, "mask", **{"inside-selection": False}).parasites


def test_the_selection_in_a_layer_that_lies_elsewhere(bench: Bench) -> None:
    image = bench.gimp.open("picture")
    image.layers[0].set_offsets(-2, 3)
    image.select((0, 3), (5, 5), (0, 0))
    correct(bench, image, "keep-selected")
    assert bench.pictures[0]["keep"].samples == plane((2, 0), (7, 2))


def test_refine_the_mask(bench: Bench) -> None:
    image = bench.gimp.open("picture")
    layer = image.layers[0]
    with pytest.raises(fake.Failed, match="The layer has no mask that could be refined"):
        correct(bench, image, "refine-mask")
    layer.add_mask(layer.create_mask(0))
    layer.mask.written = bytes(range(48))
    bench.answers = [bytes([5] * 48)]
    correct(bench, image, "refine-mask", **{"edge-shift": "2px"})
    assert layer.mask.written == bytes([5] * 48)
    assert bench.pictures[0]["mask"].samples == bytes(range(48))
    assert bench.asked[0]["edge_shift"] == "2px"
    assert image.steps == 1


def test_refine_the_selection(bench: Bench) -> None:
    image = bench.gimp.open("picture")
    image.select((1, 1), (2, 1))
    correct(bench, image, "refine-selection")
    assert bench.pictures[0]["mask"].samples == plane((1, 1), (2, 1))
    assert image.chosen is not None
    assert image.channels == []
    assert image.steps == 1


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("keep-selected", "Select what belongs to the subject first"),
        ("remove-selected", "Select what does not belong to the subject first"),
        ("refine-selection", "Select the subject roughly first"),
    ],
)
def test_nothing_selected(bench: Bench, what: str, said: str) -> None:
    image = bench.gimp.open("picture")
    with pytest.raises(fake.Failed, match=said):
        correct(bench, image, what)
    image.select((0, 0))
    image.layers[0].set_offsets(2, 0)
    with pytest.raises(fake.Failed, match=said):
        correct(bench, image, what)
    assert (image.steps, bench.asked) == (0, [])


def test_samples_of_two_bytes(bench: Bench) -> None:
    from mattekit_gimp.plugin import correcting

    base, before = bytes(range(6)), bytes(6)
    assert correcting._changed(base, before, b"\0\0\0\x09\0\0", 65535) == b"\0\1\0\x09\4\5"
