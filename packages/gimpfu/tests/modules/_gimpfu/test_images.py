"""Images as objects."""

from __future__ import annotations

from typing import Any

import pytest

from front import layer


def test_an_image_knows_its_size_and_its_layers(loaded: Any) -> None:
    made = layer(loaded, 20, 10)
    image = loaded.gimp.Image.of(1)
    assert image.width == 20
    assert image.layers == [made]


@pytest.fixture
def called(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the images ask of GIMP, which answers 1 to everything."""
    from _gimpfu import images

    kept: list[tuple[Any, ...]] = []
    monkeypatch.setattr(images, "call", lambda *given: kept.append(given) or 1)
    return kept


@pytest.mark.parametrize(
    ("method", "values", "procedure", "passed"),
    [
        ("resize", (4, 3), "gimp-image-resize", (4, 3, 0, 0)),
        ("crop", (4, 3, 1, 2), "gimp-image-crop", (4, 3, 1, 2)),
        ("insert_layer", ("L",), "gimp-image-insert-layer", ("L", None, -1)),
        ("add_layer", ("L", 2), "gimp-image-insert-layer", ("L", None, 2)),
        ("raise_layer", ("L",), "gimp-image-raise-item", ("L",)),
        ("lower_channel", ("C",), "gimp-image-lower-item", ("C",)),
        ("undo_group_start", (), "gimp-image-undo-group-start", ()),
        ("find_next_guide", (0,), "gimp-image-find-next-guide", (0,)),
    ],
)
def test_methods_are_procedures(
    loaded: Any,
    called: list[tuple[Any, ...]],
    method: str,
    values: tuple[Any, ...],
    procedure: str,
    passed: tuple[Any, ...],
) -> None:
    image = loaded.gimp.Image.of(7)
    getattr(image, method)(*values)
    assert called == [(procedure, image, *passed)]


def test_answers_are_of_their_kind(loaded: Any, called: list[tuple[Any, ...]]) -> None:
    image = loaded.gimp.Image.of(7)
    assert image.undo_is_enabled() is True
    assert image.get_component_visible(0) is True
    assert image.add_hguide(5) == 1


def test_colors_of_an_indexed_image_are_bytes(loaded: Any, called: list[tuple[Any, ...]]) -> None:
    image = loaded.gimp.Image.of(7)
    image.colormap = "ab\xff"
    assert called == [("gimp-image-set-colormap", image, 3, b"ab\xff")]
    image.resolution = (300.0, 200.0)
    assert called[-1][2:] == (300.0, 200.0)
