"""Habits of Python 2 that plug-ins still have, as far as names can serve them.

What the compiler would have to serve is done for plug-ins that the launcher starts: see
`translating` and `semantics`.
"""

import array
import builtins
import collections
import collections.abc
import errno
import functools
import gc
import gettext
import hashlib
import importlib
import importlib.abc
import importlib.machinery
import io
import itertools
import locale
import math
import os
import random
import string
import sys
import time
import types
import zipfile
from types import ModuleType
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence

MODULES = {
    "BaseHTTPServer": "http.server",
    "ConfigParser": "configparser",
    "Cookie": "http.cookies",
    "HTMLParser": "html.parser",
    "Queue": "queue",
    "SimpleHTTPServer": "http.server",
    "DocXMLRPCServer": "xmlrpc.server",
    "SimpleXMLRPCServer": "xmlrpc.server",
    "SocketServer": "socketserver",
    "StringIO": "io",
    "Tkinter": "tkinter",
    "UserDict": "collections",
    "UserList": "collections",
    "UserString": "collections",
    "__builtin__": "builtins",
    "cPickle": "pickle",
    "cStringIO": "io",
    "commands": "subprocess",
    "cookielib": "http.cookiejar",
    "copy_reg": "copyreg",
    "exceptions": "builtins",
    "htmlentitydefs": "html.entities",
    "httplib": "http.client",
    "md5": "hashlib",
    "sets": "builtins",
    "sha": "hashlib",
    "thread": "_thread",
    "tkColorChooser": "tkinter.colorchooser",
    "tkFileDialog": "tkinter.filedialog",
    "tkFont": "tkinter.font",
    "tkMessageBox": "tkinter.messagebox",
    "tkSimpleDialog": "tkinter.simpledialog",
    "ttk": "tkinter.ttk",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
    "xmlrpclib": "xmlrpc.client",
}
#: What a module had besides that its successor has under another name.
_MORE: Dict[str, Dict[str, Any]] = {
    "md5": {"new": hashlib.md5},
    "sets": {"Set": set, "ImmutableSet": frozenset},
    "sha": {"new": hashlib.sha1, "sha": hashlib.sha1},
}
_PYGTK = "PyGTK ended with Python 2; a dialog of its own has to be rewritten"
GONE = (
    *("gimpthumb", "gimpui", "glade", "glib", "gio"),
    *("gobject", "gtk", "pango", "pygtk"),
)


class GoneModule(ImportError):
    """A module that ended with Python 2; the text says what that means."""


class _OldModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds modules under the names that they had."""

    def find_spec(
        self, fullname: str, path: Optional[Sequence[Any]], target: Optional[ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        if fullname in GONE:
            raise GoneModule("no module %s: %s" % (fullname, _PYGTK), name=fullname)
        if fullname in MODULES:
            return importlib.machinery.ModuleSpec(fullname, self)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Optional[ModuleType]:
        return None

    def exec_module(self, module: ModuleType) -> None:
        new = importlib.import_module(MODULES[module.__name__])
        kept = ("__name__", "__spec__", "__loader__", "__package__")
        module.__dict__.update({k: v for k, v in vars(new).items() if k not in kept})
        module.__dict__.update(_MORE.get(module.__name__, {}))


def _plainly_compiled(source: bytes, path: str) -> Any:
    return compile(source, path, "exec")


#: Compiles other files of a plug-in; the launcher knows a better way.
compile_source: Callable[[bytes, str], Any] = _plainly_compiled


def _execfile(path: str, globals: Optional[Any] = None, locals: Optional[Any] = None) -> None:
    space = sys._getframe(1).f_globals if globals is None else globals
    with open(path, "rb") as source:
        exec(compile_source(source.read(), path), space, locals)


def _cmp(a: Any, b: Any) -> int:
    return int(a > b) - int(a < b)


def _apply(function: Callable[..., Any], args: Iterable[Any] = (), kwargs: Any = None) -> Any:
    return function(*args, **(kwargs or {}))


def _file(name: Any, mode: str = "r", buffering: int = -1, **named: Any) -> Any:
    if named:  # of Python 3
        return open(name, mode, buffering, **named)
    mode = mode.replace("U", "").replace("t", "") or "r"
    if "b" in mode:
        return _with_text(open(name, mode, buffering))
    # Nobody has to know what a file's bytes mean in order to copy them.
    plain = open(name, mode + "b")  # noqa: SIM115  the plug-in closes it
    made = _TextFile(plain, encoding="utf-8", errors="surrogateescape")
    made.mode = mode
    return made


def to_bytes(text: Any) -> Any:
    """Return the bytes of a string, which were the same thing: a character each, if they can be."""
    if not isinstance(text, str):
        return text
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")


class _ByteFile(io.BufferedWriter):
    """A file of bytes that takes text, too."""

    def write(self, data: Any) -> int:
        return super().write(to_bytes(data))


def _with_text(file: Any) -> Any:
    if not isinstance(file, io.BufferedWriter):
        return file  # one that is read, or changed in place
    raw = file.detach()
    return _ByteFile(raw)


class _TextFile(io.TextIOWrapper):
    """A file of text that takes bytes, too: there was no difference on most systems."""

    mode = "r"

    def write(self, data: Any) -> int:
        if isinstance(data, str):
            return super().write(data)
        self.flush()
        self.buffer.write(data)
        return len(data)


class _Unicode(type):
    """Makes `unicode` a name for str that also takes an encoding."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, str)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, str)

    def __call__(cls, value: Any = "", encoding: str = "utf-8", errors: str = "strict") -> str:
        return str(value, encoding, errors) if isinstance(value, bytes) else str(value)


