"""What GIMP 3 sees of a plug-in: its procedures, their menus and files, and their runs."""

import sys
import traceback
from typing import Any, Dict, List, Optional, Sequence, Tuple

from gi.repository import Gimp, GLib

from _gimpfu.backend import Outcome, PlugIn, Procedure, ProcedureKind, Status, Type
from _gimpfu.gimp3 import arguments, signatures, values
from _gimpfu.gimp3.arguments import Named

_STATUS = {
    Status.EXECUTION_ERROR: Gimp.PDBStatusType.EXECUTION_ERROR,
    Status.CALLING_ERROR: Gimp.PDBStatusType.CALLING_ERROR,
    Status.PASS_THROUGH: Gimp.PDBStatusType.PASS_THROUGH,
    Status.SUCCESS: Gimp.PDBStatusType.SUCCESS,
    Status.CANCEL: Gimp.PDBStatusType.CANCEL,
}
_KINDS = {
    ProcedureKind.INTERNAL: Gimp.PDBProcType.PLUGIN,
    ProcedureKind.PLUGIN: Gimp.PDBProcType.PLUGIN,
    ProcedureKind.EXTENSION: Gimp.PDBProcType.PERSISTENT,
    ProcedureKind.TEMPORARY: Gimp.PDBProcType.TEMPORARY,
}
# Menus that GIMP 3 has under another name; those of files are made by their handlers.
_MENUS = (("<Toolbox>/Xtns", "<Image>/Filters"), ("<Toolbox>", "<Image>"), ("<Vectors>", "<Paths>"))
_FILE_MENUS = ("<Load>", "<Save>")
# What GIMP hands over when one of these menus is used.
_LIST_MENUS = ("<Brushes>", "<Fonts>", "<Gradients>", "<Palettes>", "<Patterns>")
_INTERACTIVE = 0


class Files:
    """How a procedure deals with files."""

    def __init__(self, extensions: str, prefixes: str, magic: str) -> None:
        self.extensions, self.prefixes, self.magic = extensions, prefixes, magic


class Registry:
    """What the front end has registered."""

    def __init__(self) -> None:
        self.procedures: Dict[str, Procedure] = {}
        self.menus: List[Tuple[str, str]] = []
        self.loads: Dict[str, Files] = {}
        self.saves: Dict[str, Files] = {}


class Run:
    """The run that GIMP waits for: its procedure and config are what a dialog works on."""

    procedure: Any = None
    config: Any = None


def make_class(registry: Registry, plug_in: PlugIn, run: Run) -> Any:
    """Return the class that GIMP makes its plug-in object of."""

    class Gimpfu(Gimp.PlugIn):  # type: ignore[misc]
        """The plug-in."""

        def do_set_i18n(self, name: str) -> Any:
            return False

        def do_query_procedures(self) -> List[str]:
            _asked(registry, plug_in)
            return list(registry.procedures)

        def do_create_procedure(self, name: str) -> Any:
            _asked(registry, plug_in)
            return build(self, registry, registry.procedures[name], plug_in, run)

        def do_quit(self) -> None:
            plug_in.quit()

    if plug_in.has_init:

        class WithInit(Gimpfu):
            """A plug-in that wants to know of GIMP's start."""

            def do_init_procedures(self) -> List[str]:
                plug_in.init()
                return []

        return WithInit
    return Gimpfu


def _asked(registry: Registry, plug_in: PlugIn) -> None:
    if not registry.procedures:
        plug_in.query()


def build(owner: Any, registry: Registry, declared: Procedure, plug_in: PlugIn, run: Run) -> Any:
    """Return a GimpProcedure for what was registered."""
    shape = _shape(registry, declared)
    made = shape.make(owner, declared, plug_in, run)
    # A procedure is there to be found under its name even where it is not in a menu.
    signature = signatures.Signature(declared.arguments, declared.results)
    help_ = signatures.with_note(declared.help or declared.blurb, signature)
    made.set_documentation(declared.blurb, help_, declared.name)
    made.set_attribution(declared.author, declared.copyright, declared.date)
    if declared.label:
        made.set_menu_label(declared.label)
    for name, path in registry.menus:
        if name == declared.name and not path.startswith(_FILE_MENUS):
            made.add_menu_path(_menu(path))
    if declared.image_types:
        made.set_image_types(declared.image_types)
    made.set_sensitivity_mask(shape.sensitivity(declared))
    for one in shape.own(declared):
        arguments.add(made, one)
    for one in shape.outs(declared):
        arguments.add(made, one, "return_value")
    return made


