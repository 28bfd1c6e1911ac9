"""The backend for GIMP 2.10."""

import ctypes as c
import functools
import sys
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from _gimpfu.backend import (
    Argument,
    Backend,
    CallFailed,
    NoSuchProcedure,
    Outcome,
    PlugIn,
    Procedure,
    ProcedureKind,
    Shown,
    Status,
    Type,
)
from _gimpfu.gimp2 import enums
from _gimpfu.gimp2.library import LibGimp
from _gimpfu.gimp2.pixels import Pixels
from _gimpfu.gimp2.structs import InitProc, Param, ParamDef, PlugInInfo, RunProc
from _gimpfu.gimp2.values import decode, encode, from_params, to_params
from _gimpfu.memory import Data

_NOTHING = b"\0"  # GIMP keeps no empty data
_ERRORS_FOR_PLUG_IN = 1  # GIMP_PDB_ERROR_HANDLER_PLUGIN

_KINDS = (
    ("selection", "selection"),
    ("layer_mask", "mask"),
    ("channel", "channel"),
    ("vectors", "vectors"),
)


class Gimp2(Backend):
    """A running GIMP 2.10."""

    def __init__(self) -> None:
        self._gimp = LibGimp()
        self._pixels = Pixels(self._gimp)
        self.version = self._gimp.version  # type: ignore[assignment]
        self._plug_in: Optional[PlugIn] = None
        self._results: Dict[str, Sequence[Type]] = {}
        # What C holds pointers to: the callbacks for the whole life, results until the next run.
        self._run_callback = RunProc(self._run)
        self._returned: List[Any] = []

    # -- a plug-in's life ----------------------------------------------------------------------

    def main(self, plug_in: PlugIn, argv: Sequence[str]) -> int:
        self._plug_in = plug_in
        init = InitProc(self._guard(plug_in.init)) if plug_in.has_init else InitProc()
        info = PlugInInfo(
            init,
            InitProc(self._guard(plug_in.quit)),
            InitProc(self._guard(plug_in.query)),
            self._run_callback,
        )
        words = (c.c_char_p * (len(argv) + 1))(*[encode(word) for word in argv], None)
        return int(self._gimp.main(c.byref(info), len(argv), words))

    @staticmethod
    def _guard(function: Any) -> Any:
        @functools.wraps(function)
        def reporting() -> None:
            # An exception must not cross C code; GIMP shows what a plug-in prints here.
            try:
                function()
            except Exception:  # noqa: BLE001
                sys.excepthook(*sys.exc_info())

        return reporting

    def _run(self, name: bytes, count: int, params: Any, n_results: Any, results: Any) -> None:
        try:
            assert self._plug_in is not None
            asked = decode(name) or ""
            # A failed call is an exception, which the plug-in may expect: no message of GIMP's.
            self._gimp.set_error_handler(_ERRORS_FOR_PLUG_IN)
            outcome = self._plug_in.run(asked, from_params(params, 0, count))
            packed, alive = self._pack(asked, outcome)
        except Exception:  # noqa: BLE001  as above
            sys.excepthook(*sys.exc_info())
            failed = Outcome(Status.EXECUTION_ERROR, (), str(sys.exc_info()[1]))
            packed, alive = self._pack("", failed)
        finally:
            self._pixels.forget()
        self._returned = alive
        n_results[0] = len(packed)
        results[0] = c.cast(packed, c.POINTER(Param))

    def _pack(self, name: str, outcome: Outcome) -> Tuple[Any, List[Any]]:
        types: List[Type] = [Type.STATUS]
        values: List[Any] = [int(outcome.status)]
        if outcome.status is Status.SUCCESS:
            types += self._result_types(name)
            values += outcome.values
        elif outcome.message is not None:
            types.append(Type.STRING)
            values.append(outcome.message)
        return to_params(types, values)

    def _result_types(self, name: str) -> Sequence[Type]:
        if name not in self._results:
            self._results[name] = [result.type for result in self.describe(name).results]
        return self._results[name]

    def install(self, procedure: Procedure) -> None:
        arguments, n_arguments = self._definitions(procedure.arguments)
        results, n_results = self._definitions(procedure.results)
        words = [
            encode(word)
            for word in (
                procedure.name,
                procedure.blurb,
                procedure.help,
                procedure.author,
                procedure.copyright,
                procedure.date,
                procedure.label,
                procedure.image_types,
            )
        ]
        rest = (int(procedure.kind), n_arguments, n_results, arguments, results)
        if procedure.kind is ProcedureKind.TEMPORARY:
            self._results[procedure.name] = [result.type for result in procedure.results]
            self._gimp.install_temporary(*words, *rest, self._run_callback)
        else:
            self._gimp.install(*words, *rest)

    @staticmethod
    def _definitions(arguments: Sequence[Argument]) -> Tuple[Any, int]:
        if not arguments:
            return None, 0  # libgimp drops a registration with a pointer and no count
        made = (ParamDef * len(arguments))(
            *[ParamDef(int(a.type), encode(a.name), encode(a.description)) for a in arguments]
        )
        return made, len(arguments)

    def uninstall(self, name: str) -> None:
        self._gimp.uninstall(encode(name))
        Gimp2.describe.cache_clear()  # another one may get its name

    def add_menu(self, procedure: str, path: str) -> None:
        self.call("gimp-plugin-menu-register", [procedure, path])

    def add_domain(self, domain: str, folder: Optional[str]) -> None:
        self.call("gimp-plugin-domain-register", [domain, folder])

    def add_load_handler(self, procedure: str, extensions: str, prefixes: str, magic: str) -> None:
        if magic:
            values = [procedure, extensions, prefixes, magic]
            self.call("gimp-register-magic-load-handler", values)
        else:
            self.call("gimp-register-load-handler", [procedure, extensions, prefixes])

    def add_save_handler(self, procedure: str, extensions: str, prefixes: str) -> None:
        self.call("gimp-register-save-handler", [procedure, extensions, prefixes])

    def acknowledge(self) -> None:
        self._gimp.acknowledge()

    def process(self, timeout: int) -> None:
        self._gimp.process(timeout)

    # -- procedures ----------------------------------------------------------------------------

    def query(self, patterns: Sequence[str]) -> List[str]:
        count = c.c_int()
        names = c.POINTER(c.c_char_p)()
        self._gimp.query(*[encode(p) for p in patterns], c.byref(count), c.byref(names))
        found = [decode(names[i]) or "" for i in range(count.value)]
        self._gimp.free_list(names)
        return found

    @functools.lru_cache(maxsize=None)  # noqa: B019  one backend, as long as the process
    def describe(self, name: str) -> Procedure:
        texts = [c.c_void_p() for _ in range(5)]
        numbers = [c.c_int() for _ in range(3)]
        arguments, results = c.POINTER(ParamDef)(), c.POINTER(ParamDef)()
        pointers = [c.byref(each) for each in [*texts, *numbers, arguments, results]]
        if not self._gimp.info(encode(name), *pointers):
            raise NoSuchProcedure(name)
        words = []
        for text in texts:
            words.append((decode(c.string_at(text.value)) or "") if text.value else "")
            self._gimp.free(text)
        kind, n_arguments, n_results = (number.value for number in numbers)
        blurb, help, author, copyright, date = words
        described = Procedure(
            name,
            blurb,
            help,
            author,
            copyright,
            date,
            None,
            None,
            ProcedureKind(kind),
            self._arguments(arguments, n_arguments),
            self._arguments(results, n_results),
        )
        self._gimp.destroy_defs(arguments, n_arguments)
        self._gimp.destroy_defs(results, n_results)
        return described

    @staticmethod
    def _arguments(defs: Any, count: int) -> Tuple[Argument, ...]:
        return tuple(
            Argument(
                Type(defs[i].type), decode(defs[i].name) or "", decode(defs[i].description) or ""
            )
            for i in range(count)
        )

    def call(self, name: str, values: Sequence[Any]) -> List[Any]:
        types = [argument.type for argument in self.describe(name).arguments]
        # GIMP may change anything in a procedure, or call a plug-in that does.
        self._pixels.forget()
        params, alive = to_params(types, values)
        count = c.c_int()
        returned = self._gimp.run(encode(name), c.byref(count), len(types), params)
        del alive
        if not returned:
            raise CallFailed(name, Status.EXECUTION_ERROR, "no status returned")
        try:
            status = Status(returned[0].data.int32)
            if status is not Status.SUCCESS:
                message = decode(self._gimp.error()) or "no message"
                raise CallFailed(name, status, message)
            return from_params(returned, 1, count.value)
        finally:
            self._gimp.destroy_params(returned, count.value)

    def constants(self) -> Dict[str, int]:
        return enums.constants()

    # -- items and pixels ----------------------------------------------------------------------

    def item_kind(self, item: int) -> Optional[str]:
        is_a = self._gimp.item_is
        if item < 0 or not is_a["valid"](item):
            return None
        if is_a["layer"](item):
            if is_a["group"](item):
                return "group"
            return "text" if is_a["text_layer"](item) else "layer"
        return next((kind for test, kind in _KINDS if is_a[test](item)), None)

    def pixel_format(self, drawable: int) -> str:
        return self._pixels.format(drawable)

    def read(
        self,
        drawable: int,
        rect: Tuple[int, int, int, int],
        format: Optional[str] = None,
        shadow: bool = False,
    ) -> bytes:
        return self._pixels.read(drawable, rect, format, shadow)

    def write(
        self,
        drawable: int,
        rect: Tuple[int, int, int, int],
        data: Data,
        format: Optional[str] = None,
        shadow: bool = False,
    ) -> None:
        self._pixels.write(drawable, rect, data, format, shadow)

    # -- what is no procedure, or another one in each GIMP ---------------------------------------

    def get_data(self, key: str) -> Optional[bytes]:
        try:
            data: bytes = self.call("gimp-procedural-db-get-data", [key])[1]
        except CallFailed:  # GIMP's answer to an unknown key
            return None
        return None if data in (b"", _NOTHING) else data

    def set_data(self, key: str, data: bytes) -> None:
        self.call("gimp-procedural-db-set-data", [key, len(data or _NOTHING), data or _NOTHING])

    def progress_init(self, text: Optional[str]) -> None:
        self._gimp.progress_init(encode(text))

    def progress_update(self, fraction: float) -> None:
        self._gimp.progress_update(fraction)

    def message(self, text: str) -> None:
        self._gimp.message(encode(text))

    def displays_flush(self) -> None:
        self._gimp.displays_flush()

    def default_display(self) -> int:
        return int(self._gimp.default_display())

    def folder(self, kind: str) -> str:
        return decode(self._gimp.folders[kind]()) or ""

    # -- dialogs -------------------------------------------------------------------------------

    def ask(
        self,
        procedure: Procedure,
        first: int,
        values: Sequence[Any],
        preview: Optional[Callable[[Sequence[Any]], Shown]] = None,
    ) -> Optional[List[Any]]:
        from _gimpfu.gimp2.dialog import ask

        return ask(procedure, first, values, preview)

    def export(
        self, image: int, drawable: int, format_name: str, capabilities: int
    ) -> Tuple[int, int, int]:
        from _gimpfu.gimp2.dialog import export

        return export(image, drawable, format_name, capabilities)
