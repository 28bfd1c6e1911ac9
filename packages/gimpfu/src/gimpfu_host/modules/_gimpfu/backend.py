"""The thin line between gimpfu and a GIMP: what a backend has to do, and nothing else.

Everything above this line (`gimp.Image`, PixelRgn, last values, …) is written once and speaks GIMP
2.10's language: its procedure names, argument order, enumerations. A backend translates. Values
cross the line as plain Python, one form for each of 2.10's argument types:

=====================================  =====================================================
INT32, INT16, INT8, STATUS             int
FLOAT                                  float
STRING                                 str or None
INT32ARRAY, INT16ARRAY                 sequence of int
INT8ARRAY                              bytes
FLOATARRAY                             sequence of float
STRINGARRAY                            sequence of str
COLOR                                  (red, green, blue, alpha), floats in 0…1, gamma as in sRGB
COLORARRAY                             sequence of such tuples
ITEM, DRAWABLE, LAYER, CHANNEL,        the id as an int; -1 is "none"
SELECTION, VECTORS, IMAGE, DISPLAY
PARASITE                               ParasiteValue(name, flags, data)
=====================================  =====================================================

Arrays keep the count argument in front of them that 2.10 has.
"""

import enum
from abc import ABC, abstractmethod
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from _gimpfu.errors import error
from _gimpfu.memory import Data

#: A picture to look at: width, height, and RGB with a byte each.
Shown = Tuple[int, int, bytes]


class Type(enum.IntEnum):
    """Argument types with the numbers that GIMP 2.10 gives them (PDB_INT32 and so on)."""

    INT32 = 0
    INT16 = 1
    INT8 = 2
    FLOAT = 3
    STRING = 4
    INT32ARRAY = 5
    INT16ARRAY = 6
    INT8ARRAY = 7
    FLOATARRAY = 8
    STRINGARRAY = 9
    COLOR = 10
    ITEM = 11
    DISPLAY = 12
    IMAGE = 13
    LAYER = 14
    CHANNEL = 15
    DRAWABLE = 16
    SELECTION = 17
    COLORARRAY = 18
    VECTORS = 19
    PARASITE = 20
    STATUS = 21


#: Types whose values are ids of things in an image.
ITEMS = (
    *(Type.ITEM, Type.DRAWABLE, Type.LAYER),
    *(Type.CHANNEL, Type.SELECTION, Type.VECTORS),
)


class Status(enum.IntEnum):
    """How a procedure ended."""

    EXECUTION_ERROR = 0
    CALLING_ERROR = 1
    PASS_THROUGH = 2
    SUCCESS = 3
    CANCEL = 4


class ProcedureKind(enum.IntEnum):
    """Who offers a procedure: GIMP itself, or one of the kinds of plug-in."""

    INTERNAL = 0
    PLUGIN = 1
    EXTENSION = 2
    TEMPORARY = 3


class ParasiteValue(NamedTuple):
    """A piece of data attached to an image or an item."""

    name: str
    flags: int
    data: bytes


class Argument(NamedTuple):
    """An argument or a result of a procedure.

    `widget`, `default` and `extra` are what `gimpfu.register` was given (a PF_* number, the default
    and the range or choices), None for procedures that did not come through it. A colour default
    may be anything that gimpfu accepts; `Backend.ask` gets values, never defaults.
    """

    type: Type
    name: str
    description: str
    widget: Optional[int] = None
    default: Any = None
    extra: Any = None


class Procedure(NamedTuple):
    """A procedure as it is registered, or as GIMP describes it."""

    name: str
    blurb: str
    help: str
    author: str
    copyright: str
    date: str
    label: Optional[str]
    image_types: Optional[str]
    kind: ProcedureKind
    arguments: Sequence[Argument]
    results: Sequence[Argument]


class Outcome(NamedTuple):
    """What a plug-in's procedure returns: results only with SUCCESS, else a message or none."""

    status: Status
    values: Sequence[Any] = ()
    message: Optional[str] = None


class NoSuchProcedure(Exception):
    """GIMP has no procedure of this name; `advice` names the one that took its place, if any."""

    def __init__(self, name: str, advice: str = "") -> None:
        super().__init__(name, advice)
        self.name = name
        self.advice = advice


