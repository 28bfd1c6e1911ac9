"""``/editors``: a picture that stays here while somebody corrects it. Ours, beside the API.

A picture is sent once, with the fields of ``/v1.0/removebg``; marks follow one after the other, and
each is answered at the size of a preview, however large the picture is. The result at full size is
what one call with all marks in their order gives. Who opened a picture is the only one who finds it
again; `mattekit.editing.EditorStore` bounds how many there are, how large, and for how long.
"""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any, Final, Literal, NamedTuple

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mattekit import codecs, painting
from mattekit.errors import EditorNotFound, OptionError
from mattekit.geometry import Size
from mattekit.hints import Marked, read_strokes
from mattekit.options import Options
from mattekit_server.access import entry_of
from mattekit_server.bodies import Fields, read_json
from mattekit_server.charging import Charge, charged, charged_once
from mattekit_server.engine import Engine, OpenEditor
from mattekit_server.execution import admitted, execute
from mattekit_server.marks import MARK_VALUES, marked_of, read_marks
from mattekit_server.parameters import REMOVE_FIELDS, UNCOMPRESSED, hint_values
from mattekit_server.problems import invalid_request
from mattekit_server.requests import Received, caller_of, received, service_of
from mattekit_server.responses import json_response, picture_response
from mattekit_server.service import Caller, Service

__all__ = ["editor_routes"]

Purpose = Literal["keep", "remove"]

_MARK_FIELDS: Final = frozenset({"keep", "remove", "left", "top", "marks"})
#: What a result costs.
_FULL: Final = Options(size="full")


def editor_routes() -> list[Route]:
    """Return the routes of pictures that are being corrected."""
    return [
        Route("/editors", open_editor, methods=["POST"]),
        Route("/editors/{id}", show_editor, methods=["GET"]),
        Route("/editors/{id}", close_editor, methods=["DELETE"]),
        Route("/editors/{id}/marks", mark, methods=["POST"]),
        Route("/editors/{id}/undo", undo, methods=["POST"]),
        Route("/editors/{id}/redo", redo, methods=["POST"]),
        Route("/editors/{id}/preview", preview, methods=["GET"]),
        Route("/editors/{id}/result", result, methods=["GET"]),
    ]


async def open_editor(request: Request) -> Response:
    """Answer ``POST /editors``: take a picture, and find its subject."""
    service, caller = service_of(request), await caller_of(request)
    shown = _shown(service, request.query_params.get("preview", ""))
    name = ""
    try:
        async with (
            charged(request, caller) as charge,
            received(request, caller, REMOVE_FIELDS) as body,
        ):
            opened = await _opened(request, charge, body)
            name = service.editors.add(opened, caller.identity)
            found = _Found(service, caller, opened, name, body.deadline, shown)
            # Whoever is told of an error does not know its name, and must not pay for it.
            answer = await _answer(request, found, 201, charge)
    except BaseException:
        if name:
            with contextlib.suppress(EditorNotFound):
                service.editors.forget(name, caller.identity)
        raise
    answer.headers.update({**charge.headers, "X-Credits-Charged": f"{charge.credits:g}"})
    return answer


async def _opened(request: Request, charge: Charge, body: Received) -> OpenEditor:
    """Return a picture that is to be corrected, paid for as a preview."""
    engine = service_of(request).engine
    params = await body.params()
    picture, background = await body.pictures(params)
    return await admitted(
        request,
        charge,
        params.options.replace(size="preview"),
        lambda: engine.probe_request(picture, background, params.options),
        lambda _: engine.open_editor(picture, background, params.options, params.output),
        deadline=body.deadline,
    )


async def show_editor(request: Request) -> Response:
    """Answer ``GET /editors/{id}`` with its state."""
    return await _answer(request, await _found(request))


async def close_editor(request: Request) -> Response:
    """Answer ``DELETE /editors/{id}``: forget it now."""
    caller = await caller_of(request)
    service_of(request).editors.forget(request.path_params["id"], caller.identity)
    return Response(status_code=204)


async def mark(request: Request) -> Response:
    """Answer ``POST /editors/{id}/marks``: marks that are undone at once."""
    found = await _found(request)
    editor, engine = found.opened.editor, found.service.engine
    async with received(request, found.caller, _MARK_FIELDS) as body:
        await execute(
            request,
            lambda: editor.mark(_marks_of(body.fields, editor.photo.size, engine)),
            deadline=body.deadline,
        )
    return await _answer(request, found._replace(deadline=body.deadline))


async def undo(request: Request) -> Response:
    """Answer ``POST /editors/{id}/undo``."""
    found = await _found(request)
    await anyio.to_thread.run_sync(found.opened.editor.undo, limiter=found.opened.limiter)
    return await _answer(request, found)


async def redo(request: Request) -> Response:
    """Answer ``POST /editors/{id}/redo``."""
    found = await _found(request)
    await anyio.to_thread.run_sync(found.opened.editor.redo, limiter=found.opened.limiter)
    return await _answer(request, found)


async def preview(request: Request) -> Response:
    """Answer ``GET /editors/{id}/preview`` with the corrected picture."""
    found = await _found(request)
    shown = _shown(found.service, request.query_params.get("format") or "png")
    return await _answer(request, found._replace(shown=shown))


