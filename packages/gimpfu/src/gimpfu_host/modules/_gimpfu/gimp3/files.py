"""Saving one drawable, as 2.10 does, where GIMP 3 saves images."""

import os
from contextlib import contextmanager
from typing import Any, Iterator, Tuple

from gi.repository import Gimp

# Formats that hold layers, pages or frames; every other one gets the drawable alone.
_LAYERED = (
    *("xcf", "xcf.gz", "xcf.bz2", "xcf.xz", "xcfgz", "ora", "psd", "psb", "gif", "pdf", "webp"),
    *("tif", "tiff", "mng", "gih", "ico", "icns", "cur", "ani", "xmc", "fli", "flc", "dds"),
)
_EXPORT = 2


def keeps_layers(name: str) -> bool:
    """Whether a file of this name holds layers."""
    base = os.path.basename(name).lower()
    return any(base.endswith("." + ending) for ending in _LAYERED)


@contextmanager
def alone(image: Any, drawable: Any) -> Iterator[Any]:
    """Give an image with nothing but this drawable, or the image itself where that is so."""
    layers = image.get_layers()
    fills = drawable.get_offsets()[1:] == (0, 0)
    fills = fills and drawable.get_width() == image.get_width()
    fills = fills and drawable.get_height() == image.get_height()
    if len(layers) == 1 and layers[0] == drawable and fills and drawable.get_mask() is None:
        yield image
        return
    made = _copy(image, drawable)
    try:
        yield made
    finally:
        made.delete()


def _copy(image: Any, drawable: Any) -> Any:
    made = Gimp.Image.new_with_precision(
        drawable.get_width(), drawable.get_height(), image.get_base_type(), image.get_precision()
    )
    made.undo_disable()
    if image.get_base_type() == Gimp.ImageBaseType.INDEXED:
        made.set_palette(image.get_palette())
    made.set_color_profile(image.get_color_profile())
    made.set_resolution(*image.get_resolution()[1:])
    for name in image.get_parasite_list():
        made.attach_parasite(image.get_parasite(name))
    layer = Gimp.Layer.new_from_drawable(drawable, made)
    made.insert_layer(layer, None, 0)
    layer.set_offsets(0, 0)
    layer.set_opacity(100.0)
    layer.set_mode(Gimp.LayerMode.NORMAL)
    layer.set_visible(True)
    if layer.get_mask() is not None:
        layer.remove_mask(Gimp.MaskApplyMode.DISCARD)
    return made


def export(image: int, drawable: int, capabilities: int) -> Tuple[int, int, int]:
    """Return (EXPORT_*, image, drawable) of a copy that a format with these abilities can hold."""
    given = Gimp.Image.get_by_id(image)
    made = given.duplicate()
    for kind in (0, 1, 2):
        if made.get_base_type() == kind and not capabilities & (1 << kind):
            if capabilities & 1:
                made.convert_rgb()
            elif capabilities & 2:
                made.convert_grayscale()
            else:
                made.convert_indexed(
                    Gimp.ConvertDitherType.FS, Gimp.ConvertPaletteType.GENERATE, 256, 0, 0, ""
                )
            break
    if not capabilities & 32:  # EXPORT_CAN_HANDLE_LAYERS
        if capabilities & 16:
            layer = made.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
        else:
            layer = made.flatten()
        return _EXPORT, made.get_id(), layer.get_id()
    chosen = made.get_selected_layers() or made.get_layers()
    return _EXPORT, made.get_id(), chosen[0].get_id()


__all__ = ["alone", "export", "keeps_layers"]
