"""Plug-ins are run: arguments, dialogs, results, failures."""

from __future__ import annotations

from typing import Any

import pytest

from front import layer, registered


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
