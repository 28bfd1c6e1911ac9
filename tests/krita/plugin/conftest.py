from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.krita import fake
from support.krita.bench import Bench


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with fake.modules() as application:
        yield Bench(application, monkeypatch)
