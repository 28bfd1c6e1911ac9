"""GIMP as a module: images, layers, pixels, progress, messages, `gimp.pdb`."""

import functools
import os
import sys
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from _gimpfu import python2, running
from _gimpfu.backend import Argument, Procedure, ProcedureKind, Type
from _gimpfu.calls import call
from _gimpfu.convert import to_bytes, to_id
from _gimpfu.errors import error
from _gimpfu.host import backend
from _gimpfu.images import Display, Image
from _gimpfu.items import Channel, Drawable, GroupLayer, Item, Layer, delete, item
from _gimpfu.parasites import Parasite
from _gimpfu.pdb import PDB, PDBFunction, pdb
from _gimpfu.pixels import TILE, PixelFetcher, PixelRgn, Tile, store
from _gimpfu.vectors import Vectors, VectorsBezierStroke, VectorsStroke

python2.install()

__all__ = [
    "PDB",
    "Channel",
    "Display",
    "Drawable",
    "GroupLayer",
    "Image",
    "Item",
    "Layer",
    "PDBFunction",
    "Parasite",
    "PixelFetcher",
    "PixelRgn",
    "Tile",
    "Vectors",
    "VectorsBezierStroke",
    "VectorsStroke",
    "delete",
    "error",
    "pdb",
]

version = backend().version
directory = backend().folder("user")
data_directory = backend().folder("data")
locale_directory = backend().folder("locale")
sysconf_directory = backend().folder("sysconf")
plug_in_directory = backend().folder("plug-in")

# -- a plug-in's life ------------------------------------------------------------------------------


def main(
    init: Optional[Callable[[], Any]],
    quit: Optional[Callable[[], Any]],
    query: Callable[[], Any],
    run: Optional[Callable[..., Any]],
) -> None:
    """Hand control to GIMP, which calls these functions; `run(name, params)` returns results."""
    for function in (init, quit, query, run):
        if function is not None and not callable(function):
            raise error("arguments must be callable, not %r" % (function,))
    running.main(running.Callbacks(init, quit, query, run))


def quit() -> None:
    """End this plug-in."""
    store.flush()
    sys.exit(0)


def exit(force: Any = False) -> None:
    """End GIMP, asking about unsaved images unless forced."""
    call("gimp-quit", force)


def install_procedure(
    name: str,
    blurb: str,
    help: str,
    author: str,
    copyright: str,
    date: str,
    menu_path: Optional[str],
    image_types: Optional[str],
    type: int,
    params: Sequence[Any],
    return_vals: Sequence[Any],
) -> None:
    """Register a procedure; parameters are (type, name, description)."""
    kind = ProcedureKind(type)
    words = (name.replace("_", "-"), blurb, help, author, copyright, date)
    arguments, results = _arguments(params), _arguments(return_vals)
    # An old-fashioned label carries the menu's path.
    label, path = menu_path, None
    if menu_path and menu_path.startswith("<") and "/" in menu_path:
        path, label = menu_path.rsplit("/", 1)
    procedure = Procedure(*words, label, image_types, kind, arguments, results)
    running.procedures[procedure.name] = procedure
    backend().install(procedure)
    if path:
        running.add_menu(procedure.name, path)


def install_temp_proc(
    name: str,
    blurb: str,
    help: str,
    author: str,
    copyright: str,
    date: str,
    menu_path: Optional[str],
    image_types: Optional[str],
    type: int,
    params: Sequence[Any],
    return_vals: Sequence[Any],
) -> None:
    """Register a procedure for as long as this process runs; `run` is called for it."""
    del type  # always a temporary one
    rest = (menu_path, image_types, int(ProcedureKind.TEMPORARY), params, return_vals)
    install_procedure(name, blurb, help, author, copyright, date, *rest)


def uninstall_temp_proc(name: str) -> None:
    running.uninstall(name.replace("_", "-"))


def _arguments(given: Sequence[Any]) -> Tuple[Argument, ...]:
    return tuple(Argument(Type(t), name, description) for t, name, description in given)


def register_magic_load_handler(name: str, extensions: str, prefixes: str, magics: str) -> None:
    backend().add_load_handler(name.replace("_", "-"), extensions, prefixes, magics)


def register_load_handler(name: str, extensions: str, prefixes: str) -> None:
    backend().add_load_handler(name.replace("_", "-"), extensions, prefixes, "")


def register_save_handler(name: str, extensions: str, prefixes: str) -> None:
    backend().add_save_handler(name.replace("_", "-"), extensions, prefixes)


def domain_register(domain: str, path: Optional[str] = None) -> None:
    backend().add_domain(domain, path)


def menu_register(name: str, path: str) -> None:
    running.add_menu(name.replace("_", "-"), path)


def extension_ack() -> None:
    backend().acknowledge()


def extension_enable() -> None:
    """Serve calls of temporary procedures in the background: `extension_process` does it here."""
    backend().process(1)


def extension_process(timeout: int) -> None:
    backend().process(int(timeout))


