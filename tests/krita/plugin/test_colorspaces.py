"""Which colour space the worker is sent, and how Krita is asked to convert, strip by strip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from support.krita import fake


class Layer:
    """A layer whose conversion inverts every byte."""

    def __init__(self, able: bool) -> None:
        self.able, self.data = able, b""

    def setPixelData(self, data: bytes, *box: int) -> None:
        self.data, self.box = data, box

    def setColorSpace(self, *space: str) -> bool:
        return self.able

    def pixelData(self, *box: int) -> bytes:
        assert box == self.box
        return bytes(255 - each for each in self.data)


class Scratch:
    """A document that nobody sees."""

    def __init__(self, able: bool = True) -> None:
        self.able, self.closed, self.layers = able, False, 0

    def setBatchmode(self, on: bool) -> None:
        pass

    def createNode(self, name: str, kind: str) -> Layer:
        self.layers += 1
        return Layer(self.able)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def krita() -> Iterator[fake.Krita]:
    with fake.modules() as application:
        yield application


@pytest.mark.parametrize(
    ("space", "deep", "wanted"),
    [
        (("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc"), False, None),
        (("RGBA", "U8", "sRGB built-in"), True, None),
        (("RGBA", "U16", "sRGB"), True, None),
        (("RGBA", "U16", "sRGB"), False, "U8"),
        (("RGBA", "F32", "sRGB-elle-V2-g10.icc"), True, "U16"),
        (("CMYKA", "U8", "Chemical proof"), True, "U8"),
        (("GRAYA", "U16", "Gray"), True, "U16"),
    ],
)
def test_the_space_that_is_sent(
    krita: fake.Krita, space: Any, deep: bool, wanted: str | None
) -> None:
    from mattekit_krita.plugin import colorspaces

    given = colorspaces.of(fake.Node("Photo", space=space))
    found = colorspaces.target(given, deep)
    assert found == (given if wanted is None else ("RGBA", wanted, colorspaces.SRGB))
    assert found.size == (1 if found.depth == "U8" else 2)


def _converted(scratch: Scratch | None, krita: fake.Krita, size: int = 3) -> tuple[list, bytes]:
    from mattekit_krita.plugin import colorspaces

    krita.createDocument = lambda *given: scratch  # type: ignore[attr-defined]
    source = colorspaces.Space("CMYKA", "U8", "proof")
    wanted = colorspaces.Space("RGBA", "U8", colorspaces.SRGB)
    return _finished(colorspaces.converted(bytes(5 * 4 * size), 4, source, wanted))


def _finished(steps: Any) -> tuple[list, bytes]:
    told = []
    while True:
        try:
            told.append(next(steps))
        except StopIteration as finished:
            return told, finished.value


def test_pixels_go_through_a_document_that_nobody_sees(
    krita: fake.Krita, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mattekit_krita.plugin import colorspaces

    monkeypatch.setattr(colorspaces, "_STRIP", 8)  # two rows at a time
    scratch = Scratch()
    told, data = _converted(scratch, krita)
    assert data == b"\xff" * 60
    assert told == [pytest.approx(2 / 3), 1.0]
    assert scratch.layers == 2
    assert scratch.closed


def test_pixels_of_no_picture_go_in_rows(
    krita: fake.Krita, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mattekit_krita.plugin import colorspaces

    monkeypatch.setattr(colorspaces, "_ROW", 4)
    krita.createDocument = lambda *given: Scratch()  # type: ignore[attr-defined]
    source = colorspaces.Space("RGBA", "U8", colorspaces.SRGB)
    wanted = colorspaces.Space("RGBA", "U8", "wide")
    for count in (0, 1, 6):
        steps = colorspaces.converted_pixels(bytes(4 * count), source, wanted)
        assert _finished(steps)[1] == b"\xff" * (4 * count)


def test_what_krita_cannot_do_is_said(krita: fake.Krita) -> None:
    scratch = Scratch(able=False)
    with pytest.raises(ValueError, match="cannot convert CMYKA U8 with the profile 'proof'"):
        _converted(scratch, krita)
    assert scratch.closed
    with pytest.raises(ValueError, match="cannot make a document"):
        _converted(None, krita)


def test_what_is_right_already_is_not_touched(krita: fake.Krita) -> None:
    from mattekit_krita.plugin import colorspaces

    space = colorspaces.Space("RGBA", "U8", colorspaces.SRGB)
    with pytest.raises(StopIteration) as finished:
        next(colorspaces.converted(b"data", 1, space, space))
    assert finished.value.value == b"data"
