"""A picture that somebody corrects: each mark is answered at once, the result comes at the end.

What is slow is done once, when the picture is opened: it is decoded, the network looks at it, and
its subject is refined at the size of a screen. A mark then costs the same however large the
picture is. At full size the work is done when it is asked for, and gives what one call with all
marks gives, to the bit.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, Generic, Literal, NamedTuple, Protocol, TypeVar

from mattekit import codecs, matting, painting
from mattekit.cropping import PREVIEW_AREA
from mattekit.cutout import Cutout
from mattekit.editable import EditablePhoto
from mattekit.errors import EditorNotFound, OptionError
from mattekit.geometry import Size
from mattekit.hints import (
    Hints,
    Marked,
    hints_of_editor,
    read_marks,
    refuse_contradictions,
    refuse_other_size,
)
from mattekit.options import OPTIONS, Options
from mattekit.runtime import Runtime

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mattekit.option_values import OptionValues

__all__ = ["Editor", "EditorStore", "Mark"]

_OPTIONS: Final[tuple[Literal["keep", "remove"], ...]] = ("keep", "remove")


class Mark(NamedTuple):
    """Something that was marked.

    Attributes
    ----------
    option : {"keep", "remove"}
    value : object
        A `Point`, a `Region`, a picture of strokes, or `Marked` pixels.
    """

    option: Literal["keep", "remove"]
    value: object


#: A mark, and the same in pixels.
_Made = tuple[Mark, Marked]


class Editor:
    """A session of corrections of one picture. Safe to use from several threads.

    Parameters
    ----------
    image : path, bytes, binary file, (H, W[, C]) ndarray, PIL.Image.Image or Photo
        The picture.
    options : Options, optional
        Checked options; marks among them come first and are not undone.
    runtime : Runtime, optional
        Where models run; by default the one that the whole process shares.
    preview_pixels : int
        How many pixels a preview has at most, about.
    overpaint : bool
        Whether a later mark counts where it lies on an earlier one, as paint does; else marks that
        contradict each other are an error. Where the options are those of an editor that did, this
        one does.
    **values
        Options by name; they win over `options`.

    Raises
    ------
    OptionError, InputError, ModelError, ProviderError
        As `mattekit.remove_background`.

    Examples
    --------
    >>> editor = Editor("group.jpg")  # doctest: +SKIP
    >>> editor.keep("40% 55%")  # doctest: +SKIP
    >>> editor.preview().to_pil().show()  # doctest: +SKIP
    >>> editor.undo()  # doctest: +SKIP
    >>> editor.result().save("subject.png")  # doctest: +SKIP
    """

    def __init__(
        self,
        image: codecs.Source,
        options: Options | None = None,
        *,
        runtime: Runtime | None = None,
        preview_pixels: int = PREVIEW_AREA,
        overpaint: bool = False,
        **values: Unpack[OptionValues],
    ) -> None:
        if preview_pixels < 1:
            raise OptionError("preview_pixels", preview_pixels, "a whole number from 1")
        given = Options.of(options, values)
        self._options = given.replace(keep=(), remove=())
        self._before = hints_of_editor(given)
        self._overpaint = overpaint or self._before is not None
        self.photo = codecs.decode(image)
        size = self.photo.size
        self._first: list[_Made] = []
        if self._before is not None:
            refuse_other_size(self._before, size)
        else:
            self._first += [
                (Mark(option, value), read_marks(option, [value], size))
                for option in _OPTIONS
                for value in getattr(given, option)
            ]
        self._editable = EditablePhoto(
            self.photo, self._options, runtime or Runtime.shared(), preview_pixels
        )
        self._editable.preview(self._editable.matte)  # what is slow is done now
        self._done: list[list[_Made]] = []  # each of them is undone at once
        self._undone: list[list[_Made]] = []
        self._lock = threading.RLock()
        self._latest: tuple[list[_Made], matting.Matte] | None = None
        self._hints_of(self._first)  # whatever is wrong with them is said now

    # -- marks -------------------------------------------------------------------------------

    def keep(self, mark: object) -> None:
        """Mark what belongs to the subject.

        Parameters
        ----------
        mark : str, sequence of numbers, path, array, PIL.Image.Image, Marked or a list of these
            Points, boxes and pictures of strokes, as the option `keep` takes them, or pixels.

        Raises
        ------
        OptionError, InputError
            It is no mark in this picture, or contradicts one that is there; nothing was marked.
        """
        self.mark([("keep", mark)])

    def remove(self, mark: object) -> None:
        """Mark what does not belong to the subject; as `keep`."""
        self.mark([("remove", mark)])

    def mark(self, marks: Iterable[tuple[Literal["keep", "remove"], object]]) -> None:
        """Mark several things that are undone at once.

        Parameters
        ----------
        marks : iterable of ({"keep", "remove"}, object)
            In the order in which they are made. Raises what `keep` raises.
        """
        made = [each for option, mark in marks for each in self._made(option, mark)]
        if not made:
            return
        with self._lock:
            self._hints_of([*self._all(), *made])
            self._done.append(made)
            if any(marked.boxes for _, marked in made):
                try:
                    self.matte()  # a box may hold nothing
                except OptionError:
                    self._done.pop()
                    raise
            self._undone.clear()

    def undo(self) -> bool:
        """Take the last mark back; false where there is none."""
        with self._lock:
            if self._done:
                self._undone.append(self._done.pop())
                return True
            return False

    def redo(self) -> bool:
        """Mark again what was taken back last; false where nothing was, or marks came since."""
        with self._lock:
            if self._undone:
                self._done.append(self._undone.pop())
                return True
            return False

    @property
    def preview_size(self) -> Size:
        """Size of a preview."""
        return self._editable.shown.size

    @property
    def can_undo(self) -> bool:
        """Whether there is a mark to be taken back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is a mark to be made again."""
        return bool(self._undone)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """All marks that count, in the order in which they were made.

        What another editor knew, whose options it was opened with, is not among them.
        """
        with self._lock:
            return tuple(mark for mark, _ in self._all())

    @property
    def options(self) -> Options:
        """Options with which `mattekit.remove_background` gives the same result.

        Where later marks count over earlier ones, `keep` holds all of them as `Hints`, with their
        order; nobody but this library reads these. Else strokes that were given as pixels are
        pictures as large as the photo.
        """
        with self._lock:
            made = self._all()
        if self._overpaint:
            hints = self._hints_of(made)
            some = any((*hints.keep, *hints.remove))
            return self._options.replace(keep=(hints,) if some else (), remove=())
        if not any(isinstance(mark.value, Marked) for mark, _ in made):
            keep, remove = (
                tuple(mark.value for mark, _ in made if mark.option == option)
                for option in _OPTIONS
            )
        else:
            hints = self._hints_of(made)
            keep, remove = (each.values(self.photo.size) for each in (hints.keep, hints.remove))
        return self._options.replace(keep=keep, remove=remove)

    # -- results -----------------------------------------------------------------------------

    def matte(self) -> matting.Matte:
        """Return the corrected matte.

        Raises
        ------
        OptionError
            Nothing was found in a box that is to be kept.
        """
        with self._lock:
            made = self._all()
            # The same objects: what was undone and made again is still known.
            if self._latest is None or [*map(id, self._latest[0])] != [*map(id, made)]:
                self._latest = made, self._editable.corrected(self._hints_of(made))
            return self._latest[1]

    def preview(self) -> Cutout:
        """Return the subject on the picture's canvas, as large as a preview is.

        Nothing is cropped and nothing put behind it. Raises what `matte` raises.
        """
        return self._editable.preview(self.matte())

    def result(self) -> Cutout:
        """Return the finished cut-out at full size; raises what `matte` raises.

        Its file is that of ``remove_background(photo, editor.options)``, byte for byte.
        """
        return self._editable.result(self.matte(), self._options)

    @property
    def memory(self) -> int:
        """Bytes that are kept for the picture, about."""
        strokes = (
            stroke.mask.nbytes
            for step in [self._first, *self._done, *self._undone]
            for _, marked in step
            for stroke in marked.strokes
        )
        before = self._before.memory if self._before is not None else 0
        return self._editable.memory + before + sum(strokes)

    # -- inside ------------------------------------------------------------------------------

    def _made(self, option: Literal["keep", "remove"], mark: object) -> list[_Made]:
        if isinstance(mark, Marked):
            values: tuple[object, ...] = (mark,) if any(mark) else ()
        else:
            values = OPTIONS[option].parse(mark)
        if not values:
            raise OptionError(option, mark, OPTIONS[option].grammar.text, "nothing is marked")
        return [
            (Mark(option, value), read_marks(option, [value], self.photo.size)) for value in values
        ]

    def _all(self) -> list[_Made]:
        return [*self._first, *(each for step in self._done for each in step)]

    def _hints_of(self, made: Sequence[_Made]) -> Hints:
        size = self.photo.size
        if self._overpaint:
            hints = painting.overpaint(
                ((mark.option == "keep", marked) for mark, marked in made), size, self._before
            )
        else:
            keep, remove = (
                functools.reduce(
                    Marked.joined,
                    (marked for mark, marked in made if mark.option == name),
                    Marked(),
                )
                for name in _OPTIONS
            )
            hints = Hints(size, keep, remove)
        refuse_contradictions(hints, self._options.roi.box(size))
        return hints


class _HasMemory(Protocol):
    @property
    def memory(self) -> int: ...


E = TypeVar("E", bound=_HasMemory)


@dataclasses.dataclass(frozen=True)
class _Kept(Generic[E]):
    editor: E
    owner: str
    seen: float


class EditorStore(Generic[E]):
    """Editors of several people: bounded, each its owner's alone, forgotten after a time.

    Safe to use from several threads. It also takes what holds an editor and says its `memory`.

    Parameters
    ----------
    count : int
        Editors at most.
    memory : int
        Bytes of all of them, about. One alone is kept however large it is.
    seconds : float
        After which whoever was not asked for is forgotten.
    clock : callable
        Seconds that only grow.
    """

    def __init__(
        self,
        count: int = 16,
        memory: int = 2 << 30,
        seconds: float = 1800.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for name, value in (("count", count), ("memory", memory), ("seconds", seconds)):
            if value <= 0:
                raise OptionError(name, value, "a number above 0")
        self.count, self.memory, self.seconds, self.clock = count, memory, seconds, clock
        self._lock = threading.Lock()
        # Who was asked for most recently comes last.
        self._kept: collections.OrderedDict[str, _Kept[E]] = collections.OrderedDict()

    def __len__(self) -> int:
        self.sweep()
        return len(self._kept)

    @property
    def used(self) -> int:
        """Bytes of all editors, about."""
        with self._lock:
            return sum(each.editor.memory for each in self._kept.values())

    def add(self, editor: E, owner: str = "") -> str:
        """Keep an editor and return its name, which nobody can guess.

        Where there is no room, whoever keeps most gives up what was not asked for longest.
        """
        name = secrets.token_urlsafe(16)
        self.sweep()
        with self._lock:
            self._kept[name] = _Kept(editor, owner, self.clock())
            self._make_room(name)
        return name

    def find(self, name: str, owner: str = "") -> E:
        """Return an editor of an owner.

        Raises
        ------
        EditorNotFound
            There is none of that name, or it was forgotten, or it is somebody else's.
        """
        self.sweep()
        with self._lock:
            kept = self._require(name, owner)
            self._kept[name] = dataclasses.replace(kept, seen=self.clock())
            self._kept.move_to_end(name)
            self._make_room(name)  # it may have grown by strokes
            return kept.editor

    def forget(self, name: str, owner: str = "") -> None:
        """Let an editor go; raises what `find` raises."""
        with self._lock:
            self._require(name, owner)
            del self._kept[name]

    def sweep(self) -> None:
        """Forget whoever was not asked for in time."""
        oldest = self.clock() - self.seconds
        with self._lock:
            for name in [key for key, kept in self._kept.items() if kept.seen < oldest]:
                del self._kept[name]

    def _require(self, name: str, owner: str) -> _Kept[E]:
        kept = self._kept.get(name)
        if kept is None or kept.owner != owner:
            raise EditorNotFound(name)
        return kept

    def _make_room(self, wanted: str) -> None:
        """Let editors go until the others have room; the one that is wanted stays."""
        while len(self._kept) > 1:
            sizes = {name: kept.editor.memory for name, kept in self._kept.items()}
            too_large = sum(sizes.values()) > self.memory
            if not too_large and len(sizes) <= self.count:
                return
            held: collections.Counter[str] = collections.Counter()
            for name, kept in self._kept.items():
                held[kept.owner] += sizes[name] if too_large else 1
            del self._kept[
                max(
                    (name for name in self._kept if name != wanted),
                    key=lambda name: held[self._kept[name].owner],
                )
            ]
