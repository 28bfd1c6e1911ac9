"""What a dialog inside a host must know of an option: the shared declarations as plain data."""

from __future__ import annotations

from typing import Any

from mattekit.grammar import Boolean, Choice, Number, PerKind
from mattekit.options import Option

__all__ = ["declaration"]


def declaration(option: Option) -> dict[str, Any]:
    """Return an option as plain data.

    Returns
    -------
    dict
        ``name``, ``label``, ``help``, ``default`` as a user would type it, ``grammar`` in words,
        and ``kind``: ``"boolean"``; ``"choice"`` with ``words``; ``"number"`` with ``minimum``,
        ``maximum``, ``integer`` and ``unit``; or ``"text"``.
    """
    grammar = option.grammar
    facts: dict[str, Any] = {
        "name": option.name,
        "label": option.label,
        "help": option.help,
        "default": option.default_text,
        "grammar": grammar.text,
        "kind": "text",
    }
    if isinstance(grammar, Boolean):
        return facts | {"kind": "boolean"}
    if isinstance(grammar, PerKind) and isinstance(grammar.one, Choice):
        grammar = grammar.one  # a dialog offers one value for every kind
    if isinstance(grammar, Choice):
        return facts | {"kind": "choice", "words": list(grammar.schema()["enum"])}
    if isinstance(grammar, Number) and not grammar.words:
        return facts | {
            "kind": "number",
            "minimum": grammar.low,
            "maximum": grammar.high,
            "integer": grammar.integer,
            "unit": grammar.unit,
        }
    return facts
