"""As much of GIMP's Python as the menu entries touch, for tests without the real program.

What these get wrong, the tests in the real GIMP find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from support.editors import fake_modules


class Failed(Exception):
    """What `gimpfu.fail` raises."""


class Drawable:
    """A layer, a mask or a channel of 8 bits."""

    is_gray = is_indexed = is_floating_sel = has_alpha = False
    parent = mask = None
    is_layer_mask = False

    def __init__(self, image: Any, name: str, width: int, height: int, *_: Any) -> None:
        self.image, self.name, self.width, self.height = image, name, width, height
        self.offsets, self.visible, self.opacity, self.mode = (0, 0), True, 100.0, 0
        self.ID = id(self)
        self.written = b""
        self.filled: Any = None
        self.parasites: dict[str, Any] = {}

    pixel_format = "R'G'B' u8"

    def get_rect(self, x: int, y: int, width: int, height: int, model: str) -> bytes:
        return bytes(width * height * 3)

    def attach_new_parasite(self, name: str, flags: int, data: bytes) -> None:
        self.parasites[name] = SimpleNamespace(name=name, flags=flags, data=data)

    def parasite_find(self, name: str) -> Any:
        return self.parasites.get(name)

    def set_rect(self, x: int, y: int, width: int, height: int, data: bytes, model: str) -> None:
        self.written = bytes(data)

    def set_offsets(self, x: int, y: int) -> None:
        self.offsets = (x, y)

    def update(self, *rect: int) -> None: ...

    def create_mask(self, kind: int) -> Channel:
        made = Channel(self.image, "mask", self.width, self.height)
        made.is_layer_mask = True
        return made

    def add_mask(self, made: Channel) -> None:
        self.mask: Any = made

    def remove_mask(self, mode: int) -> None:
        self.mask = None

    def copy(self, alpha: bool) -> Layer:
        made = Layer(self.image, self.name, self.width, self.height)
        made.is_gray, made.is_indexed = self.is_gray, self.is_indexed
        return made

    def fill(self, kind: int) -> None:
        self.filled = self.image.program.background

    def scale(self, width: int, height: int, local: bool) -> None:
        self.width, self.height = width, height

    def resize(self, width: int, height: int, x: int, y: int) -> None:
        self.width, self.height = width, height


class Layer(Drawable):
    pass


class Channel(Drawable):
    pixel_format = "Y u8"

    def get_rect(self, x: int, y: int, width: int, height: int, model: str) -> bytes:
        plane = self.written or bytes(self.width * self.height)
        rows = (plane[row * self.width + x :][:width] for row in range(y, y + height))
        return b"".join(rows)


class Image:
    def __init__(self, program: Gimp, name: str) -> None:
        self.program, self.name = program, name
        self.width, self.height = 8, 6
        self.layers: list[Any] = []
        self.channels: list[Any] = []
        self.chosen: Any = None
        self.steps = 0
        self.active_layer: Any = None
        self.selection = Channel(self, "selection", self.width, self.height)

    def select(self, *pixels: tuple[int, int]) -> None:
        """Select these pixels only."""
        plane = bytearray(self.width * self.height)
        for x, y in pixels:
            plane[y * self.width + x] = 255
        self.selection.written = bytes(plane)

    @property
    def active_drawable(self) -> Any:
        return self.active_layer

    def insert_layer(self, layer: Any, parent: Any, number: int) -> None:
        self.layers.insert(number, layer)

    def insert_channel(self, channel: Any, parent: Any, number: int) -> None:
        self.channels.insert(number, channel)

    def remove_channel(self, channel: Any) -> None:
        self.channels.remove(channel)

    def crop(self, width: int, height: int, left: int, top: int) -> None:
        self.width, self.height = width, height

    def undo_group_start(self) -> None:
        self.steps += 1

    def undo_group_end(self) -> None: ...


class Gimp:
    """The program: open images, and what was registered."""

    def __init__(self) -> None:
        self.images: list[Image] = []
        self.entries: dict[str, tuple[list[Any], Callable[..., Any]]] = {}
        self.previews: dict[str, Callable[..., Any] | None] = {}
        self.background: Any = None
        self.pdb = _Procedures(self)

    def open(self, name: str, **facts: Any) -> Image:
        """Return a new image of 8 by 6 pixels with one layer."""
        image = Image(self, name)
        layer = Layer(image, "Photo", 8, 6)
        for fact, value in facts.items():
            setattr(layer, fact, value)
        image.layers.append(layer)
        image.active_layer = layer
        self.images.insert(0, image)
        return image

    def register(self, name: str, *rest: Any, **more: Any) -> None:
        parameters, _results, run = rest[7], rest[8], rest[9]
        self.entries[name] = (parameters, run)
        self.previews[name] = more.get("preview")

    def call(self, name: str, **given: Any) -> None:
        """Run an entry with its defaults, except for those that are given by their names."""
        parameters, run = self.entries[name]
        names = [each[1] for each in parameters]
        assert set(given) <= set(names), set(given) - set(names)
        run(*(given.get(each[1], each[3]) for each in parameters))

    def preview(self, name: str, **given: Any) -> Any:
        """Return the picture that the button of an entry's dialog shows."""
        show = self.previews[name]
        assert show is not None
        return show(*(given.get(each[1], each[3]) for each in self.entries[name][0]))


