"""The picture of what would come of a layer."""

from __future__ import annotations

import pytest

from mattekit_bridge import Picture
from support.gimp import fake
from support.gimp.bench import Bench


def test_a_preview_asks_for_little_and_changes_nothing(bench: Bench) -> None:
    image = bench.gimp.open("picture")
    layer = image.layers[0]
    bench.answers = [bytes([200, 100, 0, 255] * 24 + [0] * 96)]
    width, height, data = bench.gimp.preview(
        "plug-in-mattekit-background",
        image=image,
        drawable=layer,
        color=(10, 20, 30),
        **{"edge-shift": "2px"},
    )
    assert (width, height, len(data)) == (8, 6, 144)
    assert (data[:3], data[-3:]) == (bytes([200, 100, 0]), bytes([10, 20, 30]))
    assert bench.asked[0]["edge_shift"] == "2px"
    assert image.steps == 0
    assert layer.mask is None


def test_why_there_is_none_is_an_error_of_gimp(bench: Bench) -> None:
    image = bench.gimp.open("picture")
    bench.refuse = {1}
    with pytest.raises(fake.Failed, match="No subject"):
        bench.gimp.preview("plug-in-mattekit-mask", image=image, drawable=image.layers[0])


def test_a_smaller_picture(bench: Bench) -> None:
    from mattekit_gimp.plugin.previewing import composite, scaled_lengths, smaller

    deep = Picture(5, 3, 3, 65535, b"".join(bytes([n, 99]) for n in range(45)))
    small = smaller(deep, 3)
    assert (small.width, small.height, small.maximum) == (3, 2, 255)
    assert small.samples == bytes(
        [0, 1, 2, 6, 7, 8, 12, 13, 14, 30, 31, 32, 36, 37, 38, 42, 43, 44]
    )
    lengths = scaled_lengths({"roi": "10px 20px 30px 40px", "refine": "best", "s": "-5%"}, 0.5)
    assert lengths == {"roi": "5px 10px 15px 20px", "refine": "best", "s": "-5%"}
    clear = Picture(9, 1, 4, 255, bytes(36))
    assert composite(clear)[2] == bytes([154] * 24 + [106] * 3)
