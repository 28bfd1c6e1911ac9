"""A GIMP of a few dozen lines, for tests of gimpfu's front end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from _gimpfu.backend import (
    Argument,
    Backend,
    CallFailed,
    NoSuchProcedure,
    Outcome,
    PlugIn,
    Procedure,
    ProcedureKind,
    Status,
    Type,
)

Rect = tuple[int, int, int, int]


class FakeGimp(Backend):
    """Images are sizes, layers are bytes; everything that is called is kept in `called`."""

    version = (2, 10, 34)

    def __init__(self) -> None:
        self.installed: dict[str, Procedure] = {}
        self.menus: list[tuple[str, str]] = []
        self.domains: list[tuple[str, str | None]] = []
        self.handlers: list[tuple[str, ...]] = []
        self.data: dict[str, bytes] = {}
        self.called: list[tuple[str, tuple[Any, ...]]] = []
        self.shown: list[Any] = []
        self.reads = 0
        self.writes = 0
        self.answer: Callable[[Sequence[Any]], list[Any] | None] = list
        self.asked: list[tuple[Procedure, int, list[Any]]] = []
        self.plug_in: PlugIn | None = None
        self.items: dict[int, dict[str, Any]] = {}
        self._ids = iter(range(1, 10000))
        self._procedures = dict(_TABLE)

    def new(self, **values: Any) -> int:
        number = next(self._ids)
        self.items[number] = values
        return number

    # -- a plug-in's life

    def main(self, plug_in: PlugIn, argv: Sequence[str]) -> int:
        self.plug_in = plug_in
        plug_in.query()
        return 0

    def run(self, name: str, *values: Any) -> Outcome:
        assert self.plug_in is not None
        return self.plug_in.run(name, values)

    def install(self, procedure: Procedure) -> None:
        self.installed[procedure.name] = procedure

    def uninstall(self, name: str) -> None:
        del self.installed[name]

    def add_menu(self, procedure: str, path: str) -> None:
        assert procedure in self.installed
        if path.startswith("<Nonsense>"):
            raise CallFailed("gimp-plugin-menu-register", Status.EXECUTION_ERROR, "no such menu")
        self.menus.append((procedure, path))

    def add_domain(self, domain: str, folder: str | None) -> None:
        self.domains.append((domain, folder))

    def add_load_handler(self, procedure: str, extensions: str, prefixes: str, magic: str) -> None:
        self.handlers.append(("load", procedure, extensions, prefixes, magic))

    def add_save_handler(self, procedure: str, extensions: str, prefixes: str) -> None:
        if procedure not in self.installed:
            raise CallFailed("gimp-register-save-handler", Status.EXECUTION_ERROR, "no such thing")
        self.handlers.append(("save", procedure, extensions, prefixes))

    def acknowledge(self) -> None: ...

    def process(self, timeout: int) -> None: ...

    # -- procedures

    def query(self, patterns: Sequence[str]) -> list[str]:
        return sorted(self._procedures)

    def describe(self, name: str) -> Procedure:
        if name in self.installed:
            return self.installed[name]
        if name == "gimp-renamed":
            raise NoSuchProcedure(name, "GIMP 3 calls it gimp-new-name")
        if name not in self._procedures:
            raise NoSuchProcedure(name)
        arguments, results, _ = self._procedures[name]
        words = (name, "blurb", "help", "author", "copyright", "date", None, None)
        kinds = [[Argument(Type[k], n, n) for k, n in each] for each in (arguments, results)]
        return Procedure(*words, ProcedureKind.INTERNAL, *kinds)  # type: ignore[arg-type]

    def call(self, name: str, values: Sequence[Any]) -> list[Any]:
        self.called.append((name, tuple(values)))
        function = self._procedures[name][2]
        result = function(self, *values)
        return [] if result is None else list(result)

    def constants(self) -> dict[str, int]:
        return {
            "RGB": 0,
            "RGB_IMAGE": 0,
            "RGBA_IMAGE": 1,
            "NORMAL_MODE": 0,
            "LAYER_MODE_NORMAL": 28,
            "FILL_TRANSPARENT": 3,
            "FILL_BACKGROUND": 1,
            "PDB_INT32": 0,
            "PLUGIN": 1,
        }

    # -- items and pixels

    def item_kind(self, item: int) -> str | None:
        return self.items[item]["kind"] if item in self.items else None

    def pixel_format(self, drawable: int) -> str:
        return "R'G'B' u8"

    def _bytes(self, drawable: int) -> int:
        return 4 if self.items[drawable]["type"] else 3

    def read(
        self, drawable: int, rect: Rect, format: str | None = None, shadow: bool = False
    ) -> bytes:
        self.reads += 1
        layer, pixel = self.items[drawable], self._bytes(drawable)
        x, y, w, h = rect
        stride = layer["width"] * pixel
        rows = (layer["data"][r * stride + x * pixel :][: w * pixel] for r in range(y, y + h))
        return b"".join(bytes(row) for row in rows)

    def write(
        self,
        drawable: int,
        rect: Rect,
        data: bytes,
        format: str | None = None,
        shadow: bool = False,
    ) -> None:
        self.writes += 1
        layer, pixel = self.items[drawable], self._bytes(drawable)
        x, y, w, h = rect
        stride = layer["width"] * pixel
        for i in range(h):
            start = (y + i) * stride + x * pixel
            layer["data"][start : start + w * pixel] = data[i * w * pixel : (i + 1) * w * pixel]

    # -- the rest

    def get_data(self, key: str) -> bytes | None:
        return self.data.get(key) or None

    def set_data(self, key: str, data: bytes) -> None:
        self.data[key] = data

    def progress_init(self, text: str | None) -> None:
        self.shown.append(text)

    def progress_update(self, fraction: float) -> None:
        self.shown.append(fraction)

    def message(self, text: str) -> None:
        self.shown.append(text)

    def displays_flush(self) -> None:
        self.shown.append("flush")

    def default_display(self) -> int:
        return -1

    def folder(self, kind: str) -> str:
        return "/" + kind

    def ask(
        self,
        procedure: Procedure,
        first: int,
        values: Sequence[Any],
        preview: Any = None,
    ) -> list[Any] | None:
        self.asked.append((procedure, first, list(values)))
        self.preview = preview
        return self.answer(values)

    def export(
        self, image: int, drawable: int, format_name: str, capabilities: int
    ) -> tuple[int, int, int]:
        return (1, image, drawable)


def _new_image(gimp: FakeGimp, width: int, height: int, kind: int) -> Any:
    return [gimp.new(width=width, height=height, layers=[])]


def _new_layer(gimp: FakeGimp, *values: Any) -> Any:
    _, width, height, kind, name, _, mode = values
    size = width * height * (4 if kind else 3)
    data = bytearray(b"\xff" * size)
    made = {"kind": "layer", "width": width, "height": height, "type": kind, "mode": mode}
    return [gimp.new(**made, name=name, data=data)]


def _fail(gimp: FakeGimp, *_: Any) -> Any:
    raise CallFailed("gimp-fail", Status.EXECUTION_ERROR, "it does not want to")


def _getter(key: str) -> Callable[..., Any]:
    return lambda gimp, item: [gimp.items[item][key]]


_LAYER = [
    ("IMAGE", "image"),
    ("INT32", "width"),
    ("INT32", "height"),
    ("INT32", "type"),
    ("STRING", "name"),
    ("FLOAT", "opacity"),
    ("INT32", "mode"),
]
_TABLE: dict[str, Any] = {
    "gimp-image-new": (
        [("INT32", "width"), ("INT32", "height"), ("INT32", "type")],
        [("IMAGE", "image")],
        _new_image,
    ),
    "gimp-image-width": ([("IMAGE", "image")], [("INT32", "width")], _getter("width")),
    "gimp-image-get-layers": (
        [("IMAGE", "image")],
        [("INT32", "count"), ("INT32ARRAY", "ids")],
        lambda gimp, i: [len(gimp.items[i]["layers"]), gimp.items[i]["layers"]],
    ),
    "gimp-image-insert-layer": (
        [("IMAGE", "image"), ("LAYER", "layer"), ("LAYER", "parent"), ("INT32", "position")],
        [],
        lambda gimp, i, layer, parent, position: gimp.items[i]["layers"].insert(0, layer),
    ),
    "gimp-layer-new": (_LAYER, [("LAYER", "layer")], _new_layer),
    "gimp-layer-get-mask": ([("LAYER", "layer")], [("CHANNEL", "mask")], lambda gimp, i: [-1]),
    "gimp-selection-bounds": (
        [("INT32", "image")],
        [("INT32", name) for name in ("non-empty", "x1", "y1", "x2", "y2")],
        lambda gimp, image: [0, 0, 0, 64, 64],
    ),
    "gimp-drawable-width": ([("DRAWABLE", "d")], [("INT32", "w")], _getter("width")),
    "gimp-drawable-height": ([("DRAWABLE", "d")], [("INT32", "h")], _getter("height")),
    "gimp-drawable-type": ([("DRAWABLE", "d")], [("INT32", "t")], _getter("type")),
    "gimp-drawable-get-pixel": (
        [("DRAWABLE", "d"), ("INT32", "x"), ("INT32", "y")],
        [("INT32", "count"), ("INT8ARRAY", "pixel")],
        lambda gimp, i, x, y: [0, b""],
    ),
    "gimp-drawable-set-pixel": (
        [("DRAWABLE", "d"), ("INT32", "x"), ("INT32", "y"), ("INT32", "n"), ("INT8ARRAY", "p")],
        [],
        lambda gimp, i, x, y, count, pixel: None,
    ),
    "gimp-item-get-name": ([("ITEM", "i")], [("STRING", "name")], _getter("name")),
    "gimp-item-set-name": (
        [("ITEM", "i"), ("STRING", "name")],
        [],
        lambda gimp, i, name: gimp.items[i].update(name=name),
    ),
    "gimp-fail": ([], [], _fail),
    "gimp-two": ([], [("INT32", "a"), ("STRING", "b")], lambda gimp: [1, None]),
    "gimp-echo-color": ([("COLOR", "c")], [("COLOR", "c")], lambda gimp, c: [c]),
    "gimp-echo-arrays": (
        [("INT8ARRAY", "a"), ("FLOATARRAY", "b"), ("STRINGARRAY", "c"), ("PARASITE", "p")],
        [("INT8ARRAY", "a"), ("FLOATARRAY", "b"), ("STRINGARRAY", "c"), ("PARASITE", "p")],
        lambda gimp, *values: values,
    ),
    "plug-in-blur": (
        [("INT32", "run-mode"), ("IMAGE", "image"), ("DRAWABLE", "drawable")],
        [],
        lambda gimp, mode, image, drawable: None,
    ),
}
