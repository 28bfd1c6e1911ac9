#!/usr/bin/env python3
# ruff: noqa
"""Everything that gimpfu offers, tried inside the running GIMP; what happened goes to a file."""

import array
import math
import os
import struct
import tempfile
import traceback

from gimpfu import *

import gimpcolor
import gimpplugin
from gimpshelf import shelf


def same(got, expected):
    assert got == expected, "%r instead of %r" % (got, expected)


def close(got, expected, within=1e-3):
    same(len(got), len(expected))
    for a, b in zip(got, expected):
        assert abs(a - b) <= within, "%r instead of %r" % (got, expected)


def refused(function, *args):
    try:
        function(*args)
    except (gimp.error, TypeError, ValueError, IndexError, KeyError) as refusal:
        return refusal
    raise AssertionError("not refused")


def picture(width=100, height=80, kind=RGB_IMAGE, mode=RGB):
    image = gimp.Image(width, height, mode)
    layer = gimp.Layer(image, "layer", width, height, kind, 100, NORMAL_MODE)
    image.insert_layer(layer)
    layer.fill(FILL_WHITE)
    return image, layer


def check_image_properties():
    image, layer = picture()
    same((image.width, image.height, image.base_type), (100, 80, RGB))
    same(image.layers, [layer])
    same(image.active_layer, layer)
    same(image.active_drawable, layer)
    same(image.channels, [])
    same(image.vectors, [])
    same(image.filename, None)
    image.filename = "/tmp/some.xcf"
    same(image.filename, "/tmp/some.xcf")
    same(image.uri, "file:///tmp/some.xcf")
    same(image.name, "some.xcf")
    image.resolution = (300.0, 150.0)
    close(image.resolution, (300, 150))
    image.unit = UNIT_MM
    same(image.unit, UNIT_MM)
    same(image.floating_selection, None)
    same(image.precision, PRECISION_U8_GAMMA)
    assert isinstance(image.selection, gimp.Channel)
    image.tattoo_state = image.tattoo_state
    image.clean_all()
    same(image.dirty, False)
    layer.fill(FILL_BACKGROUND)
    assert image in gimp.image_list()
    same(gimp._id2image(image.ID), image)
    same(hash(gimp._id2image(image.ID)), hash(image))
    same(gimp._id2drawable(layer.ID), layer)
    same(repr(image), "<gimp.Image 'some.xcf'>")
    gimp.delete(image)
    assert image not in gimp.image_list()


def check_image_geometry():
    image, layer = picture()
    image.resize(120, 100, 10, 5)
    same((image.width, image.height, layer.offsets), (120, 100, (10, 5)))
    image.crop(60, 50, 10, 5)
    same((image.width, image.height), (60, 50))
    image.scale(30, 25)
    same((image.width, image.height), (30, 25))
    image.scale(60, 50, INTERPOLATION_NONE)
    layer.set_offsets(-10, -10)
    image.resize_to_layers()
    same((image.width, image.height), (layer.width, layer.height))


def check_layers():
    image, bottom = picture()
    top = image.new_layer("top", opacity=50.0)
    same([each.name for each in image.layers], ["top", "layer"])
    same((top.opacity, top.has_alpha, top.type), (50.0, True, RGBA_IMAGE))
    middle = bottom.copy(True)
    image.insert_layer(middle, position=1)
    same(image.layers.index(middle), 1)
    same(middle.has_alpha, True)
    image.raise_layer(middle)
    same(image.layers[0], middle)
    image.lower_layer_to_bottom(middle)
    same(image.layers[2], middle)
    image.raise_layer_to_top(middle)
    image.lower_layer(middle)
    same(image.layers[1], middle)
    image.remove_layer(middle)
    same(len(image.layers), 2)
    merged = image.merge_visible_layers(CLIP_TO_IMAGE)
    same(image.layers, [merged])
    again = gimp.Layer(image, "again", 10, 10, RGBA_IMAGE)
    image.add_layer(again, 0)
    down = image.merge_down(again, EXPAND_AS_NECESSARY)
    same(image.layers, [down])
    flat = image.flatten()
    same((flat.has_alpha, image.layers), (False, [flat]))