def named_of(registry: Registry, declared: Procedure) -> List[Named]:
    """Return the arguments of a procedure that are in its config under a name of their own."""
    return _shape(registry, declared).own(declared)


def _menu(path: str) -> str:
    for old, new in _MENUS:
        if path.startswith(old):
            return new + path[len(old) :]
    return path


class _Plain:
    """A procedure with exactly the arguments that were registered."""

    def __init__(self, menus: Sequence[str]) -> None:
        self._menus = menus

    def sensitivity(self, declared: Procedure) -> Any:
        mask = Gimp.ProcedureSensitivityMask
        if declared.image_types or _has_image(declared):
            return mask.DRAWABLE | mask.DRAWABLES | mask.NO_DRAWABLES
        return mask.ALWAYS

    def own(self, declared: Procedure) -> List[Named]:
        start = 1 if _has_run_mode(declared) else 0
        return arguments.named(declared.arguments[start:], ("run-mode",))

    def outs(self, declared: Procedure) -> List[Named]:
        return arguments.named(declared.results)

    def make(self, owner: Any, declared: Procedure, plug_in: PlugIn, run: Run) -> Any:
        own, outs = self.own(declared), self.outs(declared)

        def called(procedure: Any, config: Any, data: Any) -> Any:
            given = [arguments.read(config, one) for one in own]
            if _has_run_mode(declared):
                run_mode = int(config.get_property("run-mode"))
                if run_mode == _INTERACTIVE:
                    given = given[: self._from_menu(declared, given)]
                given = [run_mode, *given]
            return _answer(procedure, config, declared, given, outs, plug_in, run)

        made = Gimp.Procedure.new(owner, declared.name, _KINDS[declared.kind], called, None)
        if _has_run_mode(declared):
            flags = arguments.READWRITE
            mode = (Gimp.RunMode, Gimp.RunMode.NONINTERACTIVE, flags)
            made.add_enum_argument("run-mode", "Run mode", "The run mode", *mode)
        return made

    def _from_menu(self, declared: Procedure, given: Sequence[Any]) -> int:
        """How many arguments GIMP gives when the menu entry is used."""
        count = 0
        if any(menu.startswith(_LIST_MENUS) for menu in self._menus) and given:
            return 1
        wanted = (Type.DISPLAY, Type.IMAGE)
        for argument, value in zip(declared.arguments[1:], given):
            if argument.type not in wanted or value == -1:
                break
            count += 1
        return count


class _Image(_Plain):
    """A procedure that works on an image and a drawable."""

    def sensitivity(self, declared: Procedure) -> Any:
        # 2.10 knew no more than one drawable.
        return Gimp.ProcedureSensitivityMask.DRAWABLE

    def own(self, declared: Procedure) -> List[Named]:
        return arguments.named(declared.arguments[3:], ("run-mode", "image", "drawables"))

    def make(self, owner: Any, declared: Procedure, plug_in: PlugIn, run: Run) -> Any:
        own, outs = self.own(declared), self.outs(declared)

        def called(
            procedure: Any, mode: Any, image: Any, drawables: Any, config: Any, data: Any
        ) -> Any:
            drawable = drawables[0].get_id() if drawables else -1
            given = [int(mode), image.get_id(), drawable]
            if int(mode) != _INTERACTIVE:
                given += [arguments.read(config, one) for one in own]
            return _answer(procedure, config, declared, given, outs, plug_in, run)

        kind = _KINDS[declared.kind]
        return Gimp.ImageProcedure.new(owner, declared.name, kind, called, None)


class _Load(_Plain):
    """A procedure that opens files."""

    def __init__(self, files: Files) -> None:
        super().__init__(())
        self._files = files

    def sensitivity(self, declared: Procedure) -> Any:
        return Gimp.ProcedureSensitivityMask.ALWAYS

    def own(self, declared: Procedure) -> List[Named]:
        return arguments.named(declared.arguments[3:], ("run-mode", "file"))

    def outs(self, declared: Procedure) -> List[Named]:
        return arguments.named(declared.results[1:], ("image",))

    def make(self, owner: Any, declared: Procedure, plug_in: PlugIn, run: Run) -> Any:
        own = self.own(declared)

        def called(
            procedure: Any, mode: Any, file: Any, metadata: Any, flags: Any, config: Any, data: Any
        ) -> Any:
            name = values.path(file)
            given = [int(mode), name, name]
            given += [arguments.read(config, one) for one in own]
            outs = arguments.named(declared.results)[:1]
            done = _answer(procedure, config, declared, given, outs, plug_in, run)
            return done, flags

        made = Gimp.LoadProcedure.new(owner, declared.name, _KINDS[declared.kind], called, None)
        _set_files(made, self._files)
        return made


