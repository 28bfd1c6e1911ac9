"""The procedural database: `pdb.gimp_image_width(image)`, `pdb["file-png-save"](…)`."""

from typing import Any, Dict, List, Tuple

from _gimpfu import calls
from _gimpfu.backend import NoSuchProcedure
from _gimpfu.errors import NoProcedure
from _gimpfu.host import backend

_RUN_NONINTERACTIVE = 1
_ANY = ".*"


class PDBFunction:
    """One procedure. Its first argument, when that is the run mode, is the keyword `run_mode`."""

    def __init__(self, name: str) -> None:
        described = backend().describe(name)
        self._arguments = described.arguments
        self.proc_name = described.name
        self.proc_blurb = described.blurb
        self.proc_help = described.help
        self.proc_author = described.author
        self.proc_copyright = described.copyright
        self.proc_date = described.date
        self.proc_type = int(described.kind)
        self.params = _triples(described.arguments)
        self.return_vals = _triples(described.results)
        self.nparams = len(self.params)
        self.nreturn_vals = len(self.return_vals)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        run_mode = kwargs.pop("run_mode", _RUN_NONINTERACTIVE)
        if kwargs:
            raise TypeError("only the keyword run_mode is accepted, not %s" % ", ".join(kwargs))
        takes_mode = bool(self.params) and self.params[0][1] == "run-mode"
        # A caller that gives the run mode as the first argument means that too.
        if takes_mode and len(args) < len(self.params):
            args = (run_mode, *args)
        return calls.call(self.proc_name, *args)

    def __repr__(self) -> str:
        return "<pdb function '%s'>" % self.proc_name


class PDB:
    """Every procedure of the running GIMP, by attribute or by name."""

    def __init__(self) -> None:
        self._known: Dict[str, PDBFunction] = {}

    def _function(self, name: str) -> PDBFunction:
        name = name.replace("_", "-")
        if name not in self._known:
            try:
                self._known[name] = PDBFunction(name)
            except NoSuchProcedure as missing:
                raise NoProcedure(calls.no_such(missing)) from None
        return self._known[name]

    def __getattr__(self, name: str) -> PDBFunction:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._function(name)

    def __getitem__(self, name: str) -> PDBFunction:
        if not isinstance(name, str):
            raise TypeError("a procedure's name is a string, not %r" % (name,))
        try:
            return self._function(name)
        except NoProcedure as missing:
            raise _NoKey(*missing.args) from None

    def __contains__(self, name: str) -> bool:
        try:
            self._function(name)
        except NoProcedure:
            return False
        return True

    def __dir__(self) -> List[str]:
        return [name.replace("-", "_") for name in self.query()] + ["query"]

    def query(
        self,
        name: str = _ANY,
        blurb: str = _ANY,
        help: str = _ANY,
        author: str = _ANY,
        copyright: str = _ANY,
        date: str = _ANY,
        proc_type: str = _ANY,
    ) -> List[str]:
        """Return the names of procedures that match these regular expressions."""
        patterns = (name, blurb, help, author, copyright, date, proc_type)
        return backend().query([pattern or _ANY for pattern in patterns])

    def __repr__(self) -> str:
        return "<gimp.PDB>"


class _NoKey(NoProcedure, KeyError):
    """What `pdb[name]` raises."""

    __str__ = RuntimeError.__str__


def _triples(arguments: Any) -> Tuple[Tuple[int, str, str], ...]:
    return tuple((int(a.type), a.name, a.description) for a in arguments)


pdb = PDB()


def forget(name: str) -> None:
    """Forget what a procedure takes: it is gone, and another one may get its name."""
    pdb._known.pop(name, None)
