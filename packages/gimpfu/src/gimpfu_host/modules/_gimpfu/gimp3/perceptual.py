"""Doing to encoded values what GIMP 3 does to linear light.

2.10 ran many of its procedures on the values as they are stored, GIMP 3 runs the same operations
on linear light, which looks different. Here the values are put into an image that takes them for
linear ones, the operation works on that, and the result is taken back.
"""

from typing import Any, Callable

from gi.repository import Babl, Gegl, Gimp

_KINDS = {
    (True, True): ("R'G'B'A", "RGBA", Gimp.ImageType.RGBA_IMAGE),
    (True, False): ("R'G'B'", "RGB", Gimp.ImageType.RGB_IMAGE),
    (False, True): ("Y'A", "YA", Gimp.ImageType.GRAYA_IMAGE),
    (False, False): ("Y'", "Y", Gimp.ImageType.GRAY_IMAGE),
}
# By the bytes of a sample; 32 bits hold all the others.
_DEPTHS = {
    1: (" u8", Gimp.Precision.U8_LINEAR),
    2: (" u16", Gimp.Precision.U16_LINEAR),
}
_DEEPEST = (" float", Gimp.Precision.FLOAT_LINEAR)


def perceptually(drawable: Any, action: Callable[[Any], Any]) -> None:
    """Let `action` change a layer with the drawable's encoded values; take over the result."""
    width, height = drawable.get_width(), drawable.get_height()
    plain, linear, kind = _KINDS[drawable.is_rgb(), drawable.has_alpha()]
    format = drawable.get_format()
    sample = Babl.format_get_bytes_per_pixel(format) // Babl.format_get_n_components(format)
    depth, precision = _DEPTHS.get(sample, _DEEPEST)
    stored = str(Babl.get_name(Babl.format_with_space(plain + depth, format)))
    linear += depth
    whole = Gegl.Rectangle.new(0, 0, width, height)
    base = Gimp.ImageBaseType.RGB if drawable.is_rgb() else Gimp.ImageBaseType.GRAY
    image = Gimp.Image.new_with_precision(width, height, base, precision)
    try:
        image.undo_disable()
        layer = Gimp.Layer.new(image, "values", width, height, kind, 100, Gimp.LayerMode.NORMAL)
        image.insert_layer(layer, None, 0)
        _move(drawable.get_buffer(), stored, layer.get_buffer(), linear, whole)
        _select(drawable, image)
        action(layer)
        if (layer.get_width(), layer.get_height()) != (width, height):
            _, x, y = layer.get_offsets()
            layer.resize(width, height, x, y)
        Gimp.Selection.none(image)
        _move(layer.get_buffer(), linear, drawable.get_shadow_buffer(), stored, whole)
    finally:
        image.delete()
    drawable.merge_shadow(True)
    drawable.update(0, 0, width, height)


def _move(source: Any, stored: str, target: Any, wanted: str, whole: Any) -> None:
    target.set(whole, wanted, source.get(whole, 1.0, stored, Gegl.AbyssPolicy.NONE))
    target.flush()


def _select(drawable: Any, image: Any) -> None:
    """Select in the image what is selected of the drawable: histograms are made of that."""
    found = drawable.get_image()
    if Gimp.Selection.is_empty(found):
        return
    _, x, y = drawable.get_offsets()
    size = drawable.get_width(), drawable.get_height()
    part = Gegl.Rectangle.new(x, y, *size)
    data = found.get_selection().get_buffer().get(part, 1.0, "Y u8", Gegl.AbyssPolicy.NONE)
    channel = Gimp.Channel.new(image, "selected", *size, 100.0, Gegl.Color.new("black"))
    image.insert_channel(channel, None, 0)
    buffer = channel.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, *size), "Y u8", data)
    buffer.flush()
    image.select_item(Gimp.ChannelOps.REPLACE, channel)
