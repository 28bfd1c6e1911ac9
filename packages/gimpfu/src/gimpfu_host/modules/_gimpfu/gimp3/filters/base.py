"""What every filter needs: its description, its place in the table, common arguments."""

from typing import Any, Callable, Dict, NamedTuple, Sequence, Tuple

from _gimpfu.gimp3 import values


class Filter(NamedTuple):
    """An operation, its properties, and the ids of drawables that it looks at."""

    operation: str
    properties: Dict[str, Any]
    aux: Sequence[int] = ()


Make = Callable[..., Any]

#: By the name in 2.10.
FILTERS: Dict[str, Make] = {}


def register(name: str, make: Make) -> None:
    """Enter the maker of a filter. Raises ValueError for a name that has one already."""
    if name in FILTERS:
        raise ValueError("%s is registered twice" % name)
    FILTERS[name] = make


def registered(*names: str) -> Callable[[Make], Make]:
    """Register a function under these names."""

    def keep(make: Make) -> Make:
        for name in names:
            register(name, make)
        return make

    return keep


def simple(operation: str, *keys: str) -> Make:
    """Return a maker for an operation whose properties are the arguments, in their order."""

    def make(drawable: Any, *given: Any) -> Filter:
        return Filter(operation, {key: v for key, v in zip(keys, given) if key})

    return make


def either(names: str, number: int) -> str:
    """Return one of several words by its number; the last for a number beyond."""
    words = names.split()
    return words[number if 0 <= number < len(words) else -1]


def opaque(value: Sequence[float]) -> Any:
    """Return a colour of GIMP's without transparency."""
    return values.color((*value[:3], 1.0))


def share(drawable: Any, x: float, y: float) -> Tuple[float, float]:
    """Return a place in pixels as a share of the drawable."""
    return x / drawable.get_width(), y / drawable.get_height()
