"""Transformations whose settings are in the context now."""

from typing import Any, Dict, Sequence

from _gimpfu.gimp3.rules.base import RULES, Rule, context, rule

_INTERPOLATION_NONE, _INTERPOLATION_CUBIC = 0, 2
_TRANSFORMS: Dict[str, Sequence[str]] = {
    "flip": ("x0", "y0", "x1", "y1"),
    "perspective": ("x0", "y0", "x1", "y1", "x2", "y2", "x3", "y3"),
    "rotate": ("angle", "auto_center", "center_x", "center_y"),
    "scale": ("x0", "y0", "x1", "y1"),
    "shear": ("shear_type", "magnitude"),
    "2d": ("source_x", "source_y", "scale_x", "scale_y", "angle", "dest_x", "dest_y"),
    "matrix": tuple("coeff_%d_%d" % (i, j) for i in range(3) for j in range(3)),
}
_SIMPLE: Dict[str, Sequence[str]] = {
    "flip-simple": ("flip_type", "auto_center", "axis"),
    "rotate-simple": ("rotate_type", "auto_center", "center_x", "center_y"),
}


def run_transform(call: Any, kind: str, item: int, given: Dict[str, Any], **settings: Any) -> int:
    with context(call, **settings):
        return int(call("gimp-item-transform-" + kind, item=item, **given)[0])


def _explicit_transform(kind: str, names: Sequence[str]) -> Rule:
    def transform(call: Any, item: int, *numbers: Any) -> int:
        direction, interpolation, _, _, clip = numbers[len(names) :]
        how = {"transform_direction": direction, "interpolation": min(interpolation, 4)}
        given = dict(zip(names, numbers))
        return run_transform(call, kind, item, given, transform_resize=clip, **how)

    return transform


def _default_transform(kind: str, names: Sequence[str]) -> Rule:
    def transform(call: Any, item: int, *numbers: Any) -> int:
        interpolate, clip = numbers[len(names) :]
        how = {} if interpolate else {"interpolation": _INTERPOLATION_NONE}
        given = dict(zip(names, numbers))
        return run_transform(call, kind, item, given, transform_resize=clip, **how)

    return transform


def _simple_transform(kind: str, names: Sequence[str]) -> Rule:
    def transform(call: Any, item: int, *numbers: Any) -> int:
        given = dict(zip(names, numbers))
        return run_transform(call, kind, item, given, transform_resize=numbers[len(names)])

    return transform


for _kind, _names in _TRANSFORMS.items():
    RULES["gimp-drawable-transform-" + _kind] = _explicit_transform(_kind, _names)
    RULES["gimp-drawable-transform-%s-default" % _kind] = _default_transform(_kind, _names)
for _kind, _names in _SIMPLE.items():
    RULES["gimp-drawable-transform-" + _kind] = _simple_transform(_kind, _names)


def _old_transform(kind: str, names: Sequence[str]) -> Rule:
    def transform(call: Any, item: int, interpolate: int, *numbers: Any) -> int:
        how = {"interpolation": _INTERPOLATION_CUBIC if interpolate else _INTERPOLATION_NONE}
        given = dict(zip(names, numbers))
        if kind == "rotate":
            given.update(auto_center=1, center_x=0, center_y=0)
        return run_transform(call, kind, item, given, transform_resize=0, **how)

    return transform


for _kind, _old in (("rotate", "rotate"), ("scale", "scale"), ("shear", "shear"), ("2d", "2d")):
    _short = "gimp-transform-2d" if _old == "2d" else "gimp-" + _old
    _kept = _TRANSFORMS[_kind][:1] if _kind == "rotate" else _TRANSFORMS[_kind]
    RULES[_short] = _old_transform(_kind, _kept)
RULES["gimp-perspective"] = _old_transform("perspective", _TRANSFORMS["perspective"])


@rule("gimp-flip")
def _flip(call: Any, item: int, kind: int) -> int:
    given: Dict[str, Any] = {"flip_type": kind, "auto_center": 1, "axis": 0.0}
    return run_transform(call, "flip-simple", item, given, transform_resize=0)


@rule("gimp-image-scale-full")
def _image_scale(call: Any, image: int, width: int, height: int, interpolation: int) -> None:
    with context(call, interpolation=min(interpolation, 4)):
        call("gimp-image-scale", image=image, new_width=width, new_height=height)


@rule("gimp-layer-scale-full")
def _layer_scale(
    call: Any, layer: int, width: int, height: int, local: int, interpolation: int
) -> None:
    with context(call, interpolation=min(interpolation, 4)):
        size = {"new_width": width, "new_height": height}
        call("gimp-layer-scale", layer=layer, local_origin=local, **size)
