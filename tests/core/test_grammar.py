from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattekit.errors import OptionError
from mattekit.geometry import Aspect, Length, Margins, Point, Position, Region
from mattekit.grammar import (
    Boolean,
    Candidates,
    Choice,
    Color,
    ColorValue,
    Distance,
    FrameAspect,
    MarginLengths,
    Number,
    Percent,
    PerKind,
    PictureSource,
    PositionInFrame,
    RegionOfInterest,
    SubjectChoice,
    Text,
)
from mattekit.options import Options

KINDS = ("person", "car")
GRAMMARS = {
    "choice": Choice(("auto", "3D", "50MP", "1"), {"alias": "auto"}),
    "boolean": Boolean(),
    "number": Number(-1, 7.5),
    "integer": Number(1, 100, integer=True),
    "percent": Percent(10, 100, original=None),
    "region": RegionOfInterest(),
    "subjects": SubjectChoice(),
    "margins": MarginLengths(),
    "distance": Distance(pixels=100, percent=5),
    "signed distance": Distance(pixels=100, percent=5, signed=True),
    "position": PositionInFrame(),
    "aspect": FrameAspect(),
    "color": Color(),
    "picture": PictureSource(),
    "text": Text("a name"),
    "per kind": PerKind(Choice(("none", "drop", "3D")), KINDS, "none"),
    "number per kind": PerKind(Number(0, 100, words={"auto": None}), KINDS, None),
}
P = "px"

VALID = [
    ("choice", "3d", "3D"),
    ("choice", " AUTO ", "auto"),
    ("choice", 1, "1"),
    ("choice", "alias", "auto"),
    ("boolean", "true", True),
    ("boolean", "1", True),
    ("boolean", 0, False),
    ("boolean", False, False),
    ("boolean", "No", False),
    ("number", "7.5", 7.5),
    ("number", -1, -1.0),
    ("integer", "90", 90),
    ("integer", 90.0, 90),
    ("percent", "10%", 10.0),
    ("percent", "10 %", 10.0),
    ("percent", 55.5, 55.5),
    ("percent", "original", None),
    ("percent", None, None),
    ("subjects", " ALL ", "all"),
    ("subjects", "each", "each"),
    ("subjects", "largest", 1),
    ("subjects", "3", 3),
    ("subjects", 64, 64),
    ("subjects", "40% 55px", Point(Length(40, "%"), Length(55, P))),
    ("subjects", (3, "4%"), Point(Length(3, P), Length(4, "%"))),
    ("distance", "3.5px", Length(3.5, P)),
    ("distance", " 5% ", Length(5, "%")),
    ("distance", "0", Length(0, P)),
    ("distance", 2, Length(2, P)),
    ("distance", Length(5, "%"), Length(5, "%")),
    ("signed distance", "-100px", Length(-100, P)),
    ("signed distance", "+0.25%", Length(0.25, "%")),
    ("signed distance", -1.5, Length(-1.5, P)),
    ("region", "0 0 100% 50px", Region(*map(Length, (0, 0, 100, 50), (P, P, "%", P)))),
    ("region", (0, 1, 20, "50%"), Region(*map(Length, (0, 1, 20, 50), (P, P, P, "%")))),
    ("margins", "10%", Margins(*[Length(10, "%")] * 4)),
    ("margins", 3, Margins(*[Length(3, P)] * 4)),
    ("margins", "1px 2%", Margins(*map(Length, (1, 2, 1, 2), (P, "%", P, "%")))),
    ("margins", "1px 2px 3px 4px", Margins(*(Length(n, P) for n in (1, 2, 3, 4)))),
    ("aspect", "original", None),
    ("aspect", " 35:45 ", Aspect(35, 45)),
    ("aspect", (1, 2.5), Aspect(1, 2.5)),
    ("position", "original", None),
    ("position", "center", Position(50, 50)),
    ("position", "0%", Position(0, 0)),
    ("position", "100% 25.5%", Position(100, 25.5)),
    ("position", (0, 100), Position(0, 100)),
    ("position", 30, Position(30, 30)),
    ("color", "81d4fa77", ColorValue(129, 212, 250, 119)),
    ("color", "#FFF", ColorValue(255, 255, 255)),
    ("color", "f008", ColorValue(255, 0, 0, 136)),
    ("color", "Green", ColorValue(0, 128, 0)),
    ("color", "rebeccapurple", ColorValue(102, 51, 153)),
    ("color", (1, 2, 3), ColorValue(1, 2, 3)),
    ("color", "00000000", None),
    ("color", "", None),
    ("color", None, None),
    ("color", "transparent", None),
    ("picture", "a.jpg", "a.jpg"),
    ("picture", b"\xff\xd8", b"\xff\xd8"),
    ("picture", None, None),
    ("text", " u2net ", "u2net"),
    ("per kind", "3d", {"": "3D"}),
    ("per kind", "car=3D, person=drop", {"": "none", "car": "3D", "person": "drop"}),
    ("per kind", {"Car": "drop"}, {"": "none", "car": "drop"}),
    ("number per kind", {"car": 90, "": "10"}, {"": 10.0, "car": 90.0}),
    ("number per kind", "auto", {"": None}),
    ("number per kind", "20, car=80", {"": 20.0, "car": 80.0}),
]
INVALID = [
    ("choice", "x"),
    ("choice", None),
    ("choice", ""),
    ("boolean", ""),
    ("boolean", "2"),
    ("boolean", None),
    ("number", "8"),
    ("number", "nan"),
    ("number", "inf"),
    ("number", True),
    ("number", []),
    ("integer", "1.5"),
    ("integer", "0"),
    ("percent", "9.99%"),
    ("percent", "101"),
    ("percent", "%"),
    ("region", "0 0 1px"),
    ("region", "0 0 5 5"),
    ("region", "0 0 1e3px 5px"),
    ("region", ""),
    ("region", None),
    ("region", (1, 2, 3)),
    ("margins", "1px 2px 3px"),
    ("margins", "-1px"),
    ("margins", "51%"),
    *(("subjects", value) for value in ("0", 65, -1, "some", "", "1px", "1px 2px 3px", True, 1.5)),
    *(("subjects", value) for value in (None, (1,), b"all", "9999", "1 2")),
    *(("distance", value) for value in ("-1px", "101px", "5.1%", "3", "", "1px 2px", True, None)),
    *(("signed distance", value) for value in ("-101px", "-5.1%", float("nan"), (1, 2))),
    ("margins", "501px"),
    ("margins", "5"),
    ("margins", ""),
    ("aspect", "1"),
    ("aspect", "1:0"),
    ("aspect", "-1:2"),
    ("aspect", "1:2:3"),
    ("aspect", "6:1"),
    ("aspect", "nan:1"),
    ("aspect", (1, 2, 3)),
    ("position", "101%"),
    ("position", "5"),
    ("position", "1% 2% 3%"),
    ("position", ()),
    ("color", "12345"),
    ("color", "ggg"),
    ("color", "rgb(1,2,3)"),
    ("color", (1, 2)),
    ("color", (1, 2, 256)),
    ("color", 7),
    ("picture", ""),
    ("picture", 7),
    ("text", "  "),
    ("text", 3),
    ("per kind", "dog=drop"),
    ("per kind", "car=dog"),
    ("per kind", {"car": None}),
]