# -- messages, progress, data ----------------------------------------------------------------------


def message(msg: Any) -> None:
    """Show a message."""
    backend().message(msg if isinstance(msg, str) else str(msg))


def progress_init(text: Any = None) -> None:
    backend().progress_init(None if text is None else str(text))


def progress_update(percentage: float) -> None:
    """Move the progress bar, 0…1."""
    backend().progress_update(float(percentage))


def progress_install(
    start: Callable[..., Any],
    end: Callable[..., Any],
    text: Callable[..., Any],
    value: Callable[..., Any],
    data: Any = None,
) -> str:
    """Show the progress of procedures that this plug-in calls with functions of its own."""
    return running.install_progress(start, end, text, value, data)


def progress_uninstall(progress: str) -> Any:
    """Stop that; returns the data."""
    return running.uninstall_progress(progress)


def set_data(key: str, data: Any) -> None:
    """Keep bytes for the rest of GIMP's session."""
    backend().set_data(key, to_bytes(data))


def get_data(key: str) -> bytes:
    """Return what was kept. Raises `error` for an unknown key."""
    found = backend().get_data(key)
    if found is None:
        raise error("no data for id %r" % key)
    return found


# -- images and displays ---------------------------------------------------------------------------


def image_list() -> List[Any]:
    """Return every open image."""
    return [Image.of(id) for id in call("gimp-image-list")[1]]


def displays_flush() -> None:
    store.flush()
    backend().displays_flush()


def displays_reconnect(old_image: Any, new_image: Any) -> None:
    call("gimp-displays-reconnect", old_image, new_image)


def default_display() -> Any:
    return Display.of(backend().default_display())


def _id2image(id: int) -> Any:
    return Image.of(id)


def _id2drawable(id: int) -> Any:
    return item(id, Type.DRAWABLE)


def _id2display(id: int) -> Any:
    return Display.of(id)


def _id2vectors(id: int) -> Any:
    return item(id, Type.VECTORS)


def export_image(
    image: Any, drawable: Any = None, format_name: Optional[str] = None, capabilities: int = -1
) -> Tuple[int, Any, Any]:
    """Make an image fit for a file format: (EXPORT_*, image, drawable)."""
    if capabilities == -1:
        raise TypeError("capabilities: which of EXPORT_CAN_HANDLE_* the file format can do")
    if drawable is None:
        drawable = image.active_drawable
        if drawable is None:
            raise ValueError("the image has no active drawable, and none was given")
    store.flush()
    done = backend().export(to_id(image), to_id(drawable), format_name or "", int(capabilities))
    return done[0], Image.of(done[1]), item(done[2])


def vectors_import_from_file(
    image: Any, svg_file: Any, merge: Any = False, scale: Any = False
) -> List[Any]:
    """Import the paths of an SVG file, or of an object with a `read` method."""
    if hasattr(svg_file, "read"):
        return vectors_import_from_string(image, svg_file.read(), merge, scale)
    answer = call("gimp-vectors-import-from-file", image, svg_file, merge, scale)
    return [item(id) for id in answer[1]]


def vectors_import_from_string(
    image: Any, svg_string: Any, merge: Any = False, scale: Any = False
) -> List[Any]:
    """Import the paths of an SVG text."""
    text = svg_string.decode("utf-8") if isinstance(svg_string, bytes) else svg_string
    size = len(text.encode("utf-8"))
    answer = call("gimp-vectors-import-from-string", image, text, size, merge, scale)
    return [item(id) for id in answer[1]]


# -- context ---------------------------------------------------------------------------------------


def context_push() -> None:
    call("gimp-context-push")


def context_pop() -> None:
    call("gimp-context-pop")


def get_background() -> Any:
    return call("gimp-context-get-background")


def get_foreground() -> Any:
    return call("gimp-context-get-foreground")


def set_background(*color: Any) -> None:
    """Set the background: a colour, its name, or its components."""
    call("gimp-context-set-background", color[0] if len(color) == 1 else color)


def set_foreground(*color: Any) -> None:
    """Set the foreground: a colour, its name, or its components."""
    call("gimp-context-set-foreground", color[0] if len(color) == 1 else color)


def gradients_get_list(filter: Optional[str] = None) -> List[str]:
    return list(call("gimp-gradients-get-list", filter or "")[1])


def context_get_gradient() -> str:
    return str(call("gimp-context-get-gradient"))


def context_set_gradient(name: str) -> None:
    call("gimp-context-set-gradient", name)


gradients_get_gradient = context_get_gradient
gradients_set_gradient = context_set_gradient


def _quadruples(numbers: Sequence[float]) -> List[Tuple[float, ...]]:
    return [tuple(numbers[i : i + 4]) for i in range(0, len(numbers), 4)]


def gradient_get_uniform_samples(
    name: str, num_samples: int, reverse: Any = False
) -> List[Tuple[float, ...]]:
    """Return colours at equal distances as tuples of red, green, blue, alpha."""
    return _quadruples(call("gimp-gradient-get-uniform-samples", name, num_samples, reverse)[1])


