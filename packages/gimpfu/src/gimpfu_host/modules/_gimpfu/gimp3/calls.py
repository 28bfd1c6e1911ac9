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


class _Way(NamedTuple):
    """How a procedure of 2.10 is called on GIMP 3."""

    target: Any  # a GimpProcedure
    signature: Signature
    taken: matching.Match
    given: matching.Match
    constants: Dict[str, Any]


class Caller:
    """The procedures of the running GIMP.

    An instance called with a GIMP 3 name and properties as keywords runs that procedure: plain
    values in, a list of plain values out.
    """

    def __init__(self, host: Any = None) -> None:
        self.host = host  # the backend, for what is no procedure any more
        self._pdb = Gimp.get_pdb()
        self._ways: Dict[str, _Way] = {}

    # -- in GIMP 3's terms -------------------------------------------------------------------

    def target(self, name: str) -> Any:
        """Return GIMP 3's procedure of this name, None where there is none."""
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
        from _gimpfu.gimp3.rules import RULES

        old = signatures.old(name)
        if name in RULES:
            if old is None:
                raise NoSuchProcedure(name)
            return _described(name, self.target(name), old)
        way = self._way(name)
        return _described(name, way.target, way.signature)

    def call(self, name: str, given: Sequence[Any]) -> List[Any]:
        """Call a procedure as 2.10 would. Raises NoSuchProcedure, CallFailed."""
        from _gimpfu.gimp3.rules import RULES

        if name in RULES:
            return self._ruled(name, RULES[name], given)
        way = self._way(name)
        config = way.target.create_config()
        for key, value in way.constants.items():
            self._put(name, config, way.target.find_argument(key), value)
        for spec, source, single in way.taken.pairs:
            value = given[source]
            if single:
                value = [] if value == -1 else [value]
            self._put(name, config, spec, value)
        done = self._run(name, way.target, config)
        specs = list(way.target.get_return_values())
        found: Dict[int, Any] = {}
        for spec, source, single in way.given.pairs:
            value = values.get(done, 1 + _position(specs, spec), spec)
            if single:
                value = value[0] if value else -1
            found[source] = value
        places = [i for i, _ in signatures.without_counts(way.signature.results)]
        results = [found.get(i) for i in places]
        return signatures.with_counts(way.signature.results, results)

    def lost(self, name: str) -> List[str]:
        """Return 2.10's arguments and results that have no successor, for the tests."""
        from _gimpfu.gimp3.rules import RULES

        if name in RULES:
            return []
        way = self._way(name)
        old = way.signature
        names = [old.arguments[i].name for i in way.taken.lost]
        return names + [old.results[i].name for i in way.given.lost]

    def _ruled(self, name: str, rule: Any, given: Sequence[Any]) -> List[Any]:
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

    def _way(self, name: str) -> _Way:
        if name not in self._ways:
            self._ways[name] = self._find(name)
        return self._ways[name]

    def _find(self, name: str) -> _Way:
        rename: Optional[Rename] = RENAMES.get(name)
        target = self.target(rename.name if rename else name)
        old = signatures.old(name)
        if target is None:
            from _gimpfu.gimp3.rules import ADVICE

            raise NoSuchProcedure(name, ADVICE.get(name, "") if old else "")
        specs, results = target.get_arguments(), target.get_return_values()
        signature = old or signatures.new(target)
        constants = dict(rename.constants) if rename else {}
        return _Way(
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


def _described(name: str, target: Any, signature: Signature) -> Procedure:
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
        [_told(argument, target) for argument in signature.arguments],
        list(signature.results),
    )


def _told(argument: Argument, target: Any) -> Argument:
    spec = target.find_argument(argument.name) if target else None
    blurb = spec.blurb if spec is not None else ""
    return argument._replace(description=argument.description or blurb or "")
