"""Colours as gimpfu knows them: RGB, HSV, HSL, CMYK; floats in 0…1, integers in 0…255 and so on.

A float given to a colour is taken as it is, an integer is divided by its scale (255 for red).
Indexing answers in integers, the attributes in floats.
"""

import colorsys
import math
import re
from typing import Any, ClassVar, Dict, List, Sequence, Tuple

RGB_COMPOSITE_NONE = 0
RGB_COMPOSITE_NORMAL = 1
RGB_COMPOSITE_BEHIND = 2

RGB_LUMINANCE_RED = 0.22248840
RGB_LUMINANCE_GREEN = 0.71690369
RGB_LUMINANCE_BLUE = 0.06060791


def _clamp(value: float) -> float:
    return min(1.0, max(0.0, value))


def _component(value: Any, scale: float) -> float:
    if isinstance(value, int):
        return value / scale
    if isinstance(value, float):
        return value
    raise TypeError("a colour's component is an int or a float, not %r" % (value,))


class _Color:
    """A colour of any model."""

    _names: ClassVar[Tuple[str, ...]]
    _long: ClassVar[Tuple[str, ...]]
    _scales: ClassVar[Tuple[float, ...]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._values = [0.0] * (len(self._names) - 1) + [1.0]
        if len(args) + len(kwargs) < len(self._names) - 1:
            raise TypeError("%s takes %s" % (type(self).__name__, ", ".join(self._names)))
        self.set(*args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        """Set all components, with or without alpha, or alpha alone."""
        if len(args) > len(self._names) or any(key not in self._names for key in kwargs):
            raise TypeError("%s takes %s" % (type(self).__name__, ", ".join(self._names)))
        given = {**dict(zip(self._names, args)), **kwargs}
        given = {name: value for name, value in given.items() if value is not None}
        colors = set(given) - {"a"}
        if not given or (colors and colors != set(self._names[:-1])):
            raise TypeError("all of %s, or a, or both" % ", ".join(self._names[:-1]))
        for name, value in given.items():
            self[self._names.index(name)] = value

    def set_alpha(self, a: Any) -> None:
        self[len(self._names) - 1] = a

    def clamp(self) -> None:
        self._values = [_clamp(value) for value in self._values]

    def _find(self, key: Any) -> int:
        if isinstance(key, str):
            for names in (self._names, self._long):
                if key.lower() in names:
                    return names.index(key.lower())
            raise KeyError(key)
        if not isinstance(key, int):
            raise TypeError("a colour's index is an integer, a slice or a name, not %r" % (key,))
        if not -len(self._names) <= key < len(self._names):
            raise IndexError("index %d of a colour with %d components" % (key, len(self._names)))
        return key % len(self._names)

    def _integer(self, index: int) -> int:
        return math.floor(_clamp(self._values[index]) * self._scales[index] + 0.5)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return tuple(self._integer(i) for i in range(*key.indices(len(self._names))))
        index = self._find(key)
        return self._values[index] if isinstance(key, str) else self._integer(index)

    def __setitem__(self, key: Any, value: Any) -> None:
        index = self._find(key)
        self._values[index] = _component(value, self._scales[index])

    def __len__(self) -> int:
        return len(self._names)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Color):
            return NotImplemented
        return type(self) is type(other) and self._values == other._values

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(tuple(self._values))

    def __reduce__(self) -> Any:
        return type(self), tuple(self._values)

    def __repr__(self) -> str:
        values = ", ".join(repr(value) for value in self._values)
        return "gimpcolor.%s(%s)" % (type(self).__name__, values)

    def __str__(self) -> str:
        values = ", ".join("%.12g" % value for value in self._values)
        return "%s (%s)" % (type(self).__name__, values)


def _components(short: Sequence[str], long: Sequence[str], scales: Sequence[float]) -> Any:
    """Give a class its components, under both names of each."""

    def decorate(cls: Any) -> Any:
        cls._names, cls._long, cls._scales = tuple(short), tuple(long), tuple(scales)
        for index in range(len(short)):

            def get(self: _Color, index: int = index) -> float:
                return self._values[index]

            def set(self: _Color, value: Any, index: int = index) -> None:
                self[index] = value

            made = property(get, set)
            setattr(cls, short[index], made)
            setattr(cls, long[index], made)
        return cls

    return decorate


@_components("rgba", ("red", "green", "blue", "alpha"), (255.0,) * 4)
class RGB(_Color):
    """Red, green, blue, alpha; integers are 0…255."""

    r: float
    g: float
    b: float
    a: float
    red: float
    green: float
    blue: float
    alpha: float

    def _rgb(self) -> List[float]:
        return self._values[:3]

    def _combine(self, other: "RGB", sign: float, with_alpha: Any) -> None:
        count = 4 if with_alpha else 3
        for i in range(count):
            self._values[i] += sign * other._values[i]

    def add(self, color: "RGB", with_alpha: Any = False) -> None:
        self._combine(color, 1.0, with_alpha)

    def subtract(self, color: "RGB", with_alpha: Any = False) -> None:
        self._combine(color, -1.0, with_alpha)

    def multiply(self, factor: float, with_alpha: Any = False) -> None:
        for i in range(4 if with_alpha else 3):
            self._values[i] *= factor

    def distance(self, color: "RGB", alpha: Any = False) -> float:
        """Return the sum of the differences."""
        count = 4 if alpha else 3
        return sum(abs(a - b) for a, b in zip(self._values[:count], color._values))

    def max(self) -> float:
        return max(self._rgb())

    def min(self) -> float:
        return min(self._rgb())

    def gamma(self, gamma: float) -> None:
        """Raise each component to the power 1 / gamma."""
        power = 1.0 / gamma if gamma else 0.0
        self._values[:3] = [value**power if value > 0 else 0.0 for value in self._rgb()]

    def luminance(self) -> float:
        weights = (RGB_LUMINANCE_RED, RGB_LUMINANCE_GREEN, RGB_LUMINANCE_BLUE)
        return _clamp(sum(w * v for w, v in zip(weights, self._rgb())))

    def composite(self, color: "RGB", mode: int = RGB_COMPOSITE_NORMAL) -> None:
        """Lay another colour over this one, or behind it."""
        if mode == RGB_COMPOSITE_NONE:
            return
        over, under = (color, self) if mode == RGB_COMPOSITE_NORMAL else (self, color)
        rest = (1.0 - over.a) * under.a
        alpha = over.a + rest
        if alpha > 0:
            mixed = [(o * over.a + u * rest) / alpha for o, u in zip(over._rgb(), under._rgb())]
            self._values = [*mixed, alpha]

    def parse_name(self, name: str) -> None:
        self._values[:3] = rgb_parse_name(name)._rgb()

    def parse_hex(self, hex: str) -> None:
        self._values[:3] = rgb_parse_hex(hex)._rgb()

    def parse_css(self, css: str, with_alpha: Any = False) -> None:
        parsed = rgb_parse_css(css, with_alpha)
        count = 4 if with_alpha else 3
        self._values[:count] = parsed._values[:count]

    def to_hsv(self) -> "HSV":
        return HSV(*colorsys.rgb_to_hsv(*self._rgb()), self.a)

    def to_hsl(self) -> "HSL":
        hue, lightness, saturation = colorsys.rgb_to_hls(*self._rgb())
        return HSL(hue, saturation, lightness, self.a)

    def to_cmyk(self, pullout: float = 1.0) -> "CMYK":
        """Return the colour as inks; `pullout` is how much of their common part turns black."""
        cyan, magenta, yellow = (1.0 - value for value in self._rgb())
        black = pullout * min(cyan, magenta, yellow)
        if black >= 1.0:
            return CMYK(0.0, 0.0, 0.0, 1.0, self.a)
        inks = [(ink - black) / (1.0 - black) for ink in (cyan, magenta, yellow)]
        return CMYK(*inks, float(black), self.a)


@_components("hsva", ("hue", "saturation", "value", "alpha"), (360.0, 100.0, 100.0, 255.0))
class HSV(_Color):
    """Hue, saturation, value, alpha; integers are degrees and per cent."""

    def to_rgb(self) -> RGB:
        return RGB(*_floats(colorsys.hsv_to_rgb(*self._values[:3])), self._values[3])


@_components("hsla", ("hue", "saturation", "lightness", "alpha"), (360.0, 100.0, 100.0, 255.0))
class HSL(_Color):
    """Hue, saturation, lightness, alpha; integers are degrees and per cent."""

    def to_rgb(self) -> RGB:
        hue, saturation, lightness, alpha = self._values
        return RGB(*_floats(colorsys.hls_to_rgb(hue, lightness, saturation)), alpha)


@_components("cmyka", ("cyan", "magenta", "yellow", "black", "alpha"), (255.0,) * 5)
class CMYK(_Color):
    """Cyan, magenta, yellow, black, alpha; integers are 0…255."""

    def to_rgb(self) -> RGB:
        """Return the colour on a screen; not in the original."""
        *inks, black, alpha = self._values
        return RGB(*(_clamp(1.0 - ink * (1.0 - black) - black) for ink in inks), alpha)


def _floats(values: Sequence[float]) -> List[float]:
    return [float(value) for value in values]


def as_rgb(given: Any) -> RGB:
    """Return a colour from an RGB, a CSS name, or 3 or 4 numbers. Raises TypeError."""
    if isinstance(given, RGB):
        return given
    if isinstance(given, str):
        try:
            return rgb_parse_css(given)
        except ValueError as wrong:
            raise TypeError(str(wrong)) from None
    try:
        made = RGB(*given)
    except TypeError:
        raise TypeError("%r is no colour: an RGB, a name, or 3 or 4 numbers" % (given,)) from None
    made.clamp()
    return made


def rgb_parse_name(name: str) -> RGB:
    """Return the colour of an SVG name. Raises ValueError."""
    try:
        return RGB(*_NAMES[name.strip().lower()])
    except KeyError:
        raise ValueError("%r is no name of a colour" % name) from None


def rgb_parse_hex(hex: str) -> RGB:
    """Return the colour of 3, 6, 9 or 12 hexadecimal digits. Raises ValueError."""
    digits = hex.strip().lstrip("#")
    if not re.fullmatch("[0-9a-fA-F]+", digits) or len(digits) not in (3, 6, 9, 12):
        raise ValueError("%r is no colour: #rgb or #rrggbb" % hex)
    size = len(digits) // 3
    parts = [digits[i : i + size] for i in range(0, len(digits), size)]
    return RGB(*(int(part, 16) / (16.0**size - 1) for part in parts))


def rgb_parse_css(css: str, with_alpha: Any = False) -> RGB:
    """Return the colour of a CSS expression. Raises ValueError."""
    text = css.strip()
    if text.startswith("#"):
        return rgb_parse_hex(text)
    function = re.fullmatch(r"(rgba?|hsla?)\s*\(([^)]*)\)", text, re.IGNORECASE)
    if function is None:
        if with_alpha and text.lower() == "transparent":
            return RGB(0, 0, 0, 0)
        return rgb_parse_name(text)
    parts = [part.strip() for part in function.group(2).split(",")]
    model = function.group(1).lower()
    if len(parts) != len(model):
        raise ValueError("%r is no colour: %s takes %d numbers" % (css, model, len(model)))
    try:
        alpha = _clamp(float(parts[3])) if len(parts) == 4 else 1.0
        if model.startswith("rgb"):
            scaled = [_portion(part, 255.0) for part in parts[:3]]
            return RGB(*scaled, alpha)
        hue = float(parts[0]) / 360.0 % 1.0
        return HSL(hue, _portion(parts[1], 100.0), _portion(parts[2], 100.0), alpha).to_rgb()
    except ValueError:
        raise ValueError("%r is no colour" % css) from None


def _portion(text: str, scale: float) -> float:
    if text.endswith("%"):
        return _clamp(float(text[:-1]) / 100.0)
    return _clamp(float(text) / scale)


def rgb_names() -> Dict[str, RGB]:
    """Return every name of a colour with its colour."""
    return {name: RGB(*values) for name, values in _NAMES.items()}


def _four(x: float, y: float, values: Sequence[float]) -> float:
    x, y = x % 1.0, y % 1.0
    top = (1.0 - x) * values[0] + x * values[1]
    bottom = (1.0 - x) * values[2] + x * values[3]
    return (1.0 - y) * top + y * bottom


def bilinear(x: float, y: float, values: Any) -> Any:
    """Interpolate between four neighbours; four bytes give one byte."""
    if len(values) != 4:
        raise TypeError("four values, not %d" % len(values))
    if isinstance(values, (bytes, str)):
        numbers = values.encode("latin-1") if isinstance(values, str) else values
        return bytes([int(_four(x, y, list(numbers)))])
    return _four(x, y, values)


def bilinear_rgb(x: float, y: float, values: Any) -> RGB:
    """Interpolate between four colours, alpha left at 1."""
    colors = [as_rgb(value) for value in values]
    return RGB(*(_four(x, y, [color._values[i] for color in colors]) for i in range(3)))


def bilinear_rgba(x: float, y: float, values: Any) -> RGB:
    """Interpolate between four colours; each weighs as much as it covers."""
    colors = [as_rgb(value) for value in values]
    alpha = _four(x, y, [color.a for color in colors])
    if alpha <= 0:
        return RGB(0.0, 0.0, 0.0, 0.0)
    mixed = [
        _four(x, y, [color._values[i] * color.a for color in colors]) / alpha for i in range(3)
    ]
    return RGB(*mixed, alpha)


def _table(text: str) -> Dict[str, Tuple[int, int, int]]:
    made: Dict[str, Tuple[int, int, int]] = {}
    for word in text.split():
        name, _, code = word.partition("=")
        made[name] = (int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16))
    return made