class _unicode(str, metaclass=_Unicode):
    """Python 2's name for text."""


def lenient_range(*bounds: Any) -> range:
    """`range` that takes floats too: bounds that came out of `/` were integers once."""
    return range(*(int(bound) for bound in bounds))


def _whole(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that takes floats without a fraction where it wants integers."""

    @functools.wraps(function)
    def made(*numbers: Any) -> Any:
        return function(*(int(n) if isinstance(n, float) and n == int(n) else n for n in numbers))

    return made


class _ZipFile(zipfile.ZipFile):
    """zipfile.ZipFile that takes a path in bytes, as plug-ins encode the names of files."""

    def __init__(self, file: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(os.fsdecode(file) if isinstance(file, bytes) else file, *args, **kwargs)


def _join(path: Any, *parts: Any) -> Any:
    """`os.path.join` that takes text and bytes together; text wins."""
    every = [os.fspath(part) for part in (path, *parts)]
    if any(isinstance(part, str) for part in every):
        every = [os.fsdecode(part) for part in every]
    return _plain_join(*every)


_plain_join = os.path.join


def _maketrans(old: str, new: str) -> str:
    """Return 256 characters: what Python 2 made, and what Python 3's translate takes too."""
    table = [chr(i) for i in range(256)]
    for before, after in zip(old, new):
        table[ord(before)] = after
    return "".join(table)


_NAMES = {
    "apply": _apply,
    "basestring": str,
    "buffer": memoryview,
    "cmp": _cmp,
    "execfile": _execfile,
    "file": _file,
    "intern": sys.intern,
    "long": int,
    "raw_input": input,
    "reduce": functools.reduce,
    "reload": importlib.reload,
    "unichr": chr,
    "unicode": _unicode,
    "xrange": lenient_range,
}


class _Array(array.array):  # type: ignore[type-arg]
    """array.array that takes a string of bytes, the typecode "c", and the old names."""

    def __new__(cls, typecode: str, initial: Any = ()) -> Any:
        if typecode == "c":
            typecode = "B"
        if isinstance(initial, str) and typecode != "u":
            initial = initial.encode("latin-1")
        return super().__new__(cls, typecode, initial)

    def tostring(self) -> bytes:
        return self.tobytes()

    def fromstring(self, data: Any) -> None:
        self.frombytes(data.encode("latin-1") if isinstance(data, str) else data)


class _Items(List[Any]):
    """A list, as `map` and the like returned it, that `next` takes too, as their new results."""

    def __next__(self) -> Any:
        if not hasattr(self, "_rest"):
            self._rest = iter(list(self))
        return next(self._rest)


def listed(function: Callable[..., Iterable[Any]]) -> Callable[..., _Items]:
    """Return a function that returns a list of what another one yields."""

    @functools.wraps(function, updated=())
    def made(*args: Any, **kwargs: Any) -> _Items:
        return _Items(function(*args, **kwargs))

    return made


def lenient_sorted(
    items: Iterable[Any], cmp: Any = None, key: Any = None, reverse: Any = False
) -> List[Any]:
    """`sorted` that takes a function that compares, too."""
    return sorted(items, key=functools.cmp_to_key(cmp) if cmp else key, reverse=bool(reverse))


def _sort(self: List[Any], cmp: Any = None, key: Any = None, reverse: Any = False) -> None:
    _plain_sort(self, key=functools.cmp_to_key(cmp) if cmp else key, reverse=bool(reverse))


def _translate(self: str, table: Any, deletechars: str = "") -> str:
    kept = "".join(each for each in self if each not in deletechars) if deletechars else self
    return kept if table is None else _plain_translate(kept, table)


_plain_sort = list.sort
_plain_translate = str.translate
_METHODS: Dict[type, Dict[str, Any]] = {
    dict: {
        "has_key": lambda self, key: key in self,
        "iteritems": lambda self: iter(self.items()),
        "iterkeys": lambda self: iter(self.keys()),
        "itervalues": lambda self: iter(self.values()),
    },
    list: {"sort": _sort},
    str: {
        "decode": lambda self, encoding="utf-8", errors="strict": self,
        "translate": _translate,
    },
}


def _install_methods() -> None:
    """Give built-in types the methods that they had.

    Python does not offer this: it is done in the dictionary of the type, which the read-only view
    `type.__dict__` refers to. Only the plug-in's own process is concerned, and a Python that does
    it differently just goes without.
    """
    if sys.implementation.name != "cpython":
        return
    import ctypes

    for type, methods in _METHODS.items():
        for space in gc.get_referents(type.__dict__):
            if isinstance(space, dict):
                space.update(methods)
                ctypes.pythonapi.PyType_Modified(ctypes.py_object(type))


def lenient_map(function: Any, *items: Iterable[Any]) -> Any:
    """`map` that takes None for a function, and then returns tuples, filled with None."""
    if function is not None:
        return map(function, *items)
    return itertools.zip_longest(*items) if len(items) > 1 else iter(*items)


def rounded(number: Any, digits: int = 0) -> float:
    """`round` as it was: a float, halves away from zero."""
    scale = 10.0**digits
    return math.copysign(math.floor(abs(number) * scale + 0.5) / scale, number)


def lenient_ord(character: Any) -> int:
    """`ord` that takes a byte's number too: what indexing bytes gives in Python 3."""
    return character if isinstance(character, int) else ord(character)


def _install_gettext() -> None:
    plain = gettext.install

    def install(
        domain: str,
        localedir: Optional[str] = None,
        unicode: Any = None,
        codeset: Any = None,
        names: Any = None,
    ) -> None:
        plain(domain, localedir, names=names)

    if "unicode" not in plain.__code__.co_varnames:
        gettext.install = install  # type: ignore[assignment]
    translations: Any = gettext.NullTranslations
    translations.ugettext = lambda self, message: self.gettext(message)
    translations.ungettext = lambda self, one, more, n: self.ngettext(one, more, n)


def _later(module: str, name: str) -> Callable[..., Any]:
    """Return a function of a module that is imported by the first call: some take long."""

    def function(*args: Any, **kwargs: Any) -> Any:
        return getattr(importlib.import_module(module), name)(*args, **kwargs)

    return function


#: Names that `types` had.
_TYPES = {
    "BooleanType": bool,
    "DictType": dict,
    "DictionaryType": dict,
    "FloatType": float,
    "IntType": int,
    "ListType": list,
    "LongType": int,
    "NoneType": type(None),
    "StringType": str,
    "StringTypes": (str,),
    "TupleType": tuple,
    "UnicodeType": str,
}
_URLLIB = {
    "pathname2url": "request",
    "quote": "parse",
    "quote_plus": "parse",
    "unquote": "parse",
    "unquote_plus": "parse",
    "url2pathname": "request",
    "urlencode": "parse",
    "urlopen": "request",
    "urlretrieve": "request",
}


def _set(target: Any, names: Any) -> None:
    for name, value in names.items():
        if not hasattr(target, name):
            setattr(target, name, value)


def globals_() -> Dict[str, Any]:
    """Return the functions that an old plug-in finds under their names from its first line on."""
    return {
        "filter": listed(filter),
        "map": listed(lenient_map),
        "open": _file,
        "ord": lenient_ord,
        "range": listed(lenient_range),
        "round": rounded,
        "sorted": lenient_sorted,
        "zip": listed(zip),
    }


@functools.lru_cache(maxsize=None)
def install() -> None:
    """Bring the old names back into this process; called once when gimpfu or gimp is imported."""
    _set(builtins, _NAMES)
    # `_` without a catalogue, until a plug-in installs its own.
    _set(builtins, {"_": lambda message: message})
    _set(
        string,
        {
            "letters": string.ascii_letters,
            "lowercase": string.ascii_lowercase,
            "uppercase": string.ascii_uppercase,
            "maketrans": _maketrans,
            "atof": float,
            "atoi": int,
            "atol": int,
            "join": lambda words, sep=" ": sep.join(words),
            "joinfields": lambda words, sep=" ": sep.join(words),
            "splitfields": str.split,
        },
    )
    methods = "center count expandtabs find index ljust lower lstrip replace rfind rindex rjust"
    methods += " rstrip split strip swapcase translate upper zfill"
    _set(string, {name: getattr(str, name) for name in methods.split()})
    _set(itertools, {"ifilter": filter, "imap": map, "izip": zip})
    _set(itertools, {"izip_longest": itertools.zip_longest, "ifilterfalse": itertools.filterfalse})
    _set(os, {"getcwdu": os.getcwd, "errno": errno})
    _set(types, _TYPES)
    _set(locale, {"format": locale.format_string})
    _set(sys, {"maxint": sys.maxsize, "setdefaultencoding": lambda encoding: None})
    _set(time, {"clock": time.perf_counter})
    _set(collections, {name: getattr(collections.abc, name) for name in collections.abc.__all__})
    import urllib

    _set(urllib, {name: _later("urllib." + module, name) for name, module in _URLLIB.items()})
    _install_methods()
    array.array = _Array  # type: ignore[misc]
    _install_gettext()
    zipfile.ZipFile = _ZipFile  # type: ignore[misc]
    os.path.join = _join
    random.randint = _whole(random.randint)
    random.randrange = _whole(random.randrange)
    sys.meta_path.append(_OldModules())
