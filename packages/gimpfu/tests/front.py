"""A plug-in, a layer and a GIMP, for tests of gimpfu."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gimpfu_host import Gimp

ABOUT = ("About", "Help", "Author", "Copyright", "2026")


def registered(
    loaded: Any, name: str, params: Any, results: Any, function: Any, **more: Any
) -> None:
    more.setdefault("menu", "<Image>/Filters")
    loaded.gimpfu.register(name, *ABOUT, "_Label...", "*", params, results, function, **more)
    loaded.gimpfu.main()


def layer(loaded: Any, width: int = 100, height: int = 70) -> Any:
    image = loaded.gimp.Image(width, height)
    made = loaded.gimp.Layer(image, "layer", width, height)
    image.insert_layer(made)
    return made


def plain(version: str, program: str = "/usr/bin/gimp") -> Gimp:
    return Gimp(Path(program), version)
