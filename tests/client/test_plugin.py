"""The runtime that this package gives: where it is asked for, and nowhere else."""

from __future__ import annotations

import pytest

from mattekit_client import plugin
from mattekit_client.remote import RemoteRuntime


def test_without_an_address_there_is_none() -> None:
    assert plugin.mattekit_runtime("", "") is None


def test_with_one_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MATTEKIT_SERVER", raising=False)
    runtime = plugin.mattekit_runtime("http://127.0.0.1:9", "secret")
    assert isinstance(runtime, RemoteRuntime)
    runtime.close()
