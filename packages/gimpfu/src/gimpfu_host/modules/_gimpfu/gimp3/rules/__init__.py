"""Procedures whose change is more than a name, and advice for those that have no successor.

A rule gets the `Caller` and the arguments as 2.10 had them, counts included, and returns the
results without counts. Each module adds its own to `RULES`.
"""

from _gimpfu.gimp3.rules import (  # noqa: F401
    effects,
    images,
    items,
    painting,
    paths,
    plug_ins,
    resources,
    saving,
    selections,
    text,
    transforms,
)
from _gimpfu.gimp3.rules.advice import ADVICE
from _gimpfu.gimp3.rules.base import RULES

__all__ = ["ADVICE", "RULES"]
