"""Calling GIMP with objects and getting objects back."""

from typing import Any, Callable, Dict, List, Optional, Sequence

from _gimpfu.backend import Argument, CallFailed, NoSuchProcedure
from _gimpfu.convert import from_value, to_value
from _gimpfu.errors import NoProcedure, error
from _gimpfu.host import backend

#: What has to be done before GIMP looks at its data: pixels that are still held here go back.
before: List[Callable[[], None]] = []

#: Procedures that are answered here where that can be, without asking GIMP: a function that gets
#: the arguments and returns the results, or None where GIMP has to say what is wrong.
local: Dict[str, Callable[[Sequence[Any]], Optional[List[Any]]]] = {}

#: Procedures that neither look at a layer's pixels nor change them, nor what pixels a drawable has:
#: plug-ins call them between two pixels. Those of the selection see it as GIMP has it, as ever.
_UNCONCERNED = frozenset(
    [
        "gimp-context-get-background",
        "gimp-context-get-foreground",
        "gimp-drawable-bpp",
        "gimp-drawable-has-alpha",
        "gimp-drawable-height",
        "gimp-drawable-is-gray",
        "gimp-drawable-is-indexed",
        "gimp-drawable-is-rgb",
        "gimp-drawable-offsets",
        "gimp-drawable-type",
        "gimp-drawable-width",
        "gimp-image-base-type",
        "gimp-image-get-active-drawable",
        "gimp-image-get-active-layer",
        "gimp-image-get-layers",
        "gimp-image-get-selection",
        "gimp-image-height",
        "gimp-image-width",
        "gimp-item-get-image",
        "gimp-item-get-name",
        "gimp-item-get-visible",
        "gimp-layer-get-mask",
        "gimp-progress-pulse",
        "gimp-progress-set-text",
        "gimp-progress-update",
        "gimp-selection-bounds",
        "gimp-selection-is-empty",
        "gimp-selection-value",
    ]
)

_STARTS = ("gimp-image-undo-group-start", "gimp-undo-push-group-start")
_ENDS = ("gimp-image-undo-group-end", "gimp-undo-push-group-end")

#: Images whose undo groups this plug-in has opened and not yet closed.
_groups: List[int] = []


def call(name: str, *objects: Any) -> Any:
    """Call a procedure: None for no result, the one result, or a tuple of them.

    Raises
    ------
    error
        With GIMP's own words, when the procedure fails.
    """
    return unwrap(run(name, objects))


def run(name: str, objects: Sequence[Any]) -> List[Any]:
    """Call a procedure and return its results as a list."""
    answered_here = local[name](objects) if name in local else None
    if answered_here is not None:
        return answered_here
    if name not in _UNCONCERNED:
        for prepare in before:
            prepare()
    try:
        described = backend().describe(name)
        arguments = described.arguments
        if len(objects) != len(arguments):
            raise TypeError(_wrong_count(name, arguments, len(objects)))
        values = [_value(name, argument, each) for argument, each in zip(arguments, objects)]
        answered = backend().call(name, values)
        if name in _STARTS:
            _groups.append(values[0])
        elif name in _ENDS and values[0] in _groups:
            _groups.remove(values[0])
    except NoSuchProcedure as missing:
        raise NoProcedure(no_such(missing)) from None
    except CallFailed as failed:
        raise error(failed.message) from None
    return [from_value(result.type, each) for result, each in zip(described.results, answered)]


def close_undo_groups() -> None:
    """Close what a plug-in that failed has left open, so that one undo takes all of it back."""
    while _groups:
        try:
            backend().call("gimp-image-undo-group-end", [_groups.pop()])
        except CallFailed:  # the image is gone
            continue


def unwrap(results: Sequence[Any]) -> Any:
    """Return results as gimpfu does: none as None, one as itself."""
    if not results:
        return None
    return results[0] if len(results) == 1 else tuple(results)


def no_such(missing: NoSuchProcedure) -> str:
    """Say that a procedure is missing, and what took its place."""
    # The first words are pygimp's, here and below: some plug-ins look for them.
    said = "procedure not found: %s" % missing.name
    return "%s (%s)" % (said, missing.advice) if missing.advice else said


def _value(name: str, argument: Argument, given: Any) -> Any:
    try:
        return to_value(argument.type, given)
    except (TypeError, ValueError, AttributeError) as wrong:
        raise TypeError(
            "wrong parameter type: %s of %s cannot be %r: %s" % (argument.name, name, given, wrong)
        ) from None


def _wrong_count(name: str, arguments: Sequence[Argument], given: int) -> str:
    names = ", ".join(argument.name for argument in arguments)
    taken = (name, len(arguments), names, given)
    return "wrong number of parameters: %s takes %d (%s), %d given" % taken
