"""What gimpfu makes of plug-ins before any GIMP is asked."""

from __future__ import annotations

import array
import ast
import pickle
from typing import Any

import numpy as np
import pytest

import gimpfu_host

ABOUT = ("About", "Help", "Author", "Copyright", "2026")


def layer(loaded: Any, width: int = 100, height: int = 70) -> Any:
    image = loaded.gimp.Image(width, height)
    made = loaded.gimp.Layer(image, "layer", width, height)
    image.insert_layer(made)
    return made


def registered(
    loaded: Any, name: str, params: Any, results: Any, function: Any, **more: Any
) -> None:
    more.setdefault("menu", "<Image>/Filters")
    loaded.gimpfu.register(name, *ABOUT, "_Label...", "*", params, results, function, **more)
    loaded.gimpfu.main()


# -- registration --------------------------------------------------------------------------------


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


# -- running -------------------------------------------------------------------------------------


def test_arguments_arrive_as_objects(loaded: Any) -> None:
    f, got = loaded.gimpfu, []
    target = layer(loaded)
    params = [
        (f.PF_IMAGE, "i", "", None),
        (f.PF_DRAWABLE, "d", "", None),
        (f.PF_COLOR, "c", "", "red"),
        (f.PF_TOGGLE, "t", "", 0),
        (f.PF_RADIO, "r", "", 1, (("One", 1), ("Two", 2))),
        (f.PF_STRING, "s", "", ""),
    ]
    registered(loaded, "a", params, [], lambda *values: got.extend(values))
    values = (1, 1, target.ID, (1.0, 0.5, 0.0, 1.0), 1, "2", "text")
    outcome = loaded.fake.run("python-fu-a", *values)
    assert outcome.status.name == "SUCCESS"
    image, drawable, color, toggle, radio, text = got
    assert isinstance(image, loaded.gimp.Image)
    assert drawable == target
    assert color[0:3] == (255, 128, 0)
    assert toggle is True
    assert radio == 2
    assert text == "text"


def test_results(loaded: Any) -> None:
    f = loaded.gimpfu
    results = [(f.PF_INT, "a", ""), (f.PF_COLOR, "c", ""), (f.PF_IMAGE, "i", "")]
    returned: list[Any] = [(True, (255, 0, 0), None)]
    registered(loaded, "r", [], results, lambda: returned[0])
    assert loaded.fake.run("python-fu-r", 1).values == [1, (1.0, 0.0, 0.0, 1.0), -1]
    for wrong in (5, (1, 2), ("x", "red", None), None):
        returned[0] = wrong
        outcome = loaded.fake.run("python-fu-r", 1)
        assert outcome.status.name == "EXECUTION_ERROR"
        assert "python-fu-r" in outcome.message


def test_one_color_is_no_three_results(loaded: Any) -> None:
    f = loaded.gimpfu
    registered(loaded, "r", [], [(f.PF_COLOR, "c", "")], lambda: (0, 0, 255))
    assert loaded.fake.run("python-fu-r", 1).values == [(0.0, 0.0, 1.0, 1.0)]


@pytest.mark.parametrize(
    ("raised", "status", "message"),
    [
        ("error('plain words')", "EXECUTION_ERROR", "plain words"),
        ("ZeroDivisionError('x')", "EXECUTION_ERROR", "ZeroDivisionError: x"),
        ("CancelError()", "CANCEL", None),
        ("SystemExit('no')", "EXECUTION_ERROR", "no"),
        ("SystemExit()", "SUCCESS", None),
    ],
)
def test_failures(loaded: Any, raised: str, status: str, message: str | None, capsys: Any) -> None:
    def function() -> None:
        raise eval(raised, vars(loaded.gimpfu))

    registered(loaded, "f", [], [], function)
    outcome = loaded.fake.run("python-fu-f", 1)
    assert outcome.status.name == status
    assert outcome.message == message
    told = "Traceback" in capsys.readouterr().err
    assert told == (status == "EXECUTION_ERROR" and "SystemExit" not in raised)


def test_fail(loaded: Any) -> None:
    registered(loaded, "f", [], [], lambda: loaded.gimpfu.fail("no luck"))
    assert loaded.fake.run("python-fu-f", 1).message == "no luck"


