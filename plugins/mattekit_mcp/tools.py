"""What an agent can do, without anything of the protocol: texts in, plain data out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

# Of pydantic's: typing's own is not read before Python 3.12.
from typing_extensions import TypedDict

from mattekit import codecs, pipeline
from mattekit.cutout import Cutout
from mattekit.errors import OptionError
from mattekit.formats import format_of
from mattekit.geometry import Point, Region
from mattekit.models import check_name
from mattekit.options import OPTIONS, Options
from mattekit.runtime import Runtime
from mattekit_mcp.access import Folders
from mattekit_mcp.results import PREFIX, Results

__all__ = ["Made", "Model", "Tools"]

#: Options that name files, or are the operator's.
_CLOSED: Final = frozenset({"bg_image", "device", "mask"})
_MARKS: Final = frozenset({"keep", "remove"})


class Made(TypedDict):
    """A result.

    Attributes
    ----------
    found : bool
        Whether there is a subject; without one nothing is made.
    kind : str
        Of the subject.
    width, height : int
        In pixels.
    box : list of int or None
        Left, top, width and height of the subject in the result.
    path : str or None
        The file, where one was asked for.
    resource : str or None
        Else the address to read it from.
    """

    found: bool
    kind: str
    width: int
    height: int
    box: list[int] | None
    path: str | None
    resource: str | None


class Model(TypedDict):
    """A network.

    Attributes
    ----------
    name, license : str
    commercial : str
        Whether commercial use is allowed: yes, no or unclear.
    present : bool
        Whether it is on this machine.
    """

    name: str
    license: str
    commercial: str
    present: bool


class Tools:
    """The tools of one server.

    Parameters
    ----------
    folders : sequence of pathlib.Path
        Where the agent may name files.
    runtime : Runtime, optional
        Where networks run; by default the one that the whole process shares.
    """

    def __init__(self, folders: Sequence[Path], runtime: Runtime | None = None) -> None:
        self.folders, self.results = Folders(folders), Results()
        self._runtime = runtime

    def remove_background(
        self, picture: str, output: str | None, options: Mapping[str, str]
    ) -> Made:
        """Cut the subject out."""
        return self._make(self._read(picture), output, _checked(options))

    def refine_mask(
        self, picture: str, mask: str, output: str | None, options: Mapping[str, str]
    ) -> Made:
        """Cut out along a rough mask."""
        opts = _checked(options).updated({"mask": self._read(mask)})
        return self._make(self._read(picture), output, opts)

    def crop_to_subject(
        self, picture: str, margin: str, output: str | None, options: Mapping[str, str]
    ) -> Made:
        """Cut out and crop."""
        opts = _checked({**options, "crop": "true", "crop_margin": margin})
        return self._make(self._read(picture), output, opts)

    def composite(
        self, picture: str, background: str, output: str | None, options: Mapping[str, str]
    ) -> Made:
        """Put the subject on a colour or on another picture."""
        color = OPTIONS["bg_color"]
        try:
            opts = _checked({**options, "bg_color": str(color.parse(background) and background)})
        except OptionError:
            opts = _checked(options).updated({"bg_image": codecs.decode(self._read(background))})
        return self._make(self._read(picture), output, opts)

    def list_models(self) -> list[Model]:
        """Return the networks."""
        store = (self._runtime or Runtime.shared()).store
        return [
            Model(
                name=card.name,
                license=card.license,
                commercial=card.commercial,
                present=store.present(card.name),
            )
            for card in store.cards
        ]

    def _read(self, given: str) -> bytes:
        if given.startswith(PREFIX):
            return self.results.read(given)
        return self.folders.read(given)

    def _make(self, picture: bytes, output: str | None, options: Options) -> Made:
        if output is not None:  # whatever was asked for: no picture under a name of something else
            options = options.updated({"format": format_of(output)})
        cutout = pipeline.remove_background(picture, options, runtime=self._runtime)
        if not cutout.found:
            return _made(cutout)
        file = codecs.encode(cutout, options)
        if output is None:
            return _made(cutout, resource=self.results.keep(file.data, file.extension))
        return _made(cutout, path=str(self.folders.write(output, file.data)))


def _made(cutout: Cutout, path: str | None = None, resource: str | None = None) -> Made:
    box = cutout.box
    return Made(
        found=cutout.found,
        kind=cutout.kind,
        width=cutout.size.width,
        height=cutout.size.height,
        box=None if box is None else [box.left, box.top, *box.size],
        path=path,
        resource=resource,
    )


def _checked(options: Mapping[str, str]) -> Options:
    """Return options that name no file: a path would let an agent read, or probe for, any."""
    values: dict[str, Any] = {}
    for name, text in options.items():
        option = OPTIONS.get(name)
        if option is None or name in _CLOSED:
            known = ", ".join(sorted(set(OPTIONS) - _CLOSED))
            raise OptionError("options", name, f"one of {known}")
        values[name] = option.parse(text)
        if name in _MARKS:
            for mark in values[name]:
                if not isinstance(mark, Point | Region):
                    raise OptionError(name, text, "points and boxes")
        if name == "model":
            check_name(text)
    return Options.parse(values)
