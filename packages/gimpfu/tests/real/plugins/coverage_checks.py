#!/usr/bin/env python3
# ruff: noqa
"""What became of each of 2.10's procedures in the running GIMP 3."""

import traceback

from gimpfu import *

from _gimpfu.backend import NoSuchProcedure
from _gimpfu.gimp3 import signatures
from _gimpfu.gimp3.calls import Caller
from _gimpfu.gimp3.renames import RENAMES
from _gimpfu.gimp3.rules import ADVICE, RULES
from _gimpfu.host import backend

# Results that GIMP 3 gives in another form, or arguments of effects that it made anew.
KNOWN = {"gimp-display-get-window-handle", "gimp-progress-get-window-handle"}


def check_tables_name_procedures_of_2_10():
    for name in list(RENAMES) + list(RULES) + list(ADVICE):
        assert signatures.old(name) is not None, name


def check_new_names_are_procedures_of_3():
    caller = Caller(backend())
    for old, new in RENAMES.items():
        assert caller.target(new.name) is not None, (old, new.name)
    assert not set(RENAMES) & set(RULES)


def check_nothing_is_lost_on_the_way():
    caller = Caller(backend())
    found = {}
    for name in signatures.names():
        try:
            unmatched = caller.unmatched(name)
        except NoSuchProcedure:
            continue
        if unmatched and not name.startswith("script-fu-"):
            found[name] = unmatched
    assert set(found) == KNOWN, found


def check_fonts_by_the_names_of_2_10():
    for old, new in (
        ("Sans", "Sans-serif"),
        ("Sans Bold", "Sans-serif Bold"),
        ("Sans Bold Italic", "Sans-serif Bold Italic"),
        ("Serif Bold", "Serif Bold"),
        ("DejaVu Sans", "DejaVu Sans Book"),
        ("DejaVu Sans Bold", "DejaVu Sans Bold"),
    ):
        pdb.gimp_context_set_font(old)
        assert pdb.gimp_context_get_font() == new, (old, pdb.gimp_context_get_font())
    try:
        pdb.gimp_context_set_font("No Such Font")
    except gimp.error as refused:
        assert "No Such Font" in str(refused)
    else:
        raise AssertionError("not refused")


def check_most_can_be_called():
    caller = Caller(backend())
    gone = []
    for name in signatures.names():
        try:
            described = caller.describe(name)
            assert [a.type for a in described.arguments] == [
                a.type for a in signatures.old(name).arguments
            ], name
        except NoSuchProcedure as missing:
            gone.append(name)
            own = name.startswith(("script-fu-", "plug-in-"))
            assert missing.advice or own, name
    assert len(gone) < 45, gone


def check_the_error_says_what_to_use():
    try:
        pdb.gimp_path_get_points(None, "x")
    except gimp.error as refusal:
        assert "gimp-path-stroke-get-points" in str(refusal), refusal
    else:
        raise AssertionError("not refused")


def check_constants_are_translated():
    image = pdb.gimp_image_new(8, 8, RGB)
    layer = pdb.gimp_layer_new(image, 8, 8, RGBA_IMAGE, "l", 100, NORMAL_MODE)
    pdb.gimp_image_insert_layer(image, layer, None, 0)
    pdb.gimp_drawable_fill(layer, WHITE_FILL)
    assert layer.get_pixel(1, 1) == (255, 255, 255, 255)
    pdb.gimp_drawable_fill(layer, TRANSPARENT_FILL)
    assert layer.get_pixel(1, 1)[3] == 0
    pdb.gimp_context_set_sample_criterion(SELECT_CRITERION_A)
    assert pdb.gimp_context_get_sample_criterion() == SELECT_CRITERION_A
    pdb.gimp_image_convert_indexed(image, 0, WEB_PALETTE, 256, False, False, "")
    assert image.base_type == INDEXED


def run_checks(path):
    with open(path, "w", encoding="utf-8") as out:
        for name, check in sorted(globals().items()):
            if name.startswith("check_"):
                try:
                    check()
                    out.write(name + " ok\n")
                except Exception:
                    text = traceback.format_exc().replace("\n", "\n    ")
                    out.write(name + "\n    " + text + "\n")
                out.flush()


register(
    "python-fu-coverage-checks",
    "Try every name",
    "",
    "mattekit",
    "mattekit",
    "2026",
    "_Try every name",
    "",
    [(PF_STRING, "path", "Where the answers go", "")],
    [],
    run_checks,
    menu="<Image>/Filters/Shim",
)

main()
