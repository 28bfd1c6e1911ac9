"""What can go wrong between a host and the worker, in words for a user."""

from __future__ import annotations

import pytest

import mattekit_bridge as bridge
from mattekit_bridge import errors

EXAMPLES = {
    "WorkerMissing": ("/old/python",),
    "NoFolder": (),
    "WorkerFailed": ("/folder", "ended at once"),
    "WrongProtocol": (1, 2),
    "WorkerGone": ("reset",),
    "Refused": (400, "invalid_size", "Wrong size", ""),
    "Canceled": (),
}


def test_every_error_has_an_example_and_is_part_of_the_bridge() -> None:
    assert set(EXAMPLES) == set(errors.__all__) - {"BridgeError"}
    for name in errors.__all__:
        assert getattr(bridge, name) is getattr(errors, name)
        assert name in (errors.__doc__ or "")


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_says_a_whole_sentence(name: str) -> None:
    error = getattr(errors, name)(*EXAMPLES[name])
    assert isinstance(error, bridge.BridgeError)
    if name != "Refused":  # the worker's own words
        assert str(error).endswith(".")


@pytest.mark.parametrize(
    ("code", "detail", "text"),
    [
        ("unknown_foreground", "x", "No subject was found. A selection around it"),
        ("invalid_size", "size=9 is none.", "size=9 is none."),
        ("invalid_size", "", "Wrong size"),
    ],
)
def test_a_refusal_says_what_the_worker_says(code: str, detail: str, text: str) -> None:
    error = bridge.Refused(400, code, "Wrong size", detail)
    assert str(error).startswith(text)
    assert (error.status, error.code) == (400, code)
