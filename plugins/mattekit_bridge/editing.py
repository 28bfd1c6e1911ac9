"""A picture that the worker keeps while somebody corrects it.

It is sent once. Each mark is answered with a preview, small whatever the picture's size; the result
at full size comes when it is asked for, and is what one call with all marks in their order gives.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from mattekit_bridge.calls import Answer, Progress, Result, exchange, result_of
from mattekit_bridge.errors import WorkerGone
from mattekit_bridge.forms import Form
from mattekit_bridge.netpbm import Picture
from mattekit_bridge.worker import Worker

__all__ = ["Editor", "State", "open_editor"]

#: A mark in pixels of the picture: ``{"keep": True, "shape": "point", "points": [x, y]}``. A
#: ``"box"`` has two corners, a ``"stroke"`` any number of points and a ``"size"``, its width.
Mark = Dict[str, Any]


class State(NamedTuple):
    """What is known of an editor.

    Attributes
    ----------
    width, height : int
        Of the picture.
    preview_width, preview_height : int
        Of previews.
    marks : int
        How many there are.
    undo, redo : bool
        Whether there is something to take back, or to make again.
    """

    width: int
    height: int
    preview_width: int
    preview_height: int
    marks: int
    undo: bool
    redo: bool


class Editor:
    """A picture that the worker keeps; see `open_editor`.

    Every call raises what `remove_background` raises. The worker forgets what it is not asked for
    within half an hour; then `Refused` has the code ``editor_unknown``, and the picture must be
    opened again, with the marks.

    Attributes
    ----------
    worker : Worker
    name : str
        The worker's name for it.
    state : State
        As of the last call.
    shown : Result
        The preview as of the last call: an alpha (``"pgm"``) or straight RGBA (``"pam"``) on the
        canvas of the whole picture, nothing cropped, nothing put behind.
    """

    def __init__(self, worker: Worker, answer: Answer, output: str) -> None:
        self.worker, self.output = worker, output
        self.name, self.state, self.shown = _read(answer)

    def mark(
        self,
        marks: "List[Mark] | Tuple[()]" = (),
        *,
        keep: Optional[Picture] = None,
        remove: Optional[Picture] = None,
        at: Optional[Tuple[int, int]] = None,
        progress: Progress = lambda done, what: None,
    ) -> Result:
        """Mark what belongs to the subject and what does not, to be undone at once.

        A later mark counts where it lies on an earlier one, as paint does.

        Parameters
        ----------
        marks : list of dict
            Points, boxes and strokes.
        keep, remove : Picture, optional
            What was painted, white or opaque: as large as the picture.
        at : (int, int), optional
            Column and row from which `keep` and `remove` cover a part of the picture instead.
        progress : callable
            As in `remove_background`.

        Returns
        -------
        Result
            `shown`.
        """
        fields = {"marks": json.dumps(list(marks))} if marks else {}
        if at is not None:
            fields.update(left=str(at[0]), top=str(at[1]))
        drawn = {"keep": keep, "remove": remove}
        pictures = {name: picture for name, picture in drawn.items() if picture is not None}
        return self._change("marks", fields, pictures, progress)

    def undo(self, progress: Progress = lambda done, what: None) -> Result:
        """Take the last marks back, if there are any; returns `shown`."""
        return self._change("undo", {}, {}, progress)

    def redo(self, progress: Progress = lambda done, what: None) -> Result:
        """Make again what was taken back last, if anything was; returns `shown`."""
        return self._change("redo", {}, {}, progress)

    def result(self, output: str = "pam", progress: Progress = lambda done, what: None) -> Result:
        """Return the finished picture at full size, with the options that it was opened with.

        Parameters
        ----------
        output : {"pam", "pgm"}
            Straight RGBA, or the alpha alone.
        progress : callable
            As in `remove_background`.
        """
        path = "/editors/%s/result?format=%s" % (self.name, output)
        pixels = self.state.width * self.state.height
        return result_of(
            exchange(self.worker, "GET", path, progress=progress, pixels=pixels), progress
        )

    def close(self) -> None:
        """Let the worker forget it now."""
        exchange(self.worker, "DELETE", "/editors/%s" % self.name)

    def _change(
        self,
        what: str,
        fields: Mapping[str, str],
        pictures: Mapping[str, Picture],
        progress: Progress,
    ) -> Result:
        path = "/editors/%s/%s?preview=%s" % (self.name, what, self.output)
        answer = exchange(self.worker, "POST", path, Form(fields, pictures), progress)
        _, self.state, self.shown = _read(answer)
        return self.shown


def open_editor(
    worker: Worker,
    picture: Picture,
    options: Optional[Mapping[str, str]] = None,
    output: str = "pgm",
    progress: Progress = lambda done, what: None,
    pictures: Optional[Mapping[str, Picture]] = None,
) -> Editor:
    """Send a picture that is to be corrected; raises what `remove_background` raises.

    Parameters
    ----------
    worker : Worker
        See `mattekit_bridge.start`.
    picture : Picture
        The picture; the host's own one is not touched.
    options : mapping of str to str, optional
        Of the result, as in `remove_background`. Where no subject is found, one can be marked.
    output : {"pgm", "pam"}
        What previews are: the alpha alone, or straight RGBA.
    progress : callable
        As in `remove_background`.
    pictures : mapping of str to Picture, optional
        As in `remove_background`.
    """
    form = Form(options or {}, {**(pictures or {}), "image_file": picture})
    pixels = picture.width * picture.height
    path = "/editors?preview=%s" % output
    return Editor(worker, exchange(worker, "POST", path, form, progress, pixels), output)


def _read(answer: Answer) -> Tuple[str, State, Result]:
    try:
        facts = json.loads(answer.headers.get("X-Editor") or "")
        preview = facts["preview"]
        state = State(
            facts["width"],
            facts["height"],
            preview["width"],
            preview["height"],
            facts["marks"],
            facts["undo"],
            facts["redo"],
        )
        return str(facts["id"]), state, result_of(answer)
    except (ValueError, KeyError, TypeError) as error:
        raise WorkerGone("its answer says nothing of the picture") from error
