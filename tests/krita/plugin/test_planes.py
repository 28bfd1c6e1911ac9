"""Arithmetic on bytes, against numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mattekit_krita.plugin import planes

_COUNT = 70_000  # more than is given at a time
_EDGES = np.array([0, 0, 1, 127, 128, 254, 255, 255], np.uint8)


def _random(seed: int, count: int = _COUNT) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).choice(_EDGES, count)


def test_times_and_divided() -> None:
    a, b = _random(1), _random(2)
    product = np.floor(a.astype(float) * b / 255 + 0.5).astype(np.uint8)
    assert planes.times(a.tobytes(), b.tobytes()) == product.tobytes()
    back = np.frombuffer(planes.divided(product.tobytes(), b.tobytes()), np.uint8)
    again = np.floor(back.astype(float) * b / 255 + 0.5)
    assert np.abs(again - product).max() <= 1


@pytest.mark.parametrize(("size", "kind"), [(1, "<u1"), (2, "<u2")])
def test_keep_only_changes_alpha_alone(size: int, kind: str) -> None:
    full = 255 if size == 1 else 65535
    picture = np.random.default_rng(3).integers(0, full + 1, (_COUNT, 4)).astype(kind)
    mask = _random(4)
    kept = np.frombuffer(planes.keep_only(picture.tobytes(), size, mask.tobytes()), kind)
    kept = kept.reshape(-1, 4)
    assert np.array_equal(kept[:, :3], picture[:, :3])
    expected = np.floor(picture[:, 3].astype(float) * mask / 255 + 0.5)
    assert np.array_equal(kept[:, 3], expected)


def _merged(
    original: NDArray[Any], convert: Any, sent: NDArray[Any], received: NDArray[Any]
) -> tuple[planes.Edits, bytes]:
    """Return what `edits` found, and the merged pixels; `convert` is Krita's part."""
    size, deep = received.itemsize, original.itemsize
    found, ours = planes.edits(sent.tobytes(), memoryview(received.tobytes()), size)
    cleaned = convert(np.frombuffer(ours, f"<u{size}").reshape(-1, 4)).tobytes()
    return found, planes.merged(original.tobytes(), cleaned, found, 4 * deep, deep)


def test_merged_keeps_the_bytes_of_what_was_not_cleaned() -> None:
    """A float layer with 5 pixels: same, cleaned, cleaned but invisible, partly alpha, same."""
    original = np.arange(20, dtype="<f4").reshape(5, 4)
    sent = np.arange(20, dtype="<u2").reshape(5, 4)
    sent[:, 3] = 65535
    received = sent.copy()
    received[1, 0] += 1
    received[2] = 0
    received[3, 3] = 300
    cleaned = original + 100
    _, merged = _merged(original, lambda given: cleaned, sent, received)
    found = np.frombuffer(merged, "<f4").reshape(5, 4)
    expected = original.copy()
    expected[:, 3] = cleaned[:, 3]
    expected[1] = cleaned[1]
    assert np.array_equal(found, expected)


@pytest.mark.parametrize(("kind", "full"), [("<u2", 65535), ("<f4", 1.0)])
def test_only_what_was_changed_is_converted(kind: str, full: float) -> None:
    """Far from the edge nothing is asked of Krita, whatever the layer's color space."""
    original = np.random.default_rng(7).integers(1, 1000, (_COUNT, 4)).astype(kind)
    original[:, 3] = full
    sent = np.random.default_rng(8).integers(0, 65536, (_COUNT, 4)).astype("<u2")
    sent[:, 3] = 65535
    received = sent.copy()
    received[:20_000] = 0  # ground
    received[20_000:20_100, 3] = np.arange(100) * 600 + 300  # edge, its colors cleaned
    received[20_000:20_100, :3] ^= 1
    received[50_000, 1] ^= 1  # one pixel of the subject

    def convert(given: NDArray[Any]) -> NDArray[Any]:
        assert len(given) < 2000
        result = (given + 7.0).astype(kind)
        result[:, 3] = given[:, 3] / 65535 * full
        return result

    found, merged = _merged(original, convert, sent, received)
    shown = np.frombuffer(merged, kind).reshape(-1, 4)
    edited = np.zeros(_COUNT, bool)
    edited[20_000:20_100] = edited[50_000] = True
    there = np.concatenate([np.arange(_COUNT)[chunk] for chunk in found.chunks])
    assert np.array_equal(np.frombuffer(found.changed, np.uint8) == 255, edited[there])
    assert set(np.flatnonzero(edited)) <= set(there)
    assert np.array_equal(shown[~edited, :3], original[~edited, :3])
    expected = (received[edited, :3].astype(np.float64) + 7).astype(kind)
    assert np.array_equal(shown[edited, :3], expected)
    assert np.array_equal(shown[:, 3], (received[:, 3] / 65535 * full).astype(kind))


@pytest.mark.parametrize(("size", "kind"), [(1, np.uint8), (2, np.uint16)])
def test_merged_in_the_worker_s_own_color_space(size: int, kind: type) -> None:
    """What is visible comes from the worker, the rest keeps its color; every alpha is new."""
    full = np.iinfo(kind).max
    original = np.random.default_rng(5).integers(0, full + 1, (_COUNT, 4)).astype(kind)
    received = np.random.default_rng(6).integers(0, full + 1, (_COUNT, 4)).astype(kind)
    received[:5000], received[5000:20_000, 3] = 0, full
    original[20_000:40_000, 3] = 100
    received[20_000:40_000] = original[20_000:40_000]
    received[_COUNT - 100 :] = 0
    received[received[:, 3] == 0] = 0
    found, merged = _merged(original, lambda given: given, original, received)
    expected = received.copy()
    hidden = received[:, 3] == 0
    expected[hidden, :3] = original[hidden, :3]
    assert merged == expected.tobytes()
    assert found.hidden[0] == slice(0, 5000 - 5000 % 256)
    touched = [(chunk.start, chunk.stop) for chunk in found.chunks]
    assert not any(20_224 < start < 39_680 for start, _ in touched)


def test_what_the_worker_left_as_it_was_needs_nothing() -> None:
    pixels = np.random.default_rng(9).integers(0, 256, (_COUNT, 4)).astype(np.uint8)
    found, ours = planes.edits(pixels.tobytes(), pixels.tobytes(), 1)
    assert (found, ours) == (planes.Edits([], [], b""), b"")
    assert planes.merged(pixels.tobytes(), ours, found, 4, 1) == pixels.tobytes()