def test_interactive(loaded: Any) -> None:
    f, got = loaded.gimpfu, []
    target = layer(loaded)
    params = [
        (f.PF_IMAGE, "i", "", None),
        (f.PF_DRAWABLE, "d", "", None),
        (f.PF_STRING, "s", "", "default"),
        (f.PF_FLOAT, "n", "", 0.5),
    ]
    ran: list[int] = []
    registered(
        loaded, "a", params, [], lambda *values: got.append(values), on_run=lambda: ran.append(1)
    )
    loaded.fake.answer = lambda values: ["typed", 2.5]
    # GIMP gives only what it knows.
    assert loaded.fake.run("python-fu-a", 0, 1, target.ID).status.name == "SUCCESS"
    procedure, first, values = loaded.fake.asked[0]
    assert [a.name for a in procedure.arguments[first:]] == ["s", "n"]
    assert values == ["default", 0.5]
    assert got[-1][2:] == ("typed", 2.5)
    assert ran == [1]
    assert "flush" in loaded.fake.shown
    # The next dialog begins where the last one ended; so does a run with last values.
    loaded.fake.run("python-fu-a", 0, 1, target.ID)
    assert loaded.fake.asked[1][2] == ["typed", 2.5]
    loaded.fake.run("python-fu-a", 2, 1, target.ID, "", 0.0)
    assert got[-1][2:] == ("typed", 2.5)
    # Cancel runs nothing.
    loaded.fake.answer = lambda values: None
    assert loaded.fake.run("python-fu-a", 0, 1, target.ID).status.name == "CANCEL"
    assert len(got) == 3


def test_a_file_dialog_gives_the_name(loaded: Any) -> None:
    f, got = loaded.gimpfu, []
    target = layer(loaded)
    params = [
        (f.PF_IMAGE, "i", "", None),
        (f.PF_DRAWABLE, "d", "", None),
        (f.PF_STRING, "filename", "", None),
        (f.PF_STRING, "raw-filename", "", None),
        (f.PF_STRING, "comment", "", "default"),
        (f.PF_INT, "quality", "", 90),
    ]
    registered(loaded, "file-x-save", params, [], lambda *values: got.append(values), menu="<Save>")
    # GIMP fills up with nothing what it does not know.
    loaded.fake.run("file-x-save", 0, 1, target.ID, "/tmp/a.x", "a.x", None, 0)
    assert loaded.fake.asked[0][2] == ["default", 90]
    assert got[0][2:] == ("/tmp/a.x", "a.x", "default", 90)


def test_nothing_to_ask(loaded: Any) -> None:
    f, got = loaded.gimpfu, []
    params = [(f.PF_IMAGE, "i", "", None)]
    registered(loaded, "a", params, [], got.append)
    loaded.fake.run("python-fu-a", 0, 7)
    assert len(got) == 1
    assert loaded.fake.asked == []


def test_odd_defaults_become_values(loaded: Any) -> None:
    f = loaded.gimpfu
    params = [
        (f.PF_INT, "a", "", None),
        (f.PF_COLOR, "b", "", None),
        (f.PF_LAYER, "c", "", False),
        (f.PF_STRING, "d", "", 5),
        (f.PF_FLOAT, "e", "", "1.5"),
        (f.PF_SPINNER, "f", "", 0.5, (0, 1, 0.1)),
        (f.PF_COLOR, "g", "", "orange"),
        (f.PF_DIRNAME, "h", "", 0),
        (f.PF_BRUSH, "i", "", None),
    ]
    registered(loaded, "a", params, [], lambda *values: None)
    loaded.fake.run("python-fu-a", 0)
    orange = (1.0, 165 / 255, 0.0, 1.0)
    black = (0.0, 0.0, 0.0, 1.0)
    assert loaded.fake.asked[0][2] == [0, black, -1, "5", 1.5, 0.5, orange, "", ""]


# -- calling -------------------------------------------------------------------------------------


