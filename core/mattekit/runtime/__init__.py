"""Models: what is known of them, where they lie, and how they run.

`Runtime` hands out loaded networks, `Store` knows their files, `ModelCard` says everything the rest
of mattekit may know about one. Importing this package imports neither onnxruntime nor httpx.
"""

from mattekit.runtime.card import InputSpec, ModelCard, OutputSpec
from mattekit.runtime.manifest import known_models, parse_manifest, read_card, read_manifest
from mattekit.runtime.providers import ProviderFacts
from mattekit.runtime.runtime import LoadedModel, Runtime
from mattekit.runtime.session import FakeSession, Session, Tensor
from mattekit.runtime.store import Store

__all__ = [
    "FakeSession",
    "InputSpec",
    "LoadedModel",
    "ModelCard",
    "OutputSpec",
    "ProviderFacts",
    "Runtime",
    "Session",
    "Store",
    "Tensor",
    "known_models",
    "parse_manifest",
    "read_card",
    "read_manifest",
]
