"""What will become of a plug-in of old, told from its file: no GIMP is started, nothing is run."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Dict, FrozenSet, Iterable, Iterator, List, NamedTuple, Optional, Set, Tuple

from .errors import GimpfuError
from .installing import modules

__all__ = ["Finding", "check", "plug_ins_in"]

#: A larger file is no plug-in that somebody wrote.
_LARGEST = 4_000_000
_GIMPFU = frozenset(["gimp", "gimpcolor", "gimpenums", "gimpfu", "gimpplugin", "gimpshelf"])
_NEW_PYTHON = re.compile(r"python3(?:\.\d+)?$")
_OLD_PYTHON = re.compile(r"python(?:2(?:\.\d+)?)?$")


class Finding(NamedTuple):
    """What is to be expected of one file.

    Attributes
    ----------
    path : pathlib.Path
    is_plug_in : bool
        Whether it is one of gimpfu's.
    translated : tuple of str
        What is translated when it starts, in words; empty where nothing is.
    gimp2, gimp3 : str
        Why it does not run on GIMP 2.10, on GIMP 3; empty where it does.
    notes : tuple of str
        What it needs or lacks besides, a sentence each.
    """

    path: Path
    is_plug_in: bool
    translated: Tuple[str, ...] = ()
    gimp2: str = ""
    gimp3: str = ""
    notes: Tuple[str, ...] = ()

    @property
    def runs(self) -> bool:
        """Whether it runs on any GIMP."""
        return self.is_plug_in and not (self.gimp2 and self.gimp3)

    def __str__(self) -> str:
        if not self.is_plug_in:
            return f"{self.path}: {self.gimp2}"
        where = [
            f"{name}: {'runs' if not why else f'does not run, {why}'}"
            for name, why in (("GIMP 2.10", self.gimp2), ("GIMP 3", self.gimp3))
        ]
        if self.gimp2 == self.gimp3:
            where = [f"GIMP 2.10 and 3: {where[0].partition(': ')[2]}"]
        if self.translated and self.runs:
            where.append(f"translated from Python 2 ({', '.join(self.translated)})")
        return f"{self.path}: {'; '.join([*where, *self.notes])}"


def plug_ins_in(paths: Iterable[Path]) -> List[Path]:
    """Return the files that are named, and all Python files in folders that are.

    Raises
    ------
    GimpfuError
        There is no such file or folder.
    """
    found: List[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(each for each in path.rglob("*.py") if each.is_file())
        elif path.is_file():
            found.append(path)
        else:
            raise GimpfuError(f"{path}: there is no such file or folder.")
    return found


def check(path: Path) -> Finding:
    """Return what is to be expected of a file.

    Raises
    ------
    GimpfuError
        It cannot be read.
    """
    source = _read(path)
    translating = _module("translating")
    text = translating.decode(source)
    if not re.search(r"^[ \t]*(?:from|import)[ \t]+gimp(?:fu|plugin)?\b", text, re.MULTILINE):
        return Finding(path, False, gimp2=_what_else(text))
    done = translating.translate(text)
    tree = _parsed(done.text)
    if tree is None:
        problem = _complaint(done.text)
        return Finding(path, True, gimp2=problem, gimp3=problem)
    readable = _parsed(text) is not None
    imports = list(_imports(tree))
    problem = _start(text, readable=readable) or _gone(imports)
    called = _called(tree)
    known = set(_signatures())
    gone = sorted(name for name in called if name in _advice())
    notes = [*_needs(imports, path.parent)]
    if gone:
        advice = _advice()
        notes.append(
            "on GIMP 3 there is no " + ", no ".join(f"{name} ({advice[name]})" for name in gone)
        )
    strangers = sorted(called - known - _registered(tree) - _OWN)
    if strangers:
        notes.append(f"it calls procedures of other plug-ins or of GIMP 3: {', '.join(strangers)}")
    if not os.access(path, os.X_OK) and sys.platform != "win32":
        notes.append("GIMP starts it only when it is executable (chmod +x)")
    translated = () if readable else tuple(done.changes)
    return Finding(path, True, translated, problem, problem, tuple(notes))


#: What `pdb` has beside procedures.
_OWN = frozenset(["query"])


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise GimpfuError(f"{path} cannot be read ({error.strerror or error}).") from error
    if len(data) > _LARGEST:
        raise GimpfuError(f"{path} is larger than {_LARGEST // 1_000_000} MB: no plug-in.")
    return data


def _what_else(text: str) -> str:
    if re.search(r"gi\.repository\s+import.*\bGimp\b", text):
        return "written for GIMP 3's own Python; gimpfu has no part in it"
    return "no plug-in of gimpfu: it imports neither gimpfu nor gimp"


def _parsed(text: str) -> Optional[ast.Module]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes in other people's files
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _complaint(text: str) -> str:
    try:
        ast.parse(text)
    except SyntaxError as error:
        return f"it is no Python, line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"it is no Python: {str(error) or type(error).__name__}"
    return "it is no Python"


def _start(text: str, *, readable: bool) -> str:
    """Return why GIMP cannot start it."""
    first = text.partition("\n")[0].strip()
    if not first.startswith("#!"):
        return ""  # the launcher takes it by its name's ending
    words = first[2:].split()
    while len(words) > 1 and (words[0].endswith("/env") or words[0].startswith("-")):
        words.pop(0)
    program = words[0] if words else ""
    name = program.rpartition("/")[2]
    if _NEW_PYTHON.fullmatch(name):
        if readable:
            return ""
        return (
            "its first line names Python 3, and it is written in Python 2: let the line be "
            "#!/usr/bin/env python2"
        )
    if len(words) > 1 and first[2:].split()[0].endswith("/env"):
        return f"its first line gives {' '.join(words[1:])} to env: take that out"
    if _OLD_PYTHON.fullmatch(name):
        return ""
    return f"its first line names {program or 'nothing'}: let it be #!/usr/bin/env python2"


class _Import(NamedTuple):
    name: str
    needed: bool  # at every start, and nothing catches it


def _imports(tree: ast.Module) -> Iterator[_Import]:
    """Yield the modules that a file imports, by the first part of their names."""

    def walk(node: ast.AST, *, needed: bool) -> Iterator[_Import]:
        if isinstance(node, ast.Import):
            for each in node.names:
                yield _Import(each.name.partition(".")[0], needed)
        elif isinstance(node, ast.ImportFrom):
            if node.module and not node.level:
                yield _Import(node.module.partition(".")[0], needed)
        else:
            optional = (ast.Try, ast.FunctionDef, ast.Lambda)
            for child in ast.iter_child_nodes(node):
                yield from walk(child, needed=needed and not isinstance(node, optional))

    yield from walk(tree, needed=True)


def _gone(imports: Iterable[_Import]) -> str:
    for each in imports:
        if each.name in _python2_names()[1] and each.needed:
            return f"it needs {each.name}: PyGTK ended with Python 2, its dialog must be rewritten"
    return ""


def _needs(imports: Iterable[_Import], folder: Path) -> List[str]:
    """Return what a file needs that GIMP's Python has not of itself."""
    old, gone = _python2_names()
    here = {each.stem if each.suffix == ".py" else each.name for each in folder.iterdir()}
    known = {*_GIMPFU, *old, *here, *_standard_library(), "__future__", "gi"}
    notes = []
    missing = sorted({each.name for each in imports if each.name not in known | gone})
    if missing:
        notes.append(f"GIMP's Python must have {', '.join(missing)}")
    optional = sorted({each.name for each in imports if each.name in gone and not each.needed})
    if optional:
        notes.append(f"a part of it needs PyGTK ({', '.join(optional)}), which is gone")
    return notes


