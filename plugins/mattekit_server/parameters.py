"""From fields to what they mean: the picture's source, the background's source, the options.

Names, grammars and defaults come from `mattekit.options`; only what HTTP adds is said here.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, Final, NamedTuple

from mattekit.codecs.coders import netpbm
from mattekit.errors import OptionError
from mattekit.geometry import Point, Region
from mattekit.models import check_name
from mattekit.options import OPTIONS, Option, Options
from mattekit_server import problems
from mattekit_server.bodies import MIXED_FIELDS, Fields, Upload

__all__ = [
    "IMPROVE_FIELDS",
    "REMOVE_FIELDS",
    "UNCOMPRESSED",
    "Params",
    "Source",
    "hint_values",
    "http_options",
    "read_request",
]

#: What a program of this machine may ask for besides the values of the `format` option.
UNCOMPRESSED: Final = netpbm.KINDS

#: Fields that carry a picture, in the API's order.
SOURCE_FIELDS: Final = ("image_file", "image_file_b64", "image_url")
BACKGROUND_FIELDS: Final = ("bg_color", "bg_image_url", "bg_image_file")

#: Pictures of strokes in one field: each is decoded.
MOST_FILES: Final = 8

_DATA_PREFIX = re.compile(r"data:[^,]{0,200},", re.ASCII)
_KEYED = re.compile(r"(?P<name>\w+)\[(?P<kind>[^\]]*)\]", re.ASCII)


def http_options() -> dict[str, Option]:
    """Return the options that a request may choose, by field name."""
    # The device is the operator's; the background picture has two fields of its own.
    return {name: option for name, option in OPTIONS.items() if name not in {"device", "bg_image"}}


REMOVE_FIELDS: Final = frozenset({*SOURCE_FIELDS, *BACKGROUND_FIELDS, *http_options()})
IMPROVE_FIELDS: Final = frozenset({*SOURCE_FIELDS, "image_filename", "tag"})


class Source(NamedTuple):
    """Where a picture comes from: bytes that are here, or a URL that must be fetched.

    Attributes
    ----------
    field : str
        The field that named it.
    data : bytes or None
        The picture.
    url : str
        Where it is, where `data` is None.
    filename : str
        As the client calls it.
    """

    field: str
    data: bytes | memoryview | None = None
    url: str = ""
    filename: str = ""


class Params(NamedTuple):
    """A request of ``/removebg``, checked.

    Attributes
    ----------
    source : Source
        The picture.
    background : Source or None
        The background picture.
    options : Options
        All else.
    output : str
        One of `UNCOMPRESSED`; empty = as `options` say.
    """

    source: Source
    background: Source | None
    options: Options
    output: str = ""


def read_request(fields: Fields, *, file_limit: int, local: bool = False) -> Params:
    """Return the meaning of the fields of ``/removebg``.

    Parameters
    ----------
    fields : mapping
        Fields that were given and are not empty.
    file_limit : int
        Bytes of a picture that arrives as base64.
    local : bool
        Whether the caller is a program of this machine's user: it may ask for uncompressed results
        and for what the HTTP API does not offer.

    Raises
    ------
    Problem
        No source, several sources, several backgrounds.
    OptionError
        A value that its option does not accept.
    """
    source = read_source(fields, file_limit)
    given = [name for name in BACKGROUND_FIELDS if name in fields]
    if len(given) > 1:
        raise problems.multiple_backgrounds()
    background = None
    if "bg_image_file" in fields:
        background = Source("bg_image_file", fields["bg_image_file"].data)
    elif "bg_image_url" in fields:
        background = Source("bg_image_url", url=_text(fields, "bg_image_url"))
    values, output = _option_values(fields, local=local)
    return Params(source, background, Options.parse(values), output)


def read_source(fields: Fields, file_limit: int) -> Source:
    """Return the one source among the fields.

    Raises
    ------
    Problem
        None, several, too large, or no base64.
    """
    given = [name for name in SOURCE_FIELDS if name in fields]
    if not given:
        raise problems.missing_source()
    if len(given) > 1:
        raise problems.multiple_sources()
    (name,) = given
    if name == "image_file":
        upload: Upload = fields[name]
        return Source(name, upload.data, filename=upload.filename)
    if name == "image_url":
        return Source(name, url=_text(fields, name))
    data = _from_base64(_text(fields, name))
    if len(data) > file_limit:
        raise problems.file_too_large(file_limit)
    return Source(name, data)


def _option_values(fields: Fields, *, local: bool) -> tuple[dict[str, object], str]:
    """Return values by option; where nothing is given the API's defaults."""
    output = ""
    values: dict[str, object] = {}
    for name, option in http_options().items():
        if name in MIXED_FIELDS and name in fields:
            values[name] = hint_values(name, fields[name])
            continue
        value = _with_variants(fields, name)
        if value is None:
            default = option.default if local else option.api_default
            values[name] = default
            continue
        word = value.strip().lower() if isinstance(value, str) else ""
        if local and name == "format" and word in UNCOMPRESSED:
            output = word
            continue
        parsed = option.parse(value)
        if not local and isinstance(parsed, str) and parsed in option.library_only:
            raise OptionError(name, value, "one of " + ", ".join(option.api_words))
        if name == "model" and not local:
            check_name(parsed)
        values[name] = parsed
    return values, output


def hint_values(name: str, given: Any) -> Any:
    """Return hints as they are read: texts are points and boxes, and pictures are uploads only.

    A path would let a client read, or probe for, files of the server.
    """
    option = OPTIONS[name]
    parts = given if isinstance(given, list) else [given]
    files = [part.data for part in parts if isinstance(part, Upload)]
    texts = [part for part in parts if not isinstance(part, Upload)]
    if len(files) > MOST_FILES:
        raise OptionError(name, f"{len(files)} files", f"at most {MOST_FILES} files")
    if name == "mask":
        if texts or len(files) != 1:
            given_text = texts[0] if texts else f"{len(files)} files"
            raise OptionError(name, given_text, "one file of multipart/form-data")
        return files[0]
    # A JSON list of numbers is one mark, any other list is several.
    marks = option.parse(texts[0] if len(texts) == 1 else texts)
    for mark in marks:
        if not isinstance(mark, Point | Region):
            grammar = "points, boxes, or files of multipart/form-data"
            raise OptionError(name, mark, grammar, "a server opens no files that a client names")
    return [*marks, *files]


def _with_variants(fields: Fields, name: str) -> object:
    """Return the value of a field; ``name[kind]`` fields are gathered into a mapping."""
    value = fields.get(name)
    if isinstance(value, Upload):
        raise OptionError(name, value.filename, OPTIONS[name].grammar.text, "a file was sent")
    if name not in {"shadow_type", "shadow_opacity"}:
        return value
    gathered = {}
    for key, item in fields.items():
        match = _KEYED.fullmatch(key)
        if match and match["name"] == name:
            gathered[match["kind"]] = item
    if not gathered:
        return value
    if value is None:
        return gathered
    return {**value, **gathered} if isinstance(value, dict) else {"": value, **gathered}


def _text(fields: Fields, name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        if name == "image_url":
            raise problems.invalid_url("image_url")
        if name == "bg_image_url":
            raise problems.invalid_url("bg_image_url")
        raise problems.unreadable()
    return value.strip()


def _from_base64(text: str) -> bytes:
    """Read base64 as it arrives in practice: a ``data:`` prefix, line breaks, lost ``+``."""
    match = _DATA_PREFIX.match(text)
    body = text[match.end() :] if match else text
    body = body.replace("\r", "").replace("\n", "").replace(" ", "+")
    body = body.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise problems.unreadable() from error
