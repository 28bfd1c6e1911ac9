"""Plug-ins that GIMP 3 no longer has as procedures."""

from typing import Any, Callable, Tuple

from gi.repository import Gimp

from _gimpfu.backend import CallFailed, Status
from _gimpfu.gimp3 import filters, pixels, values
from _gimpfu.gimp3.rules.base import RULES, Rule, rule
from _gimpfu.gimp3.rules.transforms import run_transform


@rule("plug-in-icc-profile-set")
def _icc_set(call: Any, run_mode: int, image: int, profile: str) -> None:
    values.image(image).set_color_profile_from_file(values.file(profile))


@rule("plug-in-icc-profile-set-rgb")
def _icc_set_rgb(call: Any, run_mode: int, image: int) -> None:
    values.image(image).set_color_profile(Gimp.ColorProfile.new_rgb_srgb())


@rule("plug-in-icc-profile-apply")
def _icc_apply(call: Any, run_mode: int, image: int, profile: str, intent: int, bpc: int) -> None:
    made = Gimp.ColorProfile.new_from_file(values.file(profile))
    values.image(image).convert_color_profile(made, intent, bool(bpc))


@rule("plug-in-icc-profile-apply-rgb")
def _icc_apply_rgb(call: Any, run_mode: int, image: int, intent: int, bpc: int) -> None:
    made = Gimp.ColorProfile.new_rgb_srgb()
    values.image(image).convert_color_profile(made, intent, bool(bpc))


def _summary(profile: Any) -> Tuple[str, str, str]:
    return profile.get_model(), profile.get_description(), profile.get_summary()


@rule("plug-in-icc-profile-info")
def _icc_info(call: Any, image: int) -> Tuple[str, str, str]:
    return _summary(values.image(image).get_effective_color_profile())


@rule("plug-in-icc-profile-file-info")
def _icc_file_info(call: Any, name: str) -> Tuple[str, str, str]:
    return _summary(Gimp.ColorProfile.new_from_file(values.file(name)))


@rule("plug-in-rotate")
def _rotate(
    call: Any, run_mode: int, image: int, drawable: int, quarters: int, everything: int
) -> None:
    if not 1 <= quarters <= 3:
        return
    if everything:
        call("gimp-image-rotate", image=image, rotate_type=quarters - 1)
    else:
        given = {"rotate_type": quarters - 1, "auto_center": 1, "center_x": 0, "center_y": 0}
        run_transform(call, "rotate-simple", drawable, given)


@rule("plug-in-autocrop")
def _autocrop(call: Any, run_mode: int, image: int, drawable: int) -> None:
    _crop(call, "gimp-image-autocrop", image, drawable)


@rule("plug-in-autocrop-layer")
def _autocrop_layer(call: Any, run_mode: int, image: int, drawable: int) -> None:
    values.image(image).set_selected_layers([values.item(drawable)])
    _crop(call, "gimp-image-autocrop-selected-layers", image, drawable)


def _crop(call: Any, target: str, image: int, drawable: int) -> None:
    try:
        call(target, image=image, drawable=drawable)
    except CallFailed:
        # GIMP 3 calls it a failure that there is nothing to crop.
        return


@rule("plug-in-threshold-alpha")
def _threshold_alpha(call: Any, run_mode: int, image: int, drawable: int, threshold: int) -> None:
    table = bytes(255 if value > threshold else 0 for value in range(256))

    def change(data: bytearray) -> None:
        data[3::4] = data[3::4].translate(table)

    _change(drawable, change)


@rule("plug-in-semiflatten")
def _semiflatten(call: Any, run_mode: int, image: int, drawable: int) -> None:
    back = [round(255 * part) for part in values.components(Gimp.context_get_background())[:3]]

    def change(data: bytearray) -> None:
        for i, alpha in enumerate(data[3::4]):
            if 0 < alpha < 255:
                at = 4 * i
                for part in range(3):
                    mixed = data[at + part] * alpha + back[part] * (255 - alpha)
                    data[at + part] = (mixed + 127) // 255
                data[at + 3] = 255

    _change(drawable, change)


@rule("plug-in-max-rgb")
def _max_rgb(call: Any, run_mode: int, image: int, drawable: int, largest: int) -> None:
    kept = max if largest else min

    def change(data: bytearray) -> None:
        for at in range(0, len(data), 4):
            whole = data[at : at + 3]
            limit = kept(whole)
            data[at : at + 3] = bytes(part if part == limit else 0 for part in whole)

    _change(drawable, change)


def _change(drawable: int, change: Callable[[bytearray], None]) -> None:
    """Change the selected pixels of a drawable, as bytes of red, green, blue and alpha."""
    found = values.item(drawable)
    size = (0, 0, found.get_width(), found.get_height())
    data = bytearray(pixels.read(drawable, size, "R'G'B'A u8", False))
    change(data)
    pixels.write(drawable, size, bytes(data), "R'G'B'A u8", True)
    found.merge_shadow(True)
    found.update(*size)


@rule("plug-in-ccanalyze")
def _count_colors(call: Any, run_mode: int, image: int, drawable: int) -> int:
    found = values.item(drawable)
    size = (0, 0, found.get_width(), found.get_height())
    data = pixels.read(drawable, size, None, False)
    step = len(data) // (size[2] * size[3])
    whole = step - 1 if found.has_alpha() else step
    return len({data[i : i + whole] for i in range(0, len(data), step)})


def _filter_rule(name: str) -> Rule:
    def run(call: Any, run_mode: int, image: int, drawable: int, *given: Any) -> None:
        found = values.item(drawable)
        try:
            filters.apply(name, found, given)
        except filters.Unknown as missing:
            raise CallFailed(name, Status.CALLING_ERROR, str(missing)) from missing

    return run


for _name in filters.FILTERS:
    RULES[_name] = _filter_rule(_name)
