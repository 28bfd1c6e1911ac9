"""Which cases of a table every run takes, and which only the slow tier.

A table that says the same of many values is long so that nothing is forgotten; most changes that
break one row break many.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet


def tiered(cases: Iterable[Any], usual: Collection[Any]) -> list[Any]:
    """Return parameters: those in `usual` for every run, others slow; of tuples the first tells."""
    return [
        case if (case[0] if type(case) is tuple else case) in usual else slow(case)
        for case in cases
    ]


def spread(cases: Iterable[Any], share: int) -> list[Any]:
    """Return parameters: the first of each `share` neighbours for every run, the others slow."""
    return [slow(case) if index % share else case for index, case in enumerate(cases)]


def slow(case: Any) -> ParameterSet:
    """Return a parameter of the slow tier, whatever it was before."""
    if isinstance(case, ParameterSet):
        return pytest.param(*case.values, id=case.id, marks=[*case.marks, pytest.mark.slow])
    values = case if type(case) is tuple else (case,)
    return pytest.param(*values, marks=pytest.mark.slow)
