"""What a layer remembers of its mask."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from mattekit_bridge import Picture
from mattekit_gimp.plugin import mask_parasite
from mattekit_gimp.plugin.mask_parasite import Memory
from support.gimp import fake

MASK = Picture(3, 2, 1, 255, b"\0\x40\xff\0\x80\xff")


@pytest.fixture
def layer() -> Any:
    with fake.modules() as program:
        yield fake.Layer(program.open("picture"), "Photo", 3, 2)


def known(**facts: Any) -> Memory:
    return Memory.of(3, 2, {"refine": "best"}, **facts)


def test_what_is_remembered_comes_back(layer: Any) -> None:
    made = known(base=MASK).marked(b"\xff\0\0\0\0\0", keep=True)
    made = made.marked(b"\0\xff\0\0\0\0", keep=False)
    mask_parasite.remember(layer, made, MASK)
    assert mask_parasite.recall(layer, MASK) == made
    assert layer.parasites[mask_parasite.NAME].flags == 3  # persistent, undoable
    assert set(made.pictures()) == {"keep", "remove"}


def test_deep_masks(layer: Any) -> None:
    deep = Picture(3, 2, 1, 65535, bytes(range(12)))
    mask_parasite.remember(layer, known(base=deep), deep)
    assert mask_parasite.recall(layer, deep) == known(base=deep)


def test_a_later_mark_counts() -> None:
    made = known().marked(b"\xff\xff\0\0\0\0", keep=True).marked(b"\0\xff\xff\0\0\0", keep=False)
    assert (made.keep, made.remove) == (b"\xff\0\0\0\0\0", b"\0\xff\xff\0\0\0")
    assert made.marked(b"\xff" * 6, keep=True).pictures() == {
        "keep": Picture(3, 2, 1, 255, b"\xff" * 6)
    }


def test_a_mask_that_was_painted_on_is_another_one(layer: Any) -> None:
    mask_parasite.remember(layer, known(), MASK)
    assert mask_parasite.recall(layer, MASK._replace(samples=bytes(6))) is None
    assert mask_parasite.recall(layer, None) is None
    layer.width = 2
    assert mask_parasite.recall(layer, MASK) is None


def _broken() -> Iterator[tuple[str, bytes]]:
    with fake.modules() as program:
        layer = fake.Layer(program.open("picture"), "Photo", 3, 2)
        mask_parasite.remember(layer, known().marked(b"\xff" * 6, keep=False), MASK)
        data: bytes = layer.parasites[mask_parasite.NAME].data
    head, _, rest = data.partition(b"\n")
    facts = json.loads(head)
    plane = zlib.compress(b"\xff" * 6)
    bomb = zlib.compress(bytes(10_000_000))
    yield "nothing", b""
    yield "no JSON", b"{\n" + rest
    yield "a list", b"[]\n" + rest
    yield "another kind", json.dumps({**facts, "kind": "x"}).encode() + b"\n" + rest
    yield "options", json.dumps({**facts, "options": 3}).encode() + b"\n" + rest
    yield "lengths", json.dumps({**facts, "lengths": ["a"]}).encode() + b"\n" + rest
    yield "maximum", json.dumps({**facts, "maximum": 3.5}).encode() + b"\n" + rest
    yield "no base", json.dumps({**facts, "lengths": [0, 0, 0]}).encode() + b"\n"
    yield "negative", json.dumps({**facts, "lengths": [-1, 5]}).encode() + b"\n" + rest
    yield "cut", data[:-3]
    for name, planes in (("both", (plane, plane)), ("bomb", (bomb, bomb)), ("one", (plane,))):
        lengths = [len(each) for each in planes]
        yield name, json.dumps({**facts, "lengths": lengths}).encode() + b"\n" + b"".join(planes)


@pytest.mark.parametrize(("name", "data"), [pytest.param(*each, id=each[0]) for each in _broken()])
def test_what_is_no_memory_is_none(layer: Any, name: str, data: bytes) -> None:
    layer.attach_new_parasite(mask_parasite.NAME, 3, data)
    assert mask_parasite.recall(layer, MASK) is None
