"""The project's language: no module hides behind its own function, no word comes back."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
#: Where the project's own Python lies; what lies below `packages` brings its tests along.
FOLDERS = ("core", "plugins", "packages", "training", "benchmarks", "tests")
#: Names that pygimp gave to plug-ins of old. They have American twins.
PYGIMP = {"PF_COLOUR", "is_grey", "colour"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LEAVES = (
    *(ast.Name, ast.Constant, ast.expr_context, ast.boolop, ast.cmpop, ast.operator, ast.unaryop),
)


class Name(NamedTuple):
    """Something that is given a name."""

    text: str
    where: str


def modules() -> list[Path]:
    """Return the modules of the project."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    return sorted(
        path for path in found if not {".venv", "build", "node_modules"} & set(path.parts)
    )


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    return path.parent.name if path.stem == "__init__" else path.stem


def defined(path: Path) -> Iterator[Name]:
    """Yield the names that a module defines, and its own: no variables inside functions."""
    file = path.relative_to(ROOT).as_posix()
    yield Name(module_name(path), file)
    for node in branches(tree_of(path)):
        kind = type(node)
        if kind in _FUNCTIONS:
            if not node.name.startswith("test_"):  # a test's name is a sentence
                yield Name(node.name, f"{file}:{node.lineno}")
        elif kind is ast.ClassDef:
            yield Name(node.name, f"{file}:{node.lineno}")
        elif kind is ast.arg:
            yield Name(node.arg, f"{file}:{node.lineno}")
        elif kind is ast.Attribute and isinstance(node.ctx, ast.Store):
            yield Name(node.attr, f"{file}:{node.lineno}")
        if kind is ast.Module or kind is ast.ClassDef:
            for name in assigned(node.body):
                yield Name(name.id, f"{file}:{name.lineno}")


def branches(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what is in a tree but names that are used, operators and constants, which are most."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for field in node._fields:
            value = getattr(node, field, None)
            for each in value if type(value) is list else (value,):
                if isinstance(each, ast.AST) and not isinstance(each, _LEAVES):
                    waiting.append(each)


def assigned(body: list[ast.stmt]) -> Iterator[ast.Name]:
    """Yield the names to which statements assign."""
    for statement in body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node


def given_up() -> list[str]:
    """Return the words in the glossary's last column."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split("## Words", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row.split("|")[-2])]


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def refusal(words: list[str]) -> Callable[[str], bool]:
    """Return what tells whether a name is one of `words`, asked once of each name."""
    exact = {word for word in words if "*" not in word}
    inside = re.compile(
        "|".join(re.escape(word).replace(r"\*", ".*") for word in words if "*" in word)
    )

    @functools.cache
    def is_refused(name: str) -> bool:
        bare = name.strip("_")
        return bare in exact or inside.fullmatch(snake(bare)) is not None

    return is_refused


def test_no_module_bears_the_name_of_what_it_defines():
    same = [
        path.relative_to(ROOT).as_posix()
        for path in modules()
        if re.search(
            rf"^(async def|def|class) {module_name(path)}\b", path.read_text(encoding="utf-8"), re.M
        )
    ]
    assert same == [], "give the module another name, or an underscore if it is internal"


def test_words_that_were_given_up_stay_so():
    is_refused = refusal(given_up())
    refused = [
        f"{name.where} {name.text}"
        for path in modules()
        for name in defined(path)
        if is_refused(name.text) and name.text not in PYGIMP
    ]
    assert refused == [], "CONTRIBUTING.md, Words, has the field's words for these"


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("_tidy", True),
        ("tidy_up", False),
        ("Station", True),
        ("station", False),
        ("_HEARSAY_LIMIT", True),
        ("the_hearsay", True),
        ("greyLevel", True),
        ("gray", False),
    ],
)
def test_how_words_are_refused(name, refused):
    assert refusal(["tidy", "Station", "*hearsay*", "*grey*"])(name) is refused


def test_the_glossary_is_read():
    words = given_up()
    assert len(words) > 50
    assert {"tidy", "Station", "*hearsay*", "*grey*"} <= set(words)
