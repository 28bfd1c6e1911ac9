"""Reading a request's body: three types in, one mapping of fields out, nothing without a limit.

The remove.bg API takes ``multipart/form-data``, ``application/x-www-form-urlencoded`` and flat
``application/json``. Whatever the type, the result maps names to texts, JSON values or `Upload`.
What is empty counts as not given, as clients send every field they know. Fields that nobody reads
are dropped while they arrive.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import anyio
import numpy as np
import python_multipart
from python_multipart.exceptions import FormParserError, MultipartParseError
from python_multipart.multipart import parse_options_header

from mattekit_server.problems import file_too_large, invalid_request, overloaded

__all__ = [
    "Fields",
    "Limits",
    "MemoryLease",
    "MemoryLimit",
    "Upload",
    "read_fields",
    "read_json",
    "read_object",
]

#: Names whose multipart part is a file whatever its headers say.
FILE_FIELDS: Final = frozenset({"image_file", "bg_image_file"})
#: Names whose parts are texts, or files where they have a file's name, and any number of them.
MIXED_FIELDS: Final = frozenset({"mask", "keep", "remove"})
#: Names whose text may be as long as a picture in base64.
LONG_FIELDS: Final = frozenset({"image_file_b64"})
TEXT_LIMIT: Final = 64 * 1024
FIELD_COUNT: Final = 1000
#: Values in JSON. Each takes some hundred bytes of memory, however few it takes in the body.
VALUE_COUNT: Final = 100_000
#: Half of a character that JSON can write and UTF-8 cannot.
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
#: Lists and objects within each other: what may be read may be too deep to be said again.
_LEVELS: Final = 32
#: Digits up to which a whole number is a float as well.
_DIGITS: Final = 300
_PERCENT: Final = ord("%")
#: What a byte is worth as a hexadecimal digit; 255 = it is none.
_HEX: Final = np.full(256, 255, np.uint8)
_HEX[list(b"0123456789abcdef")] = _HEX[list(b"0123456789ABCDEF")] = np.arange(16)


class Upload(NamedTuple):
    """A file of a multipart body.

    Attributes
    ----------
    filename : str
        As the client calls it; never trusted.
    data : bytes or memoryview
        Its bytes; a view of those of plain pictures in lent memory, see `mattekit_server.sharing`.
    """

    filename: str
    data: bytes | memoryview


Fields = Mapping[str, Any]


class Limits(NamedTuple):
    """Limits of one body.

    Attributes
    ----------
    file : int
        Bytes of one picture.
    body : int
        Bytes of everything.
    seconds : float
        Time in which it must be complete.
    """

    file: int
    body: int
    seconds: float


class MemoryLimit:
    """Bytes of bodies that a process holds at once, so that memory stays bounded.

    Parameters
    ----------
    limit : int
        In bytes.
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.used = limit, 0

    def take(self, count: int) -> None:
        """Count `count` bytes as held.

        Raises
        ------
        Problem
            503, where there is no room.
        """
        if self.used + count > self.limit:
            raise overloaded(2, "Too many uploads at once.")
        self.used += count

    def give_back(self, count: int) -> None:
        """Count `count` bytes as gone."""
        self.used -= count


class MemoryLease:
    """The bytes of one body, counted in a `MemoryLimit` from arrival until `release`."""

    def __init__(self, memory: MemoryLimit) -> None:
        self.memory, self.count = memory, 0

    def add(self, count: int) -> None:
        """Count further bytes."""
        self.memory.take(count)
        self.count += count

    def release(self) -> None:
        """Give all of them back."""
        self.memory.give_back(self.count)
        self.count = 0


async def read_fields(
    content_type: str,
    content_length: int | None,
    chunks: AsyncIterator[bytes],
    *,
    limits: Limits,
    lease: MemoryLease,
    known: Callable[[str], bool],
) -> Fields:
    """Return the fields of a body.

    Parameters
    ----------
    content_type : str
        The request's header; empty where it has none.
    content_length : int or None
        What the client announces.
    chunks : async iterator of bytes
        The body as it arrives.
    limits : Limits
        Of size and time.
    lease : MemoryLease
        Where the bytes are counted.
    known : callable
        Whether a field of that name is wanted.

    Returns
    -------
    mapping
        Fields that are known and not empty.

    Raises
    ------
    Problem
        A limit is exceeded, or the body is not of its type.
    """
    if content_length is not None and content_length > limits.body:
        raise file_too_large(limits.file)
    kind, parameters = parse_options_header(content_type)
    reader: _Multipart | _Whole
    if kind == b"multipart/form-data":
        boundary = parameters.get(b"boundary", b"")
        if not boundary:
            raise invalid_request("multipart/form-data without a boundary")
        try:
            reader = _Multipart(boundary, limits, lease, known)
        except FormParserError as error:
            raise invalid_request(str(error)) from error
    elif kind == b"application/json" or kind.endswith(b"+json"):
        reader = _Whole(lease, _read_json)
    elif kind == b"application/x-www-form-urlencoded":
        reader = _Whole(lease, _read_urlencoded)
    else:
        reader = _Whole(lease, _read_nothing)
    try:
        await _feed(reader, chunks, limits)
        fields = await reader.finish()
    finally:
        reader.close()
    return {name: value for name, value in fields.items() if known(name) and not _empty(value)}