def gradient_get_custom_samples(
    name: str, positions: Sequence[float], reverse: Any = False
) -> List[Tuple[float, ...]]:
    """Return colours at places in 0…1 as tuples of red, green, blue, alpha."""
    places = list(positions)
    answer = call("gimp-gradient-get-custom-samples", name, len(places), places, reverse)
    return _quadruples(answer[1])


def gradients_sample_uniform(num_samples: int, reverse: Any = False) -> Any:
    return gradient_get_uniform_samples(context_get_gradient(), num_samples, reverse)


def gradients_sample_custom(positions: Sequence[float], reverse: Any = False) -> Any:
    return gradient_get_custom_samples(context_get_gradient(), positions, reverse)


def fonts_refresh() -> None:
    call("gimp-fonts-refresh")


def fonts_get_list(filter: Optional[str] = None) -> List[str]:
    return list(call("gimp-fonts-get-list", filter or "")[1])


# -- parasites of GIMP itself ----------------------------------------------------------------------


def parasite_find(name: str) -> Optional[Parasite]:
    """Return a parasite of GIMP itself, None when there is none of this name."""
    try:
        found = call("gimp-get-parasite", name)
    except error:
        return None
    return found if found.name else None


def parasite_attach(parasite: Parasite) -> None:
    call("gimp-attach-parasite", parasite)


def attach_new_parasite(name: str, flags: int, data: Any) -> None:
    parasite_attach(Parasite(name, flags, data))


def parasite_detach(name: str) -> None:
    call("gimp-detach-parasite", name)


def parasite_list() -> List[str]:
    return list(call("gimp-get-parasite-list")[1])


# -- the program -----------------------------------------------------------------------------------


def tile_width() -> int:
    return TILE


def tile_height() -> int:
    return TILE


def tile_cache_size(kilobytes: int) -> None:
    """Hold so much of drawables in memory."""
    tile_cache_ntiles(int(kilobytes) * 1024 // (TILE * TILE * 4))


def tile_cache_ntiles(ntiles: int) -> None:
    """Hold so many tiles in memory."""
    store.limit = max(store.limit, int(ntiles))


def gamma() -> float:
    return 2.2


def gtkrc() -> str:
    return os.path.join(data_directory, "themes", "Default", "gtkrc")


def personal_rc_file(basename: str) -> str:
    """Return the path of a file in the user's profile."""
    return os.path.join(directory, basename)


def _setting(name: str, default: str) -> str:
    try:
        return str(call("gimp-gimprc-query", name))
    except error:
        return default


def show_tool_tips() -> bool:
    return _setting("show-tooltips", "yes") == "yes"


def show_help_button() -> bool:
    return _setting("show-help-button", "yes") == "yes"


def _nick(name: str, nicks: Sequence[str], default: int) -> int:
    value = _setting(name, "")
    return nicks.index(value) if value in nicks else default


def check_size() -> int:
    return _nick("transparency-size", ("small-checks", "medium-checks", "large-checks"), 1)


_CHECKS = ("light-checks", "gray-checks", "dark-checks", "white-only", "gray-only", "black-only")


def check_type() -> int:
    return _nick("transparency-type", _CHECKS, 1)


_SHADES: Dict[int, Tuple[int, int]] = {
    0: (204, 255),
    1: (102, 153),
    2: (0, 51),
    3: (255, 255),
    4: (127, 127),
    5: (0, 0),
}


def checks_get_shades(type: int) -> Tuple[int, int]:
    """Return the dark and the light shade of a checkerboard, 0…255."""
    return _SHADES[int(type)]


def wm_class() -> str:
    return "Gimp-%d.%d" % version[:2]


def display_name() -> Optional[str]:
    return os.environ.get("DISPLAY")


def monitor_number() -> int:
    return 0


def get_progname() -> str:
    return sys.argv[0]


@functools.lru_cache(maxsize=None)
def _user_directories() -> Dict[str, str]:
    config = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    found: Dict[str, str] = {}
    try:
        with open(os.path.join(config, "user-dirs.dirs"), encoding="utf-8") as lines:
            for line in lines:
                key, _, value = line.strip().partition("=")
                if key.startswith("XDG_") and key.endswith("_DIR"):
                    path = value.strip('"').replace("$HOME", os.path.expanduser("~"))
                    found[key[4:-4]] = path
    except OSError:  # no such file: no such folders
        pass
    return found


_USER = ("DESKTOP", "DOCUMENTS", "DOWNLOAD", "MUSIC", "PICTURES", "PUBLICSHARE", "TEMPLATES")
_USER = (*_USER, "VIDEOS")  # type: ignore[assignment]


def user_directory(type: int) -> Optional[str]:
    """Return one of the user's folders (USER_DIRECTORY_*), None where the system names none."""
    return _user_directories().get(_USER[int(type)])