class CallFailed(error):
    """A procedure ended with another status than SUCCESS: a `gimp.error`, wherever it gets out."""

    def __init__(self, name: str, status: Status, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.status = status
        self.message = message


class PlugIn(ABC):
    """The plug-in as GIMP sees it; the front end implements it, a backend calls it."""

    #: GIMP runs `init` at every start of a plug-in that has one, so most have not.
    has_init: bool = False

    @abstractmethod
    def query(self) -> None:
        """Register procedures through `Backend.install` and the other methods of registration."""

    @abstractmethod
    def init(self) -> None:
        """Do what is to be done at GIMP's start."""

    @abstractmethod
    def run(self, name: str, values: Sequence[Any]) -> Outcome:
        """Run a procedure, with the values of its arguments as registered. Raises nothing."""

    @abstractmethod
    def quit(self) -> None:
        """Say goodbye."""


class Backend(ABC):
    """A running GIMP."""

    #: (major, minor, micro) of the running GIMP.
    version: Tuple[int, int, int]

    # -- a plug-in's life --------------------------------------------------------------------

    @abstractmethod
    def main(self, plug_in: PlugIn, argv: Sequence[str]) -> int:
        """Hand control to GIMP until it is done with the plug-in; returns the exit code.

        A backend whose GIMP asks for names first may call `plug_in.query()` to learn them, and
        again before a run.
        """

    @abstractmethod
    def install(self, procedure: Procedure) -> None:
        """Register a procedure. One of kind TEMPORARY lives as long as the process."""

    @abstractmethod
    def uninstall(self, name: str) -> None:
        """Remove a temporary procedure."""

    @abstractmethod
    def add_menu(self, procedure: str, path: str) -> None:
        """Add a menu entry, for instance under ``<Image>/Filters/Artistic``."""

    @abstractmethod
    def add_domain(self, domain: str, folder: Optional[str]) -> None:
        """Name the catalogue that translates labels and blurbs."""

    @abstractmethod
    def add_load_handler(self, procedure: str, extensions: str, prefixes: str, magic: str) -> None:
        """Declare that a procedure opens files; comma-separated lists, "" for none."""

    @abstractmethod
    def add_save_handler(self, procedure: str, extensions: str, prefixes: str) -> None:
        """Declare that a procedure saves files."""

    @abstractmethod
    def acknowledge(self) -> None:
        """Tell GIMP that an extension has started (2.10's gimp_extension_ack)."""

    @abstractmethod
    def process(self, timeout: int) -> None:
        """Serve calls of temporary procedures for so many milliseconds; 0 waits for one."""

    # -- procedures --------------------------------------------------------------------------

    @abstractmethod
    def query(self, patterns: Sequence[str]) -> List[str]:
        """Names of procedures whose name, blurb, help, author, copyright, date, type match.

        Seven regular expressions, `.*` for any.
        """

    @abstractmethod
    def describe(self, name: str) -> Procedure:
        """Describe a procedure as GIMP 2.10 would. Raises NoSuchProcedure."""

    @abstractmethod
    def call(self, name: str, values: Sequence[Any]) -> List[Any]:
        """Call a procedure with one value for each of `describe(name).arguments`.

        Returns one value for each of its results. Raises NoSuchProcedure, CallFailed.
        """

    @abstractmethod
    def constants(self) -> Dict[str, int]:
        """Return every enumeration value under 2.10's name without the prefix GIMP_.

        Values are those that `call` takes.
        """

    # -- items and pixels --------------------------------------------------------------------

    @abstractmethod
    def item_kind(self, item: int) -> Optional[str]:
        """One of layer, text, group, channel, mask, selection, vectors; None: no such item."""

    @abstractmethod
    def pixel_format(self, drawable: int) -> str:
        """Return the babl format that the drawable is stored in."""

    @abstractmethod
    def read(
        self,
        drawable: int,
        rect: Tuple[int, int, int, int],
        format: Optional[str] = None,
        shadow: bool = False,
    ) -> bytes:
        """Read a rectangle (x, y, width, height) inside the drawable, row by row.

        `format` is a babl format, None for 2.10's plain one: 8 bits, R'G'B'(A), Y'(A) or indices.
        """

    @abstractmethod
    def write(
        self,
        drawable: int,
        rect: Tuple[int, int, int, int],
        data: Data,
        format: Optional[str] = None,
        shadow: bool = False,
    ) -> None:
        """Write a rectangle; `data` has exactly its size. Nothing stays in a cache afterwards."""

    # -- what is no procedure, or another one in each GIMP ------------------------------------

    @abstractmethod
    def get_data(self, key: str) -> Optional[bytes]:
        """Return what `set_data` kept under this key, None if nothing or an empty string."""

    @abstractmethod
    def set_data(self, key: str, data: bytes) -> None:
        """Keep bytes for the rest of GIMP's session."""

    @abstractmethod
    def progress_init(self, text: Optional[str]) -> None:
        """Show a progress bar at 0."""

    @abstractmethod
    def progress_update(self, fraction: float) -> None:
        """Move the progress bar; fraction in 0…1."""

    @abstractmethod
    def message(self, text: str) -> None:
        """Show a message where GIMP shows messages."""

    @abstractmethod
    def displays_flush(self) -> None:
        """Let every window show what has changed."""

    @abstractmethod
    def default_display(self) -> int:
        """Return the id of the display that the plug-in was called from, -1 for none."""

    @abstractmethod
    def folder(self, kind: str) -> str:
        """One of user, data, locale, sysconf, plug-in."""

    # -- dialogs -----------------------------------------------------------------------------

    @abstractmethod
    def ask(
        self,
        procedure: Procedure,
        first: int,
        values: Sequence[Any],
        preview: Optional[Callable[[Sequence[Any]], Shown]] = None,
    ) -> Optional[List[Any]]:
        """Show a dialog for `procedure.arguments[first:]`, whose present values are `values`.

        `preview` makes a picture of such values: its button is there where that is given, and the
        text of an `error` that it raises is shown.

        Returns the new values, None when the user cancels. `Argument.widget` (a PF_* number,
        see `widgets.py`) says which control is meant, `Argument.description` is its label, an
        underscore before the mnemonic.
        """

    @abstractmethod
    def export(
        self, image: int, drawable: int, format_name: str, capabilities: int
    ) -> Tuple[int, int, int]:
        """Make an image fit for a format, asking if needed: (EXPORT_*, image, drawable)."""
