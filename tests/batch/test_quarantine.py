"""Which picture it was that a process died of."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattekit_batch.quarantine import Quarantine
from mattekit_batch.results import Job
from mattekit_batch.storage import open_storage


@pytest.fixture
def quarantine(tmp_path: Path) -> Quarantine:
    return Quarantine(open_storage(tmp_path))


def job(number: int) -> Job:
    return Job(number, f"{number}.jpg", str(number), "key")


def test_while_there_is_doubt_each_is_tried_alone(quarantine: Quarantine) -> None:
    assert not quarantine.closed
    assert quarantine.put([job(1), job(2)], "it ended") == []
    assert quarantine.closed
    assert quarantine.next() == job(1)
    assert quarantine.closed
    assert quarantine.next() == job(2)
    assert quarantine.next() is None
    assert not quarantine.closed


def test_what_ended_a_process_alone_has_failed(quarantine: Quarantine, tmp_path: Path) -> None:
    quarantine.put([job(1)], "it ended")
    quarantine.next()
    (outcome,) = quarantine.put([job(1)], "it ended")
    assert (outcome.number, outcome.status) == (1, "failed")
    assert outcome.failure is not None
    assert outcome.failure.type == "UnexpectedError"
    assert "1.jpg: it ended while it worked on this picture" in outcome.failure.message
    assert quarantine.next() is None


def test_a_process_that_ends_after_its_work_blames_nothing(quarantine: Quarantine) -> None:
    quarantine.put([job(1)], "it ended")
    quarantine.next()
    assert quarantine.put([], "it ended") == []