def test_procedures(loaded: Any) -> None:
    pdb = loaded.gimp.pdb
    image = loaded.gimp.Image(20, 10)
    assert pdb.gimp_image_width(image) == 20
    assert pdb["gimp-image-width"](image) == 20
    assert pdb.gimp_two() == (1, None)
    assert pdb.plug_in_blur(image, layer(loaded)) is None
    assert loaded.fake.called[-1][1][0] == 1
    pdb.plug_in_blur(image, layer(loaded), run_mode=0)
    assert loaded.fake.called[-1][1][0] == 0
    assert pdb.gimp_echo_color("red")[:] == (255, 0, 0, 255)
    parasite = loaded.gimp.Parasite("p", 1, "data")
    assert pdb.gimp_echo_arrays("ab", (1, 2), ["x"], parasite) == (
        (97, 98),
        (1.0, 2.0),
        ("x",),
        parasite,
    )


def test_what_a_backend_refuses_is_an_error_that_plug_ins_catch(loaded: Any) -> None:
    with pytest.raises(loaded.gimp.error, match=r"^no such thing$"):
        loaded.gimp.register_save_handler("file-nothing", "x", "")


def test_numbers_for_bytes_are_cut_off(loaded: Any) -> None:
    parasite = loaded.gimp.Parasite("p", 0, b"")
    for numbers in ([1.9, 300, -1], np.float32([1.9, 44, 255]), array.array("f", [1.9, 44, 255])):
        echoed = loaded.gimp.pdb.gimp_echo_arrays(list(numbers), [], [], parasite)
        assert echoed[0] == (1, 44, 255)


def test_refusals(loaded: Any) -> None:
    gimp = loaded.gimp
    with pytest.raises(gimp.error, match="it does not want to"):
        gimp.pdb.gimp_fail()
    with pytest.raises(RuntimeError):
        gimp.pdb.gimp_fail()
    missing = r"procedure not found: gimp-renamed \(GIMP 3 calls it gimp-new-name\)"
    with pytest.raises(gimp.error, match=missing):
        _ = gimp.pdb.gimp_renamed
    assert not hasattr(gimp.pdb, "gimp_nothing")
    with pytest.raises(KeyError):
        gimp.pdb["gimp-nothing"]
    number = r"wrong number of parameters: \S+ takes 1 \(image\), 2 given"
    with pytest.raises(TypeError, match=number):
        gimp.pdb.gimp_image_width(1, 2)
    with pytest.raises(TypeError, match=r"wrong parameter type: image of \S+ cannot be 'x'"):
        gimp.pdb.gimp_image_width("x")


# -- objects -------------------------------------------------------------------------------------


def test_identity(loaded: Any) -> None:
    one = layer(loaded)
    again = loaded.gimp._id2drawable(one.ID)
    assert one == again
    assert len({one, again}) == 1
    assert one != loaded.gimp.Image(1, 1)
    assert pickle.loads(pickle.dumps(one)) == one
    assert one.mask is None
    one.name = "other"
    assert repr(one) == "<gimp.Layer 'other'>"


def test_shelf(loaded: Any) -> None:
    one = layer(loaded)
    shelf = loaded.gimpshelf.shelf
    shelf["k"] = [one, loaded.gimpcolor.RGB(1, 2, 3)]
    assert shelf["k"] == [one, loaded.gimpcolor.RGB(1, 2, 3)]
    del shelf["k"]
    assert "k" not in shelf
    with pytest.raises(KeyError):
        shelf["k"]


# -- pixels --------------------------------------------------------------------------------------


def test_regions(loaded: Any) -> None:
    target = layer(loaded, 150, 130)
    region = target.get_pixel_rgn(0, 0, 150, 130)
    region[60:70, 60:70] = bytes(range(100)) * 3
    assert region[60:70, 60:70] == bytes(range(100)) * 3
    assert loaded.fake.writes == 0  # four tiles, still here
    target.flush()
    assert loaded.fake.writes == 4
    assert loaded.fake.read(target.ID, (60, 60, 10, 10)) == bytes(range(100)) * 3
    everything = bytes(i % 251 for i in range(150 * 130 * 3))
    region[:, :] = everything
    assert region[0:150, 0:130] == everything
    assert region[:, 129] == everything[-450:]
    assert region[149, :] == b"".join(everything[y * 450 + 447 :][:3] for y in range(130))


def test_single_pixels_ask_once_per_tile(loaded: Any) -> None:
    target = layer(loaded, 64, 64)
    region = target.get_pixel_rgn(0, 0, 64, 64)
    before = loaded.fake.reads
    for y in range(64):
        for x in range(64):
            region[x, y] = chr(x) + chr(y) + chr(255)
        assert target.height == 64  # asks GIMP for nothing that pixels have to do with
    assert loaded.fake.reads - before == 1
    loaded.gimp.pdb.gimp_two()  # any other call gives back what is held
    assert loaded.fake.writes == 1
    assert loaded.fake.read(target.ID, (5, 7, 1, 1)) == b"\5\7\xff"


