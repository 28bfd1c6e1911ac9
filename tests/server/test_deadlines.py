"""Work that takes too long: it is ended, and what it took counts in its sender's rate."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import anyio
import numpy as np
import pytest

from mattekit.runtime import FakeSession
from mattekit_server.keys import KeyStore
from mattekit_server.service import Caller
from support.server.pictures import Make, TestClient, blank, picture

URL = "/v1.0/removebg"


def spin(seconds: float) -> None:
    """Use so much processor time of this thread."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def metric(client: TestClient, name: str) -> float:
    for line in client.get("/metrics").text.splitlines():
        if line.startswith(name + " "):
            return float(line.rpartition(" ")[2])
    return 0.0


def left(client: TestClient) -> int:
    service = client.app.state.service  # type: ignore[attr-defined]
    return int(service.rates.peek("address-testclient").remaining)


def idle(client: TestClient) -> None:
    while client.get("/health").json()["running"]:
        time.sleep(0.01)


@pytest.fixture
def slow(session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that uses six tenths of a second."""
    run = session.run

    def slowly(batch: np.ndarray) -> object:
        spin(0.6)
        return run(batch)

    monkeypatch.setattr(session, "run", slowly)


def send(client: TestClient, data: bytes | None = None, **fields: str):  # type: ignore[no-untyped-def]
    return client.post(URL, files={"image_file": data or picture()}, data=fields)


@pytest.mark.slow
def test_work_ends_at_its_deadline(make: Make, late: Callable[[], None]) -> None:
    client = make(concurrency=1, rate_limit=100)
    late()
    answer = send(client)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "server_busy")
    idle(client)
    assert metric(client, "mattekit_pictures_canceled_total") == 1
    assert metric(client, 'mattekit_stage_seconds_count{stage="segment"}') == 1
    # The thread left before the next stage; it did not finish what nobody waited for.
    assert metric(client, 'mattekit_stage_seconds_count{stage="encode"}') == 0


@pytest.mark.slow
@pytest.mark.usefixtures("slow")
def test_a_key_has_a_deadline_of_its_own(make: Make, database: Path, keys: KeyStore) -> None:
    hasty, calm = (keys.create(name, credits=9, free_calls=0) for name in ("hasty", "calm"))
    keys.change("hasty", deadline=0.2)
    keys.change("calm", deadline=1e6)  # the server's holds
    client = make(auth=True, database=database, concurrency=1)
    service = client.app.state.service  # type: ignore[attr-defined]
    answers = [
        client.post(URL, files={"image_file": picture()}, headers={"X-API-Key": key}).status_code
        for key in (hasty, calm)
    ]
    assert answers == [503, 200]
    account = keys.account(calm)
    assert service.deadline_of(Caller("calm", account)) == service.settings.deadline
    assert [record.credits for record in keys.records()] == [9, 8.75]


def test_a_picture_that_is_fetched_has_no_more_time(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make(deadline=0.2)

    async def fetch(url: str, field: str) -> bytes:
        await anyio.sleep(20)
        raise AssertionError

    monkeypatch.setattr(client.app.state.service.fetcher, "fetch", fetch)  # type: ignore[attr-defined]
    answer = client.post(URL, data={"image_url": "http://pictures.example/a.png"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "server_busy")


@pytest.mark.slow
@pytest.mark.usefixtures("slow")
def test_its_time_counts_in_the_rate(make: Make, late: Callable[[], None]) -> None:
    client = make(concurrency=1, rate_limit=100)
    late()
    assert send(client).status_code == 503
    idle(client)
    assert left(client) <= 98


@pytest.mark.slow
@pytest.mark.usefixtures("slow")
def test_a_failure_costs_the_time_that_it_took(make: Make) -> None:
    client = make(concurrency=1, rate_limit=100)
    assert send(client, blank()).status_code == 400
    assert left(client) <= 98


@pytest.mark.slow
@pytest.mark.usefixtures("slow")
def test_who_has_used_up_the_minute_by_failing_has_to_wait(make: Make) -> None:
    client = make(concurrency=1, rate_limit=3)
    assert [send(client, blank()).status_code for _ in range(3)] == [400, 400, 429]


def test_what_fails_at_once_is_free(make: Make) -> None:
    client = make(rate_limit=100)
    for data in (blank(), b"nonsense", picture()[:-40]):
        assert send(client, data).status_code == 400
    assert send(client).headers["x-ratelimit-remaining"] == "99"


def test_each_stage_is_timed(make: Make) -> None:
    client = make()
    assert send(client).status_code == 200
    for stage in ("decode", "segment", "matting", "compose", "encode"):
        assert metric(client, f'mattekit_stage_seconds_count{{stage="{stage}"}}') == 1
    assert metric(client, "mattekit_picture_processor_seconds_total") > 0
    assert metric(client, "mattekit_pictures_canceled_total") == 0
    assert metric(client, "mattekit_queue_seconds_count") == 1
    assert metric(client, 'mattekit_errors_total{code="server_busy"}') == 0


@pytest.mark.parametrize(
    ("settings", "code"), [({"rate_limit": 0, "queue": 1}, ""), ({}, "unknown_foreground")]
)
def test_errors_are_counted_by_their_code(make: Make, settings: dict[str, int], code: str) -> None:
    client = make(**settings)
    send(client, blank() if code else None)
    counted = [
        line for line in client.get("/metrics").text.splitlines()
        if line.startswith("mattekit_errors_total{")
    ]  # fmt: skip
    assert counted == ([f'mattekit_errors_total{{code="{code}"}} 1.0'] if code else [])
