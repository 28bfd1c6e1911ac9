"""The menu entries: what they ask, and what they say."""

from __future__ import annotations

import pytest

from mattekit_gimp.installing import PROCEDURES
from support.gimp import fake
from support.gimp.bench import RESULTS, Bench, done
from support.helpers import ROOT


def test_gimp_is_asked_for_every_entry_that_there_is(bench: Bench) -> None:
    assert set(bench.gimp.entries) == set(PROCEDURES)


@pytest.mark.parametrize("result", RESULTS)
def test_all_open_images_ask_what_the_entry_alone_asks(bench: Bench, result: str) -> None:
    """Every option of an entry has the same effect where all images are worked on."""
    alone, _ = bench.gimp.entries[f"plug-in-mattekit-{result}"]
    changed = {
        "type": 2, "refine": "best", "model": "u2net", "semitransparency": False, "specks": 3.0,
        "holes": 4.0, "enclosed": "keep", "decontaminate": False, "crop-margin": "1px",
        "zoom": False, "subjects": "largest", "edge-shift": "1px", "edge-soften": "2px",
        "shadow-type": 1, "shadow-opacity": "40",
    }  # fmt: skip
    given = {each[1]: changed[each[1]] for each in alone[3:]}
    image = bench.gimp.open("picture")
    bench.gimp.call(f"plug-in-mattekit-{result}", image=image, drawable=image.layers[0], **given)
    other = bench.gimp.open("other")
    bench.gimp.images = [other]
    bench.gimp.call("plug-in-mattekit-all-images", result=result, **given)
    first, second = bench.asked
    assert first == second
    assert (image.width, image.height) == (other.width, other.height)
    assert set(changed) >= {each[1] for each in bench.gimp.entries[PROCEDURES[-1]][0][3:]}


@pytest.mark.parametrize("result", RESULTS)
def test_one_image_that_fails_does_not_stop_the_next(bench: Bench, result: str) -> None:
    images = [bench.gimp.open(name) for name in ("first", "second", "third")]
    bench.refuse = {2}
    with pytest.raises(
        fake.Failed, match=r"1 of 3 layers were not done\.\nsecond, Photo: No subject"
    ):
        bench.gimp.call("plug-in-mattekit-all-images", result=result)
    assert [done(result, image) for image in images] == [True, False, True]
    assert images[1].steps == 0


def test_a_result_that_is_none_is_said(bench: Bench) -> None:
    bench.gimp.open("picture")
    with pytest.raises(fake.Failed, match="'nothing' is none of mask, layer, background"):
        bench.gimp.call("plug-in-mattekit-all-images", result="nothing")


def test_the_manual_lists_the_arguments(bench: Bench) -> None:
    manual = (ROOT / "docs/gimp.md").read_text("utf-8")
    rows = [line for line in manual.splitlines() if line.startswith("| `plug-in-mattekit-")]
    assert len(rows) == 8
    names = [each[1] for each in bench.gimp.entries["plug-in-mattekit-crop"][0][2:]]
    assert any(", ".join(names) in row for row in rows)
