"""Procedures whose change is more than a name."""

from typing import Any, Callable, Dict

RULES: Dict[str, Callable[..., Any]] = {}
ADVICE: Dict[str, str] = {}
