"""mattekit's nodes; `mattekit hosts install comfyui` has put this folder here.

Nothing is downloaded, and no torch is imported: tensors are asked for their arrays, and new ones
are made by those that came in.
"""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
if os.path.exists(os.path.join(_HERE, "settings.json")):
    sys.path.append(_HERE)  # mattekit_bridge; its name is nobody else's

from .nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS  # noqa: E402

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS"]