async def read_object(
    chunks: AsyncIterator[bytes], *, limits: Limits, lease: MemoryLease, values: int
) -> dict[str, Any]:
    """Return the object that a body of JSON is; parameters as `read_fields` and `read_json`.

    Raises
    ------
    Problem
        A limit is exceeded, or the body is no object.
    """
    reader = _Whole(lease, lambda data: _object(data, values))
    try:
        await _feed(reader, chunks, limits)
        return await reader.finish()
    finally:
        reader.close()


async def _feed(reader: _Multipart | _Whole, chunks: AsyncIterator[bytes], limits: Limits) -> None:
    total = 0
    end = time.monotonic() + limits.seconds
    try:
        with anyio.fail_after(limits.seconds):
            async for chunk in chunks:
                total += len(chunk)
                if total > limits.body:
                    raise file_too_large(limits.file)
                # A deadline of the event loop alone would not hold against a flood of tiny chunks.
                if time.monotonic() > end:
                    raise TimeoutError
                reader.feed(chunk)
    except TimeoutError:
        raise invalid_request("The request body did not arrive in time.", 408) from None


def _empty(value: object) -> bool:
    if isinstance(value, Upload):
        return not value.data
    if isinstance(value, str):
        return not value.strip()
    return value is None or value == {}


# -- bodies that are read as a whole -----------------------------------------------------------


@dataclass
class _Whole:
    lease: MemoryLease
    read: Callable[[bytes], dict[str, Any]]
    data: list[bytes] = field(default_factory=list)

    def feed(self, chunk: bytes) -> None:
        self.lease.add(len(chunk))
        self.data.append(chunk)

    async def finish(self) -> dict[str, Any]:
        data = b"".join(self.data)
        self.data.clear()
        if len(data) < TEXT_LIMIT:
            return self.read(data)
        # Percent decoding of a large body takes long enough to be felt by other requests.
        return await anyio.to_thread.run_sync(self.read, data)

    def close(self) -> None:
        self.data.clear()


def read_json(data: bytes, *, values: int = VALUE_COUNT, what: str = "The body") -> Any:
    """Return what JSON says, as far as it can be kept, counted and said again.

    Whole numbers beyond those of floats are infinite, as other numbers are that large.

    Parameters
    ----------
    data : bytes
        As it arrived.
    values : int
        More than these are refused.
    what : str
        What is read, for the message.

    Raises
    ------
    Problem
        400: it is no JSON, too much of it, or no text.
    """
    if sum(map(data.count, (b",", b"[", b"{"))) > values:
        raise invalid_request(f"More than {values} values.")
    try:
        text = data.decode(json.detect_encoding(data))
        value = json.loads(text.removeprefix("\ufeff"), parse_int=_whole)
        if _HALF.search(text):  # it may be one of a pair, which is a character
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise invalid_request(f"{what} is not valid JSON.") from error
    if _is_deep(value):
        raise invalid_request(f"{what} has more than {_LEVELS} levels.")
    return value


def _is_deep(value: Any) -> bool:
    level: list[Any] = [[value]]
    for _ in range(_LEVELS + 1):
        level = [
            item
            for outer in level
            for item in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(item, dict | list)
        ]
    return bool(level)


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _DIGITS else float(digits)


def _object(data: bytes, values: int = VALUE_COUNT) -> dict[str, Any]:
    value = read_json(data, values=values)
    if not isinstance(value, dict):
        raise invalid_request("The body is not a JSON object.")
    return value


def _read_json(data: bytes) -> dict[str, Any]:
    return {name: item for name, item in _object(data).items() if name not in FILE_FIELDS}


def _read_urlencoded(data: bytes) -> dict[str, Any]:
    if data.count(b"&") >= FIELD_COUNT:
        raise invalid_request(f"More than {FIELD_COUNT} fields.")
    pairs = (pair.partition(b"=") for pair in data.split(b"&") if pair)
    read = ((unquoted(name), unquoted(value)) for name, _, value in pairs)
    return _last_given((name, value) for name, value in read if name not in FILE_FIELDS)


