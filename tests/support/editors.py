"""What a plug-in finds inside an editor only, for tests without that editor."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def fake_modules(contents: Mapping[str, Mapping[str, Any]], user: str) -> Iterator[None]:
    """Have modules of these names and contents, and import everything below `user` anew."""

    def users() -> list[str]:
        return [name for name in sys.modules if name.startswith(user)]

    with pytest.MonkeyPatch.context() as patch:
        for name in users():
            patch.delitem(sys.modules, name)  # put back in the end
        for name, values in contents.items():
            module = types.ModuleType(name)
            module.__dict__.update(values)
            patch.setitem(sys.modules, name, module)
        try:
            yield
        finally:
            for name in users():
                del sys.modules[name]
