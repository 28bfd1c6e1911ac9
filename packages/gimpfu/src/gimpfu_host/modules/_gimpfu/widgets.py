"""The PF_* numbers of gimpfu and the argument types that they stand for."""

from typing import Any, Dict, List, Tuple

from _gimpfu.backend import Type

__all__ = [
    "PF_ADJUSTMENT",
    "PF_BOOL",
    "PF_BRUSH",
    "PF_CHANNEL",
    "PF_COLOR",
    "PF_COLOUR",
    "PF_DIRNAME",
    "PF_DISPLAY",
    "PF_DRAWABLE",
    "PF_FILE",
    "PF_FILENAME",
    "PF_FLOAT",
    "PF_FONT",
    "PF_GRADIENT",
    "PF_IMAGE",
    "PF_INT",
    "PF_INT8",
    "PF_INT16",
    "PF_INT32",
    "PF_ITEM",
    "PF_LAYER",
    "PF_OPTION",
    "PF_PALETTE",
    "PF_PATTERN",
    "PF_RADIO",
    "PF_SLIDER",
    "PF_SPINNER",
    "PF_STRING",
    "PF_TEXT",
    "PF_TOGGLE",
    "PF_VALUE",
    "PF_VECTORS",
]

PF_INT8 = int(Type.INT8)
PF_INT16 = int(Type.INT16)
PF_INT32 = int(Type.INT32)
PF_INT = PF_INT32
PF_FLOAT = int(Type.FLOAT)
PF_STRING = int(Type.STRING)
PF_VALUE = PF_STRING
PF_COLOR = int(Type.COLOR)
PF_COLOUR = PF_COLOR
PF_ITEM = int(Type.ITEM)
PF_DISPLAY = int(Type.DISPLAY)
PF_IMAGE = int(Type.IMAGE)
PF_LAYER = int(Type.LAYER)
PF_CHANNEL = int(Type.CHANNEL)
PF_DRAWABLE = int(Type.DRAWABLE)
PF_VECTORS = int(Type.VECTORS)

PF_TOGGLE = 1000
PF_BOOL = PF_TOGGLE
PF_SLIDER = 1001
PF_SPINNER = 1002
PF_ADJUSTMENT = PF_SPINNER
PF_FONT = 1003
PF_FILE = 1004
PF_BRUSH = 1005
PF_PATTERN = 1006
PF_GRADIENT = 1007
PF_RADIO = 1008
PF_TEXT = 1009
PF_PALETTE = 1010
PF_FILENAME = 1011
PF_DIRNAME = 1012
PF_OPTION = 1013

# The plain types stand for themselves.
TYPES: Dict[int, Type] = {
    **{int(type): type for type in Type},
    PF_TOGGLE: Type.INT32,
    PF_SLIDER: Type.FLOAT,
    PF_SPINNER: Type.INT32,
    PF_FONT: Type.STRING,
    PF_FILE: Type.STRING,
    PF_BRUSH: Type.STRING,
    PF_PATTERN: Type.STRING,
    PF_GRADIENT: Type.STRING,
    PF_RADIO: Type.STRING,
    PF_TEXT: Type.STRING,
    PF_PALETTE: Type.STRING,
    PF_FILENAME: Type.STRING,
    PF_DIRNAME: Type.STRING,
    PF_OPTION: Type.INT32,
}


def choices(widget: Any, extra: Any) -> List[Tuple[str, str]]:
    """Return labels and values among which a PF_STRING is chosen; none where it is typed.

    Beyond the original: its fifth part. What is chosen is a text all the same, and another one may
    be given where nobody is asked.
    """
    if widget != PF_STRING or not isinstance(extra, (list, tuple)):
        return []
    pairs = [each for each in extra if isinstance(each, (list, tuple)) and len(each) == 2]
    return [(str(label), str(value)) for label, value in pairs]
