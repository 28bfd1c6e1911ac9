"""A client of any server that speaks the remove.bg API: `mattekit serve`, or remove.bg itself.

A server that is busy is not an error yet: the client waits and asks again.
"""

from __future__ import annotations

import email.utils
import logging
import math
import os
import random
import re
import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mattekit import forking
from mattekit.errors import InputNotFound, OptionError, ServerError
from mattekit.geometry import Box, Point, Region, Size
from mattekit.grammar import MarksInOrder, Pictures
from mattekit.models.urls import RULE, allowed
from mattekit.options import OPTIONS
from mattekit_client.tokens import TokenSource, check_secret, current_token

if TYPE_CHECKING:
    import httpx

__all__ = ["Answer", "Client"]

_log = logging.getLogger(__name__)

#: Sizes and counts in headers; longer ones are none.
_WHOLE_NUMBER: Final = re.compile("[0-9]{1,15}")

#: Fields that hold pictures, or texts and pictures.
_HINTS: Final = frozenset({"mask", "keep", "remove"})
_TRIES: Final = 6
_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 60.0
#: A server that wants to be asked later than this is told to the user, not waited for: an hour.
_LONGEST_RETRY: Final = 3600.0
#: Answers after which the same request may succeed. 500 may come from a proxy, or from a server
#: that is starting; with an error code it is the service's own word on this very request.
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
#: From so many seconds on somebody who waits should know what for.
_NOTICED: Final = 3.0


