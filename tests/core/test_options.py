from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from mattekit.errors import OptionError, UnknownOption
from mattekit.options import KINDS, OPTIONS, Options
from support.former import LEFT

#: remove_bg API v1.0, request parameters that are options (not sources of pictures).
API = [
    "size",
    "type",
    "type_level",
    "format",
    "roi",
    "crop",
    "crop_margin",
    "scale",
    "position",
    "channels",
    "add_shadow",
    "shadow_type",
    "shadow_opacity",
    "semitransparency",
    "bg_color",
]
OURS = [
    "model",
    "device",
    "refine",
    "decontaminate",
    "keep_metadata",
    "quality",
    "bg_image",
    "bg_blur",
]


def test_every_promised_option_is_declared():
    assert set(API) | set(OURS) <= set(OPTIONS)
    for name in API:
        assert OPTIONS[name].origin == "remove.bg"


def test_options_of_0_1_0_and_their_words_are_still_there():
    """They stand in scripts, in mattekit.toml, in variables and in what editors remember."""
    for name, words in LEFT["options"].items():
        for word in words:
            OPTIONS[name].parse(word)


@pytest.mark.parametrize("option", OPTIONS.values(), ids=OPTIONS)
def test_declarations_are_complete(option):
    assert re.fullmatch("[a-z][a-z_]*", option.name)
    assert option.label[0].isupper()
    assert not option.label.endswith(".")
    assert option.help.endswith(".")
    assert option.grammar.text
    assert option.parse(option.default) == option.default
    assert option.parse(option.api_default) == option.api_default


def test_defaults_of_the_api():
    """Recorded in the API's documentation."""
    expected = dict(size="preview", type="auto", type_level="1", format="auto", crop=False)
    expected |= dict(scale=None, position=None, channels="rgba", add_shadow=False, bg_color=None)
    expected |= dict(semitransparency=True, shadow_type={"": "none"}, shadow_opacity={"": None})
    for name, value in expected.items():
        assert OPTIONS[name].api_default == value
    assert OPTIONS["roi"].api_default.whole


def test_text_and_values_mean_the_same():
    text = Options(crop="true", scale="80%", position="0% 100%", crop_margin="5px", quality="70")
    assert text == Options(crop=True, scale=80, position=(0, 100), crop_margin=5, quality=70)


def test_replace_keeps_the_rest():
    options = Options(crop=True).replace(scale="50%")
    assert (options.crop, options.scale) == (True, 50)


def test_changed_lists_what_is_not_default():
    assert [option.name for option, _ in Options(scale=50, crop="yes").changed()] == [
        "crop",
        "scale",
    ]


@pytest.mark.parametrize("name", OPTIONS)
def test_bad_value_is_one_clear_error(name):
    bad = object()
    with pytest.raises(OptionError, match=rf"^{name}=<object.*expected .*\.$") as caught:
        Options.parse({name: bad})
    assert caught.value.name == name
    assert caught.value.value is bad
    assert caught.value.grammar == OPTIONS[name].grammar.text


def test_unknown_name():
    with pytest.raises(UnknownOption, match="'crop_margin'"):
        Options.parse({"cropmargin": 1})


def test_values_win_over_what_is_given_and_what_is_given_are_options():
    given = Options(crop=True, scale=50)
    assert Options.of(given, {"scale": 60}) == Options(crop=True, scale=60)
    assert Options.of(None, {}) == Options()
    with pytest.raises(OptionError, match=r"of type dict.*Options\.parse"):
        Options.of({"crop": True}, {})


def test_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Options().crop = True  # type: ignore[misc]


def test_kinds_are_those_of_the_api():
    assert set(KINDS) == {
        "person",
        "product",
        "animal",
        "car",
        "transportation",
        "graphic",
        "other",
    }


def test_options_with_pictures_compare():
    one, two = np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2, 3), np.uint8)
    assert Options(bg_image=one) == Options(bg_image=one)
    assert Options(bg_image=one) != Options(bg_image=two)
    assert Options(bg_image=one) != Options()
    assert len({Options(bg_image=one), Options(bg_image=one), Options()}) == 2
    assert [option.name for option, _ in Options(bg_image=one).changed()] == ["bg_image"]
