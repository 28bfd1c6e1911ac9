"""The OpenAPI document and a page that shows it, both made from the declared options."""

from __future__ import annotations

import functools
import html
import json
from typing import Any

from mattekit import __version__
from mattekit.formats import WRITTEN
from mattekit.options import Option
from mattekit_server.bodies import MIXED_FIELDS
from mattekit_server.parameters import BACKGROUND_FIELDS, SOURCE_FIELDS, http_options

__all__ = ["document", "page"]

_SOURCES = {
    "image_file": "The picture's file (multipart only): JPEG, PNG or WebP; the bytes decide.",
    "image_file_b64": "The picture's file in base64.",
    "image_url": "Where the server fetches the picture: an absolute http or https URL.",
}
_BACKGROUNDS = {
    "bg_image_url": "Put the subject on the picture at this URL, scaled to cover the frame.",
    "bg_image_file": "Put the subject on this picture (multipart only).",
}
_NUMBERS = (
    "X-Width",
    "X-Height",
    "X-Max-Width",
    "X-Max-Height",
    "X-Foreground-Top",
    "X-Foreground-Left",
    "X-Foreground-Width",
    "X-Foreground-Height",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
)
_TAIL = "Empty fields count as not given, unknown ones are ignored."


@functools.cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mattekit",
            "version": __version__,
            "description": "Background removal, compatible with version 1.0 of the remove.bg API.",
        },
        "paths": {
            "/v1.0/removebg": {"post": _remove()},
            "/v1.0/account": {"get": _account()},
            "/v1.0/improve": {"post": _improve()},
            "/health": {"get": _plain("Whether the server lives", "application/json")},
            "/ready": {"get": _ready()},
            "/metrics": {"get": _plain("Numbers for Prometheus", "text/plain")},
            "/openapi.json": {"get": _plain("This document", "application/json")},
            "/docs": {"get": _plain("This document as a page", "text/html")},
        },
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
            "schemas": {"Errors": _ERRORS},
        },
        "security": [{"key": []}, {"bearer": []}],
    }


_ERRORS = {
    "type": "object",
    "required": ["errors"],
    "properties": {
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["title"],
                "properties": {
                    "title": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        }
    },
}


def _json_of(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _error(description: str, *headers: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": description,
        "content": _json_of({"$ref": "#/components/schemas/Errors"}),
    }
    if headers:
        answer["headers"] = {name: {"schema": {"type": "string"}} for name in headers}
    return answer


def _errors(*, charged: bool) -> dict[str, Any]:
    answers = {
        "400": _error("The request or the picture cannot be used; nothing is charged."),
        "401": _error("An access token that is not valid.", "WWW-Authenticate"),
        "402": _error("Not enough credits."),
        "403": _error("No key, or one that is not valid."),
        "408": _error("The body did not arrive in time."),
        "429": _error(
            "Too many megapixels in this minute.",
            "Retry-After",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
            "X-RateLimit-Reset",
        ),
        "500": _error("A defect of the server."),
        "503": _error("The server is busy; come back after `Retry-After` seconds.", "Retry-After"),
    }
    if not charged:
        del answers["402"]
    return answers


def _field(option: Option) -> dict[str, Any]:
    schema = dict(option.grammar.schema())
    if "enum" in schema:
        schema["enum"] = option.api_words
    grammar = option.grammar.text if "enum" not in schema else ""
    origin = "" if option.origin == "remove.bg" else " (An option of mattekit's own.)"
    schema["description"] = f"{option.help}{origin}" + (
        f" Written as {grammar}." if grammar else ""
    )
    default = option.grammar.format(option.api_default)
    if default:
        schema["default"] = _typed(default, schema.get("type"))
    return schema


def _hint(name: str, option: Option, *, files: bool) -> dict[str, Any]:
    """Return a field that is a file, or texts and files."""
    file = {"type": "string", "format": "binary"}
    text = f"{option.help} (An option of mattekit's own.)"
    if name == "mask":
        return {name: {**file, "description": f"{text} Multipart only."}} if files else {}
    marks = 'points "x y" and boxes "x1 y1 x2 y2", each number followed by px or %'
    written = {"type": "string", "description": f"{text} Written as {marks}, with commas between."}
    if not files:
        return {name: written}
    several = {"type": "array", "items": {"anyOf": [{"type": "string"}, file]}}
    return {name: {**several, "description": f"{written['description']} Strokes are files."}}


def _typed(text: str, kind: object) -> object:
    if kind == "boolean":
        return text == "true"
    return float(text) if kind == "number" else int(text) if kind == "integer" else text


def _fields(*, files: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in SOURCE_FIELDS:
        if files or name != "image_file":
            kind = {"format": "binary"} if name == "image_file" else {}
            fields[name] = {"type": "string", "description": _SOURCES[name], **kind}
    for name, option in http_options().items():
        if name in MIXED_FIELDS:
            fields |= _hint(name, option, files=files)
            continue
        fields[name] = _field(option)
        if name == "bg_color":
            for other in BACKGROUND_FIELDS[1:]:
                if files or other != "bg_image_file":
                    kind = {"format": "binary"} if other == "bg_image_file" else {}
                    fields[other] = {"type": "string", "description": _BACKGROUNDS[other], **kind}
    return fields


def _bodies(make: Any) -> dict[str, Any]:
    return {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": {"type": "object", "properties": make(files=True)}},
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "properties": make(files=False)}
            },
            "application/json": {"schema": {"type": "object", "properties": make(files=False)}},
        },
    }


