"""The PNG writer: read by others, hardly larger than theirs, the same from several threads."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable

import numpy as np
import png as pypng
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import support.codecs as make
from mattekit import codecs, threads
from mattekit.codecs import pngwriter
from mattekit.cutout import Cutout
from mattekit.picture import Metadata
from support.encoding import cutout, encoded
from support.helpers import disc


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 90),
    width=st.integers(1, 70),
    channels=st.integers(1, 4),
    deep=st.booleans(),
    filter_=st.integers(0, 3),
    method=st.sampled_from(["fast", "runs", "thorough"]),
    strip=st.sampled_from([1, 500, 1 << 20]),
    seed=st.integers(0, 99),
)
def test_two_independent_readers_agree(
    height: int,
    width: int,
    channels: int,
    deep: bool,
    filter_: int,
    method: str,
    strip: int,
    seed: int,
) -> None:
    dtype = np.uint16 if deep else np.uint8
    smooth = make.ramp(height, width, 4, dtype)[..., :channels]
    noise = np.random.default_rng(seed).integers(0, 9, smooth.shape, dtype)
    picture = smooth ^ noise
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pngwriter, "_STRIP", strip)
        plan = pngwriter._Plan(filter_, method)
        patch.setattr(pngwriter, "_plan", lambda *_: (plan, lambda: plan))
        data = pngwriter.write_png(
            lambda a, b: picture[a:b], width, height, channels, dtype, Metadata()
        )
    columns, lines, rows, info = pypng.Reader(bytes=data).asDirect()
    assert (columns, lines, info["planes"], info["bitdepth"]) == (
        width,
        height,
        channels,
        16 if deep else 8,
    )
    read = np.vstack([np.asarray(row, dtype) for row in rows]).reshape(picture.shape)
    np.testing.assert_array_equal(read, picture)
    image = Image.open(io.BytesIO(data))
    image.load()
    if not deep:
        np.testing.assert_array_equal(np.asarray(image).reshape(picture.shape), picture)


@pytest.mark.parametrize("mode", ["smooth", "noise", "flat", "graphic"])
def test_files_are_hardly_larger_than_those_of_pillow(mode: str) -> None:
    truth = disc(600, 800)
    color = np.floor(truth.foreground * 255).astype(np.uint8)
    rng = np.random.default_rng(0)
    if mode == "noise":
        noisy = color + rng.normal(0, 3, color.shape)
        color = np.clip(noisy, 0, 255).astype(np.uint8)
    elif mode == "flat":
        color[...] = (200, 30, 30)
    elif mode == "graphic":
        color = rng.integers(0, 255, (30, 40, 3), np.uint8).repeat(20, 0).repeat(20, 1)
    picture = Cutout(color, np.floor(truth.alpha * 255 + 0.5).astype(np.uint8))
    size = len(encoded(picture, format="png").data)
    reference = len(make.saved(codecs.to_pil(picture), "PNG"))
    assert size <= 1.15 * reference + 4096  # of tiny files the share says nothing


@pytest.mark.parametrize("count", [1, 3])
def test_a_plan_that_is_reconsidered_holds_for_every_strip(count: int, monkeypatch) -> None:
    """Whatever was packed by the first plan meanwhile, and on however many processors."""
    monkeypatch.setattr(threads, "cores", lambda: count)
    monkeypatch.setattr(pngwriter, "_STRIP", 1000)
    picture = make.ramp(90, 70, 3, np.uint8)
    first, last = pngwriter._Plan(), pngwriter._Plan(pngwriter._SUB, pngwriter._RUNS)

    def written(plan: pngwriter._Plan, reconsider: Callable[[], pngwriter._Plan]) -> bytes:
        monkeypatch.setattr(pngwriter, "_plan", lambda *_: (plan, reconsider))
        return pngwriter.write_png(lambda a, b: picture[a:b], 70, 90, 3, np.uint8, Metadata())

    def late() -> pngwriter._Plan:
        time.sleep(0.02 * (count - 1))
        return last

    assert written(first, late) == written(last, lambda: last)
    assert written(first, late) != written(first, lambda: first)


def test_adler_of_pieces() -> None:
    import zlib

    rng = np.random.default_rng(0)
    pieces = [rng.bytes(n) for n in (1, 7, 100_000, 0, 65_521)]
    value = 1
    for piece in pieces:
        value = pngwriter._adler_of_both(value, zlib.adler32(piece), len(piece))
    assert value == zlib.adler32(b"".join(pieces))


def test_many_at_once() -> None:
    picture = cutout()
    expected = encoded(picture, format="png").data
    results: list[bytes] = []
    writers = [
        threading.Thread(target=lambda: results.append(encoded(picture, format="png").data))
        for _ in range(8)
    ]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert results == [expected] * 8
