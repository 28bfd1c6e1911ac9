"""The menu entries in real GIMPs: what they make is what the library makes."""

from __future__ import annotations

import io
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

import mattekit
import mattekit_bridge as bridge
from mattekit import Options
from mattekit_gimp.installing import NAME, PROCEDURES
from support.gates import waiting_worker
from support.gimp.studio import command, wrapper
from support.helpers import ROOT

pytestmark = pytest.mark.install

SAMPLES = ROOT / "sample_images"
ASTRONAUT = SAMPLES / "astronaut.jpg"
#: What batch users write; every option at its default.
EDGES = 'True, 0.0, 0.0, "auto", True, "all", "0px", "0px"'
VALUES = f'True, 0, "balanced", "auto", {EDGES}'
COLORS = 'True, 0, "auto"'
CALL = f"pdb.plug_in_mattekit_mask(image, layer, {VALUES})"


def colors(path: Path = ASTRONAUT) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))


@pytest.fixture(scope="session")
def photo(tmp_path_factory):
    """A photo that GIMP and the library decode alike."""
    path = tmp_path_factory.mktemp("photo") / "astronaut.png"
    Image.fromarray(colors()).save(path)
    return path


def expected(picture, **options) -> np.ndarray:
    """Return the library's alpha, 0..1."""
    cutout = mattekit.remove_background(picture, Options(**options))
    return cutout.alpha / np.float32(np.iinfo(cutout.alpha.dtype).max)


def off(actual: np.ndarray, wanted: np.ndarray) -> float:
    """Return the mean difference, as alpha 0..255."""
    assert actual.shape == wanted.shape
    if actual.dtype.kind == "u":
        actual = actual / np.float32(np.iinfo(actual.dtype).max)
    assert 0.02 < wanted.mean() < 0.9, "no case: nearly nothing or all is subject"
    return float(np.abs(actual - wanted).mean() * 255)


# -- installation ------------------------------------------------------------------------------


def test_the_command_asks_gimp_itself(studio):
    assert "GIMP was asked and knows it" in studio.said
    assert (studio.gimp.profile / "pluginrc").exists()
    record = (studio.gimp.profile / "pluginrc").read_text("utf-8", "replace")
    assert all(f'"{name}"' in record for name in PROCEDURES)


def test_installing_again_changes_nothing_and_a_broken_one_is_noticed(studio):
    stub = studio.plug_in / f"{NAME}.py"
    before = {path: path.stat().st_mtime_ns for path in (studio.plug_in / "lib").rglob("*.py")}
    program = str(wrapper(studio.gimp, studio.folder))
    result = command(studio.gimp, studio.folder, "hosts", "list", "--json")
    assert result.returncode == 0
    whole = stub.read_text("utf-8")
    facts = (studio.plug_in / "settings.json").read_text("utf-8")
    again = command(studio.gimp, studio.folder, "hosts", "install", "gimp", "--at", program)
    try:
        assert again.returncode == 0, again.stderr
        after = {path: path.stat().st_mtime_ns for path in (studio.plug_in / "lib").rglob("*.py")}
        assert before == after
        assert stub.read_text("utf-8") == whole
    finally:
        (studio.plug_in / "settings.json").write_text(facts)


