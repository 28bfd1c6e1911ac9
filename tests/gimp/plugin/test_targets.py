"""Which layer is meant, and where the worker is to look."""

from __future__ import annotations

from typing import Any

import pytest

from support.gimp import fake
from support.gimp.bench import Bench


def target(bench: Bench, drawable: Any, image: Any) -> Any:
    from mattekit_gimp.plugin import targets

    return targets.target_of(image, drawable)


def test_what_is_no_layer_is_refused(bench: Bench) -> None:
    image = bench.gimp.open("picture")
    floating = fake.Layer(image, "floating", 2, 2)
    floating.is_floating_sel = True
    channel = fake.Channel(image, "channel", 2, 2)
    for drawable, said in (
        (None, "No layer is chosen"),
        (channel, "A channel is active"),
        (floating, "Anchor the floating selection first"),
    ):
        with pytest.raises(Exception, match=said):
            target(bench, drawable, image)


def test_where_the_worker_looks(bench: Bench) -> None:
    from mattekit_gimp.plugin import targets

    image = bench.gimp.open("picture")
    image.layers[0].set_offsets(-2, 1)
    chosen = target(bench, image.layers[0], image)
    assert chosen.rect == (-2, 1, 6, 7)
    request = targets.Request(None, {"refine": "best"}, True, {}, lambda done, what: None)
    assert targets.options_of(chosen, request) == {"refine": "best"}
    image.select((0, 0))
    # The whole canvas, as far as the layer reaches.
    assert targets.options_of(chosen, request)["roi"] == "2px 0px 8px 5px"
    assert "roi" not in targets.options_of(chosen, request._replace(selected=False))


def test_one_step_ends_whatever_happens(bench: Bench) -> None:
    from mattekit_gimp.plugin import targets

    image = bench.gimp.open("picture")
    with pytest.raises(ValueError, match="wrong"), targets.one_step(image):
        raise ValueError("wrong")
    assert image.steps == 1
