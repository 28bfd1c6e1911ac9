"""Images: names, colour maps, profiles, thumbnails."""

import os
from typing import Any, Dict, Optional, Tuple

from gi.repository import Gimp

from _gimpfu.gimp3 import native, values
from _gimpfu.gimp3.rules.base import rule


@rule("gimp-image-get-uri")
def _uri(call: Any, image: int) -> Optional[str]:
    return _uri_of(values.image(image).get_file())


_FILE = "gimpfu-file"


@rule("gimp-image-set-filename")
def _set_filename(call: Any, image: int, name: str) -> None:
    found = values.image(image)
    if os.path.basename(name).lower().split(".xcf")[-1] in ("", ".gz", ".bz2", ".xz"):
        found.set_file(values.file(name))
    else:
        # GIMP 3 gives images the names of its own files only; loaders get theirs from GIMP.
        found.attach_parasite(native.parasite(_FILE, 0, name.encode("utf-8", "surrogateescape")))


@rule("gimp-image-get-filename")
def _filename(call: Any, image: int) -> Optional[str]:
    found = values.image(image)
    if found.get_file() is not None:
        return values.path(found.get_file())
    named = found.get_parasite(_FILE)
    if named is None:
        return None
    return native.parasite_data(named).decode("utf-8", "surrogateescape")


@rule("gimp-image-get-exported-uri")
def _exported(call: Any, image: int) -> Optional[str]:
    return _uri_of(values.image(image).get_exported_file())


@rule("gimp-image-get-imported-uri")
def _imported(call: Any, image: int) -> Optional[str]:
    return _uri_of(values.image(image).get_imported_file())


@rule("gimp-image-get-xcf-uri")
def _xcf(call: Any, image: int) -> Optional[str]:
    return _uri_of(values.image(image).get_xcf_file())


def _uri_of(file: Any) -> Optional[str]:
    return None if file is None else str(file.get_uri())


@rule("gimp-image-get-colormap", "gimp-image-get-cmap")
def _colormap(call: Any, image: int) -> bytes:
    palette = values.image(image).get_palette()
    if palette is None:
        return b""
    return b"".join(
        bytes(round(255 * part) for part in values.components(color)[:3])
        for color in palette.get_colors()
    )


@rule("gimp-image-set-colormap", "gimp-image-set-cmap")
def _set_colormap(call: Any, image: int, count: int, colors: bytes) -> None:
    palette = values.image(image).get_palette()
    wanted = [colors[i : i + 3] for i in range(0, len(colors), 3)]
    for _ in range(palette.get_color_count() - len(wanted)):
        palette.delete_entry(palette.get_color_count() - 1)
    for i, triple in enumerate(wanted):
        color = values.color([part / 255 for part in triple] + [1.0])
        if i < palette.get_color_count():
            palette.set_entry_color(i, color)
        else:
            palette.add_entry("", color)


@rule("gimp-image-get-color-profile", "gimp-image-get-effective-color-profile")
def _profile(call: Any, image: int) -> bytes:
    found = values.image(image).get_color_profile()
    return b"" if found is None else bytes(found.get_icc_profile())


@rule("gimp-image-set-color-profile")
def _set_profile(call: Any, image: int, count: int, data: bytes) -> None:
    values.image(image).set_color_profile(_icc(data) if data else None)


@rule("gimp-image-convert-color-profile")
def _convert(call: Any, image: int, count: int, data: bytes, intent: int, bpc: int) -> None:
    values.image(image).convert_color_profile(_icc(data), intent, bool(bpc))


def _icc(data: bytes) -> Any:
    return Gimp.ColorProfile.new_from_icc_profile(bytes(data))


@rule("gimp-image-thumbnail")
def _image_thumbnail(call: Any, image: int, width: int, height: int) -> Tuple[Any, ...]:
    data, *sizes = values.image(image).get_thumbnail_data(width, height)
    return (*sizes, data.get_data())


@rule("gimp-drawable-thumbnail")
def _thumbnail(call: Any, drawable: int, width: int, height: int) -> Tuple[Any, ...]:
    data, *sizes = values.item(drawable).get_thumbnail_data(width, height)
    return (*sizes, data.get_data())


@rule("gimp-drawable-sub-thumbnail")
def _sub_thumbnail(call: Any, drawable: int, *numbers: int) -> Tuple[Any, ...]:
    data, *sizes = values.item(drawable).get_sub_thumbnail_data(*numbers)
    return (*sizes, data.get_data())


@rule("gimp-convert-indexed", "gimp-image-convert-indexed")
def _indexed(
    call: Any, image: int, dither: int, kind: int, count: int, alpha: int, unused: int, palette: str
) -> None:
    given: Dict[str, Any] = {
        "image": image,
        "dither_type": dither,
        "palette_type": kind,
        "num_cols": count,
    }
    given.update(alpha_dither=alpha, remove_unused=unused, palette=palette or "")
    call("gimp-image-convert-indexed", **given)