def check_layer_properties():
    image, layer = picture()
    layer.name = "näme"
    same(layer.name, "näme")
    same(repr(layer), "<gimp.Layer 'näme'>")
    same((layer.width, layer.height, layer.bpp), (100, 80, 3))
    same(
        (layer.is_rgb, layer.is_gray, layer.is_grey, layer.is_indexed), (True, False, False, False)
    )
    same((layer.type, layer.type_with_alpha), (RGB_IMAGE, RGBA_IMAGE))
    same((layer.image, layer.parent, layer.is_layer_mask), (image, None, False))
    layer.visible = False
    same(layer.visible, False)
    layer.linked = True
    same(layer.linked, True)
    layer.opacity = 42.0
    close([layer.opacity], [42.0], 0.3)
    layer.mode = MULTIPLY_MODE
    same(layer.mode, MULTIPLY_MODE)
    layer.lock_alpha = True
    same((layer.lock_alpha, layer.preserve_trans), (True, True))
    layer.lock_alpha = False
    layer.tattoo = 77
    same(layer.tattoo, 77)
    same(image.get_layer_by_tattoo(77), layer)
    same(layer.is_floating_sel, False)
    layer.add_alpha()
    same((layer.has_alpha, layer.bpp), (True, 4))
    layer.set_offsets(5, 6)
    layer.translate(10, -3)
    same(layer.offsets, (15, 3))
    layer.resize(50, 40, 0, 0)
    layer.scale(25, 20)
    same((layer.width, layer.height), (25, 20))
    layer.resize_to_image_size()
    same((layer.width, layer.height, layer.offsets), (100, 80, (0, 0)))
    same(layer.mask_bounds, (0, 0, 100, 80))
    same(layer.mask_intersect, (0, 0, 100, 80))
    pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, 10, 20, 30, 40)
    same(layer.mask_bounds, (10, 20, 40, 60))
    same(layer.mask_intersect, (10, 20, 30, 40))
    same(image.pick_correlate_layer(5, 5), None)


def check_groups():
    image, layer = picture()
    group = gimp.GroupLayer(image, "group", 80.0, NORMAL_MODE)
    image.insert_layer(group)
    assert isinstance(group, gimp.GroupLayer) and isinstance(group, gimp.Layer)
    inner = gimp.Layer(image, "inner", 10, 10, RGBA_IMAGE, 100, NORMAL_MODE)
    image.insert_layer(inner, group, 0)
    same(group.layers, [inner])
    same(group.children, [inner])
    same(inner.parent, group)
    assert isinstance(image.layers[0], gimp.GroupLayer)
    assert isinstance(gimp.Item.from_id(group.ID), gimp.GroupLayer)
    same(group.name, "group")


def check_masks():
    image, layer = picture()
    layer.add_alpha()
    same(layer.mask, None)
    mask = layer.create_mask(ADD_MASK_WHITE)
    assert isinstance(mask, gimp.Channel)
    layer.add_mask(mask)
    same(layer.mask, mask)
    same(mask.is_layer_mask, True)
    same((layer.apply_mask, layer.show_mask), (True, False))
    layer.apply_mask = False
    layer.show_mask = True
    layer.edit_mask = False
    same((layer.apply_mask, layer.show_mask, layer.edit_mask), (False, True, False))
    region = mask.get_pixel_rgn(0, 0, 100, 80)
    region[0:100, 0:40] = b"\0" * 4000
    mask.flush()
    layer.remove_mask(MASK_APPLY)
    same(layer.get_pixel(5, 5)[3], 0)
    same(layer.get_pixel(5, 75)[3], 255)


def check_channels():
    image, layer = picture()
    channel = gimp.Channel(image, "channel", 100, 80, 40.0, (255, 0, 0))
    image.insert_channel(channel)
    same(image.channels, [channel])
    same(channel.name, "channel")
    same(channel.color[0:3], (255, 0, 0))
    channel.color = (0, 128, 0)
    same(channel.colour[0:3], (0, 128, 0))
    channel.opacity = 20.0
    close([channel.opacity], [20.0], 0.3)
    channel.show_masked = True
    same(channel.show_masked, True)
    other = channel.copy()
    image.add_channel(other, 0)
    same(len(image.channels), 2)
    image.lower_channel(other)
    image.raise_channel(other)
    channel.combine_masks(other, CHANNEL_OP_ADD, 0, 0)
    image.active_channel = channel
    same(image.active_channel, channel)
    image.unset_active_channel()
    same(image.active_channel, None)
    channel.tattoo = 99
    same(image.get_channel_by_tattoo(99), channel)
    image.remove_channel(other)
    same(image.channels, [channel])
    image.set_component_visible(RED_CHANNEL, False)
    same(image.get_component_visible(RED_CHANNEL), False)
    image.set_component_active(RED_CHANNEL, False)
    same(image.get_component_active(RED_CHANNEL), False)


def check_pixel_regions():
    image, layer = picture(150, 130)
    region = layer.get_pixel_rgn(0, 0, 150, 130, True, False)
    same((region.x, region.y, region.w, region.h, region.bpp), (0, 0, 150, 130, 3))
    same((region.dirty, region.shadow, region.drawable), (True, False, layer))
    same(region.rowstride, 450)
    row = bytes(range(150)) * 3
    region[0:150, 70] = row
    same(region[0:150, 70], row)
    region[149, 129] = b"\1\2\3"
    same(region[149, 129], b"\1\2\3")
    region[5, 6] = chr(200) + chr(100) + chr(0)
    same([ord(c) for c in region[5, 6]], [200, 100, 0])
    region[60:70, 60:70] = array.array("B", [9, 8, 7] * 100)
    same(region[60:70, 60:70], b"\x09\x08\x07" * 100)
    region[10, 0:130] = b"\5" * 390
    same(region[10, 20:30], b"\5" * 30)
    everything = region[0:150, 0:130]
    same(len(everything), 150 * 130 * 3)
    same(everything[(129 * 150 + 149) * 3 :], b"\1\2\3")
    layer.flush()
    layer.update(0, 0, 150, 130)
    same(layer.get_pixel(149, 129), (1, 2, 3))
    region[0:150, 0:130] = everything[::-1]
    layer.flush()
    same(layer.get_pixel(0, 0), (3, 2, 1))
    refused(lambda: region[150, 0])
    refused(lambda: region[0, -1])
    refused(lambda: region[0:10, 0:10:2])

    def wrong():
        region[0, 0] = b"four"

    refused(wrong)
    part = layer.get_pixel_rgn(20, 30, 10, 10)
    same(len(part[:, :]), 300)
    same(part[20, 30], region[20, 30])
    refused(lambda: part[0, 0])


