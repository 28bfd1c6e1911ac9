"""Calling GIMP 3's procedures by the names, the order and the types of 2.10."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from gi.repository import Gimp

from _gimpfu.backend import (
    Argument,
    CallFailed,
    NoSuchProcedure,
    Procedure,
    ProcedureKind,
    Status,
)
from _gimpfu.gimp3 import matching, signatures, values
from _gimpfu.gimp3.renames import RENAMES, Rename
from _gimpfu.gimp3.signatures import Signature

_STATUS = {
    int(Gimp.PDBStatusType.EXECUTION_ERROR): Status.EXECUTION_ERROR,
    int(Gimp.PDBStatusType.CALLING_ERROR): Status.CALLING_ERROR,
    int(Gimp.PDBStatusType.PASS_THROUGH): Status.PASS_THROUGH,
    int(Gimp.PDBStatusType.SUCCESS): Status.SUCCESS,
    int(Gimp.PDBStatusType.CANCEL): Status.CANCEL,
}


class _Route(NamedTuple):
    """How a procedure of 2.10 is called on GIMP 3."""

    target: Any  # a GimpProcedure
    signature: Signature
    inputs: matching.Match
    outputs: matching.Match
    constants: Dict[str, Any]


class Caller:
    """The procedures of the running GIMP.

    An instance called with a GIMP 3 name and properties as keywords runs that procedure: plain
    values in, a list of plain values out.
    """

    def __init__(self, host: Any = None) -> None:
        self.host = host  # the backend, for what is no procedure any more
        self._pdb = Gimp.get_pdb()
        self._routes: Dict[str, _Route] = {}
        self._described: Dict[str, Procedure] = {}

    # -- in GIMP 3's terms -------------------------------------------------------------------

    def target(self, name: str) -> Any:
        """Return GIMP 3's procedure of this name, None where there is none."""
        own = Gimp.get_plug_in().get_temp_procedure(name)
        if own is not None:
            return own  # GIMP's library goes on describing one of the same name that is gone
        # Looking up what is not there makes GIMP complain.
        return self._pdb.lookup_procedure(name) if self._pdb.procedure_exists(name) else None

    def __call__(self, name: str, /, **properties: Any) -> List[Any]:
        """Run a procedure of GIMP 3; property names with underscores."""
        target = self.target(name)
        if target is None:
            raise NoSuchProcedure(name)
        given = {key.replace("_", "-"): value for key, value in properties.items()}
        specs = {spec.name: spec for spec in target.get_arguments()}
        config = target.create_config()
        for key, value in given.items():
            self._put(name, config, specs[key], value)
        done = self._run(name, target, config)
        specs_out = target.get_return_values()[: done.length() - 1]
        return [values.get(done, i + 1, spec) for i, spec in enumerate(specs_out)]

    @staticmethod
    def _put(name: str, config: Any, spec: Any, value: Any) -> None:
        try:
            values.put(config, spec, value)
        except values.NoSuchValue as error:
            raise CallFailed(name, Status.CALLING_ERROR, "%s: %s" % (name, error)) from error

    @staticmethod
    def _run(name: str, target: Any, config: Any) -> Any:
        done = target.run(config)
        status = _STATUS[int(done.index(0))]
        if status is not Status.SUCCESS:
            message = done.index(1) if done.length() > 1 else None
            raise CallFailed(name, status, message or "%s failed" % name)
        return done

    # -- in 2.10's terms ---------------------------------------------------------------------

    def describe(self, name: str) -> Procedure:
        """Describe a procedure as 2.10 would. Raises NoSuchProcedure."""
        # A plug-in calls the same few ones for each pixel; GIMP is asked about each of them once.
        if name not in self._described:
            self._described[name] = self._describe(name)
        return self._described[name]

    def forget(self, name: str) -> None:
        """Forget a procedure: another one may get its name."""
        self._described.pop(name, None)
        self._routes.pop(name, None)

    def _describe(self, name: str) -> Procedure:
        from _gimpfu.gimp3.rules import RULES

        old = signatures.old(name)
        if name in RULES:
            if old is None:
                raise NoSuchProcedure(name)
            return _documented(name, self.target(name), old)
        route = self._route(name)
        return _documented(name, route.target, route.signature)

    def call(self, name: str, given: Sequence[Any]) -> List[Any]:
        """Call a procedure as 2.10 would. Raises NoSuchProcedure, CallFailed."""
        from _gimpfu.gimp3.rules import RULES

        if name in RULES:
            return self._by_rule(name, RULES[name], given)
        route = self._route(name)
        config = route.target.create_config()
        for key, value in route.constants.items():
            self._put(name, config, route.target.find_argument(key), value)
        for spec, source, single in route.inputs.pairs:
            value = given[source]
            if single:
                value = [] if value == -1 else [value]
            self._put(name, config, spec, value)
        done = self._run(name, route.target, config)
        specs = list(route.target.get_return_values())
        found: Dict[int, Any] = {}
        for spec, source, single in route.outputs.pairs:
            value = values.get(done, 1 + _position(specs, spec), spec)
            if single:
                value = value[0] if value else -1
            found[source] = value
        places = [i for i, _ in signatures.without_counts(route.signature.results)]
        results = [found.get(i) for i in places]
        return signatures.with_counts(route.signature.results, results)

    def unmatched(self, name: str) -> List[str]:
        """Return 2.10's arguments and results that have no successor, for the tests."""
        from _gimpfu.gimp3.rules import RULES

        if name in RULES:
            return []
        route = self._route(name)
        old = route.signature
        names = [old.arguments[i].name for i in route.inputs.unmatched]
        return names + [old.results[i].name for i in route.outputs.unmatched]

    def _by_rule(self, name: str, rule: Any, given: Sequence[Any]) -> List[Any]:
        signature = signatures.old(name)
        assert signature is not None
        try:
            answer = rule(self, *given)
        except values.NoSuchValue as error:
            raise CallFailed(name, Status.CALLING_ERROR, "%s: %s" % (name, error)) from error
        if not signature.results:
            return []
        found = list(answer) if isinstance(answer, tuple) else [answer]
        return signatures.with_counts(signature.results, found)

    def _route(self, name: str) -> _Route:
        if name not in self._routes:
            self._routes[name] = self._find_route(name)
        return self._routes[name]

    def _find_route(self, name: str) -> _Route:
        rename: Optional[Rename] = RENAMES.get(name)
        target = self.target(rename.name if rename else name)
        old = signatures.old(name)
        if target is None:
            from _gimpfu.gimp3.rules import ADVICE

            raise NoSuchProcedure(name, ADVICE.get(name, "") if old else "")
        specs, results = target.get_arguments(), target.get_return_values()
        signature = old or signatures.new(target)
        constants = dict(rename.constants) if rename else {}
        return _Route(
            target,
            signature,
            matching.match(
                signatures.without_counts(signature.arguments, [spec.name for spec in specs]),
                specs,
                rename.sources if rename else None,
                tuple(constants),
                rename.dropped if rename else (),
            ),
            matching.match(signatures.without_counts(signature.results), results),
            constants,
        )


def _position(specs: Sequence[Any], wanted: Any) -> int:
    return [spec.name for spec in specs].index(wanted.name)


def _documented(name: str, target: Any, signature: Signature) -> Procedure:
    words = {
        "blurb": target.get_blurb() if target else "",
        "help": target.get_help() if target else "",
        "author": target.get_authors() if target else "",
        "copyright": target.get_copyright() if target else "",
        "date": target.get_date() if target else "",
        "label": target.get_menu_label() if target else None,
        "image_types": target.get_image_types() if target else None,
    }
    kind = ProcedureKind(int(target.get_proc_type())) if target else ProcedureKind.INTERNAL
    return Procedure(
        name,
        words["blurb"] or "",
        words["help"] or "",
        words["author"] or "",
        words["copyright"] or "",
        words["date"] or "",
        words["label"],
        words["image_types"],
        kind,
        [_with_blurb(argument, target) for argument in signature.arguments],
        list(signature.results),
    )


def _with_blurb(argument: Argument, target: Any) -> Argument:
    spec = target.find_argument(argument.name) if target else None
    blurb = spec.blurb if spec is not None else ""
    return argument._replace(description=argument.description or blurb or "")
