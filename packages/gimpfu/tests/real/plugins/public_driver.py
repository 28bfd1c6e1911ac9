#!/usr/bin/env python3
# ruff: noqa
"""Calls procedures with their defaults, each on a picture of its own; see realkit/public.py."""

import hashlib
import json
import os

from _gimpfu.host import backend
from gimpfu import *


def picture(path):
    image = gimp.Image(120, 90, RGB)
    for name, color in (("Background", (200, 40, 40)), ("Layer", (20, 40, 220))):
        layer = gimp.Layer(image, name, 120, 90, RGBA_IMAGE, 100, LAYER_MODE_NORMAL)
        image.insert_layer(layer)
        gimp.set_foreground(color)
        if name == "Layer":
            pdb.gimp_image_select_ellipse(image, 2, 20, 10, 70, 60)
        layer.fill(FILL_TRANSPARENT)
        pdb.gimp_drawable_edit_fill(layer, FILL_FOREGROUND)
    pdb.gimp_selection_none(image)
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


def call2(name, image, chosen):
    import ctypes

    from _gimpfu.backend import Type
    from _gimpfu.gimp2.values import decode, encode, to_params

    own = backend()
    known = own.describe(name).arguments
    given = [1 if chosen else 2]
    for argument, kinds, item in zip(
        known[1:], ({Type.IMAGE}, {Type.DRAWABLE, Type.LAYER}), (image, image.layers[0])
    ):
        if argument.type not in kinds:
            break
        given.append(item.ID)
    own_values = {"@file": image.filename, "@layer": image.layers[0].ID}
    if chosen and chosen[0] == "@image":
        chosen = chosen[1:]
    given += [own_values.get(value, value) for value in chosen or []]
    names = [argument.name for argument in known]
    if names[-2:] == ["filename", "raw-filename"]:
        path = image.filename
        if "image" in names:
            folder = os.path.dirname(path)
            path = os.path.join(folder, "saved." + name.split("-")[1][:3])
        given = [*given[: len(names) - 2], path, path]
    types = [argument.type for argument in known][: len(given)]
    params, alive = to_params(types, given)
    count = ctypes.c_int()
    returned = own._gimp.run(encode(name), ctypes.byref(count), len(types), params)
    status = returned[0].data.int32
    if status != 3:
        raise RuntimeError(decode(own._gimp.error()) or "status %d" % status)


def call3(name, image, chosen):
    from gi.repository import Gimp

    procedure = Gimp.get_pdb().lookup_procedure(name)
    config = procedure.create_config()
    known = [each.name for each in procedure.get_arguments()]
    if "run-mode" in known:
        mode = Gimp.RunMode.NONINTERACTIVE if chosen else Gimp.RunMode.WITH_LAST_VALS
        config.set_property("run-mode", mode)
    for each in procedure.get_arguments():
        if each.name == "image" and each.value_type.name == "GimpImage":
            config.set_property("image", Gimp.Image.get_by_id(image.ID))
    if "drawables" in known:
        layers = [Gimp.Item.get_by_id(image.layers[0].ID)]
        config.set_core_object_array("drawables", layers)
    own = {"@image": Gimp.Image.get_by_id(image.ID), "@file": image.filename}
    own["@layer"] = Gimp.Item.get_by_id(image.layers[0].ID)
    others = [each for each in known if each not in ("run-mode", "image", "drawables")]
    for each, value in zip(others, chosen or []):
        config.set_property(each, own.get(value, value))
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
            folder = os.path.join(work["folder"], name)
            os.makedirs(folder)
            image = picture(os.path.join(folder, "picture.xcf"))
            before, there = state(image), files(folder)
            around = [len(gimp.image_list()), tuple(gimp.get_foreground())]
            chosen = work["chosen"].get(name)
            (call2 if backend().version < (2, 99) else call3)(name, image, chosen)
            alive = image in gimp.image_list()
            said["ok"] = True
            now = [len(gimp.image_list()), tuple(gimp.get_foreground())]
            changed = not alive or state(image) != before or files(folder) != there
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
