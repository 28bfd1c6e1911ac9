"""The real darktable, from a raw file to a mask that is seen in what it exports."""

from __future__ import annotations

import base64
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

import mattekit
import mattekit_bridge as bridge
from hosts.install import DARKTABLE
from hosts.systems import Place, debian
from mattekit import codecs
from mattekit_hosts.pictures import connect
from mattekit_raw.installing import HOSTS
from mattekit_raw.masks import darktable_mask
from support.helpers import ROOT, disc

pytestmark = pytest.mark.install

#: darktable's blend parameters, version 13, all at rest; raster masks come from ``rasterfile``.
_REST = "eJxjYGBgYAFiCQYYOOHEgAZY0QWAgBGLGANDgz0Ej1Q+dlAx68oBEMbFxwX+AwGIBgCbGCeh"
_ENTRY = (
    '<rdf:li darktable:num="{n}" darktable:operation="{name}" darktable:enabled="1" '
    'darktable:modversion="{version}" darktable:params="{params}" darktable:multi_name="" '
    'darktable:multi_priority="0" darktable:blendop_version="13" darktable:blendop_params="{blend}"'
    "/>"
)


def packed(data: bytes) -> str:
    made = zlib.compress(data)
    return f"gz{min(len(data) // len(made) + 1, 99):02d}{base64.b64encode(made).decode()}"


def history(mask: Path, stops: float) -> str:
    """Return a sidecar: the mask as an external raster mask, and an exposure through it."""
    blend = bytearray(zlib.decompress(base64.b64decode(_REST)))
    rest = packed(bytes(blend))
    struct.pack_into("<I", blend, 0, 1 | 8)  # on, by a raster mask
    struct.pack_into("<20siii", blend, len(blend) - 32, b"rasterfile", 0, 0, 0)
    names = str(mask.parent).encode(), mask.name.encode()
    entries = [
        ("rasterfile", 1, packed(struct.pack("<i2048s2048s", 7, *names)), rest),
        ("exposure", 6, struct.pack("<iffffi", 0, 0, stops, 50, -4, 0).hex(), packed(blend)),
    ]
    items = "".join(
        _ENTRY.format(n=n, name=name, version=version, params=params, blend=blend)
        for n, (name, version, params, blend) in enumerate(entries)
    )
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:darktable="http://darktable.sf.net/" darktable:xmp_version="5" '
        'darktable:auto_presets_applied="1" darktable:history_end="2">'
        f"<darktable:history><rdf:Seq>{items}</rdf:Seq></darktable:history>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def raw_file(path: Path, upright: np.ndarray) -> None:
    """Write what a camera that is held upright does: a Bayer sensor, turned by 90 degrees."""
    linear = ((np.rot90(upright) / 255.0) ** 2.2 * 60000).astype(np.uint16)
    sensor = linear[..., 1].copy()
    sensor[0::2, 0::2], sensor[1::2, 1::2] = linear[0::2, 0::2, 0], linear[1::2, 1::2, 2]
    # XYZ to the primaries of sRGB, in ten-thousandths.
    matrix = [32406, -15372, -4986, -9689, 18758, 415, 557, -2040, 10570]
    tags = [
        *[(271, 2, None, "Test", True), (272, 2, None, "Camera", True), (274, 3, 1, 6, True)],
        *[(33421, 3, 2, (2, 2), True), (33422, 1, 4, bytes([0, 1, 1, 2]), True)],
        *[(50706, 1, 4, bytes([1, 4, 0, 0]), True), (50707, 1, 4, bytes([1, 3, 0, 0]), True)],
        *[(50708, 2, None, "Test Camera", True), (50714, 3, 1, 0, True)],
        *[(50717, 3, 1, 60000, True), (50778, 3, 1, 21, True), (50728, 5, 3, (1,) * 6, True)],
        (50721, 10, 9, [part for value in matrix for part in (value, 10000)], True),
    ]
    tifffile.imwrite(path, sensor, photometric=32803, extratags=tags, metadata=None)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("MATTEKIT_WORKER_DIR", str(tmp_path / "worker"))
    monkeypatch.setenv("MATTEKIT_PLUGINS_OFF", "*")
    yield debian(DARKTABLE)
    bridge.stop()


