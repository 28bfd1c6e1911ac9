"""Which object stands for a value of which type.

Calling GIMP makes objects, and objects call GIMP. So that neither has to import the other, the
modules of the objects enter what they make here, and what calls looks it up.
"""

from typing import Any, Callable, Dict

from _gimpfu.backend import Type

Make = Callable[[Any], Any]

_makers: Dict[Type, Make] = {}


def register(type: Type, make: Make) -> None:
    """Say what makes the object for a plain value of a type; `gimp` imports all that do."""
    _makers[type] = make


def make(type: Type, value: Any) -> Any:
    """Return the object for a plain value, or the value itself for a type that needs none."""
    maker = _makers.get(type)
    return value if maker is None else maker(value)
