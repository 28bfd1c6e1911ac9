"""What means something else in Python 3, given back its meaning in plug-ins of Python 2.

It works on the syntax tree, so that every line keeps its number: `/` between integers, lists of
`keys()`, `next()`, exceptions that are strings, strings and bytes put together, and what
`translating` left a placeholder for. The functions that the changed tree calls are `HELPERS`;
`launching` makes them known.
"""

import ast
import copy
import operator
import types
import warnings
from typing import Any, Dict, List, Mapping, Optional, Set, Tuple

from _gimpfu import translating
from _gimpfu.python2 import to_bytes
from _gimpfu.translating import PLACEHOLDER

__all__ = ["HELPERS", "Code", "compile_plug_in"]

_VIEWS = ("keys", "values", "items")
_ATTRIBUTES = {
    "func_code": "__code__",
    "func_defaults": "__defaults__",
    "func_globals": "__globals__",
    "func_name": "__name__",
    "im_func": "__func__",
    "im_self": "__self__",
}
#: Methods of classes under the names that Python 3 calls.
_METHODS = {"next": "__next__", "__nonzero__": "__bool__", "__div__": "__truediv__"}
_FLOATS = ("ceil", "floor")


class Code:
    """A plug-in that can be run.

    Attributes
    ----------
    code : types.CodeType
    old : bool
        Whether it is Python 2's: it gets Python 2's functions, too.
    changes : tuple of str
        What had to be translated, as `translating` says it; empty for what Python 3 can read.
    """

    def __init__(self, code: types.CodeType, old: bool, changes: Tuple[str, ...] = ()) -> None:
        self.code, self.old, self.changes = code, old, changes


def compile_plug_in(source: bytes, path: str) -> Code:
    """Compile a plug-in of Python 2, or of Python 3 where only that can have been meant.

    Raises
    ------
    SyntaxError
        It is neither; the complaint is that of Python 3 about the translation.
    """
    text = translating.decode(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes and `is` in other people's files
        tree = _parsed(text, path)
        if tree is not None and is_python_3(tree):
            return Code(compile(tree, path, "exec", dont_inherit=True), old=False)
        # What Python 3 reads may still hold strings that mean something else.
        done = translating.translate(text)
        tree = ast.parse(done.text, path)
        changed = ast.fix_missing_locations(_Old(tree, done.targets).visit(tree))
        readable = _parsed(text, path) is not None
        code = compile(changed, path, "exec", dont_inherit=True)
    return Code(code, old=True, changes=() if readable else done.changes)


def _parsed(text: str, path: str) -> Optional[ast.Module]:
    try:
        return ast.parse(text, path)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


_NEW_SYNTAX = (
    *(ast.JoinedStr, ast.AnnAssign, ast.Nonlocal, ast.YieldFrom, ast.AsyncFunctionDef),
    *(ast.Await, ast.NamedExpr),
)


def is_python_3(tree: ast.Module) -> bool:
    """Whether a file that Python 3 reads can have been written for no other."""
    function = any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(each.name == "print_function" for each in node.names)
        for node in tree.body
    )
    for node in ast.walk(tree):
        if isinstance(node, _NEW_SYNTAX):
            return True
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            arguments = node.args
            every = [*arguments.args, *arguments.kwonlyargs]
            if arguments.kwonlyargs or any(each.annotation for each in every):
                return True
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "print"
            and node.keywords
            and not function
        ):
            return True
    return False