def _remove() -> dict[str, Any]:
    number = {"schema": {"type": "integer"}}
    headers: dict[str, Any] = dict.fromkeys(_NUMBERS, number)
    headers["X-Type"] = {"schema": {"type": "string"}}
    headers["X-Confidence"] = {"schema": {"type": "number", "minimum": 0, "maximum": 1}}
    headers["X-Credits-Charged"] = {"schema": {"type": "number"}}
    binary = {"schema": {"type": "string", "format": "binary"}}
    result = {
        "type": "object",
        "required": ["data"],
        "properties": {
            "data": {
                "type": "object",
                "required": ["result_b64"],
                "properties": {
                    "result_b64": {"type": "string"},
                    **{
                        f"foreground_{name}": {"type": "integer"}
                        for name in ("top", "left", "width", "height")
                    },
                },
            }
        },
    }
    success = {
        "description": "The cut-out; JSON where `Accept` names application/json.",
        "headers": headers,
        "content": {
            **{each.media_type: binary for each in WRITTEN.values() if each.served},
            **_json_of(result),
        },
    }
    return {
        "operationId": "removebg",
        "summary": "Remove the background of a picture",
        "description": "Exactly one of image_file, image_file_b64 and image_url must be given, at "
        f"most one of bg_color, bg_image_url and bg_image_file. {_TAIL}",
        "requestBody": _bodies(_fields),
        "responses": {"200": success, **_errors(charged=True)},
    }


def _account() -> dict[str, Any]:
    number = {"type": "number"}
    credits = dict.fromkeys(("subscription", "payg", "enterprise", "total"), number)
    attributes = {
        "credits": {"type": "object", "required": list(credits), "properties": credits},
        "api": {
            "type": "object",
            "required": ["free_calls", "sizes"],
            "properties": {"free_calls": {"type": "integer"}, "sizes": {"const": "all"}},
        },
    }
    schema: dict[str, Any] = {"type": "object", "properties": attributes}
    for name in ("attributes", "data"):
        schema = {"type": "object", "required": [name], "properties": {name: schema}}
    answers = _errors(charged=False)
    return {
        "operationId": "account",
        "summary": "Credits and free calls that are left",
        "responses": {
            "200": {"description": "The balance.", "content": _json_of(schema)},
            **{status: answers[status] for status in ("401", "403", "429", "500")},
        },
    }


