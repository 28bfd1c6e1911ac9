"""`register` and `main` of gimpfu: declared procedures, last values, dialogs."""

import re
from typing import Any, Callable, Dict, List, NamedTuple, NoReturn, Optional, Sequence, Tuple

from _gimpfu import running
from _gimpfu import widgets as w
from _gimpfu.backend import Argument, Procedure, ProcedureKind, Shown, Type
from _gimpfu.convert import from_value, to_value
from _gimpfu.errors import error
from _gimpfu.host import backend
from _gimpfu.pixels import store
from _gimpfu.shelf import shelf

_INTERACTIVE, _NONINTERACTIVE, _WITH_LAST_VALS = range(3)

_PREFIXES = ("python-", "extension-", "plug-in-", "file-")
_NAME = re.compile("[A-Za-z0-9_-]+")
_GIVEN_BY_GIMP = (
    Type.IMAGE,
    Type.DRAWABLE,
    Type.LAYER,
    Type.CHANNEL,
    Type.VECTORS,
    Type.ITEM,
    Type.DISPLAY,
)
_FILE_NAMES = ("filename", "raw-filename", "uri", "raw-uri")
_NAMED = (
    *(w.PF_FILE, w.PF_FILENAME, w.PF_DIRNAME),
    *(w.PF_FONT, w.PF_BRUSH, w.PF_PATTERN, w.PF_GRADIENT, w.PF_PALETTE),
)
_NEUTRAL: Dict[Type, Any] = {
    Type.FLOAT: 0.0,
    Type.STRING: "",
    Type.COLOR: (0.0, 0.0, 0.0, 1.0),
}


class _Registered(NamedTuple):
    procedure: Procedure
    function: Callable[..., Any]
    menu: Optional[str]
    domain: Any
    on_query: Optional[Callable[[], Any]]
    on_run: Optional[Callable[[], Any]]
    has_run_mode: bool
    preview: Optional[Callable[..., Shown]]


_registered: Dict[str, _Registered] = {}


def register(
    proc_name: str,
    blurb: str,
    help: str,
    author: str,
    copyright: str,
    date: str,
    label: Optional[str],
    imagetypes: Optional[str],
    params: Sequence[Any],
    results: Sequence[Any],
    function: Callable[..., Any],
    menu: Optional[str] = None,
    domain: Any = None,
    on_query: Optional[Callable[[], Any]] = None,
    on_run: Optional[Callable[[], Any]] = None,
    run_mode_param: bool = True,
    preview: Optional[Callable[..., Shown]] = None,
) -> None:
    """Declare a procedure.

    Parameters
    ----------
    proc_name : str
        Gets the prefix ``python-fu-`` unless it starts with python, extension, plug-in or file.
    label : str or None
        The menu entry's text. In the old style, without `menu`, it carries the menu's path too,
        and an image's menu adds the arguments image and drawable.
    imagetypes : str or None
        What the entry is enabled for: ``"RGB*, GRAY*"``, ``"*"``; ``""`` needs no image.
    params : sequence
        Tuples (PF_*, name, description, default) and for some types a fifth part: (low, high,
        step) of PF_SLIDER and PF_SPINNER, the choices of PF_RADIO and PF_OPTION.
    results : sequence
        Tuples (PF_*, name, description).
    function : callable
        Gets the arguments, returns the result or a tuple of results.
    menu : str, optional
        ``<Image>/Filters/…``, ``<Load>``, ``<Save>``, ``<Palettes>`` and so on.
    domain : str or (str, str), optional
        The catalogue of translations, and its folder.
    on_query, on_run : callable, optional
        Called when GIMP asks what there is, and before a dialog.
    run_mode_param : bool
        Whether the procedure has the argument run-mode.
    preview : callable, optional
        Not in the original: gets the arguments as `function` does and returns a small picture of
        what would come of them, as (width, height, bytes of RGB). The dialog then has a button for
        it. Raises `error` where there is none.

    Raises
    ------
    error
        When a name or a parameter is malformed.
    """
    name = _checked(proc_name, "procedure name").replace("_", "-")
    if not name.startswith(_PREFIXES):
        name = "python-fu-" + name
    _check_types(name, params, 4)
    _check_types(name, results, 3)
    arguments = list(params)
    if menu is None and label and "/" in label:
        menu, label = label.rsplit("/", 1)
        _add_old_arguments(menu, arguments)
    made = [_argument(each) for each in arguments]
    if run_mode_param:
        about = "The run mode { RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1) }"
        made.insert(0, Argument(Type.INT32, "run-mode", about))
    procedure = Procedure(
        name,
        blurb or "",
        help or "",
        author or "",
        copyright or "",
        str(date or ""),
        label,
        imagetypes,
        ProcedureKind.PLUGIN,
        tuple(made),
        tuple(_argument(each) for each in results),
    )
    running.procedures[name] = procedure
    _registered[name] = _Registered(
        procedure, function, menu, domain, on_query, on_run, bool(run_mode_param), preview
    )


