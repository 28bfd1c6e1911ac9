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

from typing import TYPE_CHECKING

from mattekit.lazy import lazy_names

if TYPE_CHECKING:
    from mattekit_imageio.arrays import cutout_array
    from mattekit_imageio.convert import VideoReport, convert_video
    from mattekit_imageio.flicker_metric import flicker
    from mattekit_imageio.frames import cutout_frames
    from mattekit_imageio.plugin import MattekitPlugin
    from mattekit_imageio.registration import register
    from mattekit_imageio.source import read_frames

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

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "MattekitPlugin": "plugin",
        "VideoReport": "convert",
        "convert_video": "convert",
        "cutout_array": "arrays",
        "cutout_frames": "frames",
        "flicker": "flicker_metric",
        "read_frames": "source",
        "register": "registration",
    },
)