def _standard_library() -> FrozenSet[str]:
    # Where nobody can say which modules there are, none is called missing.
    names: FrozenSet[str] = getattr(sys, "stdlib_module_names", frozenset())
    return names


def _called(tree: ast.Module) -> Set[str]:
    """Return the procedures that a file calls by their names."""
    found: Set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_pdb(node.value):
            found.add(node.attr.replace("_", "-"))
        elif isinstance(node, ast.Subscript) and _is_pdb(node.value):
            name: Any = getattr(node.slice, "value", None)
            name = getattr(name, "value", name)  # one node more in Python 3.8
            if isinstance(name, str):
                found.add(name.replace("_", "-"))
    return found


def _is_pdb(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id == "pdb"
    return isinstance(node, ast.Attribute) and node.attr == "pdb"


def _registered(tree: ast.Module) -> Set[str]:
    """Return what a file registers itself, with the prefixes that a name may get."""
    found: Set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            name = node.value.replace("_", "-")
            found.update((name, "python-fu-" + name))
    return found


# -- what the modules know -----------------------------------------------------------------------

_loaded: Dict[str, ModuleType] = {}


def _module(name: str) -> Any:
    """Return a module of `_gimpfu` that stands alone; the rest works only in GIMP."""
    if name not in _loaded:
        path = modules() / "_gimpfu" / (name + ".py")
        spec = importlib.util.spec_from_file_location("gimpfu_host._" + path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        _loaded[name] = module
    return _loaded[name]


def _python2_names() -> Tuple[FrozenSet[str], FrozenSet[str]]:
    """Return the old names of modules that are served, and those that are gone."""
    habits = _module("python2")
    return frozenset(habits.MODULES), frozenset(habits.GONE)


def _advice() -> Dict[str, str]:
    advice: Dict[str, str] = _module("gimp3/rules/advice").ADVICE
    return advice


def _signatures() -> List[str]:
    lines = (modules() / "_gimpfu/gimp3/signatures.txt").read_text("ascii").splitlines()
    return [line.partition(" ")[0] for line in lines if not line.startswith("#")]
