"""A session without a network."""

from __future__ import annotations

import numpy as np

from mattekit.models import ModelCard
from mattekit.runtime.session import FakeSession, Session


def test_it_gives_what_its_function_gives_and_counts() -> None:
    batch = np.ones((2, 3, 4, 4), np.float32)
    session: Session = FakeSession(lambda given: given[:, :1] * 0.5)
    alpha, kinds = session.run(batch)
    assert alpha.shape == (2, 1, 4, 4)
    assert kinds is None
    assert (alpha == 0.5).all()
    session.run(batch)
    assert session.calls == 2


def test_kinds_come_along() -> None:
    session = FakeSession(lambda given: (given[:, :1], np.eye(2, dtype=np.float32)))
    _, kinds = session.run(np.zeros((2, 3, 4, 4), np.float32))
    np.testing.assert_array_equal(kinds, np.eye(2))


def test_what_it_says_of_itself() -> None:
    session = FakeSession(lambda given: given, ModelCard("mine"), providers=["X"], device="cuda")
    assert (session.card.name, session.providers, session.device) == ("mine", ("X",), "cuda")
    assert FakeSession(lambda given: given).card.name == "fake"
