"""Answers: headers and bodies as clients of the remove.bg API know them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from mattekit_server.engine import Result
from mattekit_server.problems import Problem

__all__ = [
    "CORS",
    "accept_of",
    "json_response",
    "picture_response",
    "problem_response",
    "wants_html",
    "wants_json",
]

JSON: Final = "application/json; charset=utf-8"

#: On every answer, errors included: pages of any origin may use the API with their key.
CORS: Final = {"Access-Control-Allow-Origin": "*"}


def json_response(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return `body` as JSON."""
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(data, status, headers=headers, media_type=JSON)


def problem_response(problem: Problem) -> Response:
    """Return the answer to an error."""
    return json_response(problem.body, problem.status, problem.headers)


def accept_of(request: Request) -> str:
    """Return what a request says that it accepts, in however many headers; empty: nothing."""
    return ",".join(request.headers.getlist("accept"))


def wants_html(accept: str) -> bool:
    """Return whether a client names HTML, as browsers do and programs do not."""
    return _qualities(accept).get("text/html", 0.0) > 0


def wants_json(accept: str, media_type: str) -> bool:
    """Return whether a client would rather have a picture within JSON than as it is.

    As RFC 9110, 12.5.1, but that JSON must be named: ``*/*``, which many programs send without a
    thought, means the picture.

    Parameters
    ----------
    accept : str
        See `accept_of`.
    media_type : str
        What the picture is.
    """
    qualities = _qualities(accept)
    named = qualities.get("application/json", 0.0)
    kind = media_type.partition("/")[0]
    return named > 0 and named >= qualities.get(media_type, qualities.get(f"{kind}/*", 0.0))


def _qualities(accept: str) -> dict[str, float]:
    """Return how welcome each media range is that ``Accept`` names, 0 to 1."""
    return dict(map(_quality, accept.lower().split(",")))


def _quality(element: str) -> tuple[str, float]:
    """Return the media range of an element of ``Accept`` and how welcome it is, 0 to 1."""
    media_range, *parameters = (part.strip() for part in element.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                return media_range, 1.0  # as if it were not there
            return media_range, quality if 0 <= quality <= 1 else 1.0
    return media_range, 1.0


def picture_headers(result: Result, credits: float, rate: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a success, in the order of recorded answers."""
    headers = dict(rate)
    headers["X-Width"], headers["X-Height"] = map(str, result.size)
    headers["X-Max-Width"], headers["X-Max-Height"] = map(str, result.max_size)
    if result.kind:
        headers["X-Type"] = result.kind
    if result.confidence is not None:
        headers["X-Confidence"] = f"{result.confidence:.3f}"
    headers["X-Credits-Charged"] = f"{credits:g}"
    for name, value in foreground(result).items():
        headers[f"X-Foreground-{name.capitalize()}"] = str(value)
    return headers


def picture_response(
    result: Result, credits: float, rate: Mapping[str, str], *, as_json: bool
) -> Response:
    """Return a finished picture, as its bytes or within JSON."""
    headers = picture_headers(result, credits, rate)
    if not as_json:
        return Response(result.data, headers=headers, media_type=result.media_type)
    data: dict[str, Any] = {"result_b64": base64.b64encode(result.data).decode("ascii")}
    data.update({f"foreground_{name}": value for name, value in foreground(result).items()})
    return json_response({"data": data}, headers=headers)


def foreground(result: Result) -> dict[str, int]:
    """Return the subject's box in the result; empty where there is none."""
    if result.box is None:
        return {}
    return {
        "top": result.box.top,
        "left": result.box.left,
        "width": result.box.width,
        "height": result.box.height,
    }
