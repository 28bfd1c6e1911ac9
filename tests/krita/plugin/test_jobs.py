"""Jobs step by step, with a worker that answers what the test says and a fake Krita."""

from __future__ import annotations

from typing import Any

import pytest

import mattekit_bridge as bridge
from mattekit.options import OPTIONS, Options
from mattekit_hosts.declarations import declaration
from support.krita import fake
from support.krita.bench import PIXEL, Bench
from support.tiers import spread


def test_a_mask(bench: Bench) -> None:
    (done,) = bench.run(options={"refine": "best"}).done
    assert bench.sent[0][0] == bridge.Picture(4, 3, 4, 255, PIXEL * 12, bgra=True)
    assert bench.sent[0][1:] == ({"refine": "best"}, "pgm")
    (mask,) = bench.layer.children
    assert mask is done.result
    assert (mask.type(), mask.box, mask.data) == ("transparencymask", (10, 20, 4, 3), bench.answer)
    assert tuple(done.box) == (11, 20, 13, 22)
    assert bench.layer.shown


def test_a_mask_leaves_the_layer_s_own_alpha_to_the_layer(bench: Bench) -> None:
    bench.layer.data = bytes([30, 60, 200, 100]) * 12
    bench.answer = bytes([100, 50, 0] * 4)  # already times the layer's alpha
    bench.run()
    assert bench.layer.children[0].data == bytes([255, 128, 0] * 4)


def test_the_selection_is_the_region_and_keeps_its_soft_edge(bench: Bench) -> None:
    area = fake.Selection()
    area.setPixelData(bytes([255, 0, 128] * 4), 10, 20, 4, 3)
    bench.document.chosen = area
    bench.answer = bytes([200] * 12)
    bench.run(result="selection")
    assert bench.sent[0][1] == {"roi": "0px 0px 4px 3px"}
    assert bench.document.chosen is not area
    assert bench.document.chosen.data == bytes([200, 0, 100] * 4)


def test_several_layers_make_one_selection(bench: Bench) -> None:
    other = bench.document.add("Other", (10, 20, 4, 3), PIXEL * 12)
    answers = [bytes([200, 0, 0] * 4), bytes([0, 0, 90] * 4)]
    bench.answer = answers[0]
    bench.meanwhile = lambda: setattr(bench, "answer", answers[len(bench.sent) - 1])
    bench.run(bench.layer, other, result="selection")
    assert bench.document.chosen is not None
    assert bench.document.chosen.data == bytes([200, 0, 90] * 4)
    assert "roi" not in bench.sent[1][1]  # the first result is no region for the second


def test_a_selection_elsewhere_is_said(bench: Bench) -> None:
    area = fake.Selection()
    area.setPixelData(b"", 50, 50, 4, 3)
    bench.document.chosen = area
    ((name, why),) = bench.run().failed
    assert name == "Photo"
    assert "does not touch the layer" in why
    assert not bench.sent


def test_colours_that_the_layer_hid_already_are_kept(bench: Bench) -> None:
    # The worker takes the border of what is hidden for one of the subject, and cleans it.
    hidden = bytes([30, 60, 200, 0])
    bench.layer.data = PIXEL * 6 + hidden * 6
    bench.answer = PIXEL * 6 + bytes(4) * 6
    bench.run(result="layer")
    assert "keep_color" not in bench.sent[0][1]
    assert bench.document.root.children[-1].data == PIXEL * 6 + hidden * 6


@pytest.mark.parametrize("selected", [False, True])
def test_a_layer_and_what_hides(bench: Bench, selected: bool) -> None:
    # The worker cleaned the first pixel, left the others, and made the last invisible.
    hidden = bytes(4) if selected else bytes([30, 60, 200, 0])
    bench.answer = bytes([3, 2, 1, 128]) + PIXEL * 10 + hidden
    if selected:  # so that it is put together here
        bench.document.chosen = fake.Selection()
        bench.document.chosen.setPixelData(b"\xff" * 12, 10, 20, 4, 3)
    bench.run(result="layer", color="ff8800")
    assert ("keep_color" in bench.sent[0][1]) is not selected
    original, group = bench.document.root.children
    assert not original.shown
    assert original.data == PIXEL * 12
    color, subject = group.children
    assert color.data == bytes([0, 0x88, 0xFF, 255]) * 10_000
    assert subject.data == bytes([3, 2, 1, 128]) + PIXEL * 10 + bytes([30, 60, 200, 0])
    assert subject.box == (10, 20, 4, 3)