async def result(request: Request) -> Response:
    """Answer ``GET /editors/{id}/result``: at full size; it is paid for once."""
    found = await _found(request)
    opened, output = found.opened, request.query_params.get("format", "")
    offered = UNCOMPRESSED if found.service.settings.local else ()
    if output and output not in offered:
        here = f"{' or '.join(offered)} here; others" if offered else "none here; it is chosen"
        raise OptionError("format", output, f"{here} when the picture is opened")
    size, deadline = opened.editor.photo.size, found.deadline
    async with charged_once(
        request, found.caller, opened.purchase, _FULL, size, deadline=deadline
    ) as charge:
        made = await execute(
            request,
            lambda: opened.result(output or opened.output),
            deadline=deadline,
            charge=charge,
        )
    entry_of(request)["type"] = made.kind
    return picture_response(made, charge.credits, charge.headers, as_json=False)


# -- steps of several ----------------------------------------------------------------------------


class _Found(NamedTuple):
    """An editor, who has found it under its name, and by when there is which answer."""

    service: Service
    caller: Caller
    opened: OpenEditor
    name: str
    deadline: float
    shown: str  # the format of the preview that answers; empty: the state does


async def _found(request: Request) -> _Found:
    service, caller = service_of(request), await caller_of(request)
    name = request.path_params["id"]
    opened = service.editors.find(name, caller.identity)
    # Before anything is changed: who is told of an error does not expect that.
    shown = _shown(service, request.query_params.get("preview", ""))
    return _Found(service, caller, opened, name, service.answer_by(caller), shown)


def _shown(service: Service, wanted: str) -> str:
    """Return the format that a preview is wanted in; empty where none is."""
    offered = ("png", *(UNCOMPRESSED if service.settings.local else ()))
    if wanted and wanted not in offered:
        raise OptionError("format", wanted, " or ".join(offered))
    return wanted


async def _answer(
    request: Request, found: _Found, status: int = 200, charge: Charge | None = None
) -> Response:
    """Answer with the state, or, where the request asks for it, with a preview at once."""
    if not found.shown:
        return json_response(await _state(found), status)
    made = await execute(
        request,
        lambda: found.opened.preview("" if found.shown == "png" else found.shown),
        deadline=found.deadline,
        charge=charge,
    )
    answer = picture_response(made, 0, {}, as_json=False)
    answer.status_code = status
    answer.headers["X-Editor"] = json.dumps(await _state(found), separators=(",", ":"))
    return answer


def _marks_of(fields: Fields, size: Size, engine: Engine) -> list[tuple[Purpose, object]]:
    """Return what was marked: a list of marks as JSON, and what the options keep and remove take.

    A file as large as the picture, or, with `left` and `top`, of a part of it.
    """
    listed = fields.get("marks", [])
    if isinstance(listed, str):
        listed = read_json(listed.encode(), values=MARK_VALUES, what="marks")
    if not isinstance(listed, list):
        raise invalid_request("marks is not an array.")
    found: list[tuple[Purpose, object]] = []
    for each in read_marks(listed):
        marked = marked_of(each, size)
        if any(marked):  # else all of it lies outside
            found.append(("keep" if each.keep else "remove", marked))
    purposes: tuple[Purpose, ...] = ("keep", "remove")
    for purpose in purposes:
        if purpose not in fields:
            continue
        for value in hint_values(purpose, fields[purpose]):
            drawn = (
                _drawn(purpose, value, fields, size, engine) if isinstance(value, bytes) else value
            )
            found.append((purpose, drawn))
    if not found and not listed:
        raise invalid_request("Expected marks: a JSON array, or the fields keep and remove.")
    return found


def _drawn(option: str, data: bytes, fields: Fields, size: Size, engine: Engine) -> Marked:
    """Return the strokes in a file."""
    engine.probe_hint(option, data)
    photo = codecs.decode(data, limits=engine.limits, name=option)
    if not {"left", "top"} & fields.keys():
        box = size.box
    else:
        box = photo.size.box.moved(_pixels(fields, "left"), _pixels(fields, "top"))
        if box.intersection(size.box) != box:
            place = f"{box.left}px {box.top}px"
            raise OptionError(option, place, f"a part of {size.width} × {size.height} pixels")
    stroke = painting.part(read_strokes(photo, Size(box.width, box.height), option), box)
    return Marked() if stroke is None else Marked(strokes=(stroke,))


def _pixels(fields: Fields, name: str) -> int:
    text = str(fields.get(name, "0")).strip()
    if not re.fullmatch(r"\d{1,7}", text, re.ASCII):
        raise OptionError(name, text, "a whole number of pixels")
    return int(text)


async def _state(found: _Found) -> dict[str, Any]:
    """Return what a client should know of an editor."""
    editor = found.opened.editor
    # It may wait for a correction.
    marks = await anyio.to_thread.run_sync(lambda: editor.marks, limiter=found.opened.limiter)
    return {
        "id": found.name,
        **_sides(editor.photo.size),
        "preview": _sides(editor.preview_size),
        "marks": len(marks),
        "undo": editor.can_undo,
        "redo": editor.can_redo,
    }


def _sides(size: Size) -> dict[str, int]:
    return {"width": size.width, "height": size.height}