def _checked(name: Any, what: str) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise error("%s %r: letters, digits, - and _ are allowed" % (what, name))
    return name


def _check_types(name: str, entries: Sequence[Any], least: int) -> None:
    for entry in entries:
        if len(entry) < least:
            raise error("%s: %r has less than %d parts" % (name, entry, least))
        if isinstance(entry[0], bool) or entry[0] not in w.TYPES:
            raise error("%s: the type of %r is none of PF_*" % (name, entry))
        _checked(entry[1], "parameter name")


def _add_old_arguments(menu: str, arguments: List[Any]) -> None:
    files: List[Any] = [
        (w.PF_STRING, "filename", "The name of the file", ""),
        (w.PF_STRING, "raw-filename", "The name of the file", ""),
    ]
    picture: List[Any] = [
        (w.PF_IMAGE, "image", "Input image", None),
        (w.PF_DRAWABLE, "drawable", "Input drawable", None),
    ]
    added = {"<Load>": files, "<Image>": picture, "<Save>": picture + files}
    arguments[:0] = added.get(menu.split("/", 1)[0], [])


def _argument(entry: Sequence[Any]) -> Argument:
    kind, name, description = entry[:3]
    default = entry[3] if len(entry) > 3 else None
    extra = entry[4] if len(entry) > 4 else None
    label = name if description is None else str(description)
    return Argument(w.TYPES[kind], name.replace("_", "-"), label, kind, default, extra)


def main() -> None:
    """Hand control to GIMP; comes after the last `register`."""
    running.main(running.Callbacks(None, None, _query, _run))


def fail(msg: Any) -> NoReturn:
    """End the procedure with a message for the user."""
    raise error(str(msg))


# -- what GIMP asks for --------------------------------------------------------------------------


def _query() -> None:
    for each in list(_registered.values()):
        if isinstance(each.domain, (tuple, list)):
            backend().add_domain(*each.domain)
        elif each.domain:
            backend().add_domain(each.domain, None)
        backend().install(_without_mnemonics(each.procedure))
        if each.menu:
            running.add_menu(each.procedure.name, each.menu)
    # Handlers of files may name any procedure of the plug-in.
    for each in list(_registered.values()):
        if each.on_query:
            each.on_query()


def _without_mnemonics(procedure: Procedure) -> Procedure:
    """Take the underscores out of what GIMP shows in its procedure browser."""

    def plain(arguments: Sequence[Argument]) -> Tuple[Argument, ...]:
        return tuple(
            a
            if a.widget is None and a.name == "run-mode"
            else a._replace(description=a.description.replace("_", ""))
            for a in arguments
        )

    return procedure._replace(
        arguments=plain(procedure.arguments), results=plain(procedure.results)
    )


