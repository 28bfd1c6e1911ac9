"""The page's words: the same keys in every language, each used, each with the same values."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest

STATIC = files("mattekit_server.page") / "static"
TEXTS = {
    each.name.removesuffix(".json"): json.loads(each.read_text("utf-8"))
    for each in (STATIC / "texts").iterdir()
}


def values(text: str | dict[str, str]) -> set[str]:
    forms = text.values() if isinstance(text, dict) else [text]
    return {name for form in forms for name in re.findall(r"\{(\w+)\}", form)}


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_says_the_same(language: str) -> None:
    english, other = TEXTS["en"], TEXTS[language]
    assert other.keys() == english.keys()
    different = [key for key in english if values(english[key]) != values(other[key])]
    assert different == []
    assert [key for key, text in other.items() if not text and key != "kind.other"] == []


def test_every_text_that_is_named_is_there() -> None:
    named = set()
    for each in STATIC.iterdir():
        if each.name.endswith((".js", ".html")):
            source = each.read_text("utf-8")
            named |= set(re.findall(r'data-(?:t|label)="([^"]+)"', source))
            named |= set(re.findall(r'\bt\("([^"]+)"', source))
    assert {"start.title", "save", "away"} <= named
    assert named - TEXTS["en"].keys() == set()


def test_presets_have_a_name_in_every_language_and_known_options() -> None:
    from mattekit.options import Options

    for preset in json.loads((STATIC / "presets.json").read_text("utf-8")):
        assert preset["name"].keys() == TEXTS.keys()
        Options.parse(preset["options"])


def test_scripts_make_no_markup_and_nothing_runs_inline() -> None:
    for each in STATIC.iterdir():
        if each.name.endswith(".js"):
            source = each.read_text("utf-8")
            assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\b", source)
        if each.name.endswith(".html"):
            source = each.read_text("utf-8")
            assert not re.search(r"\son\w+=|<style|style=|<script(?![^>]*src=)", source)
