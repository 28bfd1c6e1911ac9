"""What is shared by adapters that work on many pictures."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from mattekit import Cutout
from mattekit.errors import OptionError, UnreadableImage
from mattekit.geometry import Box
from mattekit.reporting import (
    UNKNOWN,
    PixelSemaphore,
    UnexpectedError,
    described,
    error_json,
    exit_code,
    summary,
    sure,
    unsure,
)


@pytest.mark.parametrize(
    ("total", "codes", "expected"),
    [
        (3, [], 0),
        (0, [], 0),
        (3, [1], 1),
        (3, [1, 1, 1], 1),
        (3, [2, 2, 2], 2),
        (3, [1, 2, 2], 1),
        (3, [2, 2], 1),
    ],
)
def test_exit_codes(total: int, codes: list[int], expected: int) -> None:
    assert exit_code(total, codes) == expected


def test_errors_for_machines() -> None:
    error = OptionError("size", "huge", "preview or full")
    assert error_json(error) == {
        "type": "OptionError",
        "code": "invalid_size",
        "message": str(error),
    }
    assert error_json(UnreadableImage("a.jpg", "it is cut off"))["code"]


def test_what_is_said_of_a_bug_and_of_no_memory() -> None:
    assert "unexpected KeyError: 'x'" in str(UnexpectedError("a.jpg", KeyError("x")))
    text = str(UnexpectedError("a.jpg", MemoryError()))
    assert text.startswith("a.jpg: not enough memory")
    assert "--jobs 1" in text


def test_one_picture_is_always_let_in() -> None:
    room = PixelSemaphore(10)
    with room.share(1000):
        pass
    with room.share(4), room.share(6):
        pass


def test_who_wants_more_waits_until_there_is_room() -> None:
    room = PixelSemaphore(10)
    inside = threading.Event()

    def enter() -> None:
        with room.share(5):
            inside.set()

    with room.share(6):
        thread = threading.Thread(target=enter)
        thread.start()
        assert not inside.wait(0.05)
    assert inside.wait(10)
    thread.join()


def test_room_is_given_back_after_an_error() -> None:
    room = PixelSemaphore(10)
    with pytest.raises(KeyError), room.share(10):
        raise KeyError
    with room.share(10):
        pass


def test_a_summary_for_people() -> None:
    color, alpha = np.zeros((2, 3, 3), np.uint8), np.zeros((2, 3), np.uint8)
    said = summary(Cutout(color, alpha, found=False))
    assert said == {
        **{"width": 3, "height": 2, "found": False, "kind": "other"},
        **{"confidence": None, "box": None},
    }
    assert list(said) == list(UNKNOWN)
    assert summary(Cutout(color, alpha, box=Box(0, 1, 2, 2)))["box"] == [0, 1, 2, 2]


@pytest.mark.parametrize(("confidence", "expected"), [(None, False), (0.49, True), (0.5, False)])
def test_what_should_be_looked_at(confidence: float | None, expected: bool) -> None:
    color, alpha = np.zeros((2, 3, 3), np.uint8), np.ones((2, 3), np.uint8)
    assert unsure(summary(Cutout(color, alpha, confidence=confidence))) is expected
    assert not unsure(UNKNOWN)


@pytest.mark.parametrize(("confidence", "expected"), [(None, False), (0.97, False), (0.98, True)])
def test_what_is_called_sure(confidence: float | None, expected: bool) -> None:
    color, alpha = np.zeros((2, 3, 3), np.uint8), np.ones((2, 3), np.uint8)
    assert sure(summary(Cutout(color, alpha, confidence=confidence))) is expected
    assert not sure(UNKNOWN)


def test_a_result_in_words() -> None:
    facts = {"width": 3, "height": 2, "kind": "car", "confidence": 0.4}
    assert described(facts, 0.26) == "3×2  car  0.3 s  unsure: look at it"
    assert described({**facts, "confidence": None}, 1) == "3×2  car  1.0 s"
