#!/usr/bin/env python3
# ruff: noqa
"""Filters of GIMP 2.10 with some arguments; what each one makes of a picture goes to a folder."""

import math
import os
import traceback

from gimpfu import *

WIDTH, HEIGHT = 96, 72


def picture(kind=RGBA_IMAGE):
    """Return a picture with gradients, hard edges, a soft disc of light and a transparent corner."""
    image = gimp.Image(WIDTH, HEIGHT, RGB)
    layer = gimp.Layer(image, "Layer", WIDTH, HEIGHT, kind, 100, NORMAL_MODE)
    image.insert_layer(layer)
    data = bytearray()
    for y in range(HEIGHT):
        for x in range(WIDTH):
            light = max(0.0, 1.0 - math.hypot(x - 60, y - 30) / 20.0)
            red = 40 + 1.5 * x
            green = 200 - 2 * y
            blue = 120 if (x // 12 + y // 12) % 2 else 60
            if 10 <= x < 34 and 20 <= y < 50:
                red, green, blue = 210, 30, 40
            pixel = [int(min(255, part + 120 * light)) for part in (red, green, blue)]
            if kind == RGBA_IMAGE:
                pixel.append(0 if x < 8 and y < 8 else 255)
            data += bytes(pixel)
    layer.get_pixel_rgn(0, 0, WIDTH, HEIGHT)[0:WIDTH, 0:HEIGHT] = bytes(data)
    layer.flush()
    layer.update(0, 0, WIDTH, HEIGHT)
    return image, layer


def height_map(image):
    layer = gimp.Layer(image, "Map", WIDTH, HEIGHT, RGB_IMAGE, 100, NORMAL_MODE)
    image.insert_layer(layer, None, 1)
    data = bytearray()
    for y in range(HEIGHT):
        for x in range(WIDTH):
            value = int(127 + 120 * math.sin(x / 7.0) * math.cos(y / 9.0))
            data += bytes([value] * 3)
    layer.get_pixel_rgn(0, 0, WIDTH, HEIGHT)[0:WIDTH, 0:HEIGHT] = bytes(data)
    layer.flush()
    return layer


# Name, and the arguments behind image and drawable; MAP is a layer.
MAP = "map"
SAMPLES = [
    ("plug-in-alienmap2", (1.0, 0.0, 2.0, 40.0, 1.5, 0.0, 0, 1, 1, 1)),
    ("plug-in-antialias", ()),
    ("plug-in-apply-canvas", (0, 4)),
    ("plug-in-applylens", (1.7, 1, 0, 0)),
    ("plug-in-autostretch-hsv", ()),
    ("plug-in-blur", ()),
    ("plug-in-bump-map", (MAP, 135.0, 45.0, 3, 0, 0, 0.0, 0.0, 1, 0, 0)),
    ("plug-in-bump-map-tiled", (MAP, 135.0, 45.0, 3, 2, 1, 0.0, 0.0, 1, 0, 1)),
    ("plug-in-c-astretch", ()),
    ("plug-in-cartoon", (7.0, 0.2)),
    ("plug-in-color-enhance", ()),
    ("plug-in-colorify", ((255, 180, 90),)),
    ("plug-in-colors-channel-mixer", (0, 1.0, 0.2, 0.0, 0.0, 0.8, 0.1, 0.3, 0.0, 0.7)),
    ("plug-in-colortoalpha", ((210, 30, 40),)),
    (
        "plug-in-convmatrix",
        (25, [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 4, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
        + (0, 10.0, 0.0, 5, [0, 1, 1, 1, 0], 0),
    ),
    ("plug-in-cubism", (10.0, 2.5, 0)),
    ("plug-in-deinterlace", (1,)),
    ("plug-in-diffraction", (0.8, 1.2, 1.1, 0.8, 0.8, 0.97, 0.6, 0.67, 0.63, 0.066, 37.0, -0.47)),
    ("plug-in-dilate", (0, 7, 1.0, 15, 0, 255)),
    ("plug-in-displace", (8.0, 6.0, 1, 1, MAP, MAP, 2)),
    ("plug-in-displace-polar", (8.0, 6.0, 1, 1, MAP, MAP, 2)),
    ("plug-in-dog", (3.0, 1.0, 1, 0)),
    ("plug-in-edge", (2.0, 2, 0)),
    ("plug-in-emboss", (30.0, 45.0, 20, 1)),
    ("plug-in-engrave", (10, 0)),
    ("plug-in-erode", (0, 7, 1.0, 15, 0, 255)),
    ("plug-in-exchange", (210, 30, 40, 10, 200, 30, 5, 5, 5)),
    ("plug-in-flarefx", (40, 30)),
    ("plug-in-fractal-trace", (-1.0, 0.5, -1.0, 1.0, 3, 0)),
    ("plug-in-gauss", (8.0, 4.0, 0)),
    ("plug-in-gauss-iir", (9.0, 1, 0)),
    ("plug-in-gauss-iir2", (5.0, 9.0)),
    ("plug-in-gauss-rle", (12.0, 1, 1)),
    ("plug-in-gauss-rle2", (6.0, 6.0)),
    ("plug-in-glasstile", (20, 25)),
    ("plug-in-illusion", (8, 0)),
    ("plug-in-laplace", ()),
    ("plug-in-lens-distortion", (0.0, 0.0, 20.0, 10.0, 0.0, 0.0)),
    ("plug-in-make-seamless", ()),
    ("plug-in-max-rgb", (1,)),
    ("plug-in-mblur", (0, 10.0, 45.0, 48.0, 36.0)),
    ("plug-in-median-blur", (3, 50.0)),
    ("plug-in-neon", (5.0, 0.2)),
    ("plug-in-newsprint", (8, 1, 100, 75.0, 0, 15.0, 0, 75.0, 0, 0.0, 0, 3)),
    ("plug-in-normalize", ()),
    ("plug-in-oilify", (8, 0)),
    ("plug-in-photocopy", (8.0, 0.8, 0.2, 0.2)),
    ("plug-in-pixelize", (8,)),
    ("plug-in-pixelize2", (6, 12)),
    ("plug-in-polar-coords", (100.0, 0.0, 0, 1, 1)),
    ("plug-in-red-eye-removal", (50,)),
    ("plug-in-ripple", (30, 8, 1, 1, 1, 1, 0)),
    ("plug-in-sel-gauss", (5.0, 50)),
    ("plug-in-semiflatten", ()),
    ("plug-in-sharpen", (40,)),
    ("plug-in-sinus", (15.0, 15.0, 1.0, 3, 0, 1, 1, (255, 255, 0), (0, 0, 255), 1.0, 1.0, 0, 0.0)),
    ("plug-in-sobel", (1, 1, 0)),
    ("plug-in-softglow", (10.0, 0.75, 0.85)),
    ("plug-in-threshold-alpha", (127,)),
    ("plug-in-unsharp-mask", (5.0, 0.5, 0)),
    ("plug-in-video", (0, 1, 0)),
    ("plug-in-vinvert", ()),
    ("plug-in-vpropagate", (1, 7, 1.0, 15, 0, 255)),
    ("plug-in-waves", (8.0, 30.0, 20.0, 0, 0)),
    ("plug-in-whirl-pinch", (90.0, 0.2, 1.0)),
    ("gimp-brightness-contrast", (40, -30)),
    ("gimp-color-balance", (1, 1, 20.0, -30.0, 40.0)),
    ("gimp-colorize", (200.0, 60.0, 10.0)),
    ("gimp-desaturate", ()),
    ("gimp-desaturate-full", (2,)),
    ("gimp-equalize", (0,)),
    ("gimp-hue-saturation", (0, 40.0, 10.0, -20.0)),
    ("gimp-invert", ()),
    ("gimp-levels", (0, 20, 220, 1.5, 10, 240)),
    ("gimp-levels-stretch", ()),
    ("gimp-posterize", (5,)),
    ("gimp-threshold", (90, 200)),
    ("gimp-curves-spline", (0, 6, [0, 0, 100, 160, 255, 255])),
    ("gimp-curves-explicit", (1, 256, [255 - i for i in range(256)])),
    ("gimp-edit-bucket-fill", (0, 0, 80.0, 20.0, 0, 15.0, 30.0)),
    ("gimp-edit-blend", (0, 0, 0, 70.0, 0.0, 0, 0, 0, 3, 0.2, 0, 5.0, 5.0, 90.0, 60.0)),
    ("gimp-drawable-offset", (1, 0, 10, 5)),
    ("gimp-flip", (0,)),
    ("plug-in-autocrop-layer", ()),
    # By chance: only how much they change can be the same.
    ("plug-in-hsv-noise", (2, 10, 30, 30)),
    ("plug-in-rgb-noise", (1, 0, 0.2, 0.2, 0.2, 0.0)),
    ("plug-in-noisify", (1, 0.2, 0.2, 0.2, 0.0)),
    ("plug-in-randomize-hurl", (50.0, 1, 0, 5)),
    ("plug-in-randomize-pick", (50.0, 1, 0, 5)),
    ("plug-in-randomize-slur", (50.0, 1, 0, 5)),
    ("plug-in-solid-noise", (0, 0, 5, 3, 4.0, 4.0)),
    ("plug-in-plasma", (5, 1.0)),
    ("plug-in-maze", (5, 5, 0, 0, 5, 57, 1)),
    ("plug-in-mosaic", (10.0, 4.0, 1.0, 0.65, 0, 135.0, 0.2, 1, 1, 1, 0, 0)),
    ("plug-in-nova", (48, 36, (90, 100, 255), 10, 50, 0)),
    ("plug-in-papertile", (16, 20.0, 2, 0, 1, 3, (0, 0, 1), 1)),
    ("plug-in-shift", (5, 0)),
    ("plug-in-spread", (5.0, 5.0)),
    ("plug-in-wind", (10, 0, 10, 0, 1)),
]


def run_samples(folder):
    for name, arguments in [("nothing", ())] + SAMPLES:
        gimp.context_push()
        gimp.set_foreground(200, 140, 40)
        gimp.set_background(20, 40, 220)
        image, layer = picture(RGB_IMAGE if name == "plug-in-colors-channel-mixer" else RGBA_IMAGE)
        try:
            if name != "nothing":
                given = [height_map(image) if one == MAP else one for one in arguments]
                first = [image] if name.startswith("plug-in") else []
                pdb[name](*(first + [layer] + given))
                layer = image.active_layer
            layer.add_alpha()
            size = (layer.width, layer.height)
            data = layer.get_pixel_rgn(0, 0, *size)[0 : size[0], 0 : size[1]]
            with open(os.path.join(folder, name), "wb") as out:
                out.write(b"%d %d\n" % size + bytes(data))
        except Exception:
            with open(os.path.join(folder, name + ".failed"), "w") as out:
                out.write(traceback.format_exc())
        gimp.context_pop()
        pdb.gimp_image_delete(image)


register(
    "python-fu-filter-samples",
    "Try filters",
    "",
    "mattekit",
    "mattekit",
    "2026",
    "_Try filters",
    "",
    [(PF_STRING, "folder", "Where the pictures go", "")],
    [],
    run_samples,
    menu="<Image>/Filters/Shim",
)

main()
