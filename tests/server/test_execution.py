"""Work is counted, timed and ended alike, whatever asked for it."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from mattekit.tasks import Task
from mattekit_server import execution
from mattekit_server.keys import KeyStore
from support.server.pictures import Make, TestClient, picture
from support.server.ways import RESULTS, WAYS, Send

#: Those of opening a picture, whatever follows.
STAGES = {"decode", "segment"}


def numbers(client: TestClient) -> dict[str, float]:
    """Return what the server counts, by name and labels."""
    lines = client.get("/metrics").text.splitlines()
    found = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in found}


@pytest.mark.parametrize("send", WAYS.values(), ids=WAYS)
def test_a_picture_is_counted(make: Make, send: Send) -> None:
    client = make()
    assert send(client, files={"image_file": picture(1000, 800)}).is_success
    counted = numbers(client)
    assert counted["mattekit_queue_seconds_count"] == 1
    assert counted["mattekit_picture_seconds_count"] == 1
    assert counted["mattekit_megapixels_total"] == pytest.approx(0.8)
    assert counted["mattekit_picture_processor_seconds_total"] > 0
    assert counted["mattekit_pictures_canceled_total"] == 0
    for stage in STAGES:
        assert counted[f'mattekit_stage_seconds_count{{stage="{stage}"}}'] == 1, stage


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
def test_its_result_is_counted_and_the_picture_once(
    make: Make, result: Callable[[TestClient, bytes], Response]
) -> None:
    client = make()
    assert result(client, picture(1000, 800)).status_code == 200
    counted = numbers(client)
    assert counted["mattekit_megapixels_total"] == pytest.approx(0.8)
    assert counted['mattekit_stage_seconds_count{stage="encode"}'] == 1
    assert counted["mattekit_queue_seconds_count"] == counted["mattekit_picture_seconds_count"]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Return what the access log has said."""
    log = logging.getLogger("mattekit_server.access")
    log.addHandler(caplog.handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    yield lambda: [
        json.loads(record.getMessage()) for record in caplog.records if record.name == log.name
    ]
    log.removeHandler(caplog.handler)


@pytest.mark.parametrize("way", RESULTS)
def test_it_stands_in_the_access_log(
    make: Make,
    keys: KeyStore,
    database: Path,
    log: Callable[[], list[dict[str, Any]]],
    way: str,
) -> None:
    client = make(auth=True, database=database, access_log="json")
    client.headers["X-API-Key"] = keys.create("ann", credits=9, free_calls=0)
    assert RESULTS[way](client, picture(1000, 800)).status_code == 200
    paid = [line for line in log() if line["path"] == way and "credits" in line]
    assert {(line["width"], line["height"]) for line in paid if "width" in line} == {(1000, 800)}
    assert paid[-1]["credits"] == 1
    assert "encode" in paid[-1]["stages"]
    assert paid[-1]["key"] == 1
    assert paid[-1]["type"] == "other"


@pytest.mark.parametrize("send", WAYS.values(), ids=WAYS)
def test_it_is_ended_at_its_deadline(make: Make, late: Callable[[], None], send: Send) -> None:
    client = make()
    late()
    answer = send(client, files={"image_file": picture()})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "server_busy")
    while client.get("/health").json()["running"]:
        time.sleep(0.01)
    assert numbers(client)["mattekit_pictures_canceled_total"] == 1


def test_what_a_request_works_on_twice_is_added_up(
    make: Make, log: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks: list[Task] = []

    def task() -> Task:
        tasks.append(Task())
        tasks[-1].count("decode", 100.0)
        return tasks[-1]

    monkeypatch.setattr(execution, "Task", task)
    client = make(access_log="json")
    assert client.post("/editors?preview=png", files={"image_file": picture()}).status_code == 201
    (line,) = log()
    assert len(tasks) == 2
    assert line["stages"].keys() == tasks[0].stages.keys() | tasks[1].stages.keys()
    assert line["stages"]["decode"] >= 200


def test_work_that_goes_on_after_its_end_is_no_error(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks: list[Task] = []

    def task() -> Task:
        tasks.append(Task())
        return tasks[-1]

    def round_late(value: float, digits: int) -> float:
        tasks[0].count(f"stage {len(tasks[0].stages)}", 1.0)
        return round(value, digits)

    monkeypatch.setattr(execution, "Task", task)
    monkeypatch.setattr(execution, "round", round_late, raising=False)
    answer = make().post("/v1.0/removebg", files={"image_file": picture()})
    assert answer.status_code == 200, answer.text
    assert "stage 5" in tasks[0].stages
