"""mattekit for imageio and scikit-image: pictures, arrays of any dtype, frames and videos.

>>> import imageio.v3 as iio
>>> import mattekit_imageio
>>> mattekit_imageio.register()
>>> subject = iio.imread("photo.jpg", plugin="mattekit")  # doctest: +SKIP
>>> frames = mattekit_imageio.read_frames("clip.mp4")  # doctest: +SKIP
>>> for subject in mattekit_imageio.cutout_frames(frames):  # doctest: +SKIP
...     ...

Importing this package loads neither imageio nor PyAV; names are imported when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mattekit_imageio.arrays import cutout_array
    from mattekit_imageio.convert import VideoReport, convert_video
    from mattekit_imageio.frames import cutout_frames
    from mattekit_imageio.plugin import MattekitPlugin
    from mattekit_imageio.registration import register
    from mattekit_imageio.source import read_frames
    from mattekit_imageio.stability import flicker

__all__ = [
    "MattekitPlugin",
    "VideoReport",
    "convert_video",
    "cutout_array",
    "cutout_frames",
    "flicker",
    "read_frames",
    "register",
]

_HOME = {
    "MattekitPlugin": "plugin",
    "VideoReport": "convert",
    "convert_video": "convert",
    "cutout_array": "arrays",
    "cutout_frames": "frames",
    "flicker": "stability",
    "read_frames": "source",
    "register": "registration",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
