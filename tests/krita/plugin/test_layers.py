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


def test_a_document_s_selection_stands_for_no_layer(bench: Bench) -> None:
    """As kritarunner has it: nothing is active, and the selection is the topmost node."""
    from mattekit_krita.plugin.layers import chosen

    mask = fake.Node("Selection", "selectionmask")
    bench.document.root.addChildNode(mask, None)
    for active in (None, mask):
        bench.document.active = active
        assert chosen(bench.document, "active") == [bench.layer]


def test_what_was_just_drawn_is_waited_for(bench: Bench) -> None:
    from mattekit_krita.plugin.layers import read

    drawing = fake.Node("Drawing", "vectorlayer")
    bench.document.root.addChildNode(drawing, None)

    def draw() -> None:
        drawing.setPixelData(PIXEL, 1, 2, 1, 1)

    bench.document.waitForDone = draw  # type: ignore[method-assign, assignment]
    assert tuple(read(bench.document, drawing).box) == (1, 2, 2, 3)
