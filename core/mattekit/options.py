"""Every option of a cut-out, declared once.

The declarations below are the only place that knows an option's name, grammar, default, label and
help. Command-line flags, HTTP fields, dialogs, keyword arguments and the table in the documentation
are derived from :data:`OPTIONS`.

`Options` holds one checked value per option. Values may be given as text, as a user types them, or
as Python values; both end as the same canonical value:

>>> Options(crop_margin="10% 20px").crop_margin.right
Length(value=20.0, unit='px')
>>> Options(scale=80).scale == Options(scale="80%").scale
True

Names and grammar of the options that the remove.bg API has are those of its version 1.0; the rest
are our own.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar

from mattekit.errors import OptionError, UnknownOption
from mattekit.formats import WRITTEN, plugin_formats
from mattekit.geometry import Aspect, Length, Margins, Point, Position, Region
from mattekit.grammar import (
    Boolean,
    Choice,
    Color,
    ColorValue,
    Distance,
    FrameAspect,
    Grammar,
    MarginLengths,
    Marks,
    Number,
    Percent,
    PerKind,
    Pictures,
    PictureSource,
    PositionInFrame,
    RegionOfInterest,
    SubjectChoice,
    Text,
)
from mattekit.kinds import KINDS

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mattekit.option_values import OptionValues

__all__ = ["OPTIONS", "Option", "Options", "takes_options"]

_F = TypeVar("_F", bound=Callable[..., Any])  # a class is one, too

Group = Literal["subject", "frame", "background", "shadow", "edges", "output", "model"]
Origin = Literal["remove.bg", "mattekit"]


class Option(NamedTuple):
    """The declaration of one option.

    Attributes
    ----------
    name : str
        Identifier, HTTP field and, with dashes, command-line flag.
    grammar : Grammar
        How a value is written.
    default : object
        The canonical default of the library and its command line.
    api_default : object
        The canonical default of the HTTP API, where the two differ.
    label : str
        A few words for a dialog.
    help : str
        One or two sentences for a help page.
    group : str
        The heading under which help pages and dialogs list it.
    origin : str
        Whether the name and grammar come from the remove.bg API or are our own.
    library_only : tuple of str
        Values that the HTTP API does not offer.
    """

    name: str
    grammar: Grammar[Any]
    default: Any
    api_default: Any
    label: str
    help: str
    group: Group
    origin: Origin
    library_only: tuple[str, ...] = ()

    def parse(self, value: object) -> Any:
        """Return the canonical form of `value`.

        Raises
        ------
        OptionError
            `value` does not follow the grammar. The message names option, value and grammar.
        """
        try:
            return self.grammar.parse(value)
        except ValueError as error:
            raise OptionError(self.name, value, self.grammar.text, str(error)) from None

    @property
    def api_words(self) -> list[str]:
        """The words among its values that the HTTP API offers; none where it has others."""
        words: list[str] = self.grammar.schema().get("enum", [])
        return [word for word in words if word not in self.library_only]

    @property
    def default_text(self) -> str:
        """The default as a user would type it; empty where it is nothing, as no background."""
        return self.grammar.format(self.default)


def _option(
    grammar: Grammar[Any],
    default: object,
    label: str,
    help: str,
    *,
    group: Group,
    origin: Origin = "mattekit",
    api_default: object = dataclasses.MISSING,
    library_only: tuple[str, ...] = (),
) -> Any:
    """Declare a field of `Options`. Defaults are written as a user would write them."""
    api = default if api_default is dataclasses.MISSING else api_default
    declaration = (grammar, api, label, help, group, origin, library_only)
    return dataclasses.field(default=default, metadata={"option": declaration})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """One checked value per option; every instance is valid.

    Raises
    ------
    OptionError
        A value that its option does not accept.
    """

    # -- subject -----------------------------------------------------------------------------
    type: str = _option(
        Choice(("auto", *KINDS), {"graphics": "graphic"}),
        "auto",
        "Kind of subject",
        "What to look for: parts of another kind are background, as far as the model tells kinds "
        "apart, and shadows are those of this kind. It also selects the model that suits it best.",
        group="subject",
        origin="remove.bg",
    )
    type_level: str = _option(
        Choice(("none", "1", "2", "latest")),
        "1",
        "Detail of the reported kind",
        "How finely the kind of subject is reported: none, 1 (person, product, animal, car, "
        "other), 2 or latest (also transportation, graphics).",
        group="subject",
        origin="remove.bg",
    )
    roi: Region = _option(
        RegionOfInterest(),
        "0% 0% 100% 100%",
        "Region",
        "Only what lies inside can be subject, the rest is background: two corners, "
        'as in "10% 0% 90% 100%" or "100px 50px 900px 700px". The picture keeps its size.',
        group="subject",
        origin="remove.bg",
    )
    zoom: bool = _option(
        Boolean(),
        True,
        "Look twice",
        "Where the subject is small, the network looks again at its part of the picture: finer "
        "edges and fewer misses, for the time of one more pass.",
        group="subject",
    )
    semitransparency: bool = _option(
        Boolean(),
        True,
        "Semi-transparency",
        "Keep glass and veils partly transparent. If false, the inside of the subject is opaque.",
        group="subject",
        origin="remove.bg",
    )
    subjects: str | int | Point = _option(
        SubjectChoice(),
        "all",
        "Which subjects",
        "Of several that do not touch: all, the largest, so many of the largest, or the one at a "
        'point, as in "240px 300px" or "40% 55%". each is all of them one by one: layers in ora '
        "and psd, files from the command.",
        group="subject",
        library_only=("each",),
    )
    mask: Any = _option(
        PictureSource(),
        None,
        "Mask",
        "A mask or trimap of this picture, as large as it is: black is background, white subject, "
        "grey soft or unknown; where it has transparency, that is the mask. Its edge is refined, "
        "and no network looks for a subject.",
        group="subject",
    )
    keep: tuple[object, ...] = _option(
        Marks(),
        (),
        "Keep",
        "What belongs to the subject: points, boxes that hold a subject, and strokes, white or "
        "opaque in a picture as large as this one.",
        group="subject",
    )
    remove: tuple[object, ...] = _option(
        Marks(),
        (),
        "Remove",
        "What does not: points, boxes without any subject, and strokes, as for keep.",
        group="subject",
    )
    # -- frame -------------------------------------------------------------------------------
    size: str = _option(
        Choice(
            (
                "original",
                "auto",
                "preview",
                "small",
                "regular",
                "medium",
                "hd",
                "full",
                "4k",
                "50MP",
            )
        ),
        "original",
        "Largest result",
        "The result is scaled down to at most: preview (also small, regular) 0.25, medium 1.5, "
        "hd 4, full (also 4k, auto) 25 (PNG: 10), 50MP 50 (PNG: 10) megapixels. "
        "original never scales.",
        group="frame",
        origin="remove.bg",
        api_default="preview",
        library_only=("original",),
    )
    crop: bool = _option(
        Boolean(),
        False,
        "Crop to the subject",
        "Cut off everything around the subject.",
        group="frame",
        origin="remove.bg",
    )
    crop_margin: Margins = _option(
        MarginLengths(),
        "0",
        "Margin around the crop",
        "Room left around the subject when cropping, in px or in per cent of the subject: "
        'one value, "top/bottom left/right", or "top right bottom left".',
        group="frame",
        origin="remove.bg",
    )
    aspect: Aspect | None = _option(
        FrameAspect(),
        "original",
        "Shape of the frame",
        "Add room on two sides until the frame has this proportion, as in 1:1 or 35:45; what was "
        "in it stays in its middle unless a position is given.",
        group="frame",
    )
    scale: float | None = _option(
        Percent(10, 100, original=None),
        "original",
        "Scale of the subject",
        "Make the subject fill this share of the frame, centred unless a position is given.",
        group="frame",
        origin="remove.bg",
    )
    position: Position | None = _option(
        PositionInFrame(),
        "original",
        "Position of the subject",
        "Where the subject sits: original, center, or per cent of the free room "
        "(0% left or top, 100% right or bottom).",
        group="frame",
        origin="remove.bg",
    )
    # -- background --------------------------------------------------------------------------
    bg_color: ColorValue | None = _option(
        Color(),
        None,
        "Background colour",
        "Put the subject on a colour: hexadecimal digits, with alpha if wanted, or a CSS name.",
        group="background",
        origin="remove.bg",
    )
    bg_image: Any = _option(
        PictureSource(),
        None,
        "Background picture",
        "Put the subject on a picture, centred and scaled to cover the frame.",
        group="background",
        origin="remove.bg",
    )
    bg_blur: float = _option(
        Percent(0, 20),
        0,
        "Blurred background",
        "Put the subject on its own background, blurred by this share of the longer side.",
        group="background",
    )
    # -- shadow ------------------------------------------------------------------------------
    add_shadow: bool = _option(
        Boolean(),
        False,
        "Car shadow",
        "The API's older name of shadow_type car=car: a shadow under cars, nothing elsewhere.",
        group="shadow",
        origin="remove.bg",
    )
    shadow_type: Mapping[str, str] = _option(
        PerKind(Choice(("none", "auto", "car", "3D", "drop")), KINDS, "none"),
        "none",
        "Shadow",
        "drop falls behind the subject, 3D lies on the ground, car lies under the wheels; "
        "auto chooses by the kind of subject.",
        group="shadow",
        origin="remove.bg",
    )
    shadow_opacity: Mapping[str, float | None] = _option(
        PerKind(Number(0, 100, words={"auto": None}), KINDS, None),
        "auto",
        "Strength of the shadow",
        "0 (invisible) to 100 (black); auto is 90 for cars and 50 for all else.",
        group="shadow",
        origin="remove.bg",
    )
    # -- edges -------------------------------------------------------------------------------
    refine: str = _option(
        Choice(("fast", "balanced", "best")),
        "balanced",
        "Edge quality",
        "How the network's coarse matte is brought to full size: fast follows the edges of the "
        "picture, balanced also re-estimates them from local colour, best solves for them after "
        "the network has looked at the subject again in four parts.",
        group="edges",
    )
    decontaminate: bool = _option(
        Boolean(),
        True,
        "Clean edge colours",
        "Free the colours of soft edges from the old background.",
        group="edges",
    )
    specks: float = _option(
        Percent(0, 100),
        0,
        "Remove specks",
        "Parts that lie apart and are smaller than this share of the subject are removed.",
        group="edges",
    )
    holes: float = _option(
        Percent(0, 100),
        0,
        "Close holes",
        "Holes in the subject that are smaller than this share of it are closed.",
        group="edges",
    )
    edge_shift: Length = _option(
        Distance(pixels=100, percent=5, signed=True),
        "0",
        "Move the edge",
        "Move the subject's edge outwards, or inwards where negative: px of the photo or per cent "
        "of the shorter side of the subject's box. Soft edges stay as soft as they are.",
        group="edges",
    )
    edge_soften: Length = _option(
        Distance(pixels=100, percent=5),
        "0",
        "Soften the edge",
        "Let the subject's edge fade over this distance to either side: px of the photo or per "
        "cent of the shorter side of the subject's box.",
        group="edges",
    )
    enclosed: str = _option(
        Choice(("auto", "keep", "remove")),
        "auto",
        "Enclosed ground",
        "What has the background's colour but lies inside the subject: in logos, lettering and "
        "drawings auto keeps eyes, stripes and what an outline encloses, and opens letters and "
        "rings; keep fills every hole of any picture, remove opens all in flat graphics.",
        group="edges",
    )
    # -- output ------------------------------------------------------------------------------
    format: str = _option(
        Choice(
            ("auto", *WRITTEN),
            {alias: name for name, each in WRITTEN.items() for alias in each.aliases},
            plugin_formats,
        ),
        "auto",
        "File format",
        "auto is PNG where the result has transparency and JPEG where it has none. zip holds "
        "color.jpg and alpha.png and is the smallest. ora and psd are for editors: they keep the "
        "picture and its matte apart. pfm is for raw developers: the matte alone.",
        group="output",
        origin="remove.bg",
        library_only=tuple(name for name, each in WRITTEN.items() if not each.served),
    )
    channels: str = _option(
        Choice(("rgba", "alpha")),
        "rgba",
        "Channels",
        "rgba is the cut-out, alpha only its matte as a grey picture. A ZIP has both anyway, a PFM "
        "the matte.",
        group="output",
        origin="remove.bg",
    )
    quality: int = _option(
        Number(1, 100, integer=True),
        90,
        "Quality",
        "Of JPEG, of the colours in a ZIP and, below 100, of WebP; 100 is lossless WebP.",
        group="output",
    )
    depth: str = _option(
        Choice(("8", "16")),
        "16",
        "Bits per channel",
        "At most so many in PNG, TIFF, OpenRaster, PSD and PFM: 16 keeps the depth of the "
        "picture, 8 is what every program reads, and what the HTTP API gives unless asked. Other "
        "formats have 8.",
        group="output",
        api_default="8",
    )
    keep_color: bool = _option(
        Boolean(),
        False,
        "Keep hidden colours",
        "In PNG and TIFF, keep what the photo showed where the result is transparent, so that an "
        "editor can bring it back. Otherwise it is black.",
        group="output",
    )
    keep_metadata: bool = _option(
        Boolean(),
        True,
        "Keep metadata",
        "Copy colour profile, resolution and EXIF to the result. Otherwise its colours are sRGB.",
        group="output",
    )
    # -- model -------------------------------------------------------------------------------
    model: str = _option(
        Text("a name from `mattekit models list`, the path of an .onnx file, or auto"),
        "auto",
        "Model",
        "auto takes the best model on this machine for the kind of subject.",
        group="model",
    )
    device: str = _option(
        Choice(("auto", "cpu", "cuda", "tensorrt", "rocm", "directml", "coreml", "openvino")),
        "auto",
        "Device",
        "auto takes the fastest that works; a named device is used or it is an error.",
        group="model",
    )

    if TYPE_CHECKING:
        # Fields have the canonical types, arguments whatever their grammars take.
        def __init__(self, **values: Unpack[OptionValues]) -> None: ...

    def __post_init__(self) -> None:
        for name, option in OPTIONS.items():
            value = getattr(self, name)
            # Most are as they are declared, and were parsed then.
            if value is not option.default:
                declared = value is _DECLARED[name]
                value = option.default if declared else option.parse(value)
                object.__setattr__(self, name, value)
        given = [
            name
            for name in ("bg_color", "bg_image", "bg_blur")
            if getattr(self, name) is not None and not (name == "bg_blur" and self.bg_blur == 0)
        ]
        if len(given) > 1:
            raise OptionError(
                given[1],
                OPTIONS[given[1]].grammar.format(getattr(self, given[1])),
                "at most one of bg_color, bg_image and bg_blur",
                f"{given[0]} is given as well",
                code="multiple_bg_sources",
            )

    @classmethod
    def parse(cls, values: Mapping[str, object]) -> Options:
        """Return options from a mapping whose names are not known to be right.

        Raises
        ------
        UnknownOption
            A name that is no option.
        OptionError
            A value that its option does not accept.
        """
        return Options().updated(values)

    @classmethod
    def of(cls, options: Options | None, values: Mapping[str, object]) -> Options:
        """Return what a call was given: `values` win over `options`; raises as `parse` does."""
        if options is not None and not isinstance(options, cls):
            raise OptionError(
                "options",
                options,
                "an Options, as of Options.parse(...), or each option by its name, as in crop=True",
                f"it is of type {type(options).__name__}",
            )
        return (options or cls()).updated(values)

    @classmethod
    def of_mask(
        cls, options: Options | None, mask: object, values: Mapping[str, object]
    ) -> Options:
        """Return the same with a mask, which there must be: without it a network would be asked."""
        given = cls.of(options, {**values, "mask": mask})
        if given.mask is None:
            raise OptionError("mask", mask, "a picture as large as the photo", "there is none")
        return given

    def updated(self, values: Mapping[str, object]) -> Options:
        """Return a copy with other values; takes and raises what `parse` does."""
        for name in values:
            if name not in OPTIONS:
                raise UnknownOption(name, list(OPTIONS))
        current = {name: getattr(self, name) for name in OPTIONS}
        every: Any = current | dict(values)
        return Options(**every)

    def replace(self, **values: Unpack[OptionValues]) -> Options:
        """Return a copy with other values; raises as `parse` does."""
        return self.updated(values)

    def changed(self) -> Iterator[tuple[Option, Any]]:
        """Yield the options whose value is not the default, with their values."""
        for name, option in OPTIONS.items():
            value = getattr(self, name)
            if not _equal(value, option.default):
                yield option, value

    def pictures(self) -> Iterator[tuple[str, Any]]:
        """Yield the pictures that options hold, each with its option's name."""
        found: list[tuple[str, Any]] = []

        def note(name: str, picture: Any) -> Any:
            found.append((name, picture))
            return picture

        self.with_pictures(note)
        yield from found

    def with_pictures(self, change: Callable[[str, Any], object]) -> Options:
        """Return a copy in which ``change(name, picture)`` stands for each picture."""
        values = {}
        for name, option in OPTIONS.items():
            if isinstance(option.grammar, Pictures):
                values[name] = option.grammar.with_pictures(
                    getattr(self, name), functools.partial(change, name)
                )
        return self.updated(values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Options):
            return NotImplemented
        return all(_equal(getattr(self, name), getattr(other, name)) for name in OPTIONS)

    def __hash__(self) -> int:
        return hash(tuple(option.name for option, _ in self.changed()))


