#!/usr/bin/env python3
# ruff: noqa
"""The procedures of habits.py and as_class.py, called from another plug-in."""

import os
import tempfile
import traceback

from gimpfu import *


def picture(mode=RGB):
    image = gimp.Image(30, 20, mode)
    kind = RGB_IMAGE if mode == RGB else GRAY_IMAGE
    layer = gimp.Layer(image, "layer", 30, 20, kind, 100, NORMAL_MODE)
    image.insert_layer(layer)
    gimp.set_background(200, 40, 40)
    layer.fill(BACKGROUND_FILL)
    return image, layer


def refused(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except RuntimeError as refusal:
        return str(refusal)
    raise AssertionError("not refused")


def check_every_type_as_argument_and_result():
    image, layer = picture()
    channel = gimp.Channel(image, "c", 30, 20, 50.0, (1, 2, 3))
    image.insert_channel(channel)
    path = pdb.gimp_vectors_new(image, "v")
    pdb.gimp_image_insert_vectors(image, path, None, 0)
    font = gimp.fonts_get_list("")[0]
    given = (200, -5, 123456, 0.25, "grüße", (1, 2, 3), layer, None, image, layer, channel)
    given += (layer, path, 1, 0.5, 7, font, "/tmp/f", "2. Hardness 050", "Pine", "Golden")
    given += ("b", "text", "Bears", "/tmp/fn", "/tmp", 1)
    got = pdb.python_fu_echo(*given)
    assert len(got) == len(given)
    for i, (one, other) in enumerate(zip(given, got)):
        if i == 5:
            assert tuple(other)[:3] == (1, 2, 3), other
        else:
            assert one == other, (i, one, other)


def check_results():
    assert pdb.python_fu_one("shout") == "SHOUT"
    assert pdb.python_fu_nothing("x") is None
    assert "result 'a' cannot be (1, 2, 3)" in refused(pdb.python_fu_wrong_results)


def check_old_style_gets_image_and_drawable():
    image, layer = picture()
    pdb.python_fu_old_style(image, layer, 0.5)
    assert layer.get_pixel(3, 3)[0] > 210, layer.get_pixel(3, 3)
    description = pdb["python-fu-old-style"]
    assert [name for _, name, _ in description.params] == [
        "run-mode",
        "image",
        "drawable",
        "amount",
    ]


def check_errors():
    image, layer = picture()
    told = refused(pdb.python_fu_raises, image, layer)
    assert "IndexError: list index out of range" in told and "habits.py" in told, told
    assert "No luck today" in refused(pdb.python_fu_fails)
    refused(pdb.python_fu_cancels)


def check_run_mode_param():
    assert pdb.plug_in_without_run_mode("that") == "got that"


def check_calls_of_others():
    image, layer = picture()
    said = pdb.python_fu_calls_others(image, layer)
    assert said == "CALLED No luck today", said
    assert layer.get_pixel(3, 3)[0] > 200


def check_layers_to_files():
    image, layer = picture()
    layer.name = "größe"
    image.new_layer("second")
    folder = tempfile.mkdtemp()
    assert pdb.python_fu_layers_to_files(image, folder) == 2
    assert sorted(os.listdir(folder)) == ["00_second.png", "01_größe.png"], os.listdir(folder)
    again = pdb.gimp_file_load(os.path.join(folder, "01_größe.png"), "x")
    assert again.layers[0].get_pixel(3, 3)[:3] == (200, 40, 40)


def check_file_handlers():
    image, layer = picture(GRAY)
    path = os.path.join(tempfile.mkdtemp(), "a.tiny")
    pdb.gimp_file_save(image, layer, path, path)
    with open(path, "rb") as found:
        assert found.read(11) == b"TINY 30 20\n"
    again = pdb.gimp_file_load(path, path)
    assert (again.width, again.height, again.base_type) == (30, 20, GRAY)
    assert again.layers[0].get_pixel(3, 3) == layer.get_pixel(3, 3)
    unnamed = os.path.join(tempfile.mkdtemp(), "b")
    with open(unnamed, "wb") as target:
        target.write(b"TINY 2 1\n\x00\xff")
    magic = pdb.gimp_file_load(unnamed, unnamed)
    assert (magic.width, magic.layers[0].get_pixel(1, 0)) == (2, (255,))
    direct = pdb.file_tiny_load(path, path)
    assert direct.width == 30
    pdb.file_tiny_save(image, layer, path, path)


def check_class_style():
    image, layer = picture()
    answer = pdb.plug_in_as_class(image, layer, 2, [1.5, 2.5])
    assert list(answer[1]) == [3.0, 5.0], answer


def check_last_values():
    image, layer = picture()
    pdb.python_fu_old_style(image, layer, 0, run_mode=RUN_WITH_LAST_VALS)
    assert layer.get_pixel(3, 3)[0] > 210, layer.get_pixel(3, 3)


def run_checks(path):
    with open(path, "w", encoding="utf-8") as out:
        for name, check in sorted(globals().items()):
            if name.startswith("check_"):
                gimp.context_push()
                try:
                    check()
                    out.write(name + " ok\n")
                except Exception:
                    text = traceback.format_exc().replace("\n", "\n    ")
                    out.write(name + "\n    " + text + "\n")
                finally:
                    gimp.context_pop()
                out.flush()


register(
    "python-fu-habit-checks",
    "Try the procedures of other plug-ins",
    "",
    "mattekit",
    "mattekit",
    "2026",
    "_Try others",
    "",
    [(PF_STRING, "path", "Where the answers go", "")],
    [],
    run_checks,
    menu="<Image>/Filters/Shim",
)

main()
