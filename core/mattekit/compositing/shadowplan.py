"""Which shadow a subject gets, decided once, before it is framed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mattekit.cutout import Cutout
from mattekit.geometry import Box

if TYPE_CHECKING:
    from mattekit.options import Options

__all__ = ["Shadow", "plan_shadow"]

#: The shadow that `auto` means, by kind of subject.
_AUTO: Final = {
    "car": "car",
    "product": "drop",
    "person": "3D",
    "animal": "drop",
    "transportation": "3D",
    "graphic": "drop",
    "other": "drop",
}


class Shadow(NamedTuple):
    """A shadow that can be seen.

    Attributes
    ----------
    name : {"drop", "3D", "car"}
    opacity : float
        Darkness where it is darkest, above 0, up to 1.
    """

    name: str
    opacity: float

    def room(self, cutout: Cutout) -> Box | None:
        """Return the box of a subject and of all of this shadow that can be seen.

        It may reach outside the picture. None where there is no subject.
        """
        if cutout.box is None or cutout.box.empty:
            return None
        from mattekit.compositing.shadows import room

        return room(cutout.alpha, cutout.box, self.name, self.opacity)


def plan_shadow(cutout: Cutout, options: Options) -> Shadow | None:
    """Return the shadow for a subject; None where it gets none.

    `add_shadow` is a car's shadow under cars where `shadow_type` names none for them. `auto` gives
    no 3D shadow to a subject that the bottom of the photo cuts off: it stands nowhere in sight.

    Parameters
    ----------
    cutout : Cutout
        Its `kind` counts, and whether its `box` ends at the bottom of the photo.
    options : Options
        `add_shadow`, `shadow_type`, `shadow_opacity`.
    """
    kind = cutout.kind
    name = options.shadow_type.get(kind, options.shadow_type[""])
    if name == "none" and options.add_shadow and kind == "car":
        name = "car"
    if name == "auto":
        name = _AUTO[kind]
        if name == "3D" and _cut_off(cutout):
            name = "drop"
    opacity = options.shadow_opacity.get(kind, options.shadow_opacity[""])
    if opacity is None:
        opacity = 90 if kind == "car" else 50
    return Shadow(name, opacity / 100) if name != "none" and opacity > 0 else None


def _cut_off(cutout: Cutout) -> bool:
    """Return whether the subject touches the bottom of the photo."""
    if cutout.box is None:
        return False
    if cutout.placement is None:
        return cutout.box.bottom >= cutout.size.height
    where = cutout.placement
    return where.photo_box(cutout.box).bottom >= where.photo.height
