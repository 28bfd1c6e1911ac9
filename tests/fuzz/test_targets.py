"""Every target holds for its seeds and for a few mutations that are the same on every machine."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from fuzz.targets import TARGETS, Target

_MUTATIONS = 60


def mutations(target: Target, name: str) -> Iterator[bytes]:
    """Bytes changed, left out, doubled and spliced, as a fuzzer would, without its feedback."""
    chance = random.Random(name)
    known = [seed for seed in target.seeds() if seed]
    for _ in range(_MUTATIONS):
        data = bytearray(chance.choice(known))
        for _ in range(chance.randint(1, 4)):
            at, length = chance.randrange(len(data) + 1), chance.randint(1, 8)
            match chance.randrange(5):
                case 0:
                    data[at : at + 1] = bytes([chance.randrange(256)])
                case 1:
                    del data[at : at + length]
                case 2:
                    data[at:at] = data[at : at + length]
                case 3:
                    data[at : at + length] = (
                        bytes(length) if chance.random() < 0.5 else b"\xff" * length
                    )
                case 4:
                    other = chance.choice(known)
                    data[at:] = other[at:]
        yield bytes(data[: target.longest])


# Decoders of other people warn of what is odd, which is no fault.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds(name: str) -> None:
    target = TARGETS[name]
    for data in [*target.seeds(), *mutations(target, name)]:
        target.run(data)


@pytest.mark.parametrize("name", TARGETS)
def test_there_is_something_to_start_from(name: str) -> None:
    target = TARGETS[name]
    lengths = [len(seed) for seed in target.seeds()]
    assert lengths
    assert sorted(lengths)[len(lengths) // 2] <= target.longest