def test_start_is_not_delayed(studio):
    """GIMP asks each new plug-in what it offers; later starts do not run it at all."""
    import subprocess

    # What the query loads, beyond an interpreter that does nothing.
    script = (
        f"import sys, time; sys.path.insert(0, {str(studio.plug_in / 'lib')!r})\n"
        "start = time.process_time()\n"
        "from mattekit_bridge.settings import read_settings\n"
        "from mattekit_gimp.plugin import forms\n"
        f"read_settings({str(studio.plug_in)!r})\n"
        "print(time.process_time() - start, 'mattekit_bridge.worker' in sys.modules)"
    )
    spent, bridged = subprocess.run(
        ["/usr/bin/python3", "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert float(spent) < 0.1
    assert bridged == "False"


# -- batch -------------------------------------------------------------------------------------


def test_a_batch_call_from_script_fu(studio, tmp_path):
    """`gimp -i -b`: photo in, PNG out, as docs/gimp.md shows it."""
    for name in ("astronaut.jpg", "cat.jpg", "dahlia.jpg"):
        # Decoders of JPEG differ by a little, which uncertain edges magnify.
        source, out = tmp_path / f"{name}.png", tmp_path / f"{name}.out.png"
        Image.fromarray(colors(SAMPLES / name)).save(source)
        if studio.gimp.version == "2.10":
            code = (
                f'(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{source}" "{source}")))'
                "(layer (car (gimp-image-get-active-layer image))))"
                '(plug-in-mattekit-mask RUN-NONINTERACTIVE image layer 1 0 "balanced" "auto" 1 0 0'
                ' "auto" 1 "all" "0px" "0px")'
                "(gimp-layer-remove-mask layer MASK-APPLY)"
                f'(file-png-save-defaults RUN-NONINTERACTIVE image layer "{out}" "{out}"))'
            )
        else:
            code = (
                f'(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{source}")))'
                "(layers (car (gimp-image-get-layers image))))"
                "(plug-in-mattekit-mask #:image image #:drawables layers)"
                "(gimp-layer-remove-mask (vector-ref layers 0) MASK-APPLY)"
                f'(gimp-file-save RUN-NONINTERACTIVE image "{out}"))'
            )
        result = studio.gimp.script_fu(code, env=studio.variables)
        assert out.exists(), result.stdout + result.stderr
        with Image.open(out) as picture:
            alpha = np.asarray(picture.getchannel("A"))
        assert off(alpha, expected(source)) <= 1


# -- where the layer lies ----------------------------------------------------------------------


def test_a_layer_that_is_not_where_the_image_is(studio, photo):
    answer = studio.run(f"""
        image = load({str(photo)!r})
        layer = image.layers[0]
        image.resize(400, 620, 0, 0)
        layer.set_offsets(-20, 30)
        {CALL}
        keep(layer.mask, "mask")
        said["offsets"] = layer.offsets
        said["active"] = image.active_layer == layer
        pdb.plug_in_mattekit_channel(image, layer, {VALUES})
        keep(image.channels[0], "channel")
        said["name"] = image.channels[0].name
        said["still"] = image.active_layer == layer
        pdb.plug_in_mattekit_selection(image, layer, {VALUES})
        keep(image.selection, "selection")
        said["channels"] = len(image.channels)
    """)
    wanted = expected(photo)
    assert off(answer.pixels("mask"), wanted) <= 0.01
    assert tuple(answer["offsets"]) == (-20, 30)
    assert answer["active"]
    assert answer["still"]
    seen = np.zeros((620, 400), np.float32)
    seen[30:542, :380] = wanted[:, 20:400]
    assert off(answer.pixels("channel"), seen) <= 0.01
    assert off(answer.pixels("selection"), seen) <= 1
    assert answer["name"].endswith(", subject")
    assert answer["channels"] == 1


def test_a_selection_is_where_it_looks(studio, photo):
    answer = studio.run(f"""
        image = load({str(photo)!r})
        layer = image.layers[0]
        image.resize(600, 600, 40, 50)
        pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, 140, 60, 250, 300)
        {CALL}
        keep(layer.mask, "rectangle")
        pdb.gimp_image_select_ellipse(image, CHANNEL_OP_REPLACE, 140, 60, 250, 300)
        keep(image.selection, "ellipse")
        {CALL}
        keep(layer.mask, "both")
        pdb.plug_in_mattekit_layer(image, layer, {VALUES}, {COLORS})
        new = image.active_layer
        keep(new, "new", "R'G'B'A u8")
        keep(image.selection, "after")
        pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, 0, 0, 10, 10)
        try:
            {CALL}
        except Exception as error:
            said["outside"] = str(error)
        pdb.plug_in_mattekit_mask(
            image, layer, False, 0, "balanced", "auto", {EDGES})
        keep(layer.mask, "ignored")
    """)
    wanted = expected(photo, roi="100px 10px 350px 310px")
    assert off(answer.pixels("rectangle"), wanted) <= 0.01
    ellipse = answer.pixels("ellipse")[50:562, 40:440] / np.float32(65535)
    assert off(answer.pixels("both"), np.minimum(wanted, ellipse)) <= 0.02
    assert (answer.pixels("after") == answer.pixels("ellipse")).all()
    alpha = answer.pixels("new")[..., 3]
    assert off(alpha, wanted * ellipse) <= 1
    assert "outside the layer" in answer["outside"]
    assert off(answer.pixels("ignored"), expected(photo)) <= 0.01


def test_a_group_and_a_layer_in_it(studio, photo):
    answer = studio.run(f"""
        image = load({str(photo)!r})
        layer = image.layers[0]
        group = pdb.gimp_layer_group_new(image)
        image.insert_layer(group, None, 0)
        pdb.gimp_image_reorder_item(image, layer, group, 0)
        layer.set_offsets(15, -10)
        pdb.plug_in_mattekit_mask(image, group, {VALUES})
        keep(group.mask, "group")
        group.remove_mask(MASK_DISCARD)
        pdb.plug_in_mattekit_layer(image, layer, {VALUES}, {COLORS})
        said["names"] = [each.name for each in group.children]
        said["offsets"] = group.children[0].offsets
        keep(group.children[0], "new", "R'G'B'A u8")
        said["hidden"] = layer.visible
    """)
    wanted = expected(photo)
    assert off(answer.pixels("group"), wanted) <= 0.01
    name = answer["names"][1]
    assert answer["names"] == [f"{name}, subject", name]
    assert tuple(answer["offsets"]) == (15, -10)
    assert not answer["hidden"]
    new = answer.pixels("new")
    assert off(new[..., 3], wanted) <= 0.01
    inside = wanted == 1
    assert (new[inside][:, :3] == colors()[inside]).all(), "what is surely subject keeps its colour"
    rim = (wanted > 0.1) & (wanted < 0.9)
    assert (new[rim][:, :3] != colors()[rim]).any(), "edges are free of the old background"


def test_the_mask_of_a_layer_means_the_layer(studio, photo):
    answer = studio.run(f"""
        image = load({str(photo)!r})
        layer = image.layers[0]
        {CALL}
        pdb.plug_in_mattekit_mask(image, layer.mask, {VALUES})
        keep(layer.mask, "mask")
        said["editing"] = layer.edit_mask
        channel = gimp.Channel(image, "c", 10, 10, 50.0, (0.0, 0.0, 0.0))
        image.insert_channel(channel, None, 0)
        try:
            pdb.plug_in_mattekit_mask(image, channel, {VALUES})
        except Exception as error:
            said["channel"] = str(error)
    """)
    assert off(answer.pixels("mask"), expected(photo)) <= 0.01
    assert not answer["editing"]
    assert "Click the layer" in answer["channel"]


# -- kinds of images ---------------------------------------------------------------------------


def test_grey_and_indexed(studio, photo):
    answer = studio.run(f"""
        image = load({str(photo)!r})
        pdb.gimp_image_convert_grayscale(image)
        layer = image.layers[0]
        keep(layer, "grey", "Y' u8")
        {CALL}
        keep(layer.mask, "mask")
        pdb.plug_in_mattekit_layer(image, layer, {VALUES}, {COLORS})
        keep(image.active_layer, "new", "Y'A u8")
        image = load({str(photo)!r})
        pdb.gimp_image_convert_indexed(image, 0, 0, 64, False, False, "")
        layer = image.layers[0]
        keep(layer, "indexed", "R'G'B' u8")
        {CALL}
        keep(layer.mask, "indexed-mask")
        pdb.plug_in_mattekit_layer(image, layer, {VALUES}, {COLORS})
        keep(image.active_layer.mask, "indexed-new")
        pdb.plug_in_mattekit_background(
            image, layer, "color", (1.0, 1.0, 1.0), layer, {VALUES}, {COLORS})
        keep_image(image, "replaced")
    """)
    gray, new = answer.pixels("grey"), answer.pixels("new")
    wanted = expected(gray)
    assert off(answer.pixels("mask"), wanted) <= 0.01
    assert off(new[..., 1], wanted) <= 0.01
    assert (new[..., 0][wanted == 1] == gray[wanted == 1]).all()
    wanted = expected(answer.pixels("indexed"))
    assert off(answer.pixels("indexed-mask"), wanted) <= 0.01
    assert off(answer.pixels("indexed-new"), wanted) <= 0.01
    replaced = answer.pixels("replaced")
    assert (replaced[wanted == 0][:, :3] > 200).all()


@pytest.mark.parametrize(
    "precision",
    ["U8_LINEAR", "U16_GAMMA", "U16_LINEAR", "HALF_GAMMA", "FLOAT_LINEAR", "FLOAT_GAMMA"],
)
def test_precision(studio, photo, precision):
    answer = studio.run(f"""
        image = load({str(photo)!r})
        pdb.gimp_image_convert_precision(image, PRECISION_{precision})
        layer = image.layers[0]
        keep(layer, "sent", "R'G'B' u16")
        keep(layer, "before", "RGB float")
        {CALL}
        keep(layer.mask, "mask")
        keep(layer, "after", "RGB float")
        said["format"] = layer.mask.pixel_format
        pdb.plug_in_mattekit_layer(image, layer, {VALUES}, {COLORS})
        # Some of babl's direct conversions to 16 bits are broken.
        keep(image.active_layer, "new", "R'G'B'A float")
        pdb.plug_in_mattekit_channel(image, layer, {VALUES})
        keep(image.channels[0], "channel")
        pdb.plug_in_mattekit_selection(image, layer, {VALUES})
        keep(image.selection, "selection")
    """)
    wanted = expected(answer.pixels("sent"))
    assert (answer.pixels("before") == answer.pixels("after")).all(), "a mask leaves pixels alone"
    mask = answer.pixels("mask")
    assert off(mask, wanted) <= (0.6 if "U8" in precision else 0.01)
    if "U8" not in precision:
        assert len(np.unique(mask)) > 300, "more than eight bits"
    assert off(answer.pixels("channel"), wanted) <= 0.6
    assert off(answer.pixels("selection"), wanted) <= 1
    new = answer.pixels("new")
    assert off(new[..., 3], wanted) <= 0.6
    inside = wanted == 1
    difference = np.abs(new[inside][:, :3] * 65535 - answer.pixels("sent")[inside])
    # An 8-bit linear image has few dark shades of its own.
    assert difference.max() <= (4000 if "U8" in precision else 64 if "HALF" in precision else 1.5)


def test_a_wide_profile_stays_what_it_is(studio, photo, tmp_path):
    path = studio.folder / "wide.png"
    profile = _wide_profile()
    Image.fromarray(colors()).save(path, icc_profile=profile)
    answer = studio.run(f"""
        image = load({str(path)!r})
        layer = image.layers[0]
        keep(layer, "raw", None if False else "R'G'B' u8")
        {CALL}
        keep(layer.mask, "mask")
        pdb.plug_in_mattekit_layer(image, layer, {VALUES}, {COLORS})
        keep(image.active_layer, "new", "R'G'B'A u8")
    """)
    wanted = expected(path)
    assert (answer.pixels("raw") == colors()).all(), "values are those of the file"
    assert off(answer.pixels("mask"), wanted) <= 0.01
    inside = wanted == 1
    assert (answer.pixels("new")[inside][:, :3] == colors()[inside]).all()


def _wide_profile() -> bytes:
    """Return sRGB's profile with red and green further out, as cameras have them."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(data[128:132], "big")
    for number in range(count):
        entry = 132 + 12 * number
        if data[entry : entry + 4] in (b"rXYZ", b"gXYZ"):
            at = int.from_bytes(data[entry + 4 : entry + 8], "big") + 8
            sign = 1 if data[entry : entry + 4] == b"rXYZ" else -1
            for channel, change in enumerate((0.13, 0.03, -0.01)):
                value = int.from_bytes(
                    data[at + 4 * channel : at + 4 * channel + 4], "big", signed=True
                )
                value += round(sign * change * 65536)
                data[at + 4 * channel : at + 4 * channel + 4] = value.to_bytes(
                    4, "big", signed=True
                )
    profile = bytes(data)
    ImageCms.ImageCmsProfile(io.BytesIO(profile))
    return profile


def test_a_layer_with_alpha_of_its_own(studio, photo):
    path = studio.folder / "soft.png"
    alpha = np.clip(np.linspace(-0.3, 1.6, 400) * 255, 0, 255).astype(np.uint8)
    rgba = np.dstack([colors(), np.broadcast_to(alpha, (512, 400))])
    Image.fromarray(rgba).save(path)
    answer = studio.run(f"""
        image = load({str(path)!r})
        layer = image.layers[0]
        {CALL}
        keep(layer.mask, "mask", "Y u8")
        layer.remove_mask(MASK_APPLY)
        keep(layer, "seen", "R'G'B'A u8")
    """)
    assert off(answer.pixels("seen")[..., 3], expected(path)) <= 0.5


# -- the other entries -------------------------------------------------------------------------


def test_crop(studio, photo):
    answer = studio.run(f"""
        image = load({str(photo)!r})
        layer = image.layers[0]
        image.resize(600, 620, 30, 40)
        rest = (0, "balanced", "auto", 0.0, True, "all")
        pdb.plug_in_mattekit_crop(image, layer, True, "0", *rest)
        said["size"] = [image.width, image.height]
        said["offsets"] = layer.offsets
        try:
            pdb.plug_in_mattekit_crop(image, layer, True, "a lot", *rest)
        except Exception as error:
            said["margin"] = str(error)
        pdb.plug_in_mattekit_crop(image, layer, True, "10px", *rest)
        said["again"] = [image.width, image.height]
    """)
    cutout = mattekit.remove_background(photo)
    box = cutout.box
    assert box is not None
    assert answer["size"] == [box.right - box.left, box.bottom - box.top]
    assert '"a lot" is none' in answer["margin"]


def test_a_new_background(studio, photo):
    other = studio.folder / "other.png"
    Image.fromarray(np.full((50, 200, 3), (10, 200, 30), np.uint8)).save(other)
    answer = studio.run(f"""
        image = load({str(photo)!r})
        layer = image.layers[0]
        pdb.plug_in_mattekit_background(
            image, layer, "color", (1.0, 0.0, 0.0), layer, {VALUES}, {COLORS})
        keep_image(image, "color")
        said["names"] = [each.name for each in image.layers]
        image = load({str(photo)!r})
        layer = image.layers[0]
        behind = pdb.gimp_file_load_layer(image, {str(other)!r})
        image.insert_layer(behind, None, 0)
        behind.visible = False
        pdb.plug_in_mattekit_background(
            image, layer, "layer", (1.0, 0.0, 0.0), behind, {VALUES}, {COLORS})
        keep_image(image, "layer")
        try:
            pdb.plug_in_mattekit_background(
                image, layer, "layer", (1.0, 0.0, 0.0), layer, {VALUES}, {COLORS})
        except Exception as error:
            said["itself"] = str(error)
    """)
    alpha = expected(photo)
    for name, color in (("color", (255, 0, 0)), ("layer", (10, 200, 30))):
        seen = answer.pixels(name)
        assert (seen[alpha == 0][:, :3] == color).all()
        assert (seen[alpha == 1][:, :3] == colors()[alpha == 1]).all()
    name = answer["names"][2]
    assert answer["names"] == [
        f"{name}, subject", f"{name}, background", name,
    ]  # fmt: skip
    assert "the layer of the photo itself" in answer["itself"]


def test_all_open_images(studio, photo):
    blank = studio.folder / "blank.png"
    Image.fromarray(np.full((80, 90, 3), 128, np.uint8)).save(blank)
    answer = studio.run(f"""
        first, second, third = load({str(photo)!r}), load({str(blank)!r}), load({str(photo)!r})
        try:
            pdb.plug_in_mattekit_all_images("mask", (1.0, 1.0, 1.0), {VALUES}, {COLORS}, "0")
        except Exception as error:
            said["failed"] = str(error)
        keep(first.layers[0].mask, "first")
        said["blank"] = second.layers[0].mask is None
        keep(third.layers[0].mask, "third")
    """)
    wanted = expected(photo)
    assert off(answer.pixels("first"), wanted) <= 0.01
    assert off(answer.pixels("third"), wanted) <= 0.01
    assert answer["blank"]
    assert "1 of 3 layers were not done." in answer["failed"]
    assert "No subject was found." in answer["failed"]


# -- corrections -------------------------------------------------------------------------------

#: Parts of the astronaut: of the background at the left, and of her sleeve.
KEEP, REMOVE = (10, 200, 40, 50), (150, 420, 60, 40)


def marks(x: int, y: int, width: int, height: int) -> np.ndarray:
    plane = np.zeros((512, 400), bool)
    plane[y : y + height, x : x + width] = True
    return plane


def test_a_correction_goes_on_where_the_last_one_ended(studio, photo):
    xcf = studio.folder / "corrected.xcf"
    answer = studio.run(f"""
        image = load({str(photo)!r})
        layer = image.layers[0]
        {CALL}
        pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, *{KEEP})
        pdb.plug_in_mattekit_keep_selected(image, layer)
        keep(layer.mask, "first")
        pdb.gimp_xcf_save(0, image, layer, {str(xcf)!r}, {str(xcf)!r})
        image = load({str(xcf)!r})
        layer = image.layers[0]
        pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, *{REMOVE})
        pdb.plug_in_mattekit_remove_selected(image, layer)
        keep(layer.mask, "second")
        fresh = load({str(photo)!r})
        pdb.gimp_image_select_rectangle(fresh, CHANNEL_OP_REPLACE, *{KEEP})
        pdb.plug_in_mattekit_keep_selected(fresh, fresh.layers[0])
        keep(fresh.layers[0].mask, "fresh")
    """)
    one = expected(photo, keep=(marks(*KEEP),))
    both = expected(photo, keep=(marks(*KEEP),), remove=(marks(*REMOVE),))
    assert off(one, expected(photo)) > 1  # something was corrected
    assert off(answer.pixels("first"), one) <= 0.01
    assert off(answer.pixels("second"), both) <= 0.01
    assert off(answer.pixels("fresh"), one) <= 0.01


def test_a_mask_of_somebody_is_corrected_and_refined(studio, photo):
    rough = np.zeros((512, 400), np.uint8)
    rough[60:512, 90:340] = 255
    path = studio.folder / "rough.png"
    Image.fromarray(rough).save(path)
    answer = studio.run(f"""
        image = load({str(photo)!r})
        layer = image.layers[0]
        mine = layer.create_mask(ADD_WHITE_MASK)
        other = load({str(path)!r})
        rough = other.layers[0].get_rect(0, 0, 400, 512, "Y' u8")
        mine.set_rect(0, 0, 400, 512, rough, mine.pixel_format.split()[0] + " u8")
        layer.add_mask(mine)
        pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, *{KEEP})
        pdb.plug_in_mattekit_keep_selected(image, layer)
        keep(layer.mask, "kept")
        layer.remove_mask(MASK_DISCARD)
        mine = layer.create_mask(ADD_WHITE_MASK)
        mine.set_rect(0, 0, 400, 512, rough, mine.pixel_format.split()[0] + " u8")
        layer.add_mask(mine)
        pdb.plug_in_mattekit_refine_mask(image, layer, "balanced", "0px", "0px", 0.0, 0.0)
        keep(layer.mask, "refined")
        pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, 90, 60, 250, 452)
        pdb.plug_in_mattekit_refine_selection(image, layer, "balanced", "0px", "0px", 0.0, 0.0)
        keep(image.selection, "selection")
    """)
    kept = answer.pixels("kept")
    levels = kept if kept.dtype == np.uint8 else np.round(kept / 257).astype(np.uint8)
    assert levels[marks(*KEEP)].min() == 255
    before = mattekit.refine_mask(photo, rough).alpha
    after = mattekit.refine_mask(photo, rough, keep=[marks(*KEEP)]).alpha
    assert (levels == np.where(before == after, rough, after)).all()
    assert 0.1 < (before == after).mean() < 1
    cutout = mattekit.refine_mask(photo, rough)
    wanted = cutout.alpha / np.float32(np.iinfo(cutout.alpha.dtype).max)
    assert off(answer.pixels("refined"), wanted) <= 0.01
    assert off(answer.pixels("selection"), wanted) <= 0.5


#: What is done to an image before it is corrected, and how exactly the library's answer is met.
OTHERS = {
    "offset": ("image.resize(460, 600, 0, 0); layer.set_offsets(-5, 30)", 0.01),
    "group": (
        "group = pdb.gimp_layer_group_new(image); image.insert_layer(group, None, 0); "
        "pdb.gimp_image_reorder_item(image, layer, group, 0)",
        0.01,
    ),
    "16 bits": ("pdb.gimp_image_convert_precision(image, PRECISION_U16_GAMMA)", 0.6),
    "grey": ("pdb.gimp_image_convert_grayscale(image)", 0.6),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_corrections_in_other_images(studio, photo, kind):
    change, close = OTHERS[kind]
    refine = '"balanced", "0px", "0px", 0.0, 0.0'
    model = {"grey": "Y' u8", "16 bits": "R'G'B' u16"}.get(kind, "R'G'B' u8")
    answer = studio.run(f"""
        image = load({str(photo)!r})
        layer = image.layers[0]
        {change}
        x, y = layer.offsets
        keep(layer, "sent", {model!r})
        left, top, width, height = {KEEP}
        pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, x + left, y + top, width, height)
        pdb.plug_in_mattekit_keep_selected(image, layer)
        keep(layer.mask, "kept")
        left, top, width, height = {REMOVE}
        pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, x + left, y + top, width, height)
        pdb.plug_in_mattekit_remove_selected(image, layer)
        keep(layer.mask, "both")
        pdb.gimp_selection_none(image)
        pdb.plug_in_mattekit_refine_mask(image, layer, {refine})
        keep(layer.mask, "refined")
        pdb.gimp_image_select_rectangle(image, CHANNEL_OP_REPLACE, x + 90, y + 60, 250, 452)
        pdb.plug_in_mattekit_refine_selection(image, layer, {refine})
        keep(image.selection, "selection")
        pdb.gimp_selection_none(image)
        layer.remove_mask(MASK_DISCARD)
        around = layer.parent.children if layer.parent else image.layers
        before = len(around)
        pdb.plug_in_mattekit_each_subject(
            image, layer, True, 0, "balanced", "auto", True, 0.0, True, True)
        around = layer.parent.children if layer.parent else image.layers
        said["subjects"] = len(around) - before
        said["offsets"] = [x, y]
    """)
    sent = answer.pixels("sent")
    kept, removed = marks(*KEEP), marks(*REMOVE)
    assert off(answer.pixels("kept"), expected(sent, keep=(kept,))) <= close
    both = expected(sent, keep=(kept,), remove=(removed,))
    assert off(answer.pixels("both"), both) <= close
    refined = mattekit.refine_mask(sent, np.round(both * 255).astype(np.uint8))
    alpha = refined.alpha / np.float32(np.iinfo(refined.alpha.dtype).max)
    assert off(answer.pixels("refined"), alpha) <= 1
    rough = np.zeros((512, 400), np.uint8)
    rough[60:, 90:340] = 255
    found = mattekit.refine_mask(sent, rough)
    x, y = answer["offsets"]
    whole = answer.pixels("selection")
    selected = np.zeros((512, 400), whole.dtype)
    part = whole[max(0, y) : y + 512, max(0, x) : x + 400]
    selected[max(0, -y) :, max(0, -x) :][: part.shape[0], : part.shape[1]] = part
    seen = np.ones((512, 400), bool)
    seen[:, : max(0, -x)] = False  # what lies outside the image is not selected
    wanted = found.alpha / np.float32(np.iinfo(found.alpha.dtype).max) * seen
    assert off(selected, wanted) <= 1
    assert answer["subjects"] == len(mattekit.remove_background_each(sent))


def test_each_subject_in_a_layer(studio):
    path = studio.folder / "three.png"
    with Image.open(SAMPLES / "coffee.png") as opened:
        cup = opened.convert("RGB").resize((300, 200))
    wide = Image.new("RGB", (900, 200), (240, 240, 240))
    wide.paste(cup, (0, 0))
    wide.paste(cup, (600, 0))
    wide.save(path)
    parts = mattekit.remove_background_each(path)
    answer = studio.run(f"""
        image = load({str(path)!r})
        layer = image.layers[0]
        pdb.plug_in_mattekit_each_subject(
            image, layer, True, 0, "balanced", "auto", True, 0.0, True, True)
        said["names"] = [each.name for each in image.layers]
        said["visible"] = [each.visible for each in image.layers]
        for number, each in enumerate(image.layers[:-1]):
            keep(each.mask, "layer%d" % number, each.mask.pixel_format.split()[0] + " u8")
            said["offsets%d" % number] = each.offsets
    """)
    count = len(parts)
    assert len(answer["names"]) == count + 1
    assert answer["visible"] == [True] * count + [False]
    shown = np.zeros((200, 900), np.float32)
    for number in range(count):
        alpha = answer.pixels(f"layer{number}") / np.float32(255)
        x, y = answer[f"offsets{number}"]
        part = shown[y : y + alpha.shape[0], x : x + alpha.shape[1]]
        np.maximum(part, alpha, out=part)
    assert off(shown, expected(path)) <= 0.5


# -- when something is wrong -------------------------------------------------------------------


def test_a_worker_that_is_killed_leaves_the_image_as_it_was(studio, photo):
    large = studio.folder / "large.png"
    with Image.open(ASTRONAUT) as picture:
        picture.resize((4000, 3000)).save(large, compress_level=1)
    code = f"""
        image = load({str(large)!r})
        layer = image.layers[0]
        keep(layer, "before", "R'G'B' u8")
        try:
            pdb.plug_in_mattekit_mask(image, layer, True, 0, "best", "auto", {EDGES})
        except Exception as error:
            said["failed"] = str(error)
        keep(layer, "after", "R'G'B' u8")
        said["layers"] = len(image.layers)
        said["mask"] = layer.mask is not None
        # The next call starts another worker.
        image = load({str(photo)!r})
        layer = image.layers[0]
        {CALL}
        keep(layer.mask, "mask-of-another")
    """
    with waiting_worker() as gate, ThreadPoolExecutor(1) as pool:
        killer = pool.submit(lambda: os.kill(gate.wait(), signal.SIGKILL))
        answer = studio.run(code)
        killer.result()
    assert "mattekit's worker ended before it had answered" in answer["failed"]
    assert (answer.pixels("before") == answer.pixels("after")).all()
    assert (answer["layers"], answer["mask"]) == (1, False)
    assert off(answer.pixels("mask-of-another"), expected(photo)) <= 0.01


def test_what_is_wrong_is_said_plainly(studio, photo):
    settings = studio.plug_in / "settings.json"
    facts = settings.read_text("utf-8")
    bridge.stop()
    try:
        settings.write_text(facts.replace('"python": "', '"python": "/gone'))
        answer = studio.run(f"""
            image = load({str(photo)!r})
            layer = image.layers[0]
            try:
                {CALL}
            except Exception as error:
                said["failed"] = str(error)
        """)
    finally:
        settings.write_text(facts)
    assert "is not there any more" in answer["failed"]
    assert "mattekit hosts install" in answer["failed"]
    answer = studio.run(f"""
        image = load({str(photo)!r})
        layer = image.layers[0]
        for name, values in (("model", (0, "balanced", "u2net")), ("kind", (99, "best", "auto")),
                             ("refine", (0, "most", "auto"))):
            try:
                pdb.plug_in_mattekit_mask(image, layer, True, *values, {EDGES})
            except Exception as error:
                said[name] = str(error)
        said["mask"] = layer.mask is not None
    """)
    assert "mattekit models fetch u2net" in answer["model"]
    assert "refine" in answer["refine"]
    # GIMP 3 refuses what is out of range before the plug-in sees it.
    said = "expected one of 0 auto" if studio.gimp.version == "2.10" else "type cannot be 99"
    assert said in answer["kind"]
    assert not answer["mask"]