def _improve_fields(*, files: bool) -> dict[str, Any]:
    fields = {name: value for name, value in _fields(files=files).items() if name in SOURCE_FIELDS}
    fields["image_filename"] = {"type": "string", "description": "What the picture is called."}
    fields["tag"] = {"type": "string", "description": "Groups pictures."}
    return fields


def _improve() -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string", "format": "uuid"}},
    }
    return {
        "operationId": "improve",
        "summary": "Give a picture for training, where the operator has switched that on",
        "description": f"Exactly one of the sources must be given. {_TAIL}",
        "requestBody": _bodies(_improve_fields),
        "responses": {
            "200": {"description": "Kept under this id.", "content": _json_of(schema)},
            **_errors(charged=False),
        },
    }


def _plain(summary: str, media_type: str) -> dict[str, Any]:
    return {
        "summary": summary,
        "security": [],
        "responses": {"200": {"description": summary + ".", "content": {media_type: {}}}},
    }


def _ready() -> dict[str, Any]:
    words = {"status": {"enum": ["ready", "not ready"]}}
    reasons = {"reasons": {"type": "array", "items": {"type": "string"}}}
    schema = {
        "type": "object",
        "required": ["status", "reasons"],
        "properties": {**words, **reasons},
    }
    retry = {"Retry-After": {"schema": {"type": "string"}}}
    return {
        "summary": "Whether requests should be sent here now",
        "security": [],
        "responses": {
            "200": {"description": "They should.", "content": _json_of(schema)},
            "503": {
                "description": "They should not, for the reasons given.",
                "headers": retry,
                "content": _json_of(schema),
            },
        },
    }


# -- the page --------------------------------------------------------------------------------------

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } code { background: #8882; padding: 0 .2em }
td, th { text-align: left; vertical-align: top; padding: .4rem .6rem; border-top: 1px solid #8884 }
summary { cursor: pointer; font-weight: 600 } :root { color-scheme: light dark }
"""


@functools.cache
def page() -> str:
    """Return the document as a page that needs nothing from elsewhere."""
    spec = document()
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'>"
        f"<title>mattekit {html.escape(__version__)}: HTTP API</title><style>{_STYLE}</style>",
        f"<h1>mattekit</h1><p>{html.escape(spec['info']['description'])} "
        "Machine-readable: <a href=openapi.json>openapi.json</a>.</p>",
        "<p>Send the key in the header <code>X-API-Key</code>.</p>",
    ]
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            parts.append(_operation(path, method, operation))
    return "\n".join(parts)


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    lines = [
        f"<h2><code>{method.upper()} {path}</code></h2><p>{html.escape(operation['summary'])}.</p>",
        f"<p>{html.escape(operation.get('description', ''))}</p>",
    ]
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]
        names = ", ".join(f"<code>{kind}</code>" for kind in content)
        lines.append(f"<p>Body: {names}.</p><table><tr><th>Field<th>Default<th>Meaning</tr>")
        for name, schema in content["multipart/form-data"]["schema"]["properties"].items():
            default = schema.get("default", "")
            shown = f"<code>{html.escape(json.dumps(default).strip(chr(34)))}</code>"
            choices = ", ".join(
                f"<code>{html.escape(str(v))}</code>" for v in schema.get("enum", ())
            )
            lines.append(
                f"<tr><td><code>{name}</code><td>{shown if default != '' else ''}"
                f"<td>{html.escape(schema['description'])} {choices}</tr>"
            )
        lines.append("</table>")
    answers = "".join(
        f"<tr><td>{status}<td>{html.escape(answer['description'])}"
        f"<td>{', '.join(answer.get('headers', ()))}</tr>"
        for status, answer in operation["responses"].items()
    )
    lines.append(
        f"<details><summary>Answers</summary><table><tr><th>Status<th>Meaning<th>Headers</tr>"
        f"{answers}</table></details>"
    )
    return "".join(lines)
