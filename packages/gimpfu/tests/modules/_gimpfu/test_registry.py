"""What plug-ins register, and how GIMP is told."""

from __future__ import annotations

from typing import Any

import pytest

from front import ABOUT, registered


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("foggify", "python-fu-foggify"),
        ("python_fu_foggify", "python-fu-foggify"),
        ("plug-in-x", "plug-in-x"),
        ("file_x_save", "file-x-save"),
        ("extension-x", "extension-x"),
        ("my_plug_in", "python-fu-my-plug-in"),
    ],
)
def test_names(loaded: Any, given: str, name: str) -> None:
    registered(loaded, given, [], [], print)
    assert list(loaded.fake.installed) == [name]
    assert loaded.fake.menus == [(name, "<Image>/Filters")]


def test_old_style_adds_image_and_drawable(loaded: Any) -> None:
    f = loaded.gimpfu
    label = "<Image>/Filters/Some/_Thing..."
    f.register("a", *ABOUT, label, "*", [(f.PF_INT, "n", "N", 1)], [], print)
    f.register("file-l", *ABOUT, "<Load>/X", "", [], [(f.PF_IMAGE, "i", "")], print)
    f.register("file-s", *ABOUT, "<Save>/X", "*", [], [], print)
    f.main()
    names = {name: [a.name for a in p.arguments] for name, p in loaded.fake.installed.items()}
    assert names == {
        "python-fu-a": ["run-mode", "image", "drawable", "n"],
        "file-l": ["run-mode", "filename", "raw-filename"],
        "file-s": ["run-mode", "image", "drawable", "filename", "raw-filename"],
    }
    assert loaded.fake.installed["python-fu-a"].label == "_Thing..."
    assert ("python-fu-a", "<Image>/Filters/Some") in loaded.fake.menus


def test_a_menu_that_gimp_refuses_does_not_end_the_query(
    loaded: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    f = loaded.gimpfu
    f.register("a", *ABOUT, "A", "", [], [], print, menu="<Nonsense>/X")
    f.register("b", *ABOUT, "B", "", [], [], print, menu="<Image>/X")
    f.main()
    assert set(loaded.fake.installed) == {"python-fu-a", "python-fu-b"}
    assert loaded.fake.menus == [("python-fu-b", "<Image>/X")]
    assert "python-fu-a gets no entry in <Nonsense>/X: no such menu" in capsys.readouterr().err
    loaded.gimp.menu_register("python_fu_b", "<Nonsense>/Y")


def test_types(loaded: Any) -> None:
    f = loaded.gimpfu
    params = [
        (f.PF_RADIO, "radio", "", "a", (("A", "a"),)),
        (f.PF_OPTION, "option", "", 0, ("A",)),
        (f.PF_SPINNER, "spinner", "", 0, (0, 1, 1)),
        (f.PF_SLIDER, "slider", "", 0, (0, 1, 1)),
        (f.PF_TOGGLE, "toggle", "_Toggle it", True),
        (f.PF_PALETTE, "pal_ette", "", ""),
    ]
    registered(loaded, "t", params, [(f.PF_COLOR, "c", "")], print)
    made = loaded.fake.installed["python-fu-t"]
    types = [argument.type.name for argument in made.arguments]
    assert types == ["INT32", "STRING", "INT32", "INT32", "FLOAT", "INT32", "STRING"]
    assert made.arguments[5].description == "Toggle it"
    assert made.arguments[6].name == "pal-ette"
    assert made.results[0].type.name == "COLOR"


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("a name", []),
        ("x", [(0, "n", "N")]),
        ("x", [("0", "n", "N", 1)]),
        ("x", [(999, "n", "N", 1)]),
        ("x", [(0, "n n", "N", 1)]),
    ],
)
def test_malformed(loaded: Any, name: str, params: Any) -> None:
    with pytest.raises(loaded.gimpfu.error):
        loaded.gimpfu.register(name, *ABOUT, "L", "*", params, [], print, menu="<Image>")


def test_handlers_are_added_when_every_procedure_is_known(loaded: Any) -> None:
    f, seen = loaded.gimpfu, []
    one = lambda: seen.append(set(loaded.fake.installed))  # noqa: E731
    f.register("file-a", *ABOUT, "A", "", [], [], print, menu="<Load>", on_query=one)
    f.register("file-b", *ABOUT, "B", "", [], [], print, menu="<Save>", domain=("d", "/f"))
    f.main()
    assert seen == [{"file-a", "file-b"}]
    assert loaded.fake.domains == [("d", "/f")]
