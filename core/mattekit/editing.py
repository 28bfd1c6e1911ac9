"""A picture that somebody corrects: each mark is answered at once, the result comes at the end.

What is slow is done once, when the picture is opened: it is decoded, the network looks at it, and
its subject is refined at the size of a screen. A mark then costs the same however large the
picture is. At full size the work is done when it is asked for, and gives what one call with all
marks gives, to the bit.
"""

from __future__ import annotations

import collections
import functools
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from mattekit import codecs, correction, cropping, matting, pipeline
from mattekit.cutout import Cutout
from mattekit.errors import EditorNotFound, OptionError
from mattekit.geometry import fit_area
from mattekit.hints import Hints, Marked, read_marks, refuse_contradictions
from mattekit.options import OPTIONS, Options
from mattekit.photo import Photo
from mattekit.runtime import Runtime

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mattekit.option_values import OptionValues

__all__ = ["Editor", "EditorStore", "Mark"]

#: Pixels of a preview.
_PREVIEW: Final = 250_000


class Mark(NamedTuple):
    """Something that was marked.

    Attributes
    ----------
    option : {"keep", "remove"}
    value : object
        A `Point`, a `Region` or a picture of strokes.
    """

    option: Literal["keep", "remove"]
    value: object


class _Step(NamedTuple):
    marks: tuple[Mark, ...]
    marked: Marked  # the same in pixels


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
        preview_pixels: int = _PREVIEW,
        **values: Unpack[OptionValues],
    ) -> None:
        if preview_pixels < 1:
            raise OptionError("preview_pixels", preview_pixels, "a whole number from 1")
        given = (options or Options()).updated(values)
        self._options = given.replace(keep=(), remove=())
        self._runtime = runtime or Runtime.shared()
        self.photo = codecs.decode(image)
        size = self.photo.size
        self._first = [
            self._step(name, getattr(given, name))
            for name in ("keep", "remove")
            if getattr(given, name)
        ]
        self._matte = pipeline.segment(self.photo, self._options, self._runtime)
        self._ready = correction.Ready.of(self.photo, self._matte, self._options)
        self._shown = self.photo
        if size.area > preview_pixels:
            self._shown = cropping.downscale(self.photo, fit_area(size, preview_pixels))
        self._base = matting.uncorrected(
            self._shown,
            matting.rescale(self._matte, size, self._shown),
            self._options,
            original=size,
        )
        self._done: list[_Step] = []
        self._undone: list[_Step] = []
        self._lock = threading.RLock()
        self._latest: tuple[tuple[_Step, ...], matting.Matte] | None = None
        self._hints_of(self._first)  # whatever is wrong with them is said now

    # -- marks -------------------------------------------------------------------------------

    def keep(self, mark: object) -> None:
        """Mark what belongs to the subject.

        Parameters
        ----------
        mark : str, sequence of numbers, path, array, PIL.Image.Image or a list of these
            Points, boxes and pictures of strokes, as the option `keep` takes them.

        Raises
        ------
        OptionError, InputError
            It is no mark in this picture, or contradicts one that is there; nothing was marked.
        """
        self._mark("keep", mark)

    def remove(self, mark: object) -> None:
        """Mark what does not belong to the subject; as `keep`."""
        self._mark("remove", mark)

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
    def marks(self) -> tuple[Mark, ...]:
        """All marks that count, in the order in which they were made."""
        with self._lock:
            return tuple(mark for step in self._steps() for mark in step.marks)

    @property
    def options(self) -> Options:
        """Options with which `mattekit.remove_background` gives the same result."""
        marks = self.marks
        return self._options.replace(
            keep=tuple(mark.value for mark in marks if mark.option == "keep"),
            remove=tuple(mark.value for mark in marks if mark.option == "remove"),
        )

    # -- results -----------------------------------------------------------------------------

    def matte(self) -> matting.Matte:
        """Return the corrected matte.

        Raises
        ------
        OptionError
            Nothing was found in a box that is to be kept.
        """
        with self._lock:
            steps = tuple(self._steps())
            if self._latest is None or self._latest[0] != steps:
                self._latest = steps, self._corrected(steps)
            return self._latest[1]

    def preview(self) -> Cutout:
        """Return the subject on the picture's canvas, as large as a preview is.

        Nothing is cropped and nothing put behind it. Raises what `matte` raises.
        """
        matte = matting.rescale(self.matte(), self.photo.size, self._shown)
        return matting.extract(
            self._shown, matte, self._options, original=self.photo.size, before=self._base
        )

    def result(self) -> Cutout:
        """Return the finished cut-out at full size; raises what `matte` raises.

        Its file is that of ``remove_background(photo, editor.options)``, byte for byte.
        """
        return pipeline.complete(self.photo, self.matte(), self._options)

    @property
    def memory(self) -> int:
        """Bytes that are kept for the picture, about."""
        photos: Sequence[Photo] = [self.photo]
        if self._shown is not self.photo:
            photos = [self.photo, self._shown]
        planes = [each.color for each in photos]
        planes += [each.alpha for each in photos if each.alpha is not None]
        kept = [*planes, self._base.alpha, self._base.color, self._ready.overview.color]
        if self._matte.mask is not None:
            kept.append(self._matte.mask.levels)
        strokes = (
            stroke.mask.nbytes
            for step in [*self._first, *self._done, *self._undone]
            for stroke in step.marked.strokes
        )
        unique = {id(each): each.nbytes for each in kept}
        return sum(unique.values()) + sum(strokes)

    # -- inside ------------------------------------------------------------------------------

    def _mark(self, option: Literal["keep", "remove"], mark: object) -> None:
        step = self._step(option, OPTIONS[option].parse(mark))
        if not step.marks:
            raise OptionError(option, mark, OPTIONS[option].grammar.text, "nothing is marked")
        with self._lock:
            self._hints_of([*self._steps(), step])
            self._done.append(step)
            if step.marked.boxes:
                try:
                    self.matte()  # a box may hold nothing
                except OptionError:
                    self._done.pop()
                    raise
            self._undone.clear()

    def _step(self, option: str, values: tuple[object, ...]) -> _Step:
        name: Literal["keep", "remove"] = "keep" if option == "keep" else "remove"
        marked = read_marks(name, values, self.photo.size)
        return _Step(tuple(Mark(name, value) for value in values), marked)

    def _steps(self) -> list[_Step]:
        return [*self._first, *self._done]

    def _hints_of(self, steps: Sequence[_Step]) -> Hints:
        keep, remove = (
            functools.reduce(
                Marked.joined, (s.marked for s in steps if s.marks[0].option == name), Marked()
            )
            for name in ("keep", "remove")
        )
        hints = Hints(self.photo.size, keep, remove)
        refuse_contradictions(hints, self._options.roi.box(self.photo.size))
        return hints

    def _corrected(self, steps: tuple[_Step, ...]) -> matting.Matte:
        if not steps:
            return self._matte
        hints = self._hints_of(steps)
        return correction.correct(
            self.photo, self._matte, hints, self._options, self._runtime, ready=self._ready
        )