def test_one_that_fails_does_not_stop_the_next(bench: Bench) -> None:
    empty = bench.document.add("Empty", (0, 0, 0, 0), b"")
    odd = bench.document.add("Filter", (0, 0, 9, 9), b"")
    odd._kind = "adjustmentlayer"
    report = bench.run(empty, odd, bench.layer)
    assert [name for name, _ in report.failed] == ["Empty", "Filter"]
    assert [done.layer for done in report.done] == ["Photo"]


CHANGED = {
    "type": "person", "model": "u2net", "device": "cpu", "refine": "best",
    "zoom": "false", "subjects": "largest", "edge_shift": "2px", "edge_soften": "1px",
    "semitransparency": "false", "decontaminate": "false", "specks": "3%", "holes": "4%",
    "enclosed": "keep", "shadow_type": "drop", "shadow_opacity": "40", "bg_color": "ff8800",
    "crop": "true", "crop_margin": "2px",
}  # fmt: skip


@pytest.mark.parametrize("names", spread([*([name] for name in CHANGED), [], list(CHANGED)], 4))
@pytest.mark.parametrize("result", ["mask", "selection", "layer"])  # a file needs a real Krita
def test_every_option_with_every_result(bench: Bench, result: str, names: list[str]) -> None:
    """The dialog gives every option to every result: what it does not concern is left out."""
    from mattekit_krita.plugin import requests

    assert set(CHANGED) == set(requests.KEPT)
    declared = [declaration(option) for option in OPTIONS.values()]
    bench.answer = PIXEL * 12 if result == "layer" else bytes([200] * 12)
    values = {
        each["name"]: each["default"] for each in declared if each["name"] in requests.KEPT
    } | {name: CHANGED[name] for name in names}
    request = requests.request_of(declared, result, "active", values)
    report = bench.running.run_now(
        bench.jobs.job([bench.jobs.Work(bench.document, bench.layer)], request, bench.settings),
        lambda share, text: None,
    )
    assert not report.failed
    sent = bench.sent[0][1]
    ours = {"bg_color", "crop", "crop_margin"}
    if result == "layer":
        assert set(sent) == {*names, "keep_color"} - ours
    else:
        assert set(sent) == set(names) - ours - {"shadow_type", "shadow_opacity", "decontaminate"}
    Options.parse(sent)  # the worker takes them
    cropped = bench.document.size != (100, 100)
    assert cropped is ("crop" in names)


def test_the_canvas_is_cropped_to_all_subjects(bench: Bench) -> None:
    other = bench.document.add("Other", (40, 50, 4, 3), PIXEL * 12)
    bench.run(bench.layer, other, crop=True, margin="10px")
    assert bench.document.size == (43 - 11 + 20, 52 - 20 + 20)


@pytest.mark.parametrize(
    "change",
    [
        lambda bench: bench.layer.remove(),
        lambda bench: setattr(bench.layer, "box", (11, 20, 4, 3)),
    ],
)
def test_a_layer_that_was_changed_meanwhile_is_left_alone(bench: Bench, change: Any) -> None:
    bench.meanwhile = lambda: change(bench)
    report = bench.run()
    assert not report.done
    assert "layer" in report.failed[0][1]
    assert not bench.layer.children


def test_a_closed_document_is_left_alone(bench: Bench) -> None:
    from krita import Krita

    bench.meanwhile = Krita.open.clear
    assert "nothing was changed" in bench.run().failed[0][1]


def test_a_worker_that_ends_ends_the_job(bench: Bench) -> None:
    bench.answer = bridge.WorkerGone("reset")
    with pytest.raises(bridge.WorkerGone):
        bench.run()
    assert not bench.layer.children
    assert bench.layer.shown


def test_cancel(bench: Bench) -> None:
    with pytest.raises(bridge.Canceled):
        bench.run(tell=lambda share, text: text != "Looking")
    assert not bench.layer.children


@pytest.mark.parametrize("wrong", [{"color": "no color"}, {"margin": "90%"}])
def test_wrong_values_are_found_before_anything_is_read(bench: Bench, wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"color|margin|colour"):
        bench.run(**wrong)
    assert not bench.sent
