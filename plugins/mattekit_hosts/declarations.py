"""What a dialog inside a host must know of an option: the shared declarations as plain data."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from mattekit._version import __version__
from mattekit.grammar import Boolean, Choice, Number, PerKind
from mattekit.options import OPTIONS, Option

__all__ = ["declaration", "installation_files", "known_models"]


def installation_files(python: str, *, launch: bool, worker_folder: Path | None) -> dict[str, str]:
    """Return ``settings.json``, ``options.json`` and ``models.json``, for a plug-in inside a host.

    Parameters
    ----------
    python : str
        The interpreter that has mattekit.
    launch : bool
        Whether the host can start programs; False in a sandbox.
    worker_folder : pathlib.Path or None
        Where the worker keeps its files, where not in the usual place; MATTEKIT_WORKER_DIR wins.
    """
    folder = None if worker_folder is None else str(worker_folder)
    settings = {
        "python": python,
        "version": __version__,
        "launch": launch,
        "worker_folder": os.environ.get("MATTEKIT_WORKER_DIR") or folder,
    }
    contents = {
        "settings.json": settings,
        "options.json": [declaration(option) for option in OPTIONS.values()],
        "models.json": known_models(),
    }
    return {
        name: json.dumps(value, indent=1, ensure_ascii=False) + "\n"
        for name, value in contents.items()
    }


def known_models() -> list[dict[str, str]]:
    """Return what a dialog can offer: ``name``, ``title`` and ``path`` of networks that cut out.

    Whether a file is there is seen by its path, so that a network fetched later is offered, too.
    """
    from mattekit.models import Store, plugin_models

    store = Store(cards=plugin_models())
    return [
        {"name": card.name, "title": card.title, "path": str(store.path(card.name))}
        for card in store.cards
        if card.task == "segment"
    ]


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
