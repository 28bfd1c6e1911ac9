"""The mask of a layer that is to be corrected, and what the document knows of it."""

from __future__ import annotations

from mattekit_bridge.geometry import Box
from support.krita import fake
from support.krita.bench import Bench

BOX = Box(10, 20, 14, 23)


def _mask(bench: Bench, data: bytes = bytes(12)) -> fake.Node:
    mask = fake.Node("Subject", "transparencymask")
    mask.setPixelData(data, *BOX.place)
    bench.layer.children.append(mask)
    return mask


def test_the_mask_in_force(bench: Bench) -> None:
    from mattekit_krita.plugin import masks

    assert masks.of(bench.layer) is None
    bench.layer.children.append(fake.Node("Levels", "filtermask"))
    low, high, hidden = _mask(bench), _mask(bench), _mask(bench)
    hidden.setVisible(False)
    assert masks.of(bench.layer) is high
    assert masks.of(bench.layer, low) is low
    assert masks.of(bench.layer, hidden) is high


def test_a_document_remembers_a_mask_as_long_as_it_is_the_same(bench: Bench) -> None:
    from mattekit_krita.plugin import masks
    from mattekit_krita.plugin.hints import Record

    mask, other = _mask(bench), _mask(bench)
    masks.remember(bench.document, mask, bytes(12), Record({"refine": "best"}))
    (name,) = bench.document.notes
    assert name.startswith("mattekit-mask-")
    assert "{" not in name
    plane = masks.pixels(mask, BOX)
    assert masks.recall(bench.document, mask, plane) == Record({"refine": "best"})
    assert masks.recall(bench.document, mask, b"x" * 12) is None
    assert masks.recall(bench.document, other, plane) is None