def _equal(one: object, two: object) -> bool:
    """Compare two values of an option; pictures are equal if they are the same object."""
    if one is two:
        return True
    if type(one) is tuple and type(two) is tuple:
        return len(one) == len(two) and all(map(_equal, one, two))
    return type(one) is type(two) and not hasattr(one, "__array_interface__") and one == two


def _declared() -> dict[str, Option]:
    options = {}
    for field in dataclasses.fields(Options):
        grammar, api_default, label, text, group, origin, only = field.metadata["option"]
        options[field.name] = Option(
            field.name,
            grammar,
            grammar.parse(field.default),
            grammar.parse(api_default),
            label,
            text,
            group,
            origin,
            only,
        )
    return options


#: Defaults as they are written above.
_DECLARED: Final = {field.name: field.default for field in dataclasses.fields(Options)}

#: All declarations by name, in the order in which they are shown.
OPTIONS: Final[Mapping[str, Option]] = _declared()


def takes_options(taker: _F) -> _F:
    """Show the options among the parameters of what takes them as ``**values``.

    `help`, `inspect.signature` and notebooks then list them, with their defaults, and the docstring
    says below ``**values`` what each does. Type checkers read ``Unpack[OptionValues]``.
    """
    shown: Any = taker
    signature = inspect.signature(taker)
    own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
    named = [
        inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default)
        for field in dataclasses.fields(Options)
        if field.name not in signature.parameters
    ]
    shown.__signature__ = signature.replace(parameters=[*own, *named])
    if taker.__doc__ is not None:
        shown.__doc__ = _with_options(taker.__doc__)
    return taker


@functools.cache
def _described() -> tuple[str, ...]:
    """Return what each option does, as lines for a docstring."""
    return tuple(
        line
        for name, option in OPTIONS.items()
        for line in textwrap.wrap(f"{name}: {option.help}", 84, subsequent_indent="    ")
    )


def _with_options(text: str) -> str:
    """Return a docstring with the options behind the description of ``**values``."""
    lines = text.split("\n")
    start = next(n for n, line in enumerate(lines) if line.strip() == "**values")
    indent = lines[start].partition("*")[0]
    end = start + 1
    while lines[end].startswith(indent + " "):
        end += 1
    lines[end:end] = [f"{indent}    {line}" for line in _described()]
    return "\n".join(lines)
