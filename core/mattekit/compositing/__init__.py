"""What lies behind a subject: its shadow, and a colour, a picture or its own blurred background."""

from __future__ import annotations

from mattekit.compositing.layers import composite
from mattekit.compositing.shadowplan import Shadow, plan_shadow
from mattekit.compositing.source_over import over, over_color, over_picture

__all__ = ["Shadow", "composite", "over", "over_color", "over_picture", "plan_shadow"]
