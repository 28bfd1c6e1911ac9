"""Who makes a request, and what all requests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mattekit.runtime import Runtime
from mattekit_server.problems import Problem
from mattekit_server.service import Caller, Service
from mattekit_server.settings import Settings


@pytest.fixture
def service(runtime: Runtime) -> Iterator[Callable[..., Service]]:
    made: list[Service] = []

    def make(**values: object) -> Service:
        made.append(Service(Settings(**values), runtime))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_without_keys_an_address_is_somebody(service: Callable[..., Service]) -> None:
    assert service(auth=False).caller("", "192.0.2.1") == Caller("address-192.0.2.1")


def test_a_token_counts_before_everything(service: Callable[..., Service], tmp_path: Path) -> None:
    made = service(token="secret", auth=True, database=tmp_path / "keys")
    assert made.caller("secret", "192.0.2.1") == Caller("token")
    with pytest.raises(Problem) as caught:
        made.caller("sécret", "192.0.2.1")
    assert caught.value.status == 403


def test_a_key_is_its_account(service: Callable[..., Service], tmp_path: Path) -> None:
    made = service(auth=True, database=tmp_path / "keys")
    assert made.keys is not None
    key = made.keys.create("me", credits=5)
    caller = made.caller(key, "192.0.2.1")
    assert caller.account is not None
    assert caller.identity == f"key-{caller.account.id}"
    for wrong in ("", key + "x"):
        with pytest.raises(Problem) as caught:
            made.caller(wrong, "192.0.2.1")
        assert caught.value.status == 403


def test_gauges_are_those_of_the_moment(service: Callable[..., Service]) -> None:
    made = service(auth=False)
    made.metrics.waiting.set(99)
    made.gauge()
    assert b"mattekit_queue_waiting 0.0" in made.metrics.text()
