"""What travels between the parts of a batch."""

from __future__ import annotations

import json
import pickle

import pytest

from mattekit import errors
from mattekit.errors import MattekitError, OptionError, UnreadableImage
from mattekit_batch.results import LASTING, Failure, Job, Outcome, Result


@pytest.mark.parametrize("name", sorted(LASTING))
def test_lasting_failures_are_errors_of_the_library(name: str) -> None:
    assert issubclass(getattr(errors, name), MattekitError)


def test_an_error_is_described() -> None:
    wrong = Failure.of(OptionError("size", "huge", "preview"))
    assert (wrong.type, wrong.exit_code, wrong.lasting) == ("OptionError", 2, True)
    broken = Failure.of(UnreadableImage("a.jpg", "it is cut off"))
    assert (broken.exit_code, broken.lasting) == (1, True)
    assert "a.jpg" in broken.message
    assert not Failure("OutputError", "", "the disk is full", 1).lasting


def test_everything_travels_between_processes() -> None:
    failure = Failure("X", "", "why", 1)
    for each in (Job(1, "a.jpg", "a", "key"), Outcome(1, "failed", failure=failure)):
        assert pickle.loads(pickle.dumps(each)) == each


def test_the_keys_for_machines_are_always_the_same() -> None:
    done = Result(
        "done", "a.jpg", "a.png", 1.23456, {"read": 0.00012}, {"width": 3, "kind": "car"}
    ).json()
    failed = Result("failed", "b.jpg", failure=Failure("X", "", "why", 1)).json()
    assert list(done) == list(failed)
    assert (done["seconds"], done["stages"]) == (1.235, {"read": 0.0001})
    assert (done["width"], done["height"], done["error"]) == (3, None, None)
    assert failed["error"] == {"type": "X", "code": None, "message": "why"}
    assert (failed["output"], failed["reason"]) == (None, None)
    json.dumps([done, failed])
