"""Imports of the command."""

from __future__ import annotations

import gc

import pytest

from mattekit_cli.garbage_collection import without_garbage_collection


@pytest.mark.parametrize("enabled", [True, False])
def test_nothing_is_collected_meanwhile_and_all_is_as_before_afterwards(enabled, monkeypatch):
    frozen = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(gc.isenabled()))
    was = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        with without_garbage_collection():
            assert not gc.isenabled()
        assert gc.isenabled() is enabled
        assert frozen == [False]
    finally:
        (gc.enable if was else gc.disable)()
