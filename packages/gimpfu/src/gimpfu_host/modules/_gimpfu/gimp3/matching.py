"""Which argument of a 2.10 procedure is which of its GIMP 3 successor."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from _gimpfu.backend import Argument, Type
from _gimpfu.gimp3 import values

_NUMBERS = (Type.INT32, Type.INT16, Type.INT8)
# GIMP 3's type of a property -> what 2.10 had in its place.
_ACCEPTED = {
    "gdouble": (Type.FLOAT, *_NUMBERS),
    "gint": (*_NUMBERS, Type.FLOAT),
    "guint": _NUMBERS,
    "guchar": _NUMBERS,
    "gboolean": _NUMBERS,
    "gchararray": (Type.STRING,),
    "GimpItem": (Type.ITEM, Type.DRAWABLE, Type.LAYER, Type.CHANNEL, Type.VECTORS),
    "GimpDrawable": (Type.DRAWABLE, Type.ITEM, Type.LAYER, Type.CHANNEL),
    "GimpLayer": (Type.LAYER, Type.ITEM, Type.DRAWABLE),
    "GimpTextLayer": (Type.LAYER,),
    "GimpGroupLayer": (Type.LAYER,),
    "GimpChannel": (Type.CHANNEL, Type.ITEM, Type.DRAWABLE),
    "GimpLayerMask": (Type.CHANNEL,),
    "GimpPath": (Type.VECTORS, Type.ITEM),
    "GimpSelection": (Type.SELECTION, Type.CHANNEL),
}
# 2.10 gave every file's name twice, as it was typed and as it was meant.
_TWICE = ("raw-filename", "raw-uri", "raw-file")


class Pair(NamedTuple):
    """A property of GIMP 3 and where its value comes from.

    `source` is the position of 2.10's argument; `single` says that 2.10 had one where GIMP 3 has a
    list.
    """

    spec: Any
    source: int
    single: bool = False


class Match(NamedTuple):
    """The pairs, and the positions of 2.10's arguments that have no successor."""

    pairs: List[Pair]
    unmatched: List[int]


def match(
    olds: Sequence[Tuple[int, Argument]],
    specs: Sequence[Any],
    sources: Optional[Dict[str, str]] = None,
    constants: Sequence[str] = (),
    dropped: Sequence[str] = (),
) -> Match:
    """Pair arguments by name, then by order and type.

    Parameters
    ----------
    olds : sequence of (position, Argument)
        2.10's, without counts.
    specs : sequence of GParamSpec
        GIMP 3's.
    sources : dict of str to str, optional
        GIMP 3's name -> 2.10's, where neither name nor order tells.
    constants : sequence of str
        GIMP 3's names that get their value elsewhere.
    dropped : sequence of str
        2.10's names that have no successor.
    """
    left = [(i, old) for i, old in olds if old.name not in dropped]
    pairs: List[Pair] = []
    open_specs = [spec for spec in specs if spec.name not in constants]
    done: Set[str] = set()
    for rule in (_named(sources or {}), _same_name, _same_letters):
        for spec in open_specs:
            if spec.name in done:
                continue
            for place, (i, old) in enumerate(left):
                if not rule(old, spec):
                    continue
                fit = _fits(old, spec)
                if fit is None and spec.name in (sources or {}):
                    fit = False  # who wrote the table knew
                if fit is not None:
                    pairs.append(Pair(spec, i, fit))
                    done.add(spec.name)
                    del left[place]
                    break
    rest = [spec for spec in open_specs if spec.name not in done]
    unmatched = [i for i, old in left if all(_fits(old, spec) is None for spec in rest)]
    left = [(i, old) for i, old in left if i not in unmatched and old.name not in _TWICE]
    unmatched = [i for i, old in olds if i in unmatched and old.name not in _TWICE]
    for spec in open_specs:
        if spec.name in done or not left:
            continue
        fit = _fits(left[0][1], spec)
        if fit is not None:
            pairs.append(Pair(spec, left[0][0], fit))
            del left[0]
    return Match(pairs, unmatched + [i for i, _ in left])


def _named(sources: Dict[str, str]) -> Any:
    return lambda old, spec: sources.get(spec.name) == old.name


def _same_name(old: Argument, spec: Any) -> bool:
    return bool(old.name == spec.name)


def _same_letters(old: Argument, spec: Any) -> bool:
    return bool(_letters(old.name) == _letters(spec.name))


def _letters(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _fits(old: Argument, spec: Any) -> Optional[bool]:
    """Return None where it does not fit, else whether a list gets a single thing."""
    kind = spec.value_type.name
    if kind == "GimpCoreObjectArray":
        element = _element(spec)
        if old.type is Type.INT32ARRAY and element not in values.RESOURCES:
            return False
        if old.type is Type.STRINGARRAY and element in values.RESOURCES:
            return False
        return True if old.type in _ACCEPTED.get(element, ()) else None
    if spec.__gtype__.name in ("GParamEnum", "GimpParamChoice") and old.type in _NUMBERS:
        return False
    accepted = _ACCEPTED.get(kind)
    if accepted is None:
        meant = values.type_of(spec)
        accepted = () if meant is None else (meant,)
    return False if old.type in accepted else None


def _element(spec: Any) -> str:
    """Return the type of a list's elements."""
    from gi.repository import Gimp

    return str(Gimp.param_spec_core_object_array_get_object_type(spec).name)
