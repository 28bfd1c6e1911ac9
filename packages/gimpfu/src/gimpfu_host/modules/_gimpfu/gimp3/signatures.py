"""What procedures take and return: GIMP 2.10's, from a table, and GIMP 3's in 2.10's terms."""

import functools
import os
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from _gimpfu.backend import Argument, Type
from _gimpfu.gimp3 import values

_FILE = os.path.join(os.path.dirname(__file__), "signatures.txt")
_CODES = {
    "i": Type.INT32,
    "h": Type.INT16,
    "b": Type.INT8,
    "f": Type.FLOAT,
    "s": Type.STRING,
    "i[]": Type.INT32ARRAY,
    "h[]": Type.INT16ARRAY,
    "b[]": Type.INT8ARRAY,
    "f[]": Type.FLOATARRAY,
    "s[]": Type.STRINGARRAY,
    "color": Type.COLOR,
    "color[]": Type.COLORARRAY,
    "item": Type.ITEM,
    "display": Type.DISPLAY,
    "image": Type.IMAGE,
    "layer": Type.LAYER,
    "channel": Type.CHANNEL,
    "drawable": Type.DRAWABLE,
    "selection": Type.SELECTION,
    "vectors": Type.VECTORS,
    "parasite": Type.PARASITE,
    "status": Type.STATUS,
}


class Signature(NamedTuple):
    """Arguments and results."""

    arguments: Sequence[Argument]
    results: Sequence[Argument]


_lines: Dict[str, str] = {}


def names() -> List[str]:
    """Return the names of 2.10's procedures."""
    if not _lines:
        with open(_FILE, encoding="ascii") as file:
            for line in file:
                if not line.startswith("#"):
                    name, rest = line.split(" ", 1)
                    _lines[name] = rest
    return list(_lines)


@functools.lru_cache(maxsize=None)
def old(name: str) -> Optional[Signature]:
    """Return what a procedure of 2.10 takes, None where it had none of this name."""
    names()
    if name not in _lines:
        return None
    arguments, results = _lines[name].split(">")
    return Signature(_parsed(arguments), _parsed(results))


def _parsed(text: str) -> List[Argument]:
    pairs = [word.split(":", 1) for word in text.split()]
    return [Argument(_CODES[code], name, "") for code, name in pairs]


def is_image_procedure(procedure: Any) -> bool:
    """Whether it takes what GIMP 3 gives to every plug-in that works on an image."""
    found = [(spec.name, spec.value_type.name) for spec in procedure.get_arguments()[:3]]
    return found == [
        ("run-mode", "GimpRunMode"),
        ("image", "GimpImage"),
        ("drawables", "GimpCoreObjectArray"),
    ]


# What a plug-in registered is noted in the last line of its procedure's help.
_MARK = "gimpfu:"


def with_note(help: str, signature: Signature) -> str:
    """Return a help text with the signature that was registered in its last line."""
    codes = {type: code for code, type in _CODES.items()}
    inputs, outputs = (
        " ".join("%s:%s" % (codes[one.type], one.name.replace("_", "-")) for one in arguments)
        for arguments in signature
    )
    return "%s\n%s %s > %s" % (help.rstrip(), _MARK, inputs, outputs)


def _registered(procedure: Any) -> Optional[Signature]:
    lines = (procedure.get_help() or "").splitlines()
    if not lines or not lines[-1].startswith(_MARK):
        return None
    arguments, results = lines[-1][len(_MARK) :].split(">")
    return Signature(_parsed(arguments), _parsed(results))


def new(procedure: Any) -> Signature:
    """Return what a procedure of GIMP 3 would take in 2.10: counts, a single drawable, ids.

    One that was registered through gimpfu takes what was registered.
    """
    registered = _registered(procedure)
    if registered is not None:
        return registered
    single = is_image_procedure(procedure)
    arguments: List[Argument] = []
    for spec in procedure.get_arguments():
        if single and spec.name == "drawables":
            arguments.append(Argument(Type.DRAWABLE, "drawable", spec.blurb or ""))
        else:
            _add(arguments, spec)
    results: List[Argument] = []
    for spec in procedure.get_return_values():
        _add(results, spec)
    return Signature(arguments, results)


def _add(arguments: List[Argument], spec: Any) -> None:
    kind = values.type_of(spec)
    if kind is None:
        return
    if kind in values.ARRAYS:
        arguments.append(Argument(Type.INT32, "num-" + spec.name, ""))
    arguments.append(Argument(kind, spec.name, spec.blurb or spec.nick or ""))


def without_counts(
    arguments: Sequence[Argument], kept_names: Sequence[str] = ()
) -> List[Tuple[int, Argument]]:
    """Return the arguments with their positions, those left out that only count the next one.

    A plug-in that registered a count is given it all the same: `kept_names` stay.
    """
    kept = []
    for i, argument in enumerate(arguments):
        follower = arguments[i + 1].type if i + 1 < len(arguments) else None
        counts = argument.type is Type.INT32 and follower in values.ARRAYS
        if not counts or argument.name in kept_names:
            kept.append((i, argument))
    return kept


def with_counts(results: Sequence[Argument], found: Sequence[Any]) -> List[Any]:
    """Return values for all results, given those of the results without counts."""
    places = [i for i, _ in without_counts(results)]
    filled: List[Any] = [None] * len(results)
    for place, value in zip(places, found):
        filled[place] = value
        if results[place].type in values.ARRAYS:
            filled[place - 1] = len(value)
    return filled
