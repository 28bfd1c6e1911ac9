"""Grammars: how the value of an option is written, as text and as a Python value.

A grammar knows nothing of any particular option. It turns what a user typed, an HTTP client sent or
a programmer passed into one canonical Python value, or says in a `ValueError` what is wrong, and it
describes itself in words (`text`) and as a JSON schema (`schema()`), from which help pages, HTTP
documentation and dialogs are made.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar, cast, runtime_checkable

from mattekit.geometry import Aspect, Length, Margins, Point, Position, Region, plain

__all__ = [
    "MOST_SUBJECTS",
    "Boolean",
    "Candidates",
    "Choice",
    "Color",
    "ColorValue",
    "Distance",
    "Grammar",
    "MarginLengths",
    "Marks",
    "MarksInOrder",
    "Number",
    "PerKind",
    "Percent",
    "PictureSource",
    "Pictures",
    "PositionInFrame",
    "RegionOfInterest",
    "SubjectChoice",
    "Text",
]

#: At most so many subjects of a picture are told apart, the largest ones.
MOST_SUBJECTS: Final = 64

T = TypeVar("T")

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})


class Grammar(Protocol[T]):
    """What every grammar offers."""

    @property
    def text(self) -> str:
        """The grammar in words, for messages and help."""

    def parse(self, value: object) -> T:
        """Return the canonical value, or raise `ValueError` with the reason."""

    def format(self, value: T) -> str:
        """Return the canonical value as text that `parse` reads back."""

    def schema(self) -> dict[str, Any]:
        """Return a JSON schema of the values as they are sent over HTTP."""

    @property
    def annotation(self) -> str:
        """The types of the Python values that `parse` takes, as source, for type checkers."""


@runtime_checkable
class Pictures(Protocol):
    """What grammars offer whose values are or hold pictures."""

    def with_pictures(self, value: Any, change: Callable[[Any], object]) -> Any:
        """Return a canonical value with every picture in it replaced by what `change` makes."""


@runtime_checkable
class Candidates(Protocol):
    """What grammars offer some or all of whose values are words."""

    def candidates(self) -> Iterable[str]:
        """Return the words, for who completes what is being typed."""


@dataclass(frozen=True)
class Choice:
    """One of a few words, whatever their case; a number stands for its digits.

    Attributes
    ----------
    values : tuple of str
        The words.
    aliases : mapping of str to str, optional
        Other spellings, in lower case, and the words that they stand for.
    more : callable, optional
        Returns further words, such as those of plug-ins; asked only where it makes a difference.
    """

    values: tuple[str, ...]
    aliases: Mapping[str, str] | None = None
    more: Callable[[], Iterable[str]] | None = None

    @property
    def text(self) -> str:
        return "one of " + ", ".join(self.candidates())

    def candidates(self) -> Iterable[str]:
        return (*self.values, *(self.more() if self.more else ()))

    @property
    def annotation(self) -> str:
        words = [*self.values, *(self.aliases or {})]
        numbers = [word for word in words if word.isdecimal()]
        literal = f"Literal[{', '.join([*map(repr, words), *numbers])}]"
        # What plug-ins add is not known to a type checker.
        return f"{literal} | str" if self.more else literal

    def parse(self, value: object) -> str:
        word = str(value).strip().lower() if isinstance(value, str | int) else ""
        word = (self.aliases or {}).get(word, word)
        for names in (self.values, self.more() if word and self.more else ()):
            for name in names:
                if word == name.lower():
                    return name
        raise ValueError("no such choice")

    def format(self, value: str) -> str:
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": [*self.candidates()]}


@dataclass(frozen=True)
class Boolean:
    """True or false."""

    text: str = "true or false"

    @property
    def annotation(self) -> str:
        words = sorted((_TRUE | _FALSE) - {"0", "1"})
        return f"bool | Literal[{', '.join(map(repr, words))}]"

    def parse(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        word = str(value).strip().lower() if isinstance(value, str | int) else ""
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        raise ValueError("neither true nor false")

    def format(self, value: bool) -> str:
        return "true" if value else "false"

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Number:
    """A number within a closed range, or one of a few words that stand for something else.

    A word parses to the value given for it; ``"auto"`` usually stands for None.
    """

    low: float
    high: float
    integer: bool = False
    unit: str = ""
    words: Mapping[str, float | None] | None = None

    @property
    def text(self) -> str:
        kind = "a whole number" if self.integer else "a number"
        unit = f", with or without {self.unit}" if self.unit else ""
        words = "".join(f", or {word}" for word in self.words or ())
        return f"{kind} from {self.low:g} to {self.high:g}{unit}{words}"

    @property
    def annotation(self) -> str:
        nothing = " | None" if None in (self.words or {}).values() else ""
        return ("int" if self.integer else "float") + " | str" + nothing

    def candidates(self) -> Iterable[str]:
        return self.words or ()

    def parse(self, value: object) -> float | None:
        words = self.words or {}
        if isinstance(value, str):
            word = value.strip()
            if word.lower() in words:
                return words[word.lower()]
            if self.unit and word.endswith(self.unit):
                word = word[: -len(self.unit)].strip()
            number = _finite(word)
        elif value is None and None in words.values():
            return None
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("not a number")
        else:
            number = _finite(value)
        if self.integer and number != math.floor(number):
            raise ValueError("not a whole number")
        if not self.low <= number <= self.high:
            raise ValueError("out of range")
        return int(number) if self.integer else number

    def format(self, value: float | None) -> str:
        for word, stands_for in (self.words or {}).items():
            if value == stands_for:
                return word
        return f"{plain(cast('float', value))}{self.unit}"

    def schema(self) -> dict[str, Any]:
        number: dict[str, Any] = {
            "type": "integer" if self.integer else "number",
            "minimum": self.low,
            "maximum": self.high,
        }
        if not self.words and not self.unit:
            return number
        return {"type": "string", "description": self.text}


def Percent(low: float, high: float, **words: float | None) -> Number:  # noqa: N802
    """Return the grammar of a percentage, the sign optional."""
    return Number(low, high, unit="%", words=words or None)


@dataclass(frozen=True)
class RegionOfInterest:
    """Two corners."""

    text: str = '"x1 y1 x2 y2", each a number followed by px or %'

    @property
    def annotation(self) -> str:
        return "str | Sequence[Length | str | float]"

    def parse(self, value: object) -> Region:
        if isinstance(value, str):
            return Region.parse(value)
        return Region(*_lengths(value, 4))

    def format(self, value: Region) -> str:
        return str(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "description": self.text}


@dataclass(frozen=True)
class MarginLengths:
    """One, two or four distances, none negative."""

    text: str = "1, 2 or 4 lengths (all sides; top/bottom left/right; top right bottom left), each \
a number followed by px (up to 500) or % (up to 50)"

    @property
    def annotation(self) -> str:
        return "str | float | Sequence[Length | str | float]"

    def parse(self, value: object) -> Margins:
        if isinstance(value, str):
            margins = Margins.parse(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            margins = Margins(*(Length(_finite(value), "px"),) * 4)
        else:
            margins = Margins(*_lengths(value, 4))
        for length in margins:
            if not 0 <= length.value <= (500 if length.unit == "px" else 50):
                raise ValueError(f"{length} is out of range")
        return margins

    def format(self, value: Margins) -> str:
        return str(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "description": self.text}


@dataclass(frozen=True)
class SubjectChoice:
    """All, each, so many of the largest, or the one at a point."""

    text: str = (
        f"all, largest, each, a whole number from 1 to {MOST_SUBJECTS}, "
        'or a point "x y", each a number followed by px or %'
    )

    @property
    def annotation(self) -> str:
        return "str | int | Point | tuple[Length | float | str, Length | float | str]"

    def candidates(self) -> Iterable[str]:
        return "all", "largest", "each"

    def parse(self, value: object) -> str | int | Point:
        if isinstance(value, Point):
            return value
        if isinstance(value, str):
            word = value.strip().lower()
            if word in {"all", "each"}:
                return word
            if word == "largest":
                return 1
            if len(word.split()) > 1:
                return Point.parse(value)
            value = int(word) if word.isdecimal() and len(word) < 4 else None
        if isinstance(value, int) and not isinstance(value, bool):
            if not 1 <= value <= MOST_SUBJECTS:
                raise ValueError(f"{value} is out of range")
            return value
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            return Point(*_lengths(value, 2))
        raise ValueError("neither a word, nor a number, nor a point")

    def format(self, value: str | int | Point) -> str:
        return "largest" if value == 1 else str(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "description": self.text}


@dataclass(frozen=True)
class Distance:
    """One distance in pixels or per cent of the subject.

    Attributes
    ----------
    pixels, percent : float
        Largest value in either unit.
    signed : bool
        Whether it may be negative.
    """

    pixels: float
    percent: float
    signed: bool = False

    @property
    def text(self) -> str:
        sign = "±" if self.signed else ""
        return (
            f"a number followed by px (up to {sign}{plain(self.pixels)}) or % "
            f"(up to {sign}{plain(self.percent)})"
        )

    @property
    def annotation(self) -> str:
        return "str | float | Length"

    def parse(self, value: object) -> Length:
        if isinstance(value, bool):
            raise ValueError(f"{value!r} is not a length")
        if isinstance(value, int | float):
            value = Length(_finite(value), "px")
        (length,) = _lengths((value,), 1)
        most = self.pixels if length.unit == "px" else self.percent
        if not (-most if self.signed else 0) <= length.value <= most:
            raise ValueError(f"{length} is out of range")
        return length

    def format(self, value: Length) -> str:
        return str(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "description": self.text}


@dataclass(frozen=True)
class PositionInFrame:
    """Original (None), center, or one or two percentages."""

    text: str = "original, center, or one or two percentages from 0% to 100% (x, then y)"

    @property
    def annotation(self) -> str:
        return "str | float | Sequence[float] | None"

    def candidates(self) -> Iterable[str]:
        return "original", "center"

    def parse(self, value: object) -> Position | None:
        if value is None:
            return None
        if isinstance(value, str):
            word = value.strip().lower()
            if word == "original":
                return None
            if word == "center":
                return Position(50, 50)
            numbers = [_percentage(part) for part in word.split()]
        elif isinstance(value, Sequence):
            numbers = [_finite(part) for part in value]
        else:
            numbers = [_finite(value)]
        if len(numbers) not in {1, 2}:
            raise ValueError(f"{len(numbers)} numbers were given, not 1 or 2")
        if not all(0 <= number <= 100 for number in numbers):
            raise ValueError("out of range")
        return Position(numbers[0], numbers[-1])

    def format(self, value: Position | None) -> str:
        return "original" if value is None else str(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "description": self.text}


@dataclass(frozen=True)
class FrameAspect:
    """Original (None) or a proportion."""

    text: str = "original, or width:height, such as 1:1 or 35:45"

    @property
    def annotation(self) -> str:
        return "str | Sequence[float] | None"

    def candidates(self) -> Iterable[str]:
        return ("original",)

    def parse(self, value: object) -> Aspect | None:
        if value is None:
            return None
        if isinstance(value, str):
            text = value.strip().lower()
            return None if text == "original" else Aspect.parse(text)
        if not isinstance(value, Sequence) or len(value) != 2:
            raise ValueError("two numbers are needed")
        return Aspect.parse(f"{_finite(value[0])!r}:{_finite(value[1])!r}")

    def format(self, value: Aspect | None) -> str:
        return "original" if value is None else str(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "description": self.text}


class ColorValue(NamedTuple):
    """A colour with straight alpha, 8 bits each, sRGB."""

    red: int
    green: int
    blue: int
    alpha: int = 255


@dataclass(frozen=True)
class Color:
    """A colour; an empty text or one of alpha 0 is none."""

    text: str = "a colour: 3, 4, 6 or 8 hexadecimal digits (with or without #) or a CSS name"

    @property
    def annotation(self) -> str:
        return "str | Sequence[int] | None"

    def candidates(self) -> Iterable[str]:
        from PIL import ImageColor

        return sorted([*ImageColor.colormap, "transparent"])

    def parse(self, value: object) -> ColorValue | None:
        if value is None:
            return None
        color = _color_from_text(value) if isinstance(value, str) else _color_from_numbers(value)
        return color if color.alpha else None

    def format(self, value: ColorValue | None) -> str:
        if value is None:
            return ""
        return bytes(value if value.alpha < 255 else value[:3]).hex()

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "description": self.text}


@dataclass(frozen=True)
class PictureSource:
    """Another picture: a path, bytes, an open file, an array, a Pillow image or a `Photo`.

    The picture is read when it is used; here only the kind of value is checked.
    """

    text: str = "a picture: a path, bytes, an open binary file, an array or a Pillow image"

    @property
    def annotation(self) -> str:
        return "object"

    def parse(self, value: object) -> object | None:
        if value is None:
            return None
        if isinstance(value, str | os.PathLike):
            if not os.fspath(value):
                raise ValueError("an empty path")
            return cast("object", value)
        if _is_picture(value):
            return value
        raise ValueError(f"a {type(value).__name__} is no picture")

    def format(self, value: object | None) -> str:
        return "" if value is None else str(value)

    def with_pictures(self, value: object | None, change: Callable[[Any], object]) -> object | None:
        return None if value is None else change(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "binary"}


class MarksInOrder:
    """Marks of one picture as an editor holds them: `Marks` takes them as they are."""


#: One part of a list: in double quotes, or up to the next comma.
_PART = re.compile(r'\s*(?:"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>[^,]*?))\s*(?:,|\Z)', re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:px|%|)", re.ASCII)


@dataclass(frozen=True)
class Marks:
    """Marks in a picture: points, boxes and strokes, any number of them.

    As text they are separated by commas: two lengths are a point, four a box, and anything else is
    the path of a picture of strokes. What is in double quotes is a path whatever it looks like,
    ``""`` in it being one quotation mark. In Python a mark is also a `Point`, a `Region`, two or
    four numbers of pixels, or a picture as `PictureSource` takes it, and several are a list. The
    canonical value is a tuple of points, regions and pictures, paths being texts.
    """

    text: str = 'points "x y" and boxes "x1 y1 x2 y2", each number followed by px or %, and paths \
of pictures of strokes, separated by commas'

    @property
    def annotation(self) -> str:
        return "object"

    def parse(self, value: object) -> tuple[object, ...]:
        if value is None:
            return ()
        if isinstance(value, str):
            return tuple(self._from_text(value))
        if isinstance(value, Point | Region | MarksInOrder):
            return (value,)
        if isinstance(value, os.PathLike):
            if not (path := os.fsdecode(value)):
                raise ValueError("an empty path")
            return (path,)
        if _is_picture(value):
            return (value,)
        if not isinstance(value, Sequence):
            raise ValueError(f"a {type(value).__name__} is no mark")
        if value and all(_is_length(item) for item in value):
            return (_mark(_lengths(value, len(value))),)
        marks: list[object] = []
        for item in value:
            found = self.parse(item)
            if not found:
                raise ValueError("an empty mark")
            marks += found
        return tuple(marks)

    def _from_text(self, text: str) -> list[object]:
        marks: list[object] = []
        at = 0
        while text.strip():
            part = _PART.match(text, at)
            if part is None:
                raise ValueError("a quotation mark is not closed, or something follows it")
            path = part["quoted"]
            if path is not None:
                path = path.replace('""', '"')
            elif (words := part["plain"].split()) and all(map(_NUMBER.fullmatch, words)):
                marks.append(_mark([Length.parse(word) for word in words]))
            else:
                path = part["plain"]
            if path == "":
                raise ValueError("an empty mark")
            if path is not None:
                marks.append(path)
            at = part.end()
            if at == len(text) and not part[0].endswith(","):
                break
        return marks

    def format(self, value: tuple[object, ...]) -> str:
        return ", ".join(_mark_as_text(mark) for mark in value)

    def with_pictures(
        self, value: tuple[object, ...], change: Callable[[Any], object]
    ) -> tuple[object, ...]:
        kept = Point | Region | MarksInOrder
        return tuple(mark if isinstance(mark, kept) else change(mark) for mark in value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "description": self.text}


def _is_length(item: object) -> bool:
    if isinstance(item, bool):
        return False
    return isinstance(item, int | float | Length)


def _mark(lengths: list[Length]) -> Point | Region:
    if len(lengths) == 2:
        return Point(*lengths)
    if len(lengths) == 4:
        return Region(*lengths)
    raise ValueError(f"{len(lengths)} lengths were given: 2 are a point, 4 a box")


def _mark_as_text(mark: object) -> str:
    text = str(mark)
    if isinstance(mark, Point | Region):
        return text
    words = text.split()
    plain_text = words and not all(map(_NUMBER.fullmatch, words))
    if plain_text and "," not in text and text[0] != '"' and text == text.strip():
        return text
    return '"' + text.replace('"', '""') + '"'


def _is_picture(value: object) -> bool:
    readable = isinstance(value, bytes | bytearray | memoryview) or hasattr(value, "read")
    return readable or hasattr(value, "__array_interface__") or hasattr(value, "color")


@dataclass(frozen=True)
class Text:
    """Any text that is not empty."""

    text: str

    @property
    def annotation(self) -> str:
        return "str | os.PathLike[str]"

    def parse(self, value: object) -> str:
        if isinstance(value, str | os.PathLike):
            word = os.fspath(value).strip()
            if word:
                return str(word)
        raise ValueError("empty or not a text")

    def format(self, value: str) -> str:
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "description": self.text}


@dataclass(frozen=True)
class PerKind(Generic[T]):
    """One value for every kind of subject, or a mapping from kinds to values.

    As text: ``"drop"``, ``"car=car,person=3D"``, or ``"drop,car=car"``. The canonical value is a
    mapping whose key ``""`` stands for every kind that is not named.
    """

    one: Grammar[T]
    kinds: tuple[str, ...]
    default: T

    @property
    def text(self) -> str:
        return f"{self.one.text}; or per kind, as in {self.kinds[0]}=…,{self.kinds[1]}=…"

    @property
    def annotation(self) -> str:
        one = self.one.annotation
        types = dict.fromkeys([*one.split(" | "), "str", f"Mapping[str, {one}]"])
        return " | ".join(sorted(types, key=lambda each: each == "None"))

    def candidates(self) -> Iterable[str]:
        return self.one.candidates() if isinstance(self.one, Candidates) else ()

    def parse(self, value: object) -> Mapping[str, T]:
        if isinstance(value, str) and "=" in value:
            pairs = [part.rpartition("=") for part in value.split(",")]
            value = {kind.strip(): one.strip() for kind, _, one in pairs}
        if not isinstance(value, Mapping):
            return {"": self.one.parse(value)}
        result = {"": self.default}
        for kind, one in value.items():
            name = str(kind).lower()
            if name and name not in self.kinds:
                raise ValueError(f"{kind!r} is no kind of subject ({', '.join(self.kinds)})")
            result[name] = self.one.parse(one)
        return result

    def format(self, value: Mapping[str, T]) -> str:
        texts = {kind: self.one.format(one) for kind, one in value.items()}
        return ",".join(f"{kind}={one}" if kind else one for kind, one in texts.items())

    def schema(self) -> dict[str, Any]:
        one = self.one.schema()
        return {"anyOf": [one, {"type": "object", "additionalProperties": one}]}


def _finite(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("not a number")
    try:
        number = float(value)
    except OverflowError:  # a whole number beyond those of floats, whose digits may be too many
        number = math.inf
    except ValueError:
        raise ValueError(f"{value!r} is not a number") from None
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


def _percentage(word: str) -> float:
    if not word.endswith("%"):
        raise ValueError(f"{word!r} lacks its %")
    return _finite(word[:-1])


def _lengths(value: object, count: int) -> list[Length]:
    """Read a sequence of lengths; plain numbers are pixels, since a programmer counts in pixels."""
    if not isinstance(value, Sequence) or len(value) != count:
        raise ValueError(f"not a text and not a sequence of {count} lengths")
    result = []
    for item in value:
        if isinstance(item, Length):
            result.append(item)
        elif isinstance(item, str):
            result.append(Length.parse(item))
        else:
            result.append(Length(_finite(item), "px"))
    return result


def _color_from_text(value: str) -> ColorValue:
    from PIL import ImageColor

    word = value.strip().lower()
    if not word:
        return ColorValue(0, 0, 0, 0)
    digits = word.removeprefix("#")
    if len(digits) in {3, 4, 6, 8} and all(digit in "0123456789abcdef" for digit in digits):
        if len(digits) < 6:
            digits = "".join(digit * 2 for digit in digits)
        return ColorValue(*bytes.fromhex(digits))
    if word == "transparent":
        return ColorValue(0, 0, 0, 0)
    if word in ImageColor.colormap:  # names only: its functional notations are not ours
        red, green, blue = ImageColor.getrgb(word)[:3]
        return ColorValue(red, green, blue)
    raise ValueError("no such colour")


def _color_from_numbers(value: object) -> ColorValue:
    if not isinstance(value, Sequence) or len(value) not in {3, 4}:
        raise ValueError("not a text and not 3 or 4 numbers")
    whole = Number(0, 255, integer=True)
    return ColorValue(*(int(cast("float", whole.parse(item))) for item in value))
