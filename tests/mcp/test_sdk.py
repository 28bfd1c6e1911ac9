"""Whether the protocol's SDK is there."""

from __future__ import annotations

import importlib.util

import pytest

from mattekit.errors import MattekitError
from mattekit_mcp.sdk import check_sdk


def test_it_is_asked_for_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    check_sdk()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MattekitError, match="pip install 'mattekit\\[mcp\\]'"):
        check_sdk()
