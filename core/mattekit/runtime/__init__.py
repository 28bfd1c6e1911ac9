"""How networks run: `Runtime` hands out loaded ones, the same to everything in a process.

What is known of networks is in `mattekit.models`. Importing this package does not import
onnxruntime.
"""

from mattekit.runtime.cards import read_card
from mattekit.runtime.providers import ProviderFacts
from mattekit.runtime.runtime import LoadedModel, Runtime
from mattekit.runtime.session import FakeSession, Session, Tensor

__all__ = [
    "FakeSession",
    "LoadedModel",
    "ProviderFacts",
    "Runtime",
    "Session",
    "Tensor",
    "read_card",
]
