#!/usr/bin/env python3
# ruff: noqa
"""GIMP's own plug-ins of 2.10, called from another plug-in; what happened goes to a file."""

import csv
import os
import tempfile
import traceback

from gimpfu import *


def picture(kind=RGB_IMAGE):
    """Return a blue square on red, or on nothing."""
    image = gimp.Image(120, 90, RGB)
    layer = gimp.Layer(image, "Layer", 120, 90, kind, 100, NORMAL_MODE)
    image.insert_layer(layer)
    gimp.set_foreground(200, 40, 40)
    gimp.set_background(20, 40, 220)
    pdb.gimp_edit_fill(layer, FOREGROUND_FILL if kind == RGB_IMAGE else FILL_TRANSPARENT)
    pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, 30, 20, 40, 40)
    pdb.gimp_edit_fill(layer, BACKGROUND_FILL)
    pdb.gimp_selection_none(image)
    return image, layer


def visible(image):
    """Return what is seen as rows of (red, green, blue, alpha)."""
    copy = pdb.gimp_image_duplicate(image)
    layer = pdb.gimp_image_merge_visible_layers(copy, CLIP_TO_IMAGE)
    pdb.gimp_layer_resize_to_image_size(layer)
    layer.add_alpha()
    data = bytearray(layer.get_pixel_rgn(0, 0, 120, 90)[0:120, 0:90])
    pdb.gimp_image_delete(copy)
    pixels = [tuple(data[i : i + 4]) for i in range(0, len(data), 4)]
    return [pixels[y * 120 : y * 120 + 120] for y in range(90)]


def changes(before, after):
    return [
        max(abs(p - q) for p, q in zip(a[:3], b[:3]))
        for one, other in zip(before, after)
        for a, b in zip(one, other)
    ]


def mean(numbers):
    numbers = list(numbers)
    return sum(numbers) / float(len(numbers))


def deviation(numbers):
    numbers = list(numbers)
    middle = mean(numbers)
    return mean((n - middle) ** 2 for n in numbers) ** 0.5


def check_foggify():
    image, layer = picture()
    before = visible(image)
    pdb.python_fu_foggify(image, layer, "Fog bank", (240, 180, 70), 1.0, 60.0)
    assert image.layers[0].name == "Fog bank", image.layers
    after = visible(image)
    change = changes(before, after)
    assert 5 < mean(change) < 120, mean(change)
    assert deviation(change) > 5, deviation(change)
    green = mean(p[1] for row in after for p in row) - mean(p[1] for row in before for p in row)
    assert green > 5, green


def check_clothify():
    image, layer = picture()
    before = visible(image)
    pdb.python_fu_clothify(image, layer, 9, 9, 135, 45, 3)
    after = visible(image)
    change = changes(before, after)
    assert mean(c > 2 for c in change) > 0.5, change[:100]
    grain = deviation(p[0] for row in after[70:] for p in row)
    assert grain > deviation(p[0] for row in before[70:] for p in row) + 2, grain
    assert after[40][50][2] > after[80][100][2]


def check_shadow_bevel():
    image, layer = picture(RGBA_IMAGE)
    before = visible(image)
    assert before[65][75][3] == 0
    pdb.python_fu_shadow_bevel(image, layer, 6, 1, 1, 10, 12)
    after = visible(image)
    assert after[65][75][3] > 40, after[65][75]
    assert max(after[65][75][:3]) < 60, after[65][75]
    assert after[5][110][3] == 0
    inside = [
        max(abs(p - q) for p, q in zip(after[y][x], before[y][x]))
        for y in range(20, 60)
        for x in range(30, 70)
    ]
    assert max(inside) > 10, max(inside)


def check_histogram_export():
    image, layer = picture()
    path = os.path.join(tempfile.mkdtemp(), "histogram.csv")
    pdb.python_fu_histogram_export(image, layer, path, 16.0, 0, "pixel count")
    with open(path) as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 16, rows
    blue = {int(row["Range start"]): float(row["Blue"]) for row in rows}
    assert blue[208] == 1600 and blue[32] == 120 * 90 - 1600, blue
    path = os.path.join(tempfile.mkdtemp(), "percent.csv")
    pdb.python_fu_histogram_export(image, layer, path, 64.0, 1, "percent")
    with open(path) as lines:
        percents = [float(row["Red"].rstrip("%")) for row in csv.DictReader(lines)]
    assert abs(sum(percents) - 100) < 0.1, percents