def check_shadow():
    image, layer = picture()
    source = layer.get_pixel_rgn(0, 0, 100, 80, False, False)
    target = layer.get_pixel_rgn(0, 0, 100, 80, True, True)
    for y in range(80):
        inverted = bytes(255 - each for each in source[0:100, y])
        target[0:100, y] = inverted
    layer.flush()
    layer.merge_shadow(True)
    layer.update(0, 0, 100, 80)
    same(layer.get_pixel(50, 40), (0, 0, 0))


def check_tiles():
    image, layer = picture(150, 130)
    gimp.tile_cache_ntiles(2 * (1 + 150 // gimp.tile_width()))
    same((gimp.tile_width(), gimp.tile_height()), (64, 64))
    tile = layer.get_tile(False, 1, 2)
    same((tile.ewidth, tile.eheight, tile.bpp, tile.tile_num), (22, 64, 3, 5))
    same((tile.shadow, tile.drawable, len(tile)), (False, layer, 22 * 64))
    same(tile[0, 0], b"\xff\xff\xff")
    tile[1, 2] = b"abc"
    same(tile[1, 2], b"abc")
    same(tile[1 + 2 * 22], b"abc")
    tile[0] = "xyz"
    same(tile.dirty, True)
    tile.flush()
    same(tile.dirty, False)
    same(layer.get_pixel(129, 66), tuple(b"abc"))
    same(layer.get_pixel(128, 64), tuple(b"xyz"))
    same(layer.get_tile2(False, 129, 66).tile_num, 5)
    same(layer.get_tile(False, 9, 9), None)
    same(layer.get_tile2(False, 200, 0), None)
    refused(lambda: tile[22, 0])
    layer.fill(FILL_WHITE)
    same(tile[1, 2], b"\xff\xff\xff")
    for row in range(3):
        for column in range(3):
            each = layer.get_tile(False, row, column)
            for i in range(0, len(each), 7):
                each[i] = struct.pack("BBB", row, column, i % 256)
    del each
    same(layer.get_pixel(7, 0), (0, 0, 7))
    same(layer.get_pixel(64 + 7, 64), (1, 1, 7))


def check_fetchers():
    image, layer = picture(70, 70)
    fetcher = gimp.PixelFetcher(layer, False, (1.0, 0.0, 0.0), PIXEL_FETCHER_EDGE_BACKGROUND)
    fetcher[3, 4] = b"\1\2\3"
    same(fetcher[3, 4], b"\1\2\3")
    same(fetcher.get_pixel(-1, 5), b"\xff\0\0")
    fetcher.edge_mode = PIXEL_FETCHER_EDGE_WRAP
    same(fetcher[73, 4], b"\1\2\3")
    fetcher.edge_mode = PIXEL_FETCHER_EDGE_SMEAR
    same(fetcher[-5, -5], b"\xff\xff\xff")
    fetcher.edge_mode = PIXEL_FETCHER_EDGE_BLACK
    same(fetcher[-5, -5], b"\0\0\0")
    fetcher.bg_color = "blue"
    same(fetcher.bg_color[2], 255)
    fetcher.put_pixel(0, 0, chr(9) * 3)
    same(layer.get_pixel(0, 0), (9, 9, 9))


def check_single_pixels():
    image, layer = picture()
    layer.set_pixel(3, 4, (10, 20, 30))
    same(layer.get_pixel(3, 4), (10, 20, 30))
    layer.set_pixel((5, 6), [1, 2, 3])
    same(layer.get_pixel((5, 6)), (1, 2, 3))
    same(pdb.gimp_drawable_get_pixel(layer, 5, 6), (3, (1, 2, 3)))
    refused(layer.get_pixel, 500, 0)


def check_formats():
    image, layer = picture(20, 10)
    layer.set_pixel(1, 0, (255, 0, 0))
    data = layer.get_data("R'G'B'A u8")
    assert isinstance(data, array.array)
    same((data.typecode, len(data)), ("B", 800))
    same(tuple(data[4:8]), (255, 0, 0, 255))
    same(layer.get_data().typecode, "f")
    same(layer.get_data("Y u16")[0], 65535)
    wide = gimp.Image(8, 8, RGB)
    pdb.gimp_image_convert_precision(wide, PRECISION_U16_GAMMA)
    deep = gimp.Layer(wide, "deep", 8, 8, RGBA_IMAGE, 100, NORMAL_MODE)
    wide.insert_layer(deep)
    values = array.array("H", range(1000, 1000 + 8 * 8 * 4))
    deep.set_rect(0, 0, 8, 8, values.tobytes(), "R'G'B'A u16")
    same(deep.get_rect(0, 0, 8, 8, "R'G'B'A u16"), values.tobytes())
    same(deep.pixel_format, "R'G'B'A u16")
    same(len(deep.get_rect(0, 0, 8, 8)), 8 * 8 * 4)
    same(layer.get_pixel_rgn(0, 0, 20, 10)[1, 0], b"\xff\0\0")
    refused(layer.get_rect, 0, 0, 1, 1, "no such format")


def check_rectangles_partly_outside():
    image, layer = picture(65, 65)
    layer.set_pixel(64, 0, (255, 0, 0))
    mask = layer.create_mask(ADD_WHITE_MASK)
    layer.add_mask(mask)
    same(bytes(mask.get_rect(63, 0, 4, 2, "Y u8")), b"\xff\xff\0\0" * 2)
    mask.set_rect(63, 0, 4, 1, b"\1\2\3\4", "Y u8")
    same(bytes(mask.get_rect(63, 0, 2, 1, "Y u8")), b"\1\2")
    same(bytes(layer.get_rect(64, 0, 2, 1, "R'G'B' u8")), b"\xff\0\0" + bytes(3))


def check_gray_and_indexed():
    image, layer = picture(20, 10, GRAY_IMAGE, GRAY)
    same((layer.is_gray, layer.bpp), (True, 1))
    region = layer.get_pixel_rgn(0, 0, 20, 10)
    region[0, 0] = b"\x40"
    same(layer.get_pixel(0, 0), (0x40,))
    color, flat = picture(20, 10)
    pdb.gimp_image_convert_indexed(
        color, CONVERT_DITHER_NONE, CONVERT_PALETTE_WEB, 255, False, False, ""
    )
    same((color.base_type, flat.is_indexed, flat.bpp), (INDEXED, True, 1))
    color.colormap = b"\0\0\0\xff\0\0\xff\xff\xff"
    same(color.colormap, b"\0\0\0\xff\0\0\xff\xff\xff")
    indices = flat.get_pixel_rgn(0, 0, 20, 10)
    indices[2, 2] = b"\1"
    same(indices[2, 2], b"\1")
    flat.flush()
    pdb.gimp_image_convert_rgb(color)
    same(color.layers[0].get_pixel(2, 2), (255, 0, 0))


def check_guides():
    image, layer = picture()
    first = image.add_hguide(30)
    second = image.add_vguide(20)
    found = []
    guide = image.find_next_guide(0)
    while guide:
        found.append((image.get_guide_orientation(guide), image.get_guide_position(guide)))
        guide = image.find_next_guide(guide)
    same(sorted(found), [(ORIENTATION_HORIZONTAL, 30), (ORIENTATION_VERTICAL, 20)])
    image.delete_guide(first)
    same(image.find_next_guide(0), second)


def check_undo():
    image, layer = picture()
    same(image.undo_is_enabled(), True)
    image.disable_undo()
    same(image.undo_is_enabled(), False)
    image.enable_undo()
    image.undo_freeze()
    image.undo_thaw()
    image.undo_group_start()
    layer.name = "changed"
    image.undo_group_end()
    same(image.duplicate().layers[0].name, "changed")


def check_parasites():
    image, layer = picture()
    vectors = gimp.Vectors(image, "path")
    pdb.gimp_image_insert_vectors(image, vectors, None, 0)
    for owner in (image, layer, vectors):
        same(list(owner.parasite_list()), [])
        same(owner.parasite_find("absent"), None)
        owner.parasite_attach(gimp.Parasite("mine", PARASITE_PERSISTENT, b"\0\1data"))
        found = owner.parasite_find("mine")
        same((found.name, found.flags, found.data), ("mine", 1, b"\0\1data"))
        same((found.is_persistent, found.is_undoable), (True, False))
        same(list(owner.parasite_list()), ["mine"])
        owner.parasite_detach("mine")
        same(owner.parasite_find("mine"), None)
    image.attach_new_parasite("other", 0, "text")
    same(image.parasite_find("other").data, b"text")
    gimp.attach_new_parasite("gimpfu-test", 0, "global")
    same(gimp.parasite_find("gimpfu-test").data, b"global")
    assert "gimpfu-test" in gimp.parasite_list()
    gimp.parasite_detach("gimpfu-test")
    same(gimp.parasite_find("gimpfu-test"), None)
    one = gimp.Parasite("a", 3, "b")
    same(one.copy(), one)
    same((one.is_type("a"), one.has_flag(2), repr(one)), (True, True, "<gimp.Parasite a>"))


def check_vectors():
    image, layer = picture()
    vectors = gimp.Vectors(image, "path")
    pdb.gimp_image_insert_vectors(image, vectors, None, 0)
    same(image.vectors, [vectors])
    same((vectors.name, vectors.image, vectors.strokes), ("path", image, []))
    vectors.name = "way"
    same(repr(vectors), "<gimp.Vectors 'way'>")
    vectors.visible = True
    same(vectors.visible, True)
    image.active_vectors = vectors
    same(image.active_vectors, vectors)
    stroke = gimp.VectorsBezierStroke.new_moveto(vectors, 10, 10)
    stroke.lineto(60, 10)
    stroke.lineto(60, 60)
    same(vectors.strokes, [stroke])
    same(stroke.vectors_ID, vectors.ID)
    close([stroke.get_length(0.1)], [100.0], 0.5)
    x, y, slope, valid = stroke.get_point_at_dist(25.0, 0.1)
    close((x, y), (35, 10), 0.5)
    same(valid, True)
    points, closed = stroke.points
    same((len(points), closed), (18, False))
    stroke.close()
    same(stroke.points[1], True)
    stroke.translate(5, 5)
    close(stroke.points[0][2:4], (15, 15))
    stroke.scale(2, 2)
    stroke.rotate(0, 0, 90)
    stroke.flip(ORIENTATION_HORIZONTAL, 50)
    stroke.flip_free(0, 0, 10, 10)
    line, closed = stroke.interpolate(0.5)
    assert len(line) > 4 and closed is True
    vectors.remove_stroke(stroke)
    same(vectors.strokes, [])
    circle = gimp.VectorsBezierStroke.new_ellipse(vectors, 50, 40, 20, 20, 0)
    close([circle.get_length(0.1)], [2 * math.pi * 20], 1.0)
    vectors.to_selection(CHANNEL_OP_REPLACE, True, False, 0, 0)
    same(pdb.gimp_selection_bounds(image)[0], 1)
    close(pdb.gimp_selection_bounds(image)[1:], (30, 20, 70, 60), 1)
    made = gimp.VectorsBezierStroke(vectors, [float(n) for n in range(12)], False)
    same(made.points, ([float(n) for n in range(12)], False))
    made.conicto(30.0, 30.0, 40.0, 40.0)
    made.cubicto(50.0, 50.0, 55.0, 55.0, 60.0, 60.0)
    svg = '<svg width="10" height="10"><path d="M 1 1 L 9 1 L 9 9 Z"/></svg>'
    imported = gimp.vectors_import_from_string(image, svg)
    same(len(imported), 1)
    assert isinstance(imported[0], gimp.Vectors)


def check_transforms():
    image, layer = picture()
    layer.add_alpha()
    flipped = layer.transform_flip_simple(ORIENTATION_HORIZONTAL, True, 0.0)
    same(flipped, layer)
    turned = layer.transform_rotate_simple(ROTATE_90, True, 0, 0)
    same((turned.width, turned.height), (80, 100))
    grown = layer.transform_scale(0, 0, 40, 50, TRANSFORM_FORWARD, INTERPOLATION_NONE)
    same((grown.width, grown.height), (40, 50))
    layer.transform_rotate_default(0.1, True, 0, 0, interpolate=True, clip_result=1)
    layer.transform_shear_default(ORIENTATION_HORIZONTAL, 5.0, True, 1)
    layer.transform_perspective_default(0, 0, 40, 0, 0, 50, 35, 45, True, 1)
    layer.transform_2d_default(0, 0, 1, 1, 0, 3, 3, True, 1)
    layer.transform_matrix_default(1, 0, 2, 0, 1, 2, 0, 0, 1, True, 1)
    layer.offset(True, OFFSET_BACKGROUND, 5, 5)
    refused(layer.transform_scale, 1, 2)


def check_selections_of_2_8():
    image, layer = picture()
    gimp.set_foreground(0, 0, 0)
    pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, 20, 10, 30, 40)
    pdb.gimp_edit_fill(layer, FOREGROUND_FILL)
    new = CHANNEL_OP_REPLACE

    def selects(box, procedure, *given):
        pdb.gimp_selection_none(image)
        procedure(*given)
        found = pdb.gimp_selection_bounds(image)
        same((procedure.proc_name, found[0]), (procedure.proc_name, 1))
        close(found[1:], box, 1)

    box = (5, 6, 45, 36)
    selects(box, pdb.gimp_rect_select, image, 5, 6, 40, 30, new, False, 0)
    selects(box, pdb.gimp_ellipse_select, image, 5, 6, 40, 30, new, True, False, 0)
    selects(box, pdb.gimp_round_rect_select, image, 5, 6, 40, 30, 4, 4, new, True, False, 0, 0)
    points = [5, 6, 45, 6, 45, 36]
    selects(box, pdb.gimp_free_select, image, len(points), points, new, True, False, 0)
    dark, threshold = (20, 10, 50, 50), 15
    rest = (threshold, new, False, False, 0)
    full = (threshold, new, False, False, 0, 0, False, False, SELECT_CRITERION_COMPOSITE)
    selects(dark, pdb.gimp_fuzzy_select, layer, 25, 15, *(rest + (False,)))
    selects(dark, pdb.gimp_fuzzy_select_full, layer, 25, 15, *full)
    selects(dark, pdb.gimp_by_color_select, layer, (0, 0, 0), *(rest + (False,)))
    selects(dark, pdb.gimp_by_color_select_full, layer, (0, 0, 0), *full)
    # A soft edge reaches further.
    pdb.gimp_rect_select(image, 20, 20, 20, 20, new, True, 8)
    assert pdb.gimp_selection_bounds(image)[1] < 18


def check_procedures():
    image, layer = picture()
    same(pdb.gimp_image_width(image), 100)
    same(pdb["gimp-image-width"](image), 100)
    same(pdb["gimp_image_width"](image), 100)
    same(pdb.gimp_selection_none(image), None)
    same(pdb.gimp_drawable_offsets(layer), (0, 0))
    function = pdb.gimp_image_width
    same(function.proc_name, "gimp-image-width")
    same((function.nparams, function.nreturn_vals), (1, 1))
    same((function.params[0][0], function.params[0][1]), (PDB_IMAGE, "image"))
    same(function.return_vals[0][0], PDB_INT32)
    assert function.proc_blurb and function.proc_author and function.proc_date
    same(function.proc_type, INTERNAL)
    same(repr(function), "<pdb function 'gimp-image-width'>")
    assert "gimp-image-width" in pdb.query("gimp-image-.*")
    assert "gimp_image_width" in dir(pdb)
    assert hasattr(pdb, "gimp_image_width") and not hasattr(pdb, "gimp_no_such_thing")
    refusal = refused(lambda: pdb.gimp_no_such_thing)
    assert "not found" in str(refusal), refusal
    assert "gimp-no-such-thing" not in pdb
    refused(pdb.gimp_image_width)
    refused(pdb.gimp_image_width, "not an image")
    try:
        pdb.gimp_palette_get_info("no such palette")
    except RuntimeError as wrong:
        assert "no such palette" in str(wrong), wrong
    else:
        raise AssertionError("not refused")
    refused(lambda: pdb.gimp_image_width(image, colour=3))
    same(pdb.gimp_image_get_active_vectors(image), None)


def check_run_mode():
    image, layer = picture()
    layer.set_pixel(50, 40, (0, 0, 0))
    pdb.plug_in_gauss_rle(image, layer, 9, 1, 1)
    assert layer.get_pixel(51, 40) != (255, 255, 255)
    pdb.plug_in_gauss_rle(image, layer, 9, 1, 1, run_mode=RUN_NONINTERACTIVE)
    pdb.plug_in_gauss(image, layer, 9, 9, 0, run_mode=1)
    path = os.path.join(tempfile.mkdtemp(), "picture.png")
    pdb.file_png_save(image, layer, path, path, 0, 9, 0, 0, 0, 0, 0)
    loaded = pdb.gimp_file_load(path, path)
    same((loaded.width, loaded.height), (100, 80))
    pdb.gimp_file_save(image, layer, path, path, run_mode=RUN_NONINTERACTIVE)
    other = pdb.gimp_file_load_layer(image, path)
    assert isinstance(other, gimp.Layer)


def check_arrays():
    image, layer = picture()
    pdb.gimp_context_set_brush_size(5.0)
    pdb.gimp_context_set_foreground((255, 0, 0))
    pdb.gimp_paintbrush_default(layer, 4, [10.0, 10.0, 60.0, 10.0])
    red = layer.get_pixel(30, 10)
    assert red[0] > 200 and red[1] < 100, red
    pdb.gimp_pencil(layer, 4, (10, 50, 60, 50))
    names = pdb.gimp_brushes_get_list("")
    same(names[0], len(names[1]))
    assert all(isinstance(name, str) for name in names[1])
    values = pdb.gimp_drawable_histogram(layer, HISTOGRAM_VALUE, 0.0, 1.0)
    same(len(values), 6)
    pdb.gimp_drawable_curves_spline(layer, HISTOGRAM_VALUE, 4, [0.0, 1.0, 1.0, 0.0])
    same(layer.get_pixel(99, 79), (0, 0, 0))


def check_text():
    image, layer = picture()
    fonts = gimp.fonts_get_list("")
    text = pdb.gimp_text_fontname(image, None, 10, 10, "Hello", 0, True, 20, PIXELS, fonts[0])
    assert isinstance(text, gimp.Layer), text
    same(pdb.gimp_item_is_text_layer(text), 1)
    same(pdb.gimp_text_layer_get_text(text), "Hello")
    pdb.gimp_text_layer_set_text(text, "Grüße")
    same(pdb.gimp_text_layer_get_text(text), "Grüße")
    assert text.width > 10


def check_context():
    gimp.context_push()
    gimp.set_foreground(255, 0, 0)
    same(gimp.get_foreground()[0:3], (255, 0, 0))
    gimp.set_foreground((0, 255, 0))
    same(tuple(gimp.get_foreground()), (0, 255, 0, 255))
    gimp.set_background("orange")
    same(gimp.get_background()[0:3], (255, 165, 0))
    gimp.set_background(gimpcolor.RGB(0.5, 0.25, 1.0))
    close([gimp.get_background().r, gimp.get_background().g], [0.5, 0.25])
    gimp.context_pop()
    gradients = gimp.gradients_get_list("")
    gimp.context_set_gradient(gradients[0])
    same(gimp.context_get_gradient(), gradients[0])
    same(gimp.gradients_get_gradient(), gradients[0])
    samples = gimp.gradient_get_uniform_samples(gradients[0], 3)
    same((len(samples), len(samples[0])), (3, 4))
    same(len(gimp.gradient_get_custom_samples(gradients[0], [0.0, 0.5])), 2)
    same(len(gimp.gradients_sample_uniform(5)), 5)
    same(len(gimp.gradients_sample_custom([0.0, 1.0])), 2)
    gimp.fonts_refresh()


def check_colors():
    red = gimpcolor.RGB(255, 0, 0)
    same((red.r, red[0], red["red"], len(red)), (1.0, 255, 1.0, 4))
    same(gimpcolor.RGB(1.0, 0.0, 0.0), red)
    same(red.to_hsv().to_rgb(), red)
    same(red.to_hsl().h, 0.0)
    same(red.to_cmyk()[0:3], (0, 255, 255))
    same(gimpcolor.rgb_parse_css("#f00"), red)


def check_data():
    gimp.set_data("gimpfu-data", b"\0bytes")
    same(gimp.get_data("gimpfu-data"), b"\0bytes")
    refused(gimp.get_data, "gimpfu-absent")
    image, layer = picture()
    shelf["gimpfu-shelf"] = [1, "two", (3.0, None), image, layer, gimpcolor.RGB(1, 2, 3)]
    same(shelf["gimpfu-shelf"], [1, "two", (3.0, None), image, layer, gimpcolor.RGB(1, 2, 3)])
    same(shelf.has_key("gimpfu-shelf"), True)
    del shelf["gimpfu-shelf"]
    same(shelf.has_key("gimpfu-shelf"), False)
    refused(lambda: shelf["gimpfu-shelf"])


def check_module():
    same(gimp.version, gimp.version[:3])
    assert gimp.version >= (2, 10, 0)
    for folder in (gimp.directory, gimp.data_directory, gimp.plug_in_directory):
        assert os.path.isdir(folder), folder
    assert gimp.locale_directory and gimp.sysconf_directory
    same(gimp.personal_rc_file("x"), os.path.join(gimp.directory, "x"))
    same(gimp.checks_get_shades(gimp.check_type()) is not None, True)
    assert gimp.check_size() in (0, 1, 2)
    assert gimp.get_progname().endswith(".py")
    gimp.user_directory(USER_DIRECTORY_DESKTOP)
    gimp.default_display(), gimp.display_name(), gimp.wm_class(), gimp.monitor_number()
    gimp.show_tool_tips(), gimp.show_help_button(), gimp.gamma(), gimp.gtkrc()
    gimp.tile_cache_size(4096)
    gimp.progress_init("Working")
    gimp.progress_init()
    for step in range(5):
        gimp.progress_update(step / 4.0)
    gimp.displays_flush()
    assert isinstance(gimp.pdb, gimp.PDB)
    assert issubclass(gimp.error, RuntimeError)


def check_export():
    image, layer = picture()
    layer.add_alpha()
    image.new_layer("second")
    result, copy, drawable = gimp.export_image(
        image, layer, "JPEG", EXPORT_CAN_HANDLE_RGB | EXPORT_CAN_HANDLE_GRAY
    )
    same(result, EXPORT_EXPORT)
    assert copy != image
    same((len(copy.layers), drawable.has_alpha), (1, False))
    gimp.delete(copy)
    refused(gimp.export_image, image, layer, "JPEG")


def check_enumerations():
    import gimpenums

    same((RGB, GRAY, INDEXED), (0, 1, 2))
    same((RGB_IMAGE, RGBA_IMAGE, GRAY_IMAGE, GRAYA_IMAGE), (0, 1, 2, 3))
    same((RUN_INTERACTIVE, RUN_NONINTERACTIVE, RUN_WITH_LAST_VALS), (0, 1, 2))
    same((FOREGROUND_FILL, BACKGROUND_FILL, WHITE_FILL), (0, 1, 2))
    same((FG_BUCKET_FILL, BG_BUCKET_FILL), (0, 1))
    same((PDB_INT32, PDB_IMAGE, PDB_STATUS, PDB_SUCCESS), (0, 13, 21, 3))
    same((PLUGIN, EXTENSION, TEMPORARY), (1, 2, 3))
    same(gimpenums.RGB, RGB)
    same((PF_TOGGLE, PF_BOOL, PF_ADJUSTMENT, PF_OPTION), (1000, 1000, 1002, 1013))
    assert LAYER_MODE_NORMAL is not None and GRADIENT_RADIAL is not None
    same(bool(TRUE), True)


def check_python2():
    import cPickle
    import ConfigParser
    import StringIO
    import string
    import urlparse

    same(list(xrange(3)), [0, 1, 2])
    same(list(xrange(0, 7 / 2)), [0, 1, 2])
    assert isinstance("x", basestring) and isinstance(3, long)
    same(unicode("x"), "x")
    same(unichr(233), "é")
    same((cmp(1, 2), cmp("b", "a"), reduce(lambda a, b: a + b, [1, 2, 3])), (-1, 1, 6))
    same(string.letters[:3] + string.lower("ABC"), "abcabc")
    same("hello".translate(string.maketrans("el", "ip")), "hippo")
    same(string.join(["a", "b"], "-"), "a-b")
    path = os.path.join(tempfile.mkdtemp(), "text")
    with file(path, "w") as out:
        out.write("x")
    same(file(path).read(), "x")
    gettext.install("gimp20-python", gimp.locale_directory, unicode=True)
    same(_("no translation"), "no translation")
    same(array.array("B", "ab").tostring(), b"ab")
    same(ord(b"a"[0]) + ord("a"), 194)
    same(apply(max, (1, 2)), 2)


def check_a_description_is_asked_for_once():
    from _gimpfu.host import backend

    described = backend().describe("gimp-image-width")
    assert backend().describe("gimp-image-width") is described


def check_a_procedure_with_the_name_of_one_that_is_gone():
    name, words = "python-fu-short-lived", ("", "", "", "", "", None, "")
    for count in (1, 2):
        params = [(PDB_INT32, "number-%d" % i, "") for i in range(count)]
        gimp.install_temp_proc(name, *words, TEMPORARY, params, [])
        same(pdb[name].nparams, count)
        gimp.uninstall_temp_proc(name)
        assert name not in pdb


def check_values_out_of_range_are_refused():
    image, layer = picture()
    width = layer.width
    for call, given in (
        (pdb.gimp_layer_set_opacity, (layer, 500.0)),
        (pdb.gimp_layer_set_opacity, (layer, -3.0)),
        (pdb.gimp_layer_set_mode, (layer, 9999)),
        (pdb.gimp_context_set_brush_size, (1e9,)),
        (pdb.gimp_context_set_interpolation, (77,)),
        (pdb.gimp_drawable_fill, (layer, 77)),
        (pdb.gimp_threshold, (layer, 300, 400)),
        (pdb.gimp_brightness_contrast, (layer, 300, -300)),
        (pdb.plug_in_gauss, (image, layer, -5.0, -5.0, 0)),
        (pdb.plug_in_whirl_pinch, (image, layer, 90.0, 5.0, 1.0)),
        (pdb.gimp_layer_new, (image, 0, 5, RGB_IMAGE, "x", 100, NORMAL_MODE)),
        (pdb.gimp_image_new, (0, 5, RGB)),
    ):
        refusal = refused(call, *given)
        assert "out of range" in str(refusal), (call, refusal)
    same((layer.opacity, layer.mode, layer.width), (100.0, NORMAL_MODE, width))
    layer.opacity = 37.5
    close((layer.opacity,), (37.5,), 0.5)


def check_fractions_in_arrays_of_bytes():
    image, layer = picture()
    pdb.gimp_drawable_set_pixel(layer, 1, 1, 3, [1.5, 2.7, 3])
    same(layer.get_pixel(1, 1), (1, 2, 3))


def check_pygtk_is_gone():
    for name in ("gtk", "pygtk", "gobject", "gimpui"):
        try:
            __import__(name)
        except ImportError as gone:
            assert "PyGTK ended with Python 2" in str(gone), gone
        else:
            raise AssertionError(name)


def check_messages():
    gimp.message("a message of the plug-in: äöü")


def check_subclasses():
    class Mine(gimpplugin.plugin):
        pass

    assert Mine().init() is None
    same(Mine()._own("init"), None)


def run_checks(path):
    with open(path, "w", encoding="utf-8") as out:
        for name, check in sorted(globals().items()):
            if name.startswith("check_"):
                gimp.context_push()
                try:
                    check()
                    out.write(name + " ok\n")
                except Exception:
                    out.write(
                        name + "\n    " + traceback.format_exc().replace("\n", "\n    ") + "\n"
                    )
                finally:
                    gimp.context_pop()
                out.flush()


register(
    "python-fu-api-checks",
    "Try everything",
    "",
    "mattekit",
    "mattekit",
    "2026",
    "_Try everything",
    "",
    [(PF_STRING, "path", "Where the answers go", "")],
    [],
    run_checks,
    menu="<Image>/Filters/Checks",
)

main()
