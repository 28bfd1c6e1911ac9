#!/usr/bin/env python3
# ruff: noqa
"""Calls procedures with their defaults, each on a picture of its own; see realkit/public.py."""

import hashlib
import json
import os

from _gimpfu.host import backend
from gimpfu import *


def picture(
    path,
    size=(120, 90),
    alpha=True,
    layers=2,
    mask=False,
    select=None,
    text=None,
    indexed=False,
):
    image = gimp.Image(*size, RGB)
    for name, color in (("Background", (200, 40, 40)), ("Layer", (20, 40, 220))):
        kind = RGBA_IMAGE if alpha else RGB_IMAGE
        layer = gimp.Layer(image, name, *size, kind, 100, LAYER_MODE_NORMAL)
        image.insert_layer(layer)
        gimp.set_foreground(color)
        if name == "Layer":
            pdb.gimp_image_select_ellipse(image, 2, 20, 10, size[0] - 50, size[1] - 30)
        layer.fill(FILL_TRANSPARENT if alpha else FILL_WHITE)
        pdb.gimp_drawable_edit_fill(layer, FILL_FOREGROUND)
    pdb.gimp_selection_none(image)
    for _ in range(2, layers):
        image.insert_layer(layer.copy())
    if mask:
        layer.add_mask(layer.create_mask(ADD_MASK_WHITE))
    if text:
        image.insert_layer(pdb.gimp_text_layer_new(image, text, "Sans", 20, PIXELS))
    if indexed:
        pdb.gimp_image_convert_indexed(image, 0, 0, 2, False, True, "")
    if select:
        pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, *select)
    pdb.gimp_file_save(image, image.layers[0], path, path)
    image.filename = path
    return image


def state(image):
    layers = []
    for layer in image.layers:
        pixels = bytes(layer.get_rect(0, 0, layer.width, layer.height, "R'G'B'A u8"))
        facts = [layer.name, layer.width, layer.height, layer.offsets, layer.visible]
        facts += [layer.opacity, layer.mode, layer.mask is not None]
        layers.append([*facts, hashlib.md5(pixels).hexdigest()])
    guides, guide = [], 0
    while True:
        guide = pdb.gimp_image_find_next_guide(image, guide)
        if not guide:
            break
        guides.append(guide)
    return [
        image.width,
        image.height,
        layers,
        len(image.channels),
        len(image.vectors),
        guides,
        list(pdb.gimp_selection_bounds(image)),
        image.base_type,
    ]


def files(folder):
    found = []
    for where, _, names in os.walk(folder):
        found += [os.path.join(where, name) for name in names]
    return sorted(found)


def folder(image):
    return os.path.dirname(image.filename)


def saved(name, image):
    return os.path.join(folder(image), "saved." + name.partition("-")[2][:3])


def with_copies(values, image):
    """Save the picture once more for each "@file.KIND"."""
    named = []
    for value in values or []:
        if isinstance(value, str) and value.startswith("@file."):
            value = os.path.splitext(image.filename)[0] + value[len("@file") :]
            copy = image.duplicate()
            if value.endswith(".gif"):  # GIMP 2.10 saves no other as such
                pdb.gimp_image_convert_indexed(copy, 0, 0, 255, False, True, "")
            pdb.gimp_file_save(copy, copy.layers[0], value, value)
            gimp.delete(copy)
        named.append(value)
    return named


def call2(name, image, chosen):
    import ctypes

    from _gimpfu.backend import Type
    from _gimpfu.gimp2.values import decode, encode, to_params

    own = backend()
    known = own.describe(name).arguments
    names = [argument.name for argument in known]
    given = [1 if chosen else 2] if names[:1] == ["run-mode"] else []
    for argument, kinds, each in zip(
        known[len(given) :], ({Type.IMAGE}, {Type.DRAWABLE, Type.LAYER}), (image, image.layers[0])
    ):
        if argument.type not in kinds:
            break
        given.append(each.ID)
    if chosen and chosen[0] == "@image":
        chosen = chosen[1:]
    meant = {"@file": image.filename, "@saved": saved(name, image), "@folder": folder(image)}
    meant.update({"@layer": image.layers[0].ID, "@lowest": image.layers[-1].ID})
    meant["@palette"] = pdb.gimp_context_get_palette()
    meant["@gradient"] = pdb.gimp_context_get_gradient()
    meant["@font"] = pdb.gimp_context_get_font()
    meant["@foreground"] = own.call("gimp-context-get-foreground", [])[0]
    given += [meant.get(value, value) for value in chosen]
    if not chosen and names[-2:] == ["filename", "raw-filename"]:
        path = saved(name, image) if "image" in names else image.filename
        given = [*given[: len(names) - 2], path, path]
    if chosen and len(given) < len(known):
        raise ValueError("chosen.json: nothing for %s" % ", ".join(names[len(given) :]))
    types = [argument.type for argument in known][: len(given)]
    params, alive = to_params(types, given)
    count = ctypes.c_int()
    returned = own._gimp.run(encode(name), ctypes.byref(count), len(types), params)
    status = returned[0].data.int32
    if status != 3:
        raise RuntimeError(decode(own._gimp.error()) or "status %d" % status)


