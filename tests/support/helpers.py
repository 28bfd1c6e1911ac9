"""What tests share: pictures with known truth, and comparisons that leave evidence."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageCms

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("MATTEKIT_TEST_DATA", ROOT.parent / "shared"))


@contextlib.contextmanager
def ends_soon(seconds: float = 20) -> Iterator[None]:
    """Fail what spends processor time without end; a busy machine changes nothing about it."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def fail(number: int, frame: object) -> None:
        raise AssertionError(f"{seconds} s of processor time, and no end")

    before = signal.signal(signal.SIGPROF, fail)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def require_data(*parts: str) -> Path:
    """Return a path of the test data, or skip the test where it is absent."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"no {'/'.join(parts)} under MATTEKIT_TEST_DATA ({DATA})")
    return path


class Truth(NamedTuple):
    """A picture whose foreground, background and alpha are known."""

    image: NDArray[np.uint8]  # (H, W, 3)
    foreground: NDArray[np.float32]  # (H, W, 3) in 0..1
    background: NDArray[np.float32]  # (H, W, 3) in 0..1
    alpha: NDArray[np.float32]  # (H, W) in 0..1


def disc(height: int = 96, width: int = 128, radius: float = 0.35, softness: float = 4.0) -> Truth:
    """A soft disc with a colour gradient over a background with another; `softness` in pixels."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = np.hypot(x - (width - 1) / 2, y - (height - 1) / 2)
    alpha = np.clip((radius * min(height, width) - distance) / softness + 0.5, 0, 1)
    u, v = x / max(1, width - 1), y / max(1, height - 1)
    foreground = np.stack([0.85 - 0.2 * u, 0.25 + 0.3 * v, 0.2 + 0.1 * u], -1)
    background = np.stack([0.1 + 0.1 * v, 0.35 + 0.2 * u, 0.75 - 0.2 * v], -1)
    mixed = alpha[..., None] * foreground + (1 - alpha[..., None]) * background
    image = np.floor(mixed * 255 + 0.5).astype(np.uint8)
    return Truth(image, foreground, background, alpha.astype(np.float32))


def srgb(**swapped: str) -> bytes:
    """An ICC profile; `r="g", g="r"` gives one whose red and green have changed places."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    names = {f"{old}XYZ".encode(): f"{new}XYZ".encode() for old, new in swapped.items()}
    table = bytearray(data)
    for index in range(int.from_bytes(data[128:132], "big")):
        at = 132 + 12 * index
        table[at : at + 4] = names.get(bytes(data[at : at + 4]), data[at : at + 4])
    return bytes(table)


def assert_images_close(
    actual: ArrayLike, expected: ArrayLike, tolerance: float = 0, *, mean: float | None = None
) -> None:
    """Compare two pictures; on failure save both and their difference and say where.

    Parameters
    ----------
    actual, expected : array_like
        Of one shape.
    tolerance : float
        Largest difference of a sample that is allowed.
    mean : float, optional
        Largest mean difference that is allowed.
    """
    a, b = np.asarray(actual), np.asarray(expected)
    assert a.shape == b.shape, f"shapes differ: {a.shape} and {b.shape}"
    difference = np.abs(a.astype(np.float64) - b.astype(np.float64))
    worst, average = float(difference.max(initial=0)), float(difference.mean())
    if worst <= tolerance and (mean is None or average <= mean):
        return
    folder = Path(tempfile.mkdtemp(prefix="mattekit-test-"))
    for name, array in (("actual", a), ("expected", b), ("difference", difference)):
        np.save(folder / f"{name}.npy", array)
        scale = 255 / max(float(array.max(initial=0)), 1e-9) if name == "difference" else 1
        if array.dtype == np.uint16:
            scale = 1 / 257
        elif array.dtype.kind == "f" and name != "difference":
            scale = 255
        if array.ndim == 2 or array.shape[-1] in {3, 4}:
            Image.fromarray(np.clip(array * scale, 0, 255).astype(np.uint8)).save(
                folder / f"{name}.png"
            )
    at = tuple(int(i) for i in np.unravel_index(difference.argmax(), difference.shape))
    pytest.fail(
        f"pictures differ by up to {worst:g} at {at} (allowed {tolerance:g}), {average:g} on "
        f"average (allowed {mean}); evidence in {folder}"
    )


def assert_same_file(actual: bytes, expected: bytes) -> None:
    """Compare two files of pictures to the byte; on failure save both and say how they differ."""
    if actual == expected:
        return
    folder = Path(tempfile.mkdtemp(prefix="mattekit-test-"))
    (folder / "actual").write_bytes(actual)
    (folder / "expected").write_bytes(expected)
    pairs = enumerate(zip(actual, expected, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(actual), len(expected)))
    pytest.fail(
        f"files of {len(actual)} and {len(expected)} bytes differ from byte {at} on: "
        f"{actual[at : at + 16]!r} and {expected[at : at + 16]!r}; "
        f"{_pixels_that_differ(actual, expected)}; evidence in {folder}"
    )


def _pixels_that_differ(actual: bytes, expected: bytes) -> str:
    decoded = []
    for data in (actual, expected):
        try:
            with Image.open(io.BytesIO(data)) as image:
                decoded.append((f"{image.format} {image.mode} {image.info}", np.asarray(image)))
        except OSError as error:
            return str(error)
    (head, a), (other, b) = decoded
    heads = "equal heads" if head == other else f"heads {head[:400]} and {other[:400]}"
    if a.shape != b.shape:
        return f"{heads}; shapes {a.shape} and {b.shape}"
    difference = np.abs(a.astype(np.int64) - b.astype(np.int64)).reshape(*a.shape[:2], -1).max(-1)
    y, x = np.nonzero(difference)
    if not len(y):
        return f"{heads}; equal pixels (of eight bits)"
    return (
        f"{heads}; {len(y)} of {difference.size} pixels differ by up to {difference.max()}, "
        f"rows {y.min()} to {y.max()}, columns {x.min()} to {x.max()}"
    )