class _Save(_Plain):
    """A procedure that saves files."""

    def __init__(self, files: Files) -> None:
        super().__init__(())
        self._files = files

    def sensitivity(self, declared: Procedure) -> Any:
        return Gimp.ProcedureSensitivityMask.DRAWABLE | Gimp.ProcedureSensitivityMask.DRAWABLES

    def own(self, declared: Procedure) -> List[Named]:
        return arguments.named(declared.arguments[5:], ("run-mode", "image", "file", "options"))

    def make(self, owner: Any, declared: Procedure, plug_in: PlugIn, run: Run) -> Any:
        own, outs = self.own(declared), self.outs(declared)

        def called(
            procedure: Any,
            mode: Any,
            image: Any,
            file: Any,
            options: Any,
            metadata: Any,
            config: Any,
            data: Any,
        ) -> Any:
            name = values.path(file)
            chosen = image.get_selected_drawables() or image.get_layers()
            drawable = chosen[0].get_id() if chosen else -1
            given = [int(mode), image.get_id(), drawable, name, name]
            if int(mode) != _INTERACTIVE:
                given += [arguments.read(config, one) for one in own]
            return _answer(procedure, config, declared, given, outs, plug_in, run)

        # Without the data of its own that GIMP's dialog would ask about: plug-ins bring theirs.
        kind = _KINDS[declared.kind]
        made = Gimp.ExportProcedure.new(owner, declared.name, kind, False, called, None)
        _set_files(made, self._files)
        return made


def _set_files(made: Any, files: Files) -> None:
    made.set_extensions(files.extensions.replace(" ", ""))
    if files.prefixes:
        made.set_prefixes(files.prefixes)
    if files.magic:
        made.set_magics(files.magic)


def _shape(registry: Registry, declared: Procedure) -> _Plain:
    types = [argument.type for argument in declared.arguments]
    mode = _has_run_mode(declared)
    if declared.name in registry.loads and mode and types[1:3] == [Type.STRING] * 2:
        return _Load(registry.loads[declared.name])
    pair = [Type.IMAGE, Type.DRAWABLE]
    if declared.name in registry.saves and mode and types[1:3] == pair:
        return _Save(registry.saves[declared.name])
    works_on_layer = types[1:2] == [Type.IMAGE] and types[2:3] in ([Type.DRAWABLE], [Type.LAYER])
    if mode and works_on_layer:
        return _Image(())
    return _Plain([path for name, path in registry.menus if name == declared.name])


def _has_run_mode(declared: Procedure) -> bool:
    arguments = declared.arguments
    return bool(arguments) and arguments[0].name.replace("_", "-") == "run-mode"


def _has_image(declared: Procedure) -> bool:
    return any(argument.type is Type.IMAGE for argument in declared.arguments[:2])


def _answer(
    procedure: Any,
    config: Any,
    declared: Procedure,
    given: Sequence[Any],
    outs: Sequence[Named],
    plug_in: PlugIn,
    run: Run,
) -> Any:
    run.procedure, run.config = procedure, config
    try:
        outcome = plug_in.run(declared.name, given)
        status = _STATUS[outcome.status]
        error = _error(outcome)
        return arguments.results(procedure, status, outs, outcome.values, error)
    except Exception as wrong:  # noqa: BLE001  an exception cannot cross GIMP's C code
        traceback.print_exc()
        message = "%s: %s" % (type(wrong).__name__, wrong)
        failed = Outcome(Status.EXECUTION_ERROR, (), message)
        status = Gimp.PDBStatusType.EXECUTION_ERROR
        return arguments.results(procedure, status, (), (), _error(failed))
    finally:
        sys.stdout.flush()


def _error(outcome: Outcome) -> Optional[Any]:
    if not outcome.message:
        return None
    return GLib.Error(outcome.message, "gimpfu", 0)
