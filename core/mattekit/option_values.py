"""What each option may be given as, for editors and type checkers.

Made by `scripts/option-values` from the declarations in `mattekit.options`: change those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from typing import Literal

    from mattekit.geometry import Length, Point

__all__ = ["OptionValues"]


class OptionValues(TypedDict, total=False):
    """Options by name, as text or Python values."""

    type: Literal[
        "auto",
        "person",
        "product",
        "animal",
        "car",
        "transportation",
        "graphic",
        "other",
        "graphics",
    ]
    """What to look for: parts of another kind are background, as far as the model tells kinds
    apart, and shadows are those of this kind. It also selects the model that suits it best."""

    type_level: Literal["none", "1", "2", "latest", 1, 2]
    """How finely the kind of subject is reported: none, 1 (person, product, animal, car, other), 2
    or latest (also transportation, graphics)."""

    roi: str | Sequence[Length | str | float]
    """Only what lies inside can be subject, the rest is background: two corners, as in '10% 0% 90%
    100%' or '100px 50px 900px 700px'. The picture keeps its size."""

    zoom: bool | Literal["false", "no", "off", "on", "true", "yes"]
    """Where the subject is small, the network looks again at its part of the picture: finer edges
    and fewer misses, for the time of one more pass."""

    semitransparency: bool | Literal["false", "no", "off", "on", "true", "yes"]
    """Keep glass and veils partly transparent. If false, the inside of the subject is opaque."""

    subjects: str | int | Point | tuple[Length | float | str, Length | float | str]
    """Of several that do not touch: all, the largest, so many of the largest, or the one at a
    point, as in '240px 300px' or '40% 55%'. each is all of them one by one: layers in ora and psd,
    files from the command."""

    mask: object
    """A mask or trimap of this picture, as large as it is: black is background, white subject, grey
    soft or unknown; where it has transparency, that is the mask. Its edge is refined, and no
    network looks for a subject."""

    keep: object
    """What belongs to the subject: points, boxes that hold a subject, and strokes, white or opaque
    in a picture as large as this one."""

    remove: object
    """What does not: points, boxes without any subject, and strokes, as for keep."""

    size: Literal[
        "original", "auto", "preview", "small", "regular", "medium", "hd", "full", "4k", "50MP"
    ]
    """The result is scaled down to at most: preview (also small, regular) 0.25, medium 1.5, hd 4,
    full (also 4k, auto) 25 (PNG: 10), 50MP 50 (PNG: 10) megapixels. original never scales."""

    crop: bool | Literal["false", "no", "off", "on", "true", "yes"]
    """Cut off everything around the subject."""

    crop_margin: str | float | Sequence[Length | str | float]
    """Room left around the subject when cropping, in px or in per cent of the subject: one value,
    'top/bottom left/right', or 'top right bottom left'."""

    aspect: str | Sequence[float] | None
    """Add room on two sides until the frame has this proportion, as in 1:1 or 35:45; what was in it
    stays in its middle unless a position is given."""

    scale: float | str | None
    """Make the subject fill this share of the frame, centred unless a position is given."""

    position: str | float | Sequence[float] | None
    """Where the subject sits: original, center, or per cent of the free room (0% left or top, 100%
    right or bottom)."""

    bg_color: str | Sequence[int] | None
    """Put the subject on a colour: hexadecimal digits, with alpha if wanted, or a CSS name."""

    bg_image: object
    """Put the subject on a picture, centred and scaled to cover the frame."""

    bg_blur: float | str
    """Put the subject on its own background, blurred by this share of the longer side."""

    add_shadow: bool | Literal["false", "no", "off", "on", "true", "yes"]
    """The API's older name of shadow_type car=car: a shadow under cars, nothing elsewhere."""

    shadow_type: (
        Literal["none", "auto", "car", "3D", "drop"]
        | str
        | Mapping[str, Literal["none", "auto", "car", "3D", "drop"]]
    )
    """drop falls behind the subject, 3D lies on the ground, car lies under the wheels; auto chooses
    by the kind of subject."""

    shadow_opacity: float | str | Mapping[str, float | str | None] | None
    """0 (invisible) to 100 (black); auto is 90 for cars and 50 for all else."""

    refine: Literal["fast", "balanced", "best"]
    """How the network's coarse matte is brought to full size: fast follows the edges of the
    picture, balanced also re-estimates them from local colour, best solves for them after the
    network has looked at the subject again in four parts."""

    decontaminate: bool | Literal["false", "no", "off", "on", "true", "yes"]
    """Free the colours of soft edges from the old background."""

    specks: float | str
    """Parts that lie apart and are smaller than this share of the subject are removed."""

    holes: float | str
    """Holes in the subject that are smaller than this share of it are closed."""

    edge_shift: str | float | Length
    """Move the subject's edge outwards, or inwards where negative: px of the photo or per cent of
    the shorter side of the subject's box. Soft edges stay as soft as they are."""

    edge_soften: str | float | Length
    """Let the subject's edge fade over this distance to either side: px of the photo or per cent of
    the shorter side of the subject's box."""

    enclosed: Literal["auto", "keep", "remove"]
    """What has the background's colour but lies inside the subject: in logos, lettering and
    drawings auto keeps eyes, stripes and what an outline encloses, and opens letters and rings;
    keep fills every hole of any picture, remove opens all in flat graphics."""

    format: (
        Literal["auto", "png", "jpg", "webp", "zip", "tiff", "ora", "psd", "pfm", "jpeg", "tif"]
        | str
    )
    """auto is PNG where the result has transparency and JPEG where it has none. zip holds color.jpg
    and alpha.png and is the smallest. ora and psd are for editors: they keep the picture and its
    matte apart. pfm is for raw developers: the matte alone."""

    channels: Literal["rgba", "alpha"]
    """rgba is the cut-out, alpha only its matte as a grey picture. A ZIP has both anyway, a PFM the
    matte."""

    quality: int | str
    """Of JPEG, of the colours in a ZIP and, below 100, of WebP; 100 is lossless WebP."""

    depth: Literal["8", "16", 8, 16]
    """At most so many in PNG, TIFF, OpenRaster, PSD and PFM: 16 keeps the depth of the picture, 8
    is what every program reads, and what the HTTP API gives unless asked. Other formats have 8."""

    keep_color: bool | Literal["false", "no", "off", "on", "true", "yes"]
    """In PNG and TIFF, keep what the photo showed where the result is transparent, so that an
    editor can bring it back. Otherwise it is black."""

    keep_metadata: bool | Literal["false", "no", "off", "on", "true", "yes"]
    """Copy colour profile, resolution and EXIF to the result. Otherwise its colours are sRGB."""

    model: str | os.PathLike[str]
    """auto takes the best model on this machine for the kind of subject."""

    device: Literal["auto", "cpu", "cuda", "tensorrt", "rocm", "directml", "coreml", "openvino"]
    """auto takes the fastest that works; a named device is used or it is an error."""
