"""Every result with every kind of layer, with a GIMP of a few dozen lines."""

from __future__ import annotations

from typing import Any

import pytest

from mattekit.options import Options
from support.gimp import fake
from support.gimp.bench import RESULTS, Bench, done

LAYERS: dict[str, dict[str, Any]] = {
    "RGB": {},
    "gray": {"is_gray": True, "pixel_format": "Y' u8"},
    "indexed": {"is_indexed": True, "pixel_format": "babl-indexed-1"},
}


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("result", [*RESULTS, "background"])
def test_an_entry_does_what_it_is_called(bench: Bench, result: str, kind: str) -> None:
    image = bench.gimp.open("picture", **LAYERS[kind])
    bench.gimp.call(f"plug-in-mattekit-{result}", image=image, drawable=image.layers[0])
    assert done(result, image)
    assert image.steps == 1
    (asked,) = bench.asked
    assert (
        Options.parse(asked) == Options()
    )  # every default is the core's, and every name an option


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("result", RESULTS)
def test_all_open_images_have_every_result(bench: Bench, result: str, kind: str) -> None:
    images = [bench.gimp.open(name, **LAYERS[kind]) for name in ("first", "second")]
    bench.gimp.call("plug-in-mattekit-all-images", result=result)
    assert all(done(result, image) for image in images)
    assert [image.steps for image in images] == [1, 1]


@pytest.mark.parametrize("margin", ["a lot", "10", "1px 2px 3px"])
@pytest.mark.parametrize("entry", ["crop", "all-images"])
def test_a_margin_that_is_none_is_said(bench: Bench, entry: str, margin: str) -> None:
    image = bench.gimp.open("picture")
    given = {"result": "crop"} if entry == "all-images" else {"drawable": image.layers[0]}
    if entry == "crop":
        given["image"] = image
    with pytest.raises(fake.Failed, match=f'The margin "{margin}" is none'):
        bench.gimp.call(f"plug-in-mattekit-{entry}", **{"crop-margin": margin}, **given)
    assert not bench.asked
