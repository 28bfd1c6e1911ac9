"""Docstrings, comments and pages name what there is: modules, classes, functions, attributes."""

from __future__ import annotations

import ast
import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from support.helpers import ROOT

#: Folders that are on somebody's path: what lies in them is imported by its place below.
_PATHS: Final = (
    "core",
    "plugins",
    "packages/gimpfu/src",
    "packages/gimpfu/src/gimpfu_host/modules",
    ".",
)
#: Whose modules are known by name.
_KNOWN: Final = ("core", "plugins", "packages/gimpfu/src", "training")
#: Whose texts are read.
_READ: Final = ("core", "plugins", "packages", "training", "benchmarks", "tests", "docs")
_SKIPPED: Final = frozenset({".venv", "build", "node_modules", "site"})
#: In single backticks, as prose names code; what a file is called ends in one of these.
_DOTTED: Final = re.compile(r"(?<![`\w])`([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)(?:\(\))?`(?!`)")
_SUFFIXES: Final = frozenset(
    re.findall(
        r"\w+", "bg html ini jpg json jsonl log md onnx pem pfm png py socket tif toml xml yml"
    )
)
_IMPORTED: Final = re.compile(
    r"^\s*(?:>>>|\.\.\.) (from \w[\w.]* import \w[\w ,]*|import \w[\w.]*)", re.M
)
#: Names of others: GIMP's modules, what HTTP answers hold, classes of uvicorn and Pillow; hosts.
_OTHERS: Final = re.compile(
    r"(gimp|Gimp|pdb|gtk|hosts)\.\w+|data\.result_b64|server\.should_exit|Image\.open"
)
_TABLE: Final = re.compile(r"^=+ +=+\nmodule +what it does\n=+ +=+\n(.*?)^=+ +=+$", re.M | re.S)


class Module(NamedTuple):
    """The names at the top of a module, and the attributes of its classes."""

    names: set[str]
    classes: Mapping[str, set[str]]


def _named(body: list[ast.stmt]) -> Iterator[str]:
    """Yield what statements give names to, those inside `if` and `try` included."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((each.asname or each.name).split(".")[0] for each in node.names)
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.For):
            for inner in ("body", "orelse", "finalbody"):
                yield from _named(getattr(node, inner, []))
            for handler in getattr(node, "handlers", []):
                yield from _named(handler.body)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for each in ast.walk(node):
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                    yield each.id


def _exported(tree: ast.Module) -> Iterator[str]:
    """Yield the texts of ``__all__``: a lazy package has no other trace of its names."""
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AugAssign) and "__all__" in ast.unparse(node):
            for each in ast.walk(node):
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield each.value


def _module(path: Path) -> Module:
    tree = ast.parse(path.read_text("utf-8"))
    classes: dict[str, set[str]] = defaultdict(set)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            # What it inherits is found by the names of its bases.
            bases = {f"({ast.unparse(base).split('.')[-1].split('[')[0]})" for base in node.bases}
            inside = (each for each in ast.walk(node) if isinstance(each, ast.Attribute))
            stored = {each.attr for each in inside if isinstance(each.ctx, ast.Store)}
            classes[node.name] |= bases | stored | set(_named(node.body))
    return Module({*_named(tree.body), *_exported(tree)}, classes)


def _files(suffix: str, *folders: str) -> list[Path]:
    found = [path for each in folders for path in (ROOT / each).rglob(f"*{suffix}")]
    return sorted(path for path in found if not _SKIPPED & set(path.relative_to(ROOT).parts))


@functools.cache
def _modules() -> Mapping[str, Module]:
    """Every module of ours by each name under which something imports it."""
    found: dict[str, Module] = {}
    for path in _files(".py", *_KNOWN):
        module = _module(path)
        for root in _PATHS:
            if path.is_relative_to(ROOT / root):
                parts = list(path.relative_to(ROOT / root).with_suffix("").parts)
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = module
    for name in list(found):
        package, _, last = name.rpartition(".")
        while package:
            if package not in found:
                found[package] = Module(set(), {})
            found[package].names.add(last)
            package, _, last = package.rpartition(".")
    return found


@functools.cache
def _classes() -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for module in _modules().values():
        for name, attributes in module.classes.items():
            found[name] |= attributes
    return found


def _has(kind: str, attribute: str) -> bool:
    """Whether a class of that name, or one that it inherits from, has an attribute."""
    attributes = _classes().get(kind)
    if attributes is None:
        return False
    inherited = {each[1:-1] for each in attributes if each.startswith("(")} - {kind}
    return attribute in attributes or any(_has(each, attribute) for each in inherited)


def resolves(dotted: str) -> bool:
    """Whether a dotted name leads to something of ours, or is nobody's that we know."""
    modules, parts = _modules(), dotted.split(".")
    for count in range(len(parts), 0, -1):
        if (module := modules.get(".".join(parts[:count]))) is not None:
            rest = parts[count:]
            if not rest or (rest[0] in module.names and (len(rest) == 1 or _has(*rest[-2:]))):
                return True
    first, last = parts[0], parts[-1]
    if first.startswith("mattekit") or first in _classes():
        return _has(first, last)
    # As code calls it: a module without its package, or a variable.
    near = [module for name, module in modules.items() if name.split(".")[-1] == first]
    if near:
        return any(last in module.names for module in near) or any(
            last in attributes for attributes in _classes().values()
        )
    return True


