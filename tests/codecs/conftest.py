from __future__ import annotations

import imagecodecs
import pytest


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What libpng is given."""
    given: list[bytes] = []
    real = imagecodecs.png_decode
    monkeypatch.setattr(imagecodecs, "png_decode", lambda data: given.append(data) or real(data))
    return given
