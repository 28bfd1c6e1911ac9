"""A small picture in every format of `mattekit.formats.FORMATS` that needs no further package."""

from __future__ import annotations

import numpy as np
from PIL import Image

import support.codecs as make
from mattekit import Cutout, codecs
from mattekit.formats import FORMATS, WRITTEN
from mattekit.options import Options
from support.deep import ENCODERS

HEIGHT, WIDTH = 20, 30
_SAMPLES = make.ramp(HEIGHT, WIDTH, 4)
_COLOR, _ALPHA = _SAMPLES[..., :3].copy(), _SAMPLES[..., 3].copy()
_IMAGE = Image.fromarray(_COLOR)
#: One colour, 30 times 20: a first pixel, and runs of it, of at most 62.
_RUNS = b"\xfe\1\2\3" + b"\xfd" * 9 + b"\xe8"
_QOI = b"qoif" + np.array([WIDTH, HEIGHT], ">u4").tobytes() + b"\3\0" + _RUNS + bytes(7) + b"\1"
assert HEIGHT * WIDTH == 1 + 9 * 62 + 41

#: By name; rare ones that Pillow knows, too.
FILES: dict[str, bytes] = {
    **{name: codecs.encode(Cutout(_COLOR, _ALPHA), Options(format=name)).data for name in WRITTEN},
    **{name: ENCODERS[name](_COLOR, 8) for name in ("jp2", "jxl", "jxr")},
    **{name: make.saved(_IMAGE, name.upper()) for name in ("avif", "gif", "bmp", "tga")},
    "ico": make.saved(_IMAGE.convert("RGBA"), "ICO", sizes=[(WIDTH, HEIGHT)]),
    "qoi": _QOI,
    "netpbm": make.saved(_IMAGE, "PPM"),
    "plain netpbm": b"P3\n2 1\n255\n1 2 3\n4 5 6\n",
    "sgi": make.saved(_IMAGE, "SGI"),
    "pcx": make.saved(_IMAGE, "PCX"),
}
#: What reads HEIC is a package of its own: tests/codecs/coders/test_heic.py.
assert FORMATS.keys() - FILES.keys() == {"heic"}
