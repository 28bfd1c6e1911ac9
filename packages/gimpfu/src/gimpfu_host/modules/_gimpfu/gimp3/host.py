"""The backend for GIMP 3.x."""

import re
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from gi.repository import Gimp

from _gimpfu.backend import Backend, PlugIn, Procedure, ProcedureKind, Shown
from _gimpfu.gimp3 import enums, native, pixels, signatures
from _gimpfu.gimp3.calls import Caller
from _gimpfu.gimp3.plugin import Files, Registry, Run, build, make_class
from _gimpfu.gimp3.renames import RENAMES
from _gimpfu.memory import Data

# Kept as data of GIMP itself, not of an image; without a flag it ends with the session.
_DATA = "gimpfu-data-"
_FOLDERS = {
    "user": Gimp.directory,
    "data": Gimp.data_directory,
    "locale": Gimp.locale_directory,
    "sysconf": Gimp.sysconf_directory,
}
_ITEM_KINDS = (
    (Gimp.TextLayer, "text"),
    (Gimp.GroupLayer, "group"),
    (Gimp.Layer, "layer"),
    (Gimp.Selection, "selection"),
    (Gimp.LayerMask, "mask"),
    (Gimp.Channel, "channel"),
    (Gimp.Path, "vectors"),
)


class Gimp3(Backend):
    """A running GIMP 3.x."""

    def __init__(self) -> None:
        self.version = (Gimp.MAJOR_VERSION, Gimp.MINOR_VERSION, Gimp.MICRO_VERSION)
        self._registry = Registry()
        self._run = Run()
        self._plug_in: Optional[PlugIn] = None
        self._known_caller: Optional[Caller] = None

    @property
    def _caller(self) -> Caller:
        # Only once GIMP talks to the plug-in is there a database.
        if self._known_caller is None:
            self._known_caller = Caller(self)
        return self._known_caller

    # -- a plug-in's life --------------------------------------------------------------------

    def main(self, plug_in: PlugIn, argv: Sequence[str]) -> int:
        self._plug_in = plug_in
        kind = make_class(self._registry, plug_in, self._run)
        return int(Gimp.main(kind.__gtype__, list(argv)))

    def install(self, procedure: Procedure) -> None:
        if procedure.kind is not ProcedureKind.TEMPORARY:
            self._registry.procedures[procedure.name] = procedure
            return
        assert self._plug_in is not None
        owner = Gimp.get_plug_in()
        owner.add_temp_procedure(build(owner, self._registry, procedure, self._plug_in, self._run))

    def uninstall(self, name: str) -> None:
        Gimp.get_plug_in().remove_temp_procedure(name)
        self._caller.forget(name)

    def add_menu(self, procedure: str, path: str) -> None:
        self._registry.menus.append((procedure, path))

    def add_domain(self, domain: str, folder: Optional[str]) -> None:
        # GIMP 3 takes translations from the plug-in's own folder; the front end's gettext does too.
        return

    def add_load_handler(self, procedure: str, extensions: str, prefixes: str, magic: str) -> None:
        self._registry.loads[procedure] = Files(extensions, prefixes, magic)

    def add_save_handler(self, procedure: str, extensions: str, prefixes: str) -> None:
        self._registry.saves[procedure] = Files(extensions, prefixes, "")

    def acknowledge(self) -> None:
        self._run.procedure.persistent_ready()

    def process(self, timeout: int) -> None:
        Gimp.get_plug_in().persistent_process(timeout)

    # -- procedures --------------------------------------------------------------------------

    def query(self, patterns: Sequence[str]) -> List[str]:
        name, blurb, help_, author, copyright_, date, kind = patterns
        words = (name, blurb, help_, "", author, copyright_, date, kind)
        plain = ["" if word == ".*" else word for word in words]
        found = set(Gimp.get_pdb().query_procedures(*plain))
        if not any(plain[1:]):
            found.update(self._old_names(name))
        return sorted(found)

    @staticmethod
    def _old_names(pattern: str) -> List[str]:
        from _gimpfu.gimp3.rules import RULES

        wanted = re.compile(pattern)
        return [n for n in signatures.names() if n in RENAMES or n in RULES if wanted.search(n)]

    def describe(self, name: str) -> Procedure:
        return self._caller.describe(name)

    def call(self, name: str, values: Sequence[Any]) -> List[Any]:
        return self._caller.call(name, values)

    def constants(self) -> Dict[str, int]:
        return enums.constants()

    # -- items and pixels --------------------------------------------------------------------

    def item_kind(self, item: int) -> Optional[str]:
        found = Gimp.Item.get_by_id(item) if item > 0 else None
        for kind, word in _ITEM_KINDS:
            if isinstance(found, kind):
                return word
        return None

    def pixel_format(self, drawable: int) -> str:
        return pixels.format_of(drawable)

    def read(
        self,
        drawable: int,
        rect: Tuple[int, int, int, int],
        format: Optional[str] = None,
        shadow: bool = False,
    ) -> bytes:
        return pixels.read(drawable, rect, format, shadow)

    def write(
        self,
        drawable: int,
        rect: Tuple[int, int, int, int],
        data: Data,
        format: Optional[str] = None,
        shadow: bool = False,
    ) -> None:
        pixels.write(drawable, rect, data, format, shadow)

    # -- what is no procedure, or another one in each GIMP ------------------------------------

    def get_data(self, key: str) -> Optional[bytes]:
        found = Gimp.get_parasite(_DATA + key)
        return (native.parasite_data(found) or None) if found is not None else None

    def set_data(self, key: str, data: bytes) -> None:
        Gimp.attach_parasite(native.parasite(_DATA + key, 0, data))

    def progress_init(self, text: Optional[str]) -> None:
        Gimp.progress_init(text or "")

    def progress_update(self, fraction: float) -> None:
        Gimp.progress_update(fraction)

    def message(self, text: str) -> None:
        Gimp.message(text)

    def displays_flush(self) -> None:
        Gimp.displays_flush()

    def default_display(self) -> int:
        found = Gimp.default_display()
        return found.get_id() if found is not None else -1

    def folder(self, kind: str) -> str:
        if kind == "plug-in":
            return str(Gimp.PlugIn.directory())
        return str(_FOLDERS[kind]())

    # -- dialogs -----------------------------------------------------------------------------

    def ask(
        self,
        procedure: Procedure,
        first: int,
        values: Sequence[Any],
        preview: Optional[Callable[[Sequence[Any]], Shown]] = None,
    ) -> Optional[List[Any]]:
        from _gimpfu.gimp3 import arguments, dialog
        from _gimpfu.gimp3.plugin import named_of

        asked = dialog.own(procedure, first, named_of(self._registry, procedure))
        config = self._run.config
        for one, value in zip(asked, values):
            arguments.write(config, one, value)
        title = (procedure.label or procedure.name).replace("_", "").rstrip(".…")
        if not dialog.ask(self._run.procedure, config, asked, title, preview):
            return None
        return [arguments.read(config, one) for one in asked]

    def export(
        self, image: int, drawable: int, format_name: str, capabilities: int
    ) -> Tuple[int, int, int]:
        from _gimpfu.gimp3.files import export

        return export(image, drawable, capabilities)
