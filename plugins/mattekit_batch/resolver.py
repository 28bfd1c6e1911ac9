"""Options of each folder, and what makes two results the same.

A folder may hold a file ``mattekit.toml`` with options for it and all that lies below, one per
line, as ``crop = true``. The nearest file wins. Values given in the call win over all files, and
files win over environment variables.

`ResolvedOptions` are options together with what they stand for at the moment: the network's file,
the background picture's content, the post-processing steps of plug-ins. Their key changes whenever
one of these does, and with it all results are out of date.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mattekit import codecs
from mattekit.codecs.source import DEFAULT_LIMITS, read
from mattekit.errors import InputError, ModelNotPresent, OptionError, UnknownOption
from mattekit.folders import expand_user
from mattekit.grammar import Pictures
from mattekit.models import is_path
from mattekit.options import OPTIONS, Option, Options
from mattekit.runtime import read_card
from mattekit.steps import registered_steps
from mattekit_batch.storage import Entry, Folder, Storage, joined

if TYPE_CHECKING:
    from mattekit.runtime import Runtime

__all__ = ["OPTIONS_FILE", "OptionResolver", "ResolvedOptions"]

#: Name of the files that hold options of a folder.
OPTIONS_FILE: Final = "mattekit.toml"
#: Options that do not change the result.
_IRRELEVANT: Final = frozenset({"device", "type_level", "model", "bg_image"})


class ResolvedOptions(NamedTuple):
    """Checked options and what they stand for.

    Attributes
    ----------
    key : str
        Equal where the same would be made of a picture.
    options : Options
        A background picture is held as the bytes of its file.
    model : str
        What `options.model` means on this machine: a name or the path of a file.
    digest : str
        SHA-256 of the network's file; empty for one that has none.
    """

    key: str
    options: Options
    model: str
    digest: str


class OptionResolver:
    """Resolves the options of each folder of a batch.

    Parameters
    ----------
    source : Storage
        Where the files with options lie.
    given : mapping of str to object
        Options of the call.
    base : mapping of str to object
        Options that everything else wins over.
    runtime : Runtime
        Knows the models.
    files : bool
        Whether files with options are read.
    load : bool
        Whether this process will run the networks: then they are loaded now, so that what is wrong
        with one is said once.
    """

    def __init__(
        self,
        source: Storage,
        runtime: Runtime,
        given: Mapping[str, Any],
        base: Mapping[str, Any] | None = None,
        *,
        files: bool = True,
        load: bool = True,
    ) -> None:
        self.source, self.runtime, self.given = source, runtime, dict(given)
        self.files, self.load = files, load
        self.resolved: dict[str, ResolvedOptions] = {}
        self._models: dict[tuple[str, str], _Model] = {}
        self._base = dict(base or {})
        self._folders: dict[str, _FolderOptions] = {}
        Options.parse(self._base | self.given)

    def enter(self, folder: str, files: Iterable[Entry]) -> ResolvedOptions:
        """Return the options of a folder whose files are `files`; enter the folder above first.

        Raises
        ------
        OptionError
            A file with options holds what is none; the message names the file.
        """
        values = self._folders[folder.rpartition("/")[0]].values if folder else self._base
        if self.files and any(entry.name == OPTIONS_FILE for entry in files):
            values = values | self._read(folder)
        elif folder:
            self._folders[folder] = self._folders[folder.rpartition("/")[0]]
            return self._folders[folder].resolved
        resolved = self._resolve(folder, values)
        self.resolved[resolved.key] = resolved
        self._folders[folder] = _FolderOptions(values, resolved)
        return resolved

    def _read(self, folder: str) -> dict[str, Any]:
        path = joined(folder, OPTIONS_FILE)
        name = self.source.show(path)
        tomllib = _tomllib()
        try:
            found = tomllib.loads(self.source.read(path).decode("utf-8-sig"))
        except (ValueError, InputError) as error:
            raise OptionError("options", name, "a TOML file with options", str(error)) from error
        values = {key.replace("-", "_"): value for key, value in found.items()}
        try:
            Options.parse(values)
        except UnknownOption as error:
            raise OptionError("options", name, "names of options", str(error)) from error
        except OptionError as error:
            raise OptionError(error.name, error.value, error.grammar, f"in {name}") from error
        for each, value in values.items():
            grammar = OPTIONS[each].grammar
            if isinstance(grammar, Pictures):
                parsed = OPTIONS[each].parse(value)
                values[each] = grammar.with_pictures(
                    parsed, lambda file: self._beside(folder, file)
                )
        for exclusive in ("bg_color", "bg_image", "bg_blur"):
            if exclusive in values:
                # A background of this folder takes the place of one from above.
                rest = {"bg_color", "bg_image", "bg_blur"} - set(values) - set(self.given)
                values |= {each: OPTIONS[each].default for each in rest}
        return values

    def _beside(self, folder: str, picture: Any) -> Any:
        """Return a picture that a file with options names: from its own folder on."""
        if isinstance(self.source, Folder) and os.path.isabs(picture):  # noqa: PTH117
            return picture
        return self.source.read(joined(folder, picture))

    def _resolve(self, folder: str, values: Mapping[str, Any]) -> ResolvedOptions:
        given = dict(self.given)
        if {"bg_color", "bg_image", "bg_blur"} & set(given):
            values = {
                k: v for k, v in values.items() if k not in {"bg_color", "bg_image", "bg_blur"}
            }
        try:
            options = Options.parse({**values, **given})
        except OptionError as error:
            if isinstance(error, UnknownOption) or not folder:
                raise
            where = f"in {self.source.show(folder)}"
            raise OptionError(error.name, error.value, error.grammar, where) from error
        digests: dict[str, list[str]] = {}

        def read_once(name: str, picture: Any) -> bytes:
            data = _bytes_of(picture)
            codecs.decode(data, name=name)  # once now, so that it is said once
            digests.setdefault(name, []).append(hashlib.sha256(data).hexdigest())
            return data

        options = options.with_pictures(read_once)
        model = self._model(options)
        texts = {
            option.name: _canonical(option.grammar.format(_without_pictures(option, value)))
            for option, value in options.changed()
            if option.name not in _IRRELEVANT
        }
        meant = {
            "options": texts,
            "background": "".join(digests.pop("bg_image", [])),
            **({"pictures": digests} if digests else {}),
            "model": model.identity,
            "steps": [step.name for step in registered_steps()],
        }
        key = hashlib.sha256(json.dumps(meant, sort_keys=True).encode()).hexdigest()[:32]
        return ResolvedOptions(key, options, model.name, model.digest)

    def _model(self, options: Options) -> _Model:
        wanted = (options.model, options.type if options.model == "auto" else "")
        if wanted not in self._models:
            self._models[wanted] = _identify(self.runtime, options, load=self.load)
        return self._models[wanted]


class _FolderOptions(NamedTuple):
    values: dict[str, Any]
    resolved: ResolvedOptions


class _Model(NamedTuple):
    name: str
    digest: str
    identity: list[str]


def _identify(runtime: Runtime, options: Options, *, load: bool) -> _Model:
    """Say what a model is: the content of its file and how pictures are prepared for it."""
    name = options.model
    named_file = is_path(name)
    if named_file:
        name = os.path.abspath(expand_user(name))  # noqa: PTH100
    path: Path | None
    if load:
        session = runtime.session(name, device=options.device, kind=options.type)
        card, path = session.card, getattr(session, "path", None)
    elif named_file:
        path = Path(name)
        if not path.is_file():
            raise ModelNotPresent(options.model, name, "", "")
        card = read_card(path)
    else:
        card = runtime.choose(options.type) if name == "auto" else runtime.store.card(name)
        path = runtime.store.require(card.name)
    digest = digest_of(path) if path is not None else ""
    # Calibration changes what is said of a result, and not the result.
    output = dataclasses.replace(card.output, calibration=None)
    identity = [digest or card.name, *_said(card.input), *_said(output)]
    return _Model(name if named_file else card.name, digest, identity)


def _said(spec: Any) -> list[str]:
    """Return what a card says that is not so anyway: a field more in a later mattekit is none."""
    usual = type(spec)()
    return [
        f"{field.name}={value!r}"
        for field in dataclasses.fields(spec)
        if (value := getattr(spec, field.name)) != getattr(usual, field.name)
    ]


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _bytes_of(picture: Any) -> bytes:
    """Return a background picture as the bytes of a file."""
    if isinstance(picture, bytes | bytearray | memoryview):
        return bytes(picture)
    if isinstance(picture, str | os.PathLike):
        return read(expand_user(picture), DEFAULT_LIMITS, os.fspath(picture))
    if hasattr(picture, "read"):
        data: bytes = picture.read()
        return data
    import io

    from mattekit.codecs import decode
    from mattekit.cutout import Cutout

    photo = decode(picture)
    alpha = photo.alpha
    if alpha is None:
        import numpy as np

        alpha = np.full(photo.color.shape[:2], np.iinfo(photo.color.dtype).max, photo.color.dtype)
    cutout = Cutout(photo.color, alpha, photo.metadata)
    return io.BytesIO(cutout.encode(format="png", keep_color=True).data).getvalue()


def _without_pictures(option: Option, value: Any) -> Any:
    """Return a value with one name for every picture: these are told apart by their content."""
    grammar = option.grammar
    return grammar.with_pictures(value, lambda _: "-") if isinstance(grammar, Pictures) else value


def _canonical(text: str) -> str:
    """Let the order in which kinds were named not matter."""
    return ",".join(sorted(text.split(","))) if "=" in text else text


def _tomllib() -> Any:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib
