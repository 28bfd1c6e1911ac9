"""What is to be done, as a user or a script says it, checked before anything is read."""

from __future__ import annotations

import difflib
from typing import Any, Dict, Mapping, NamedTuple, Sequence, Tuple

from mattekit_bridge.settings import Declaration

__all__ = ["KEPT", "LAYERS", "RESULTS", "InvalidRequest", "Request", "option_text", "request_of"]

#: What becomes of the matte, with the words of the dialog.
RESULTS = {
    "mask": "Transparency mask",
    "selection": "Selection",
    "layer": "New layer, edges cleaned",
    "file": "New file layer (PNG)",
}
#: Which layers are worked on.
LAYERS = {
    "active": "Active layer",
    "selected": "Selected layers",
    "all": "All visible layers",
}
#: Declared options that mean something in Krita, in the dialog's order. What the others are for,
#: Krita has means of its own: its canvas, layers, selections and exporters.
KEPT = (
    *("model", "type", "subjects", "refine", "edge_shift", "edge_soften", "zoom"),
    *("semitransparency", "decontaminate", "specks", "holes", "enclosed", "device"),
    *("shadow_type", "shadow_opacity", "bg_color", "crop", "crop_margin"),
)
#: Those that are done here, in Krita's way, and not by the worker.
_OURS = ("bg_color", "crop", "crop_margin")
#: Those that would change a matte into something that is none.
_ONLY_PICTURES = ("shadow_type", "shadow_opacity", "decontaminate")


class InvalidRequest(ValueError):
    """Something was asked for that does not exist."""


class Request(NamedTuple):
    """A checked request.

    Attributes
    ----------
    result : str
        Of `RESULTS`.
    layers : str
        Of `LAYERS`.
    options : mapping of str to str
        As the worker wants them.
    color : str
        Background color as text; empty for none.
    crop : bool
        Whether the canvas is cropped to the subject.
    margin : str
        Room left around it then.
    """

    result: str = "mask"
    layers: str = "active"
    options: Mapping[str, str] = {}
    color: str = ""
    crop: bool = False
    margin: str = "0"


def request_of(
    declared: Sequence[Declaration],
    result: str = "mask",
    layers: str = "active",
    values: Mapping[str, Any] = {},
) -> Request:
    """Return a checked request.

    Parameters
    ----------
    declared : sequence of Declaration
        All options; see `Settings.options`.
    result, layers : str
        Of `RESULTS` and `LAYERS`.
    values : mapping
        Options by name, as text or as Python values.

    Raises
    ------
    InvalidRequest
        The message says what was given and what there is.
    """
    _one_of("result", result, RESULTS)
    _one_of("layers", layers, LAYERS)
    known = {each["name"] for each in declared if each["name"] in KEPT}
    texts: Dict[str, str] = {}
    for name, value in values.items():
        _one_of("option", name, sorted(known))
        texts[name] = option_text(value)
    defaults = {each["name"]: each["default"] for each in declared}
    worker = {
        name: text
        for name, text in texts.items()
        if name not in _OURS
        and text != defaults[name]
        and (result in ("layer", "file") or name not in _ONLY_PICTURES)
    }
    crop = texts.get("crop", "false").lower() in ("true", "1", "yes", "on")
    return Request(
        result, layers, worker, texts.get("bg_color", ""), crop, texts.get("crop_margin") or "0"
    )


def option_text(value: Any) -> str:
    """Return a value as the worker reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _one_of(what: str, given: str, known: Any) -> None:
    if given in known:
        return
    names: Tuple[str, ...] = tuple(known)
    near = difflib.get_close_matches(str(given), names, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise InvalidRequest(f"There is no {what} {given!r}.{hint} Known: {', '.join(names)}.")
