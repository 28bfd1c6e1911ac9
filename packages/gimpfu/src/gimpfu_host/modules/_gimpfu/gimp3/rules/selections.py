"""Selections as 2.8 made them."""

from typing import Any, Sequence

from _gimpfu.gimp3 import signatures, values
from _gimpfu.gimp3.rules.base import RULES, Rule, context, rule


def _selecting(
    call: Any, antialias: int = 1, feather: int = 0, radius: Sequence[float] = (0, 0), **more: Any
) -> Any:
    both = (radius[0], radius[-1])
    return context(call, antialias=antialias, feather=feather, feather_radius=both, **more)


#: Procedures of 2.8 that select, and how GIMP 3 names what they select.
_SHAPES = {
    "gimp-rect-select": "rectangle",
    "gimp-ellipse-select": "ellipse",
    "gimp-round-rect-select": "round-rectangle",
    "gimp-free-select": "polygon",
    "gimp-fuzzy-select": "contiguous-color",
    "gimp-fuzzy-select-full": "contiguous-color",
    "gimp-by-color-select": "color",
    "gimp-by-color-select-full": "color",
}

#: What was an argument and is a setting of the context now.
_SETTINGS = {
    "threshold": "sample_threshold_int",
    "sample-merged": "sample_merged",
    "select-transparent": "sample_transparent",
    "select-criterion": "sample_criterion",
}


def _selection(name: str, shape: str) -> Rule:
    def select(call: Any, *given: Any) -> None:
        signature = signatures.old(name)
        assert signature is not None
        asked = dict(zip((each.name for each in signature.arguments), given))
        asked.pop("num-segs", None)  # the list knows it
        radius = [asked.pop(key) for key in list(asked) if key.startswith("feather-radius")]
        # Rectangles have no antialias.
        how = {key: asked.pop(key, 0) for key in ("antialias", "feather")}
        settings = {}
        if "drawable" in asked:
            settings = {new: asked.pop(old, 0) for old, new in _SETTINGS.items()}
            asked["image"] = values.item(asked["drawable"]).get_image().get_id()
        with _selecting(call, radius=radius, **how, **settings):
            where = {key.replace("-", "_"): value for key, value in asked.items()}
            call("gimp-image-select-" + shape, **where)

    return select


for _name, _shape in _SHAPES.items():
    RULES[_name] = _selection(_name, _shape)


def _select(call: Any, item: int, operation: int = 2) -> None:
    image = values.item(item).get_image().get_id()
    call("gimp-image-select-item", image=image, operation=operation, item=item)


@rule("gimp-selection-load", "gimp-selection-layer-alpha", "gimp-selection-combine")
def _select_item(call: Any, item: int, operation: int = 2) -> None:
    _select(call, item, operation)


@rule("gimp-vectors-to-selection")
def select_path(
    call: Any, path: int, operation: int, antialias: int, feather: int, *radius: float
) -> None:
    with _selecting(call, antialias, feather, radius):
        _select(call, path, operation)