def test_a_tile_follows_gimp(loaded: Any) -> None:
    target = layer(loaded, 64, 64)
    tile = target.get_tile(False, 0, 0)
    tile[3, 4] = b"abc"
    tile.flush()
    loaded.fake.write(target.ID, (3, 4, 1, 1), b"xyz")
    loaded.gimp.pdb.gimp_two()
    assert tile[3, 4] == b"xyz"
    tile[0] = array.array("B", b"123")
    region = target.get_pixel_rgn(0, 0, 64, 64)
    assert region[0, 0] == b"123"


@pytest.mark.parametrize("key", [(64, 0), (0, -1), (0, slice(5, 5)), 3, (slice(0, 9, 2), 0)])
def test_outside(loaded: Any, key: Any) -> None:
    region = layer(loaded, 64, 64).get_pixel_rgn(0, 0, 64, 64)
    with pytest.raises((IndexError, TypeError)):
        region[key]


def test_wrong_size(loaded: Any) -> None:
    region = layer(loaded, 64, 64).get_pixel_rgn(0, 0, 64, 64)
    with pytest.raises(TypeError, match="3 bytes of pixels expected, 4 given"):
        region[0, 0] = b"abcd"


def test_pixels_are_strings_of_bytes(loaded: Any) -> None:
    pixel = layer(loaded, 64, 64).get_pixel_rgn(0, 0, 64, 64)[0, 0]
    assert pixel + chr(9) == b"\xff\xff\xff\x09"
    assert "\1" + pixel == b"\1\xff\xff\xff"
    assert pixel == "\xff\xff\xff"
    assert pixel != "\0\0\0"
    assert [loaded.gimpfu.ord(each) for each in pixel] == [255, 255, 255]
    assert array.array("B", pixel)[0] == 255


# -- the rest ------------------------------------------------------------------------------------


def test_star(loaded: Any) -> None:
    space: dict[str, Any] = {}
    exec("from gimpfu import *", space)
    wanted = "gimp pdb gimpcolor gettext math register main fail error CancelError N_ RGB PF_INT"
    assert set(wanted.split()) <= set(space)
    assert "_" not in space
    assert not {"Any", "Dict", "Type", "backend", "annotations"} & set(space)


def test_lists_as_python_2_had_them(loaded: Any) -> None:
    f = loaded.gimpfu
    assert f.range(2) + f.range(5, 7 / 1) == [0, 1, 5, 6]
    assert f.map(f.ord, b"ab")[1] == 98
    assert len(f.zip([1], [2])) == 1
    assert f.filter(None, [0, 1]) == [1]
    assert next(f.map(str, [1])) == "1"
    assert f.sorted([1, 3, 2], lambda a, b: b - a) == [3, 2, 1]


def test_missing_constant(loaded: Any) -> None:
    with pytest.raises(AttributeError, match=r"GIMP 2\.10\.34 has no constant NO_SUCH"):
        _ = loaded.gimpenums.NO_SUCH


def test_syntax_of_python_3_8() -> None:
    sources = sorted(gimpfu_host.modules().rglob("*.py"))
    assert len(sources) > 20
    for path in sources:
        ast.parse(path.read_text("utf-8"), str(path), feature_version=(3, 8))


def test_what_a_failing_plug_in_leaves_open_is_closed(loaded: Any) -> None:
    calls = []
    table = loaded.fake._procedures
    for verb in ("start", "end"):
        name = f"gimp-image-undo-group-{verb}"
        table[name] = ([("IMAGE", "image")], [], lambda _, i, verb=verb: calls.append((verb, i)))

    def function() -> None:
        image = loaded.gimp.Image(1, 1)
        image.undo_group_start()
        image.undo_group_start()
        image.undo_group_end()
        raise ValueError(image.ID)

    registered(loaded, "f", [], [], function)
    outcome = loaded.fake.run("python-fu-f", 1)
    number = int(outcome.message.split()[1])
    assert [verb for verb, i in calls if i == number] == ["start", "start", "end", "end"]
