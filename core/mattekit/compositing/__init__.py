"""What lies behind a subject: its shadow, and a colour, a picture or its own blurred background."""

from __future__ import annotations

from mattekit.compositing.dress import dress, shadow_room
from mattekit.compositing.over import over, over_color, over_picture

__all__ = ["dress", "over", "over_color", "over_picture", "shadow_room"]