def check_palette_offset():
    new = pdb.python_fu_palette_offset("Bears", 3)
    assert new != "Bears", new
    first = pdb.gimp_palette_entry_get_color("Bears", 0)
    assert pdb.gimp_palette_entry_get_color(new, 3) == first
    assert pdb.gimp_palette_get_info(new) == pdb.gimp_palette_get_info("Bears")


def check_palette_to_gradient():
    new = pdb.python_fu_palette_to_gradient("Bears")
    count = pdb.gimp_palette_get_info("Bears")
    assert pdb.gimp_gradient_get_number_of_segments(new) == count - 1, new
    assert gimp.context_get_gradient() == gimp.context_get_gradient()
    left, opacity = pdb.gimp_gradient_segment_get_left_color(new, 0)
    assert abs(left.r - pdb.gimp_palette_entry_get_color("Bears", 0).r) < 0.01
    assert opacity == 100.0, opacity
    again = pdb.python_fu_palette_to_gradient_repeating("Bears")
    assert pdb.gimp_gradient_get_number_of_segments(again) == count, again


def check_palette_sort():
    new = pdb.gimp_palette_duplicate("Bears")
    pdb.python_fu_palette_sort(new, 0, "", 3, 1, 5, 1, 0, 3, 0)
    first = pdb.gimp_palette_entry_get_color(new, 0)
    late = pdb.gimp_palette_entry_get_color(new, 200)
    assert 2 * first.r + 7 * first.g + first.b < 2 * late.r + 7 * late.g + late.b


def check_gradients_save_as_css():
    path = os.path.join(tempfile.mkdtemp(), "golden.css")
    pdb.python_fu_gradient_save_as_css("Golden", path)
    with open(path) as lines:
        text = lines.read()
    assert text.startswith("background-image: linear-gradient(top, rgb("), text
    assert text.count("-webkit-gradient") == 1, text


def check_whirlpinch():
    image, layer = picture()
    before = visible(image)
    pdb.python_fu_whirl_pinch(image, layer, 90, 0, 1)
    after = visible(image)
    assert sum(c > 30 for c in changes(before, after)) > 200
    assert max(changes([row[:5] for row in before[:5]], [row[:5] for row in after[:5]])) == 0
    assert 1200 < sum(p[2] > 130 for row in after for p in row) < 2200


def check_colorxhtml():
    image, layer = picture()
    path = os.path.join(tempfile.mkdtemp(), "page.xhtml")
    pdb.file_colorxhtml_save(image, layer, path, "", 2, "mattekit", 10, 1)
    with open(path) as lines:
        assert lines.read().count("<span") == 120 * 90
    with open(path.replace(".xhtml", ".css")) as lines:
        style = lines.read()
    assert "color:#c82828" in style and "color:#1428dc" in style


def check_py_slice():
    image, layer = picture()
    image.add_vguide(30)
    image.add_hguide(60)
    folder = tempfile.mkdtemp()
    pdb.python_fu_slice(
        image, layer, folder, "page.html", "part", "png", 1, "images", 0, 0, 0
    )  # fmt: skip
    with open(os.path.join(folder, "page.html")) as lines:
        assert lines.read().count("<td>") == 4
    sizes = []
    for name in ("part_0_0.png", "part_0_1.png", "part_1_0.png", "part_1_1.png"):
        path = os.path.join(folder, "images", name)
        part = pdb.gimp_file_load(path, path)
        sizes.append((part.width, part.height))
        gimp.delete(part)
    assert sizes == [(30, 60), (90, 60), (30, 30), (90, 30)], sizes


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
    "python-fu-stock-checks",
    "Try GIMP's own plug-ins",
    "",
    "mattekit",
    "mattekit",
    "2026",
    "_Try GIMP's plug-ins",
    "",
    [(PF_STRING, "path", "Where the answers go", "")],
    [],
    run_checks,
    menu="<Image>/Filters/Shim",
)

main()
