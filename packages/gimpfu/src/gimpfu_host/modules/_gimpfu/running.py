"""A plug-in's life: what GIMP calls, turned into calls of the plug-in's own functions."""

import sys
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

from _gimpfu import calls
from _gimpfu.backend import (
    Argument,
    CallFailed,
    Outcome,
    PlugIn,
    Procedure,
    ProcedureKind,
    Status,
    Type,
)
from _gimpfu.convert import from_values, to_value
from _gimpfu.errors import CancelError, error
from _gimpfu.host import backend
from _gimpfu.pdb import forget
from _gimpfu.pixels import store

#: What this process has registered or could register, by name.
procedures: Dict[str, Procedure] = {}

Function = Optional[Callable[..., Any]]


class Canceled(Exception):
    """The procedure was given up; the user knows."""


class Callbacks(PlugIn):
    """Functions for init, quit, query and run as `gimp.main` takes them."""

    def __init__(self, init: Function, quit: Function, query: Function, run: Function) -> None:
        self.has_init = init is not None
        self._functions = {"init": init, "quit": quit, "query": query, "run": run}

    def _plain(self, name: str) -> None:
        function = self._functions[name]
        if function is not None:
            function()

    def init(self) -> None:
        self._plain("init")

    def quit(self) -> None:
        self._plain("quit")

    def query(self) -> None:
        self._plain("query")

    def run(self, name: str, values: Sequence[Any]) -> Outcome:
        outcome = self._answer(name, values)
        if outcome.status is not Status.SUCCESS:
            store.flush()
            calls.close_undo_groups()
        return outcome

    def _answer(self, name: str, values: Sequence[Any]) -> Outcome:
        # Whatever a plug-in does, GIMP gets an answer.
        try:
            outcome = self._run(name, values)
            store.flush()
        except (CancelError, Canceled):
            return Outcome(Status.CANCEL)
        except SystemExit as left:
            if left.code not in (None, 0):
                return _failed(str(left.code))
            # The end of a script that has nothing to return.
            known = procedures.get(name)
            done = known is not None and not known.results
            return Outcome(Status.SUCCESS if done else Status.CANCEL)
        except error as refused:
            _print_traceback()
            return _failed(str(refused))
        except Exception as wrong:  # noqa: BLE001
            _print_traceback()
            return _failed("%s: %s%s" % (type(wrong).__name__, wrong, _place(wrong)))
        return outcome

    def _run(self, name: str, values: Sequence[Any]) -> Outcome:
        if name in _progress:
            return _progress[name].run(values)
        described = procedures.get(name) or backend().describe(name)
        given = from_values([argument.type for argument in described.arguments], values)
        run = self._functions["run"]
        if run is None:
            raise error("no function to run %s with" % name)
        return Outcome(Status.SUCCESS, _results(described, run(name, given)))


def _print_traceback() -> None:
    import traceback

    traceback.print_exc()


def _place(wrong: BaseException) -> str:
    """Say where in the plug-in something went wrong."""
    import traceback

    frames = traceback.extract_tb(wrong.__traceback__)
    own = [frame for frame in frames if "_gimpfu" not in frame.filename]
    own = [frame for frame in own if frame.filename == sys.argv[0]]
    return " (line %d of %s)" % (own[-1].lineno or 0, own[-1].filename) if own else ""


def _failed(message: str) -> Outcome:
    return Outcome(Status.EXECUTION_ERROR, (), message)


def _results(described: Procedure, returned: Any) -> List[Any]:
    results = described.results
    if not results:
        return []
    if len(results) == 1 and not (isinstance(returned, tuple) and len(returned) == 1):
        returned = (returned,)
    if not isinstance(returned, (tuple, list)) or len(returned) != len(results):
        names = ", ".join(result.name for result in results)
        raise error("%s must return %s, not %r" % (described.name, names, returned))
    made = []
    for result, each in zip(results, returned):
        try:
            made.append(to_value(result.type, each))
        except (TypeError, ValueError, AttributeError) as wrong:
            raise error(
                "%s: result %r cannot be %r: %s" % (described.name, result.name, each, wrong)
            ) from wrong
    return made


def main(plug_in: PlugIn) -> None:
    """Hand control to GIMP."""
    backend().main(plug_in, sys.argv)


def add_menu(procedure: str, path: str) -> None:
    """Add a menu entry. One that GIMP refuses is told where plug-ins talk, and the rest goes on."""
    try:
        backend().add_menu(procedure, path)
    except CallFailed as refused:
        sys.stderr.write(
            "gimpfu: %s gets no entry in %s: %s\n" % (procedure, path, refused.message)
        )


def uninstall(name: str) -> None:
    """Remove a temporary procedure."""
    backend().uninstall(name)
    procedures.pop(name, None)
    forget(name)


# -- progress shown by the plug-in itself --------------------------------------------------------

_START, _END, _SET_TEXT, _SET_VALUE = range(4)


class _Progress(NamedTuple):
    """The functions that show progress."""

    start: Callable[..., Any]
    end: Callable[..., Any]
    text: Callable[..., Any]
    value: Callable[..., Any]
    data: Any

    def run(self, values: Sequence[Any]) -> Outcome:
        command, text, value = values
        more = () if self.data is None else (self.data,)
        if command == _START:
            self.start(text, False, *more)
        elif command == _END:
            self.end(*more)
        elif command == _SET_TEXT:
            self.text(text, *more)
        elif command == _SET_VALUE:
            self.value(value, *more)
        return Outcome(Status.SUCCESS, (0.0,))


_progress: Dict[str, _Progress] = {}


def install_progress(
    start: Callable[..., Any],
    end: Callable[..., Any],
    text: Callable[..., Any],
    value: Callable[..., Any],
    data: Any,
) -> str:
    """Register a temporary procedure that GIMP calls with news of progress."""
    name = "temp-progress-%d" % (len(_progress) + 1)
    arguments = (
        Argument(Type.INT32, "command", "What to do"),
        Argument(Type.STRING, "text", "What is done"),
        Argument(Type.FLOAT, "value", "How far"),
    )
    results = (Argument(Type.FLOAT, "unused", "Nothing"),)
    words = (name, "", "", "", "", "", None, "")
    made = Procedure(*words, ProcedureKind.TEMPORARY, arguments, results)
    procedures[name] = made
    _progress[name] = _Progress(start, end, text, value, data)
    backend().install(made)
    calls.call("gimp-progress-install", name)
    return name


def uninstall_progress(name: str) -> Any:
    """Stop it; returns the data."""
    calls.call("gimp-progress-uninstall", name)
    uninstall(name)
    return _progress.pop(name).data
