"""The transparency mask of a layer that is to be corrected, and what is known of how it came about.

That lies in the document as an annotation by the mask's identity, and is saved with it. A mask that
somebody has painted on since is another one, whatever its identity.
"""

from __future__ import annotations

from typing import Any, Optional

from mattekit_bridge.geometry import Box
from mattekit_krita.plugin import hints
from mattekit_krita.plugin.hints import Record

__all__ = ["of", "pixels", "recall", "remember"]

_PREFIX = "mattekit-mask-"


def of(node: Any, active: Optional[Any] = None) -> Any:
    """Return the mask of a layer that is in force: the active one or the topmost, or None."""
    found = [
        each for each in node.childNodes() if each.type() == "transparencymask" and each.visible()
    ]
    chosen = [each for each in found if active is not None and each.uniqueId() == active.uniqueId()]
    return (chosen or found or [None])[-1]


def pixels(mask: Any, box: Box) -> bytes:
    """Return a mask as a plane over the pixels of its layer."""
    return bytes(mask.pixelData(*box.place))


def remember(document: Any, mask: Any, plane: bytes, record: Record) -> None:
    """Keep in the document how a mask came about."""
    document.setAnnotation(_name(mask), "How mattekit made a mask", hints.write(record, plane))


def recall(document: Any, mask: Any, plane: bytes) -> Optional[Record]:
    """Return how a mask came about; None if that is not known of the mask as it is now."""
    return hints.read(bytes(document.annotation(_name(mask))), plane)


# -- inside ------------------------------------------------------------------------------------


def _name(mask: Any) -> str:
    identity = mask.uniqueId()
    return _PREFIX + str(identity.toString()).strip("{}")