@pytest.mark.parametrize(("name", "value", "expected"), VALID)
def test_valid(name, value, expected):
    parsed = GRAMMARS[name].parse(value)
    assert parsed == expected
    assert type(parsed) is type(expected)


@pytest.mark.parametrize(("name", "value"), INVALID)
def test_invalid(name, value):
    with pytest.raises(ValueError, match=r"\w"):
        GRAMMARS[name].parse(value)


@pytest.mark.parametrize(("name", "value", "expected"), VALID)
def test_format_is_read_back(name, value, expected):
    grammar = GRAMMARS[name]
    if name != "picture":
        text = grammar.format(grammar.parse(value))
        assert isinstance(text, str)
        assert grammar.parse(text) == expected


@pytest.mark.parametrize("name", GRAMMARS)
@given(value=st.text() | st.binary() | st.floats() | st.integers() | st.lists(st.floats()))
def test_nonsense_is_refused_in_words(name, value):
    """Whatever comes in, the answer is a canonical value or a ValueError, nothing else."""
    grammar = GRAMMARS[name]
    try:
        parsed = grammar.parse(value)
    except ValueError:
        return
    if name != "picture":
        assert grammar.parse(grammar.format(parsed)) == parsed


@pytest.mark.parametrize("name", GRAMMARS)
def test_described(name):
    assert GRAMMARS[name].text
    assert set(GRAMMARS[name].schema()) & {"type", "anyOf"}


@pytest.mark.parametrize(
    "name", [name for name, grammar in GRAMMARS.items() if isinstance(grammar, Candidates)]
)
def test_candidates_are_values(name):
    for word in GRAMMARS[name].candidates():
        GRAMMARS[name].parse(word)


@pytest.mark.parametrize("name", ["scale", "crop_margin", "edge_shift", "quality", "specks"])
def test_a_whole_number_beyond_those_of_floats(name):
    with pytest.raises(OptionError):
        Options(**{name: 10**400})