class Answer(NamedTuple):
    """A finished picture.

    Attributes
    ----------
    data : bytes
        The file.
    media_type : str
        What it is, e.g. ``"image/png"``.
    size : Size or None
        Its size, where the server says it.
    kind : str
        Kind of subject (``X-Type``); empty where the server does not say.
    confidence : float or None
        How likely the result is right (``X-Confidence``, see `mattekit.Cutout`), where the server
        says it.
    box : Box or None
        The subject's box in it, where the server says it.
    credits : float
        What was charged.
    remaining : int or None
        Megapixels left in this minute, where the server counts them.
    """

    data: bytes
    media_type: str
    size: Size | None = None
    kind: str = ""
    confidence: float | None = None
    box: Box | None = None
    credits: float = 0.0
    remaining: int | None = None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file at once or not at all.

        Raises
        ------
        OutputError
            It cannot be written.
        """
        from mattekit.files import write_atomically

        write_atomically(path, self.data)


class Client:
    """Asks a server, patiently. Safe to use from several threads.

    After an answer that may be another one later (429, 503 and the like), or none at all, it waits
    as long as ``Retry-After`` says and then 1, 2, 4, … seconds, at most a minute, times a random
    factor of 0.5 to 1, so that clients that were turned away together do not come back together.
    What stays as it is, is raised at once: other refusals, an error that the service itself names
    in a 500, a certificate that is not believed.

    Parameters
    ----------
    url : str
        The server, with or without ``/v1.0``.
    key : str
        Sent as ``X-API-Key``; empty = none.
    token : TokenProvider or callable, optional
        Has access tokens, sent as ``Authorization: Bearer`` instead of a key. Where one is refused
        (401) it is asked once for another: `TokenProvider.token` with ``refresh=True``, a function
        by calling it again.
    tries : int
        How often a picture is sent at most.
    timeout : float
        Seconds for one try.
    transport : httpx.BaseTransport, optional
        What carries the requests; tests have their own.
    sleep : callable
        Waits; tests have their own.

    Raises
    ------
    OptionError
        `url` is no http or https URL, or `tries` is below 1; there is a key and a token, or the
        token would be readable on the way; the key cannot be sent.
    """

    def __init__(
        self,
        url: str,
        key: str = "",
        *,
        token: TokenSource | None = None,
        tries: int = _TRIES,
        timeout: float = 120.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:

        if tries < 1:
            raise OptionError("tries", tries, "a whole number from 1")
        if not _usable(url):
            raise OptionError("server", url, "an http or https URL, as in http://127.0.0.1:8000")
        if token is not None and (key or not allowed(url)):
            expected = f"an address that is {RULE}, and no key"
            raise OptionError("server", url, expected, "there is an access token")
        check_secret("key", key)
        self.url = url.rstrip("/").removesuffix("/v1.0")
        self.tries, self._sleep = tries, sleep
        self._key, self._timeout, self._transport = key, timeout, transport
        self._token = token
        forking.register(self)

    def remove_background(self, image: str | os.PathLike[str] | bytes, **fields: object) -> Answer:
        """Return the cut-out of a picture.

        Parameters
        ----------
        image : path or bytes
            The picture's file.
        **fields
            Fields of the API, as text or Python values: ``size="auto"``, ``crop=True``. A path or
            bytes as ``bg_image_file`` are sent as a file, and so are ``mask`` and the pictures of
            strokes among ``keep`` and ``remove``, which are given as the options of these names.

        Raises
        ------
        InputNotFound
            A file cannot be read.
        ServerError
            The server refuses, or stays busy or silent after all tries.
        """
        files = [("image_file", ("image", _read(image)))]
        background = fields.pop("bg_image_file", None)
        if background is not None:
            files.append(("bg_image_file", ("background", _read(background))))
        for name in _HINTS & set(fields):
            fields[name], pictures = _split(name, fields[name])
            files += [(name, (name, _read(picture))) for picture in pictures]
        data = {name: _text(value) for name, value in fields.items() if value is not None}
        response = self._ask("POST", "/v1.0/removebg", data=data, files=files)
        return _answer(response.content, response.headers)

    def account(self) -> dict[str, Any]:
        """Return the attributes of the account: ``credits`` and ``api``.

        Raises
        ------
        ServerError
            As `remove_background`.
        """
        response = self._ask("GET", "/v1.0/account")
        try:
            attributes: dict[str, Any] = response.json()["data"]["attributes"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ServerError(self.url, 200, "", "an answer that is none of this API") from None
        return attributes

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def after_fork(self) -> None:
        """Make connections of its own in a forked child."""
        forking.abandon_cached(self, "_client")

    @forking.cached_property
    def _client(self) -> httpx.Client:
        import httpx

        headers = {"X-API-Key": self._key} if self._key else {}
        return httpx.Client(headers=headers, timeout=self._timeout, transport=self._transport)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, method: str, path: str, **body: Any) -> httpx.Response:
        import httpx

        refreshed = False
        for attempt in range(self.tries):
            least = 0.0
            try:
                response = self._send(method, path, body)
                if response.status_code == 401 and self._token is not None and not refreshed:
                    refreshed = True
                    response = self._send(method, path, body, refresh=True)
            except httpx.RequestError as error:
                problem = ServerError.no_answer(self.url, error)
                passing = _may_pass(error)
            else:
                if response.status_code == 200:
                    return response
                problem = refusal(self.url, response)
                status = response.status_code
                passing = status in _PASSING and not (status == 500 and problem.code)
                least = _retry_after(response.headers.get("retry-after", ""))
            if not passing or attempt + 1 == self.tries or least > _LONGEST_RETRY:
                raise problem
            wait = _wait(attempt, least)
            level = logging.INFO if wait < _NOTICED else logging.WARNING
            _log.log(level, "%s; asking again in %.0f s", problem, wait)
            self._sleep(wait)
        raise AssertionError("unreachable")

    def _send(
        self, method: str, path: str, body: Mapping[str, Any], *, refresh: bool = False
    ) -> httpx.Response:
        import httpx

        headers = {}
        if self._token is not None:
            token = current_token(self._token, refresh=refresh)
            headers["Authorization"] = f"Bearer {token}"
        try:
            return self._client.request(method, self.url + path, headers=headers, **body)
        except ValueError as error:  # names of fields that are none, from Python 3.14 on
            raise httpx.RemoteProtocolError(str(error)) from error


def _usable(url: str) -> bool:
    import httpx

    try:
        parts = httpx.URL(url)
        named = parts.scheme in {"http", "https"} and parts.host
        return bool(named) and (parts.port or 80) < 1 << 16
    except (httpx.InvalidURL, ValueError):  # ValueError: an IDNA name that is none
        return False


def _may_pass(error: httpx.RequestError) -> bool:
    """Return whether the same request may be answered next time."""
    import httpx

    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
        return False
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return False
        cause = cause.__cause__ or cause.__context__
    return True


def _wait(attempt: int, least: float) -> float:
    """Return the seconds before the next try: what the server wants, or twice as long each time."""
    # Not for secrets: any spread will do.
    return least + min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**attempt) * random.uniform(0.5, 1)


def _retry_after(text: str) -> float:
    """Return the seconds of a ``Retry-After`` header: a number or a date (RFC 9110, 10.2.3)."""
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        # Years before 1970 and after 9999 are no times everywhere.
        date = email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, OSError):
        return 0.0
    return max(0.0, date - time.time())


def refusal(url: str, response: httpx.Response) -> ServerError:
    """Return the error that an answer other than 200 means."""
    try:
        error = response.json()["errors"][0]
        texts = [str(error.get(name) or "") for name in ("code", "title", "detail")]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        texts = ["", response.reason_phrase or "an error", ""]  # a proxy's page, for example
    return ServerError(url, response.status_code, *texts)


def _answer(data: bytes, headers: Mapping[str, str]) -> Answer:
    def number(name: str) -> int | None:
        text = headers.get(name, "")
        return int(text) if _WHOLE_NUMBER.fullmatch(text) else None

    def real(name: str) -> float | None:
        try:
            value = float(headers.get(name, "nan"))
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    width, height = number("x-width"), number("x-height")
    box = [number(f"x-foreground-{side}") for side in ("left", "top", "width", "height")]
    left, top, across, down = (value or 0 for value in box)
    return Answer(
        data,
        headers.get("content-type", "application/octet-stream").partition(";")[0],
        None if width is None or height is None else Size(width, height),
        headers.get("x-type", ""),
        real("x-confidence"),
        None if None in box else Box(left, top, left + across, top + down),
        real("x-credits-charged") or 0.0,
        number("x-ratelimit-remaining"),
    )


def _split(name: str, value: object) -> tuple[str | None, list[object]]:
    """Return a hint as text, as far as it is one, and the pictures in it.

    Raises
    ------
    OptionError
        Marks with their order, which no field of the API can say.
    """
    option = OPTIONS[name]
    pictures: list[object] = []
    parsed = option.parse(value)
    if isinstance(parsed, tuple) and any(isinstance(mark, MarksInOrder) for mark in parsed):
        grammar = "points, boxes and pictures of strokes"
        raise OptionError(name, "marks of an editor", grammar, "the API has no field for them")
    if isinstance(option.grammar, Pictures):
        option.grammar.with_pictures(parsed, pictures.append)
    if not isinstance(parsed, tuple):
        return None, pictures
    text = option.grammar.format(tuple(m for m in parsed if isinstance(m, Point | Region)))
    return text or None, pictures


def _read(source: object) -> bytes:
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    if not isinstance(source, str | os.PathLike):
        raise OptionError("image", source, "a path or the bytes of a file")
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise InputNotFound(os.fspath(source), f"it cannot be read ({error.strerror}).") from error


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