class _Old(ast.NodeTransformer):
    """Python 2's meaning, in the tree of Python 3."""

    def __init__(self, tree: ast.Module, targets: Mapping[str, str]) -> None:
        self._targets = targets
        self._divides = not any(
            isinstance(node, ast.ImportFrom)
            and node.module == "__future__"
            and any(each.name == "division" for each in node.names)
            for node in tree.body
        )
        self._strings = _string_names(tree)
        self._floats = _float_names(tree)

    # -- expressions ---------------------------------------------------------------------------

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        self.generic_visit(node)
        if self._divides and isinstance(node.op, ast.Div):
            return _call("divide", [node.left, node.right], node)
        if isinstance(node.op, ast.Add) and not _is_number(node.left, node.right):
            return _call("add", [node.left, node.right], node)
        return node

    def visit_Compare(self, node: ast.Compare) -> Any:
        self.generic_visit(node)
        # Bytes of a file, compared with what a string of bytes was written as.
        for place in ("left", "comparators"):
            if len(node.ops) == 1 and isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
                other = node.comparators[0] if place == "left" else node.left
                if isinstance(other, ast.Constant) and isinstance(other.value, str):
                    mine = node.left if place == "left" else node.comparators[0]
                    if isinstance(mine, ast.Constant):
                        continue
                    made = _call("text", [mine], node)
                    if place == "left":
                        node.left = made
                    else:
                        node.comparators[0] = made
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        self.generic_visit(node)
        if isinstance(node.op, ast.Add) and isinstance(node.target, ast.Name):
            if _is_number(node.value):
                return node
            value = _call("extend", [_read(node.target), node.value], node)
            return ast.copy_location(ast.Assign([node.target], value), node)
        if not self._divides or not isinstance(node.op, ast.Div):
            return node
        # An index is looked up twice then; nobody divides by what that would change.
        value = _read(node.target)
        divided = _call("divide", [value, node.value], node)
        return ast.copy_location(ast.Assign([node.target], divided), node)

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        plain = not node.args and not node.keywords
        function = node.func
        if isinstance(function, ast.Attribute):
            if plain and function.attr in _VIEWS:
                return _call("listed", [node], node)
            text = getattr(function.value, "value", None)
            if function.attr == "join" and isinstance(text, str) and len(node.args) == 1:
                return _call("join", [function.value, node.args[0]], node)
            if plain and function.attr == "next":
                return _call("next", [function.value], node)
            of_math = isinstance(function.value, ast.Name) and function.value.id == "math"
            if of_math and function.attr in _FLOATS:
                return _call("float", [node], node)
        elif isinstance(function, ast.Name) and function.id in self._floats:
            return _call("float", [node], node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        self.generic_visit(node)
        node.attr = _ATTRIBUTES.get(node.attr, node.attr)
        return node

    # -- exceptions ----------------------------------------------------------------------------

    def _is_string(self, node: Any) -> bool:
        if isinstance(node, ast.Constant):
            return isinstance(node.value, str)
        return isinstance(node, ast.Name) and node.id in self._strings

    def visit_Raise(self, node: ast.Raise) -> Any:
        self.generic_visit(node)
        if node.exc is not None and self._is_string(node.exc):
            node.exc = _call("raised", [node.exc], node)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> Any:
        self.generic_visit(node)
        if node.type is not None and self._is_string(node.type):
            node.type = _call("caught", [node.type], node)
        if node.name is not None and node.name in self._targets:
            target = self._targets[node.name]
            value: ast.expr = ast.Name(node.name, ast.Load())
            if target.startswith(("(", "[")) or "," in target:
                value = ast.Attribute(value, "args", ast.Load())
            node.body.insert(0, _assigned(target, value, node.body[0]))
        return node

    # -- functions and classes -----------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        self.generic_visit(node)
        first = node.body[0]
        made = [
            _assigned(self._targets[each.arg], ast.Name(each.arg, ast.Load()), first)
            for each in node.args.args
            if each.arg in self._targets
        ]
        # The text that documents a function stays the first thing in it.
        at = 1 if ast.get_docstring(node, clean=False) is not None else 0
        node.body[at:at] = made
        return node

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        self.generic_visit(node)
        names: List[ast.arg] = []
        values: List[ast.expr] = []
        for each in node.args.args:
            if each.arg in self._targets:
                target = _expression(self._targets[each.arg])
                _unpacked(target, ast.Name(each.arg, ast.Load()), names, values)
        if names:
            inner = ast.Lambda(ast.arguments([], names, None, [], [], None, []), node.body)
            node.body = ast.copy_location(ast.Call(inner, values, []), node.body)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        self.generic_visit(node)
        there = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
        for old, new in _METHODS.items():
            if old in there and new not in there:
                value = ast.Name(old, ast.Load())
                node.body.append(_assigned(new, value, node.body[-1]))
        return node


def _string_names(tree: ast.Module) -> Set[str]:
    """Return the names that the file gives to strings: an exception was one, once."""
    return {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _float_names(tree: ast.Module) -> Set[str]:
    """Return under which names the file has `floor` and `ceil`, which returned floats."""
    names: Set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "math":
            for each in node.names:
                if each.name == "*":
                    names.update(_FLOATS)
                elif each.name in _FLOATS:
                    names.add(each.asname or each.name)
    return names


def _is_number(*nodes: ast.expr) -> bool:
    """Whether one of them can be told to be a number: then nothing can be a string."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float, complex)):
            return True
        if isinstance(node, ast.BinOp) and not isinstance(node.op, (ast.Add, ast.Mod, ast.Mult)):
            return True
    return False


def _call(helper: str, arguments: List[ast.expr], place: Any) -> ast.expr:
    function = ast.Name(PLACEHOLDER + helper, ast.Load())
    return ast.fix_missing_locations(
        ast.copy_location(ast.Call(function, list(arguments), []), place)
    )


def _read(target: Any) -> Any:
    """Return the expression that reads what is assigned to."""
    made: Any = copy.deepcopy(target)
    made.ctx = ast.Load()
    return made


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _assigned(target: str, value: ast.expr, place: ast.stmt) -> ast.stmt:
    statement = ast.parse("%s = None" % target).body[0]
    assert isinstance(statement, ast.Assign)
    statement.value = value
    for node in ast.walk(statement):
        if hasattr(node, "lineno"):
            ast.copy_location(node, place)
    return ast.fix_missing_locations(ast.copy_location(statement, place))


def _unpacked(
    target: ast.expr, value: ast.expr, names: List[ast.arg], values: List[ast.expr]
) -> None:
    """Collect the names of a target and, of the value, the part that belongs to each."""
    if isinstance(target, ast.Name):
        names.append(ast.arg(target.id, None))
        values.append(value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for i, each in enumerate(target.elts):
            part = ast.Subscript(value, _index(i), ast.Load())
            _unpacked(each, part, names, values)


def _index(number: int) -> Any:
    made: Any = _expression("x[%d]" % number)
    return made.slice  # a node of its own in Python 3.8


# -- what the changed tree calls -----------------------------------------------------------------


def _add(a: Any, b: Any) -> Any:
    try:
        return a + b
    except TypeError:
        if isinstance(a, _STRINGS) and isinstance(b, _STRINGS):
            return to_bytes(a) + to_bytes(b)
        raise


def _extend(a: Any, b: Any) -> Any:
    try:
        a += b
    except TypeError:
        return _add(a, b)
    return a


def _join(separator: str, items: Any) -> Any:
    every = list(items)
    if any(isinstance(each, bytes) for each in every):
        return to_bytes(separator).join(to_bytes(each) for each in every)
    return separator.join(every)


def _text(value: Any) -> Any:
    return value.decode("latin-1") if isinstance(value, bytes) else value


#: What was one type, once.
_STRINGS = (str, bytes)


def _divide(a: Any, b: Any) -> Any:
    return a // b if isinstance(a, int) and isinstance(b, int) else operator.truediv(a, b)


def _listed(found: Any) -> Any:
    views: Any = (type({}.keys()), type({}.values()), type({}.items()))
    return list(found) if isinstance(found, views) else found


def _next(iterator: Any) -> Any:
    own = getattr(iterator, "next", None)
    return own() if own is not None else next(iterator)


def _float(number: Any) -> Any:
    return float(number) if isinstance(number, int) else number


_string_exceptions: Dict[str, type] = {}


def _caught(kind: Any) -> Any:
    """Return an exception class for what Python 2 could catch: a string is a kind of its own."""
    if not isinstance(kind, str):
        return kind
    if kind not in _string_exceptions:
        _string_exceptions[kind] = type("StringException", (Exception,), {})
    return _string_exceptions[kind]


def _raised(kind: Any, value: Any = None, traceback: Any = None) -> Any:
    """Return the exception of ``raise kind, value, traceback``."""
    made = _caught(kind)
    if isinstance(made, type) and not isinstance(value, made):
        parts = value if isinstance(value, tuple) else () if value is None else (value,)
        if isinstance(kind, str) and not parts:
            parts = (kind,)
        made = made(*parts)
    elif isinstance(made, type):
        made = value
    return made.with_traceback(traceback) if traceback is not None else made


HELPERS: Dict[str, Any] = {
    PLACEHOLDER + "add": _add,
    PLACEHOLDER + "extend": _extend,
    PLACEHOLDER + "join": _join,
    PLACEHOLDER + "text": _text,
    PLACEHOLDER + "caught": _caught,
    PLACEHOLDER + "divide": _divide,
    PLACEHOLDER + "float": _float,
    PLACEHOLDER + "listed": _listed,
    PLACEHOLDER + "next": _next,
    PLACEHOLDER + "raised": _raised,
}
