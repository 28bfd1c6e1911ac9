from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.gimp import fake
from support.gimp.bench import Bench


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with fake.modules() as program:
        yield Bench(program, monkeypatch)
