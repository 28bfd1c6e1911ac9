"""Tests mirror modules: whoever changes one finds its tests by its name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from support.helpers import ROOT

#: Where sources lie, and where their tests do: ``core/mattekit/codecs/raw.py`` has
#: ``tests/codecs/test_raw.py``, modules of `mattekit` itself have theirs in ``tests/core``.
GIMPFU = "packages/gimpfu/src/gimpfu_host"
SOURCES = {
    "core/mattekit": "tests",
    **{
        f"plugins/{folder.name}": f"tests/{folder.name.removeprefix('mattekit_')}"
        for folder in sorted((ROOT / "plugins").glob("mattekit_*"))
    },
    GIMPFU: "packages/gimpfu/tests",
}

#: Modules and packages without a test file of their own, and where they are tested.
EXCEPTIONS = {
    "core/mattekit/_pyinstaller/hook-mattekit.py": "frozen and run by tests/install/test_frozen.py",
    "plugins/mattekit_inkscape/plugin/extension.py": "in Inkscape: tests/inkscape",
    "plugins/mattekit_krita/plugin/controller.py": "in Krita's window: tests/krita/test_window.py",
    "plugins/mattekit_krita/plugin/correctionbox.py": "in the window: tests/krita/test_window.py",
    "plugins/mattekit_krita/plugin/extension.py": "in Krita's window: tests/krita/test_window.py",
    "plugins/mattekit_krita/plugin/forms.py": "in Krita's window: tests/krita/test_window.py",
    "plugins/mattekit_krita/plugin/panel.py": "in Krita's window: tests/krita/test_window.py",
    f"{GIMPFU}/modules/_gimpfu/backend.py": "an interface: the fake GIMP of the tests has it too",
    f"{GIMPFU}/modules/_gimpfu/gimp2": "in GIMP 2.10: packages/gimpfu/tests/real",
    f"{GIMPFU}/modules/_gimpfu/gimp3": "in GIMP 3: packages/gimpfu/tests/real",
}


def modules() -> Iterator[PurePosixPath]:
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            if not path.stem.startswith("__"):
                yield PurePosixPath(path.relative_to(ROOT))


def has_code(path: PurePosixPath) -> bool:
    """Whether anything is done in a module, or it only declares."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(tree))


def home_of(path: PurePosixPath) -> Path:
    source = next(each for each in SOURCES if path.is_relative_to(each))
    folder = path.parent.relative_to(source)
    if source == "core/mattekit" and not folder.parts:
        folder = PurePosixPath("core")
    return ROOT / SOURCES[source] / folder / f"test_{path.stem.lstrip('_')}.py"


def excepted(path: PurePosixPath) -> bool:
    return any(path.is_relative_to(each) for each in EXCEPTIONS)


def test_every_module_has_its_tests() -> None:
    missing = [
        f"write {home_of(path).relative_to(ROOT)} for {path}"
        for path in modules()
        if has_code(path) and not excepted(path) and not home_of(path).exists()
    ]
    assert not missing, "\n".join(missing)


def test_exceptions_are_needed() -> None:
    for name in EXCEPTIONS:
        assert (ROOT / name).exists(), name
    tested = [str(path) for path in modules() if excepted(path) and home_of(path).exists()]
    assert not tested, f"these have tests and need no exception: {tested}"