def _run(name: str, given: Sequence[Any]) -> Any:
    each = _registered[name]
    arguments = each.procedure.arguments
    run_mode = _NONINTERACTIVE
    if each.has_run_mode:
        run_mode, given, arguments = given[0], given[1:], arguments[1:]
    values = list(given)
    if run_mode != _NONINTERACTIVE:
        start = _start(arguments, values)
        values = values[:start]
        if start < len(arguments):
            rest = _last_values(each, start, arguments)
            if run_mode == _INTERACTIVE:
                rest = _ask(each, values, arguments, rest)
            values += rest
        if run_mode == _INTERACTIVE:
            _keep(each, arguments, values)
    returned = each.function(*_as_declared(arguments, values))
    if run_mode != _NONINTERACTIVE:
        store.flush()
        backend().displays_flush()
    return returned


def _start(arguments: Sequence[Argument], values: Sequence[Any]) -> int:
    """Return how many arguments GIMP itself has given: the image, the drawable, a palette's name.

    A menu's entry gives no more than it knows; another plug-in, and GIMP when it opens or saves a
    file, give all of them, of which the first ones are what they know.
    """
    if len(values) < len(arguments):
        return len(values)
    start = 0
    for argument, value in zip(arguments, values):
        known = argument.type in _GIVEN_BY_GIMP or argument.name in _FILE_NAMES
        if not known or value is None:
            break
        start += 1
    return start


def _ask(
    each: _Registered,
    known: Sequence[Any],
    arguments: Sequence[Argument],
    objects: Sequence[Any],
) -> List[Any]:
    if each.on_run:
        each.on_run()
    start = len(known)
    asked = arguments[start:]
    values = [_initial(argument, given) for argument, given in zip(asked, objects)]
    first = start + len(each.procedure.arguments) - len(arguments)

    def objects_of(answer: Sequence[Any]) -> List[Any]:
        return [from_value(argument.type, value) for argument, value in zip(asked, answer)]

    def preview(answer: Sequence[Any]) -> Shown:
        assert each.preview is not None
        return each.preview(*_as_declared(arguments, [*known, *objects_of(answer)]))

    found = backend().ask(each.procedure, first, values, preview if each.preview else None)
    if found is None:
        raise running.Canceled
    return objects_of(found)


def _initial(argument: Argument, given: Any) -> Any:
    """Return a plain value to begin with; defaults may be anything."""
    if argument.type in _GIVEN_BY_GIMP and isinstance(given, bool):
        given = None
    if argument.widget in _NAMED and not given:
        return ""  # 0 and False are no file
    if argument.widget == w.PF_SPINNER and isinstance(given, float):
        return given
    if given is None and argument.type not in _GIVEN_BY_GIMP:
        return _NEUTRAL.get(argument.type, 0)
    try:
        return to_value(argument.type, given)
    except (TypeError, ValueError, AttributeError):
        return _NEUTRAL.get(argument.type, 0)


def _as_declared(arguments: Sequence[Argument], values: Sequence[Any]) -> List[Any]:
    """Return what the function expects: a switch's truth, a choice's own value."""
    declared = []
    for argument, value in zip(arguments, values):
        if argument.widget == w.PF_TOGGLE:
            declared.append(bool(value))
        elif argument.widget == w.PF_RADIO and argument.extra:
            choices = [choice[1] for choice in argument.extra]
            declared.append(next((c for c in choices if str(c) == str(value)), value))
        else:
            declared.append(value)
    return declared


# -- last values ---------------------------------------------------------------------------------


def _key(each: _Registered) -> str:
    return "python-fu-save--" + each.procedure.name


def _keep(each: _Registered, arguments: Sequence[Argument], values: Sequence[Any]) -> None:
    if arguments:
        shelf[_key(each)] = list(values)


def _last_values(each: _Registered, start: int, arguments: Sequence[Argument]) -> List[Any]:
    kept = shelf.get(_key(each))
    if not isinstance(kept, (list, tuple)) or len(kept) != len(arguments):
        kept = [
            from_value(argument.type, _initial(argument, argument.default))
            for argument in arguments
        ]
    return list(kept[start:])