# The names of SVG 1.0 (https://www.w3.org/TR/SVG11/types.html#ColorKeywords).
_NAMES = _table(
    """
    aliceblue=f0f8ff antiquewhite=faebd7 aqua=00ffff aquamarine=7fffd4 azure=f0ffff beige=f5f5dc
    bisque=ffe4c4 black=000000 blanchedalmond=ffebcd blue=0000ff blueviolet=8a2be2 brown=a52a2a
    burlywood=deb887 cadetblue=5f9ea0 chartreuse=7fff00 chocolate=d2691e coral=ff7f50
    cornflowerblue=6495ed cornsilk=fff8dc crimson=dc143c cyan=00ffff darkblue=00008b
    darkcyan=008b8b darkgoldenrod=b8860b darkgray=a9a9a9 darkgreen=006400 darkgrey=a9a9a9
    darkkhaki=bdb76b darkmagenta=8b008b darkolivegreen=556b2f darkorange=ff8c00 darkorchid=9932cc
    darkred=8b0000 darksalmon=e9967a darkseagreen=8fbc8f darkslateblue=483d8b darkslategray=2f4f4f
    darkslategrey=2f4f4f darkturquoise=00ced1 darkviolet=9400d3 deeppink=ff1493 deepskyblue=00bfff
    dimgray=696969 dimgrey=696969 dodgerblue=1e90ff firebrick=b22222 floralwhite=fffaf0
    forestgreen=228b22 fuchsia=ff00ff gainsboro=dcdcdc ghostwhite=f8f8ff gold=ffd700
    goldenrod=daa520 gray=808080 green=008000 greenyellow=adff2f grey=808080 honeydew=f0fff0
    hotpink=ff69b4 indianred=cd5c5c indigo=4b0082 ivory=fffff0 khaki=f0e68c lavender=e6e6fa
    lavenderblush=fff0f5 lawngreen=7cfc00 lemonchiffon=fffacd lightblue=add8e6 lightcoral=f08080
    lightcyan=e0ffff lightgoldenrodyellow=fafad2 lightgray=d3d3d3 lightgreen=90ee90
    lightgrey=d3d3d3 lightpink=ffb6c1 lightsalmon=ffa07a lightseagreen=20b2aa lightskyblue=87cefa
    lightslategray=778899 lightslategrey=778899 lightsteelblue=b0c4de lightyellow=ffffe0
    lime=00ff00 limegreen=32cd32 linen=faf0e6 magenta=ff00ff maroon=800000 mediumaquamarine=66cdaa
    mediumblue=0000cd mediumorchid=ba55d3 mediumpurple=9370db mediumseagreen=3cb371
    mediumslateblue=7b68ee mediumspringgreen=00fa9a mediumturquoise=48d1cc mediumvioletred=c71585
    midnightblue=191970 mintcream=f5fffa mistyrose=ffe4e1 moccasin=ffe4b5 navajowhite=ffdead
    navy=000080 oldlace=fdf5e6 olive=808000 olivedrab=6b8e23 orange=ffa500 orangered=ff4500
    orchid=da70d6 palegoldenrod=eee8aa palegreen=98fb98 paleturquoise=afeeee palevioletred=db7093
    papayawhip=ffefd5 peachpuff=ffdab9 peru=cd853f pink=ffc0cb plum=dda0dd powderblue=b0e0e6
    purple=800080 rebeccapurple=663399 red=ff0000 rosybrown=bc8f8f royalblue=4169e1
    saddlebrown=8b4513 salmon=fa8072 sandybrown=f4a460 seagreen=2e8b57 seashell=fff5ee
    sienna=a0522d silver=c0c0c0 skyblue=87ceeb slateblue=6a5acd slategray=708090 slategrey=708090
    snow=fffafa springgreen=00ff7f steelblue=4682b4 tan=d2b48c teal=008080 thistle=d8bfd8
    tomato=ff6347 turquoise=40e0d0 violet=ee82ee wheat=f5deb3 white=ffffff whitesmoke=f5f5f5
    yellow=ffff00 yellowgreen=9acd32
    """
)
