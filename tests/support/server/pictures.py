"""Pictures and clients that the tests of the server share."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

from PIL import Image

from support.helpers import disc

with warnings.catch_warnings():
    # Newer versions of Starlette would rather have the successor of httpx.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

__all__ = ["Make", "TestClient", "blank", "opened", "picture"]

if TYPE_CHECKING:
    Make = Callable[..., TestClient]
else:
    Make = Callable


def picture(width: int = 128, height: int = 96, kind: str = "PNG", **options: object) -> bytes:
    """A disc on a background, as a file."""
    out = io.BytesIO()
    Image.fromarray(disc(height, width).image).save(out, kind, **options)
    return out.getvalue()


def blank(width: int = 128, height: int = 96) -> bytes:
    """Nothing but background, as a file."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (20, 40, 200)).save(out, "PNG")
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