class EditorStore:
    """Editors of several people: bounded, each found by its name, forgotten after a time.

    Safe to use from several threads.

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
        self._editors: collections.OrderedDict[str, tuple[Editor, float]] = (
            collections.OrderedDict()
        )

    def __len__(self) -> int:
        self.sweep()
        return len(self._editors)

    def add(self, editor: Editor) -> str:
        """Keep an editor and return its name, which nobody can guess.

        Those that were not asked for longest make room.
        """
        name = secrets.token_urlsafe(16)
        self.sweep()
        with self._lock:
            self._editors[name] = editor, self.clock()
            self._make_room()
        return name

    def find(self, name: str) -> Editor:
        """Return an editor.

        Raises
        ------
        EditorNotFound
            There is none of that name, or it was forgotten.
        """
        self.sweep()
        with self._lock:
            if name not in self._editors:
                raise EditorNotFound(name)
            editor, _ = self._editors.pop(name)
            self._editors[name] = editor, self.clock()
            self._make_room()  # it may have grown by strokes
            return editor

    def forget(self, name: str) -> bool:
        """Let an editor go; false where there is none of that name."""
        with self._lock:
            return self._editors.pop(name, None) is not None

    def sweep(self) -> None:
        """Forget whoever was not asked for in time."""
        oldest = self.clock() - self.seconds
        with self._lock:
            for name in [key for key, (_, seen) in self._editors.items() if seen < oldest]:
                del self._editors[name]

    def _make_room(self) -> None:
        while len(self._editors) > 1 and (
            len(self._editors) > self.count
            or sum(editor.memory for editor, _ in self._editors.values()) > self.memory
        ):
            self._editors.popitem(last=False)