def exported(place: Place, folder: Path, photo: Path, name: str, sidecar: Path) -> np.ndarray:
    target = folder / name
    core = ("--core", "--configdir", folder / "config", "--library", ":memory:")
    command = ["darktable-cli", photo, sidecar, target, *core]
    said = place.run(command, env={"HOME": str(folder)})
    assert target.exists(), said.stdout + said.stderr
    return np.asarray(Image.open(target).convert("RGB")).astype(float)


def cli_of(place: Place, folder: Path) -> Path:
    """Return a program that runs darktable-cli in the folder."""
    path = folder / "darktable-cli"
    path.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"sys.path[:0] = {[str(ROOT / 'tests'), *sys.path]!r}\n"
        "from pathlib import Path\nfrom hosts.systems import Place\n"
        f"done = Place(Path({str(place.root)!r})).run(['darktable-cli', *sys.argv[1:]], "
        f"env={{'HOME': {str(folder)!r}}})\n"
        "sys.stdout.write(done.stdout + done.stderr)\n"
    )
    path.chmod(0o755)
    return path


def test_a_mask_is_seen_in_what_darktable_exports(place: Place, tmp_path: Path) -> None:
    photo = tmp_path / "a day" / "photo.dng"
    photo.parent.mkdir()
    upright = disc(300, 200).image
    raw_file(photo, upright)
    mask = darktable_mask(
        photo,
        tmp_path / "masks",
        cli_of(place, tmp_path),
        lambda: connect("test"),
        lambda done, what: None,
    )
    assert codecs.decode(mask).size == (300, 200)  # as the sensor has it
    through, without = tmp_path / "through.xmp", tmp_path / "without.xmp"
    through.write_text(history(mask, 2.0))
    without.write_text(history(mask, 0.0))
    lighter = exported(place, tmp_path, photo, "lighter.png", through)
    plain = exported(place, tmp_path, photo, "plain.png", without)
    change = np.abs(lighter - plain).mean(-1)
    alpha = mattekit.remove_background(upright).full_alpha()[: change.shape[0], : change.shape[1]]
    assert change[alpha == 255].mean() > 20
    assert change[alpha == 0].mean() < 2


def test_the_lua_script(place: Place, tmp_path: Path) -> None:
    """In darktable's own Lua: many pictures by one call, each by a program that answers."""
    files = HOSTS["darktable"].files("/bin/python", "plain")
    folder = tmp_path / "config" / "lua"
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    python = tmp_path / "it's a python"
    python.write_text(
        '#!/bin/sh\nfor last; do :; done\necho "$last" >>"$(dirname "$0")/asked"\n'
        'case "$last" in *bad*) echo "No subject was found." >"$7"; exit 1;; esac\n'
    )
    python.chmod(0o755)
    settings = f'return {{ python = "{python}", launch = true }}\n'
    (folder / "mattekit_settings.lua").write_text(settings)
    script = tmp_path / "try.lua"
    script.write_text(
        f'package.path = package.path .. ";{folder}/?.lua"\n'
        'local m = require "mattekit"\n'
        'local images = { { path = "/a b", filename = "good\'s.dng" },'
        ' { path = "/a b", filename = "bad.dng" } }\n'
        "local made, problems = m.masks(images)\n"
        f'local file = io.open("{tmp_path}/said", "w")\n'
        'file:write(made .. "|" .. table.concat(problems, ";"))\nfile:close()\n'
    )
    photo = tmp_path / "photo.png"
    Image.new("RGB", (32, 24), "red").save(photo)
    said = place.run(
        [
            *("darktable-cli", photo, tmp_path / "out.png", "--core", "--library", ":memory:"),
            *("--configdir", tmp_path / "config", "--luacmd", f'dofile("{script}")'),
        ],
        env={"HOME": str(tmp_path)},
    )
    assert (tmp_path / "said").exists(), said.stdout + said.stderr
    assert (tmp_path / "said").read_text().strip() == "1|bad.dng: No subject was found."
    assert (tmp_path / "asked").read_text().splitlines() == ["/a b/good's.dng", "/a b/bad.dng"]