def unquoted(data: bytes) -> str:
    """Return a text of an urlencoded body; what is no escape stays as it is.

    `urllib.parse.unquote` does the same by way of an object for each escape, a hundred times the
    memory of what was sent.
    """
    sent = np.frombuffer(data.replace(b"+", b" "), np.uint8)
    if sent.size < 3 or not (sent == _PERCENT).any():
        return sent.tobytes().decode("utf-8", "replace")
    high, low = _HEX[sent[1:-1]], _HEX[sent[2:]]
    # Escapes cannot overlap: no hexadecimal digit is a percent sign.
    escapes = (sent[:-2] == _PERCENT) & (high < 16) & (low < 16)
    result = sent.copy()
    result[:-2][escapes] = high[escapes] << 4 | low[escapes]
    kept = np.ones(sent.size, bool)
    kept[1:-1] &= ~escapes
    kept[2:] &= ~escapes
    return result[kept].tobytes().decode("utf-8", "replace")


def _read_nothing(_data: bytes) -> dict[str, Any]:
    # As the API: a body of another type holds no fields, and so no source.
    return {}


def _last_given(pairs: Any) -> dict[str, Any]:
    """Collect fields; the last one that is not empty wins, but hints add up.

    A file of hints that has a name and no bytes was meant: it must not get lost in silence.
    """
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in MIXED_FIELDS:
            if not _empty(value) or (isinstance(value, Upload) and value.filename):
                fields.setdefault(name, []).append(value)
        elif name not in fields or not _empty(value):
            fields[name] = value
    return fields


# -- multipart ---------------------------------------------------------------------------------


class _Multipart:
    def __init__(
        self, boundary: bytes, limits: Limits, lease: MemoryLease, known: Callable[[str], bool]
    ) -> None:
        self.limits, self.lease, self.known = limits, lease, known
        self.done: list[tuple[str, Any]] = []
        # Joined at the end: a buffer that grows would leave holes of many times its size.
        self.data: list[bytes] = []
        self.count = 0
        self.complete = self.begun = False
        self.parser = python_multipart.MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._start,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._finished,
            },
        )
        self._begin()
        self.count = 0

    def feed(self, chunk: bytes) -> None:
        if not self.begun:
            # The parser skips what follows an empty line at the beginning, as far as the chunk
            # goes: how a body is cut on its way must not decide what it says.
            chunk = chunk.lstrip(b"\r\n")
            self.begun = bool(chunk)
        try:
            self.parser.write(chunk)
        except MultipartParseError as error:
            raise invalid_request(f"The multipart body is broken: {error}") from error

    async def finish(self) -> dict[str, Any]:
        if self.begun and not self.complete:
            raise invalid_request("The multipart body is not complete.")
        return _last_given(self.done)

    def close(self) -> None:
        # The parser holds this object, and this object the parser: what was sent must not wait for
        # the garbage collector.
        self.done, self.data = [], []

    # Callbacks of the parser, in the order in which it calls them.

    def _begin(self) -> None:
        self.count += 1
        if self.count > FIELD_COUNT:
            raise invalid_request(f"More than {FIELD_COUNT} fields.")
        self.header_name, self.header_value = bytearray(), bytearray()
        self.disposition = b""
        self.name, self.filename = "", ""
        self.is_file = self.wanted = False
        self.limit = TEXT_LIMIT
        self.data = []
        self.length = 0

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self.header_name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self.header_value += data[start:end]

    def _header_end(self) -> None:
        if self.header_name.lower() == b"content-disposition":
            self.disposition = bytes(self.header_value)
        self.header_name, self.header_value = bytearray(), bytearray()

    def _start(self) -> None:
        _, parameters = parse_options_header(self.disposition)
        self.name = parameters.get(b"name", b"").decode("utf-8", "replace")
        self.filename = parameters.get(b"filename", b"").decode("utf-8", "replace")
        self.is_file = self.name in FILE_FIELDS or (
            self.name in MIXED_FIELDS and b"filename" in parameters
        )
        self.wanted = self.known(self.name)
        if self.is_file:
            self.limit = self.limits.file
        elif self.name in LONG_FIELDS:
            # A third more than the file for base64, a tenth for line breaks and a data: prefix.
            self.limit = self.limits.file * 3 // 2 + TEXT_LIMIT

    def _data(self, data: bytes, start: int, end: int) -> None:
        if not self.wanted:
            return
        self.lease.add(end - start)
        self.length += end - start
        if self.length > self.limit:
            if self.is_file or self.name in LONG_FIELDS:
                raise file_too_large(self.limits.file)
            raise invalid_request(f"The field {self.name} is longer than {self.limit} bytes.")
        self.data.append(data[start:end])

    def _end(self) -> None:
        if not self.wanted:
            return
        data, self.data = b"".join(self.data), []
        value = Upload(self.filename, data) if self.is_file else data.decode("utf-8", "replace")
        self.done.append((self.name, value))

    def _finished(self) -> None:
        self.complete = True


def known_names(names: Collection[str]) -> Callable[[str], bool]:
    """Return a test for `names` and for their variants per kind, as in ``shadow_type[car]``."""
    plain = frozenset(names)
    return lambda name: name in plain or name.partition("[")[0] in plain
