"""Which layers are worked on."""

from __future__ import annotations

from support.krita import fake
from support.krita.bench import PIXEL, Bench


def test_which_layers(bench: Bench) -> None:
    from mattekit_krita.plugin.layers import chosen

    document = bench.document
    hidden = document.add("Hidden", (0, 0, 1, 1), PIXEL)
    hidden.shown = False
    other = document.add("Other", (0, 0, 1, 1), PIXEL)
    document.root.addChildNode(fake.Node("Levels", "adjustmentlayer"), None)
    mask = fake.Node("Mask", "transparencymask")
    other.addChildNode(mask, None)
    document.active = mask

    class View:
        def selectedNodes(self) -> list[fake.Node]:
            return [bench.layer, mask, other]

    assert chosen(document, "active") == [other]
    assert chosen(document, "selected", View()) == [bench.layer, other]
    assert chosen(document, "selected") == [other]
    assert chosen(document, "all") == [bench.layer, other]