def _texts() -> list[Path]:
    return [*_files(".py", *_READ), *_files(".md", *_READ), *ROOT.glob("*.md")]


def test_names_in_backticks_lead_somewhere() -> None:
    lost = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in _texts()
        for name in _DOTTED.findall(path.read_text("utf-8"))
        if name.split(".")[-1] not in _SUFFIXES
        and not _OTHERS.fullmatch(name)
        and not resolves(name)
    ]
    assert not lost, "\n".join(lost) + "\nrenamed or moved? Say what it is called now"


def test_examples_import_what_there_is() -> None:
    lost = []
    for path in _texts():
        for line in _IMPORTED.findall(path.read_text("utf-8")):
            node = ast.parse(line).body[0]
            assert isinstance(node, ast.Import | ast.ImportFrom)
            package = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            top = (package or "").split(".")[0]
            if not top.startswith(("mattekit", "gimpfu_host")):
                continue
            names = node.names if isinstance(node, ast.ImportFrom) else []
            module = _modules().get(package or "")
            if module is None or any(each.name not in module.names for each in names):
                lost.append(f"{path.relative_to(ROOT)}: {line}")
    assert not lost, "\n".join(lost)


def test_tables_of_modules_are_whole() -> None:
    """A package that lists its modules lists them all, but where a row says "…"."""
    wrong = []
    for path in _files("__init__.py", *_KNOWN):
        found = _TABLE.search(path.read_text("utf-8"))
        if found is None:
            continue
        rows = re.findall(r"^(`.*?`)(?:, …)?  ?(?! *…)\S?", found[1], re.M)
        listed = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
        there = {each.stem for each in path.parent.glob("*.py")} - {"__init__"}
        there |= {each.parent.name for each in path.parent.glob("*/__init__.py")}
        folders = {each.name for each in path.parent.iterdir() if each.is_dir()}
        missing = set() if "…" in found[1] else there - listed - {"__main__", "_version"}
        if missing or listed - there - folders:
            wrong.append((str(path.relative_to(ROOT)), sorted(missing), listed - there - folders))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("mattekit.pipeline.complete", True),
        ("mattekit.remove_background", True),
        ("mattekit.errors.NotEnoughMemory.pixels", True),
        ("pipeline.complete", True),
        ("Cutout.full_alpha", True),
        ("mattekit.codecs.sniff", False),
        ("mattekit.codecs.tiff", False),
        ("Cutout.dress", False),
        ("pipeline.develop", False),
        ("torch.manual_seed", True),
    ],
)
def test_how_names_are_looked_up(name: str, there: bool) -> None:
    assert resolves(name) is there