class _Procedures:
    def __init__(self, program: Gimp) -> None:
        self._program = program

    def __contains__(self, name: str) -> bool:
        return False

    def gimp_selection_bounds(self, image: Image) -> tuple[int, ...]:
        return (int(any(image.selection.written)), 0, 0, image.width, image.height)

    def gimp_channel_combine_masks(self, *_: Any) -> None: ...

    def gimp_file_load(self, path: str, name: str) -> Image:
        assert Path(path).read_bytes() == b"a file"
        made = Image(self._program, path)
        for count in range(2):
            layer = Layer(made, f"Subject {count}", 3, 2)
            layer.set_offsets(count, 0)
            made.layers.append(layer)
        return made

    def gimp_image_get_color_profile(self, image: Image) -> tuple[int, bytes]:
        return 0, b""

    def gimp_image_get_item_position(self, image: Image, layer: Any) -> int:
        return image.layers.index(layer)

    def gimp_image_select_item(self, image: Image, operation: int, item: Any) -> None:
        image.chosen = item

    def gimp_layer_new_from_drawable(self, source: Any, image: Image) -> Layer:
        return Layer(image, source.name, source.width, source.height)

    def gimp_progress_pulse(self) -> None: ...


def _fail(text: str) -> None:
    raise Failed(text)


@contextmanager
def modules() -> Iterator[Gimp]:
    """Have GIMP's modules for a while; yields the program."""
    program = Gimp()
    quiet: Callable[..., None] = lambda *values: None  # noqa: E731 - the same for many names
    names: dict[str, dict[str, Any]] = {
        "gimp": {
            "pdb": program.pdb,
            "Layer": Layer,
            "Channel": Channel,
            "error": type("error", (RuntimeError,), {}),
            "image_list": lambda: list(program.images),
            "get_data": lambda key: "",
            "delete": quiet,
            "set_background": lambda color: setattr(program, "background", color),
            **dict.fromkeys(
                (
                    *("progress_init", "progress_update", "displays_flush", "set_data"),
                    *("context_push", "context_pop", "message"),
                ),
                quiet,
            ),
        },
        "gimpfu": {
            "register": program.register,
            "main": quiet,
            "fail": _fail,
            "CancelError": type("CancelError", (Exception,), {}),
            **{
                f"PF_{name}": number
                for number, name in enumerate(
                    ("TOGGLE", "RADIO", "COLOR", "LAYER", "IMAGE", "DRAWABLE")
                )
            },
        },
        "gimpenums": dict.fromkeys(
            (
                *("CHANNEL_OP_INTERSECT", "CHANNEL_OP_REPLACE", "MASK_DISCARD", "MASK_APPLY"),
                *("ADD_WHITE_MASK", "GRAYA_IMAGE", "RGBA_IMAGE", "GRAY_IMAGE", "RGB_IMAGE"),
                *("INDEXED_IMAGE", "BACKGROUND_FILL"),
            ),
            0,
        ),
    }
    with fake_modules(names, "mattekit_gimp.plugin"):
        yield program