def call3(name, image, chosen):
    from gi.repository import Gimp, Gio

    procedure = Gimp.get_pdb().lookup_procedure(name)
    config = procedure.create_config()
    arguments = {each.name: each.value_type.name for each in procedure.get_arguments()}
    if "run-mode" in arguments:
        mode = Gimp.RunMode.NONINTERACTIVE if chosen else Gimp.RunMode.WITH_LAST_VALS
        config.set_property("run-mode", mode)
    if arguments.get("image") == "GimpImage":
        config.set_property("image", Gimp.Image.get_by_id(image.ID))
    if "drawables" in arguments:
        layers = [Gimp.Item.get_by_id(image.layers[0].ID)]
        config.set_core_object_array("drawables", layers)
    meant = {"@image": Gimp.Image.get_by_id(image.ID), "@file": image.filename}
    meant["@layer"] = Gimp.Item.get_by_id(image.layers[0].ID)
    meant["@lowest"] = Gimp.Item.get_by_id(image.layers[-1].ID)
    meant.update({"@saved": saved(name, image), "@folder": folder(image)})
    meant["@palette"] = Gimp.context_get_palette()
    meant["@gradient"] = Gimp.context_get_gradient()
    meant["@font"] = Gimp.context_get_font()
    meant["@foreground"] = Gimp.context_get_foreground()
    filled = ["run-mode", "drawables", *["image"] * (arguments.get("image") == "GimpImage")]
    others = [each for each in arguments if each not in filled]
    values = list(chosen)
    if not values and others[:1] == ["file"]:
        values = ["@saved" if "image" in arguments else "@file"]
    for each, value in zip(others, values):
        value = meant.get(value, value)
        if arguments[each] == "GFile":
            value = Gio.File.new_for_path(value)
        config.set_property(each, value)
    result = procedure.run(config)
    if result.index(0) != Gimp.PDBStatusType.SUCCESS:
        raise RuntimeError(Gimp.get_pdb().get_last_error())


def run(orders):
    work = json.load(open(orders))
    for name in work["procedures"]:
        with open(work["answers"], "a") as file:
            file.write(json.dumps(["begin", name]) + chr(10))
        said = {}
        try:
            place = os.path.join(work["folder"], name)
            os.makedirs(place)
            wanted = work["chosen"].get(name, {})
            image = picture(os.path.join(place, "picture.xcf"), **wanted.get("picture", {}))
            values = with_copies(wanted.get("values"), image)
            before, there = state(image), files(place)
            around = [len(gimp.image_list()), tuple(gimp.get_foreground())]
            call = call2 if backend().version < (2, 99) else call3
            call(name, image, values)
            alive = image in gimp.image_list()
            said["ok"] = True
            now = [len(gimp.image_list()), tuple(gimp.get_foreground())]
            changed = not alive or state(image) != before or files(place) != there
            said["effect"] = changed or now != around
        except Exception as error:
            said["error"] = str(error)[-600:]
        for image in gimp.image_list():
            try:
                gimp.delete(image)
            except RuntimeError:  # it has a window
                pass
        with open(work["answers"], "a") as file:
            file.write(json.dumps(["end", name, said]) + chr(10))


register(
    "plug-in-public-driver",
    "",
    "",
    "",
    "",
    "",
    "Driver",
    "",
    [(PF_STRING, "orders", "", "")],
    [],
    run,
    menu="<Image>/Tools",
)
main()
