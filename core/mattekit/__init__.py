"""mattekit removes the background of pictures.

>>> import mattekit
>>> cutout = mattekit.remove_background("photo.jpg")  # doctest: +SKIP
>>> cutout.save("subject.png")  # doctest: +SKIP

The way through is in `mattekit.pipeline`; options are declared in `mattekit.options`, plug-ins
are described in `mattekit.hooks`, errors in `mattekit.errors`. Importing this package loads
nothing heavy: names are imported when they are first used.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from mattekit._version import __version__
from mattekit.lazy import lazy_names

if TYPE_CHECKING:
    from mattekit.cutout import Cutout
    from mattekit.editing import Editor
    from mattekit.errors import MattekitError
    from mattekit.formats import OutputFormat
    from mattekit.geometry import Box, Size
    from mattekit.hooks import Host, HostCopy, hookimpl
    from mattekit.kinds import KINDS
    from mattekit.models import ModelCard
    from mattekit.options import OPTIONS, Options
    from mattekit.photo import Photo
    from mattekit.picture import Metadata
    from mattekit.pipeline import refine_mask, remove_background, remove_background_each
    from mattekit.runtime import FakeSession, Runtime
    from mattekit.steps import Step

__all__ = [
    "KINDS",
    "OPTIONS",
    "Box",
    "Cutout",
    "Editor",
    "FakeSession",
    "Host",
    "HostCopy",
    "MattekitError",
    "Metadata",
    "ModelCard",
    "Options",
    "OutputFormat",
    "Photo",
    "Runtime",
    "Size",
    "Step",
    "__version__",
    "hookimpl",
    "refine_mask",
    "remove_background",
    "remove_background_each",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "KINDS": "kinds",
        "OPTIONS": "options",
        "Box": "geometry",
        "Cutout": "cutout",
        "Editor": "editing",
        "FakeSession": "runtime",
        "Host": "hooks",
        "HostCopy": "hooks",
        "MattekitError": "errors",
        "Metadata": "picture",
        "ModelCard": "models",
        "Options": "options",
        "OutputFormat": "formats",
        "Photo": "photo",
        "Runtime": "runtime",
        "Size": "geometry",
        "Step": "steps",
        "hookimpl": "hooks",
        "refine_mask": "pipeline",
        "remove_background": "pipeline",
        "remove_background_each": "pipeline",
    },
)

logging.getLogger(__name__).addHandler(logging.NullHandler())
