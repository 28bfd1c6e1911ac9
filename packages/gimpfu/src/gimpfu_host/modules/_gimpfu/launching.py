"""The start of an old plug-in: what ``gimpfu.interp`` names in the place of Python 2.

GIMP starts the launcher with the plug-in's file and its own words. Before the plug-in's first line
runs, the habits of Python 2 are there (`python2`), its source is translated in memory where
Python 3 cannot read it (`translating`), and what means something else means what it did
(`semantics`). The same holds for modules that lie beside the plug-in. No file is written.
"""

import builtins
import importlib.machinery
import os
import re
import sys
from types import CodeType, ModuleType
from typing import Any, NoReturn, Sequence

from _gimpfu import python2, semantics

__all__ = ["launch"]

_OURS = re.compile(rb"^[ \t]*(?:from|import)[ \t]+(?:gimpfu|gimp|gimpplugin)\b", re.MULTILINE)
_QUERY = "-query"


def launch(arguments: Sequence[str]) -> None:
    """Run a plug-in.

    Parameters
    ----------
    arguments : sequence of str
        The plug-in's file and what GIMP gives to it; in front of them what its first line gives to
        Python.
    """
    words = list(arguments)
    while words and words[0].startswith("-"):
        words.pop(0)
    if not words:
        _leave("gimpfu's launcher wants the file of a plug-in; GIMP starts it")
    path = words[0]
    folder = os.path.dirname(os.path.abspath(path))
    sys.argv[:] = words
    sys.path.insert(0, folder)
    python2.install()
    for name, helper in semantics.HELPERS.items():
        setattr(builtins, name, helper)
    sys.path_hooks.insert(0, _finders(folder))
    sys.path_importer_cache.clear()
    python2.compile_source = _compiled
    code = _prepared(path, tell=_QUERY in words)
    module = ModuleType("__main__")
    module.__file__ = path
    module.__dict__["__builtins__"] = builtins
    if code.old:
        module.__dict__.update(python2.globals_())
    sys.modules["__main__"] = module
    try:
        exec(code.code, module.__dict__)
    except python2.GoneModule as gone:
        _leave("%s does not run: %s" % (path, gone))


def _compiled(source: bytes, path: str) -> CodeType:
    return semantics.compile_plug_in(source, path).code


def _prepared(path: str, *, tell: bool) -> semantics.Code:
    try:
        with open(path, "rb") as file:
            source = file.read()
        if not _OURS.search(source):
            # No plug-in of gimpfu's: whatever it is, Python 3 may read it as it stands.
            try:
                code = compile(source, path, "exec", dont_inherit=True)
                return semantics.Code(code, old=False)
            except (SyntaxError, ValueError):
                pass
        done = semantics.compile_plug_in(source, path)
    except OSError as error:
        _leave("%s cannot be read: %s" % (path, error.strerror))
    except (SyntaxError, ValueError) as error:
        place = getattr(error, "lineno", None)
        where = ", line %d" % place if place else ""
        what = getattr(error, "msg", None) or error
        _leave("%s is no Python%s: %s" % (path, where, what))
    if tell and done.changes:
        _say(
            "%s is written in Python 2; it runs in a translation (%s)"
            % (path, ", ".join(done.changes))
        )
    return done


def _say(text: str) -> None:
    sys.stderr.write("gimpfu: %s\n" % text)


def _leave(text: str) -> NoReturn:
    _say(text)
    raise SystemExit(1)


# -- modules beside the plug-in ------------------------------------------------------------------


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module that lies with a plug-in, whichever Python it is written in."""

    _old = False

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        done = semantics.compile_plug_in(self.get_data(path), path)
        self._old = done.old
        return done.code

    def exec_module(self, module: ModuleType) -> None:
        code = self.get_code(module.__name__)
        if self._old:
            module.__dict__.update(python2.globals_())
        exec(code, module.__dict__)


def _finders(folder: str) -> Any:
    """Return a hook of `sys.path_hooks` for the plug-in's folder and what lies in it."""
    loaders = [
        (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
        (_Loader, importlib.machinery.SOURCE_SUFFIXES),
    ]
    make = importlib.machinery.FileFinder.path_hook(*loaders)

    def hook(path: str) -> Any:
        place = os.path.abspath(path or os.curdir)
        if place != folder and not place.startswith(folder + os.sep):
            raise ImportError("not the plug-in's")
        return make(path)

    return hook
