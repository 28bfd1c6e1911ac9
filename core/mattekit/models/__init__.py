"""Models: what is known of them, and where their files lie.

`ModelCard` says everything that the rest of mattekit may know about a network, `Store` knows the
files. How they run is in `mattekit.runtime`. Importing this package imports no httpx.
"""

from mattekit.models.card import Calibration, InputSpec, ModelCard, OutputSpec
from mattekit.models.files import check_name, is_path
from mattekit.models.manifest import known_models, parse_manifest, plugin_models, read_manifest
from mattekit.models.store import Store

__all__ = [
    "Calibration",
    "InputSpec",
    "ModelCard",
    "OutputSpec",
    "Store",
    "check_name",
    "is_path",
    "known_models",
    "parse_manifest",
    "plugin_models",
    "read_manifest",
]
