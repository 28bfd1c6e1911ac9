"""Corrections step by step, with a worker that answers what the test says and a fake Krita."""

from __future__ import annotations

from typing import Any

import pytest

from support.krita import fake
from support.krita.bench import PIXEL, Bench


def selection(*marked: int) -> fake.Selection:
    area = fake.Selection()
    data = bytearray(12)
    for each in marked:
        data[each] = 255
    area.setPixelData(bytes(data), 10, 20, 4, 3)
    return area


def correct(bench: Bench, **hints: Any) -> Any:
    from mattekit_krita.plugin import correcting

    work = bench.jobs.Work(bench.document, bench.layer)
    job = correcting.corrected(work, {"refine": "best"}, bench.settings, **hints)
    return bench.running.run_now(job)


def test_a_fresh_result_with_a_hint(bench: Bench) -> None:
    report = correct(bench, keep=selection(2))
    assert report.what == "Corrected"
    assert bench.sent[0][1:] == ({"refine": "best"}, "pgm")
    assert {name: each.samples[2] for name, each in bench.pictures[0].items()} == {"keep": 255}
    (mask,) = bench.layer.children
    assert mask.data == bench.answer
    assert report.done[0].original is None


def test_a_second_one_begins_where_the_first_ended(bench: Bench) -> None:
    bench.run(options={"refine": "fast"})
    correct(bench, keep=selection(2, 3))
    report = correct(bench, remove=selection(3))
    first, second, third = sorted(bench.layer.children, key=lambda each: each.shown)
    assert (first.shown, second.shown, third.shown) == (False, False, True)
    assert report.done[0].original in (first, second)
    assert bench.sent[-1][1] == {"refine": "fast"}  # as the mask was made
    keep, remove = (bench.pictures[-1][name].samples for name in ("keep", "remove"))
    assert [at for at, value in enumerate(keep) if value] == [2]
    assert [at for at, value in enumerate(remove) if value] == [3]
    assert "mask" not in bench.pictures[-1]


def test_a_mask_that_somebody_painted_on_is_what_counts(bench: Bench) -> None:
    bench.run()
    bench.layer.children[0].data = bytes(range(12))
    correct(bench, keep=selection(2))
    assert bench.pictures[-1]["mask"].samples == bytes(range(12))
    assert bench.sent[-1][1] == {}


def test_the_edge_of_a_mask(bench: Bench) -> None:
    from mattekit_krita.plugin import correcting

    work = bench.jobs.Work(bench.document, bench.layer)
    with pytest.raises(ValueError, match="no visible transparency mask"):
        bench.running.run_now(correcting.refined(work, bench.settings))
    bench.run()
    report = bench.running.run_now(correcting.refined(work, bench.settings))
    assert set(bench.pictures[-1]) == {"mask"}
    assert report.what == "Refined the edge of"


def test_nothing_selected_there(bench: Bench) -> None:
    with pytest.raises(ValueError, match="more than half selected"):
        correct(bench, keep=selection())
    assert not bench.sent


def test_each_subject_is_a_layer(bench: Bench) -> None:
    from mattekit_krita.plugin import correcting

    whole = bytes([200, 60, 30, 255] * 6 + [200, 60, 30, 100] * 4 + [0] * 8)
    one, both = bytes([255] * 6 + [0] * 6), bytes([255] * 6 + [90] * 4 + [0] * 2)
    answers = {"all": whole, "1": one, "2": both}

    def answer() -> None:
        bench.answer = answers[bench.sent[-1][1]["subjects"]]

    bench.meanwhile = answer
    work = bench.jobs.Work(bench.document, bench.layer)
    report = bench.running.run_now(correcting.separated(work, {}, bench.settings))
    assert report.what == "Made 2 layers of"
    (group,) = [each for each in bench.document.root.children if each is not bench.layer]
    assert not bench.layer.shown
    alphas = [bytes(each.data)[3::4] for each in group.children]
    assert sorted(alphas) == [bytes([0] * 6 + [100] * 4 + [0] * 2), one]
    assert PIXEL[:3] in bytes(group.children[0].data)
