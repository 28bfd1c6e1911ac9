"""``/editors``: a picture that stays here while somebody corrects it. Ours, beside the API.

A picture is sent once, with the fields of ``/v1.0/removebg``; marks follow one after the other, and
each is answered at the size of a preview, however large the picture is. The result at full size is
what one call with all marks in their order gives. Who opened a picture is the only one who finds it
again; `mattekit.editing.EditorStore` bounds how many there are, how large, and for how long.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any, Final, Literal, TypeVar

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mattekit import codecs, painting
from mattekit.cutout import Cutout
from mattekit.errors import OptionError
from mattekit.geometry import Size
from mattekit.hints import Marked, read_strokes
from mattekit.options import Options
from mattekit.threads import at_most
from mattekit_server.answers import json_answer, picture_answer
from mattekit_server.bodies import Fields
from mattekit_server.engine import Engine, OpenEditor, Result, encode
from mattekit_server.marks import marked_of, read_marks
from mattekit_server.parameters import (
    REMOVE_FIELDS,
    Output,
    Params,
    Source,
    hint_values,
    read_request,
)
from mattekit_server.problems import invalid_request
from mattekit_server.removal import (
    PREVIEW_PIXELS,
    PREVIEW_SIZES,
    caller_of,
    charged,
    fetched,
    fields_of,
    service_of,
)
from mattekit_server.service import Service

__all__ = ["editor_routes"]

T = TypeVar("T")
Purpose = Literal["keep", "remove"]

_MARK_FIELDS: Final = frozenset({"keep", "remove", "left", "top", "marks"})
_SHOWN: Final = Options(format="png", depth="8")


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
    service = service_of(request)
    caller = await caller_of(request)
    async with (
        charged(service, caller) as charge,
        fields_of(request, REMOVE_FIELDS, service) as (fields, lease),
    ):
        settings = service.settings
        defaults = {"refine": settings.refine, **({"size": settings.size} if settings.size else {})}
        params = await anyio.to_thread.run_sync(
            lambda: read_request(
                {**defaults, **fields}, file_limit=settings.file_limit, local=settings.local
            )
        )
        picture = await fetched(params.source, service, lease)
        background = None
        if params.background is not None:
            background = await fetched(params.background, service, lease)

        def admit() -> Size:
            size = service.engine.probe(picture)
            if background is not None:
                service.engine.probe(background)
            service.engine.probe_all(params.options)
            small = params.options.replace(size="preview")
            charge.take(Params(params.source, None, small), size)
            return size

        def work() -> OpenEditor:
            with charge.spending():
                return service.engine.open_editor(
                    picture, background, params.options, params.output
                )

        size = await anyio.to_thread.run_sync(admit)
        opened = await _work(service, request, work)
    opened.paid = params.options.size in PREVIEW_SIZES or size.area <= PREVIEW_PIXELS
    name = service.editors.add(opened, caller.identity)
    return await _answer(request, service, opened, name, 201)


async def show_editor(request: Request) -> Response:
    """Answer ``GET /editors/{id}`` with its state."""
    _, opened, name = await _found(request)
    return json_answer(await _state(name, opened))


async def close_editor(request: Request) -> Response:
    """Answer ``DELETE /editors/{id}``: forget it now."""
    caller = await caller_of(request)
    service_of(request).editors.forget(request.path_params["id"], caller.identity)
    return Response(status_code=204)


async def mark(request: Request) -> Response:
    """Answer ``POST /editors/{id}/marks``: marks that are undone at once."""
    service, opened, name = await _found(request)
    async with fields_of(request, _MARK_FIELDS, service) as (fields, _):

        def work() -> None:
            opened.editor.mark(_marks_of(fields, opened.editor.photo.size, service.engine))

        await _work(service, request, work)
    return await _answer(request, service, opened, name)


async def undo(request: Request) -> Response:
    """Answer ``POST /editors/{id}/undo``."""
    service, opened, name = await _found(request)
    await anyio.to_thread.run_sync(opened.editor.undo)
    return await _answer(request, service, opened, name)


async def redo(request: Request) -> Response:
    """Answer ``POST /editors/{id}/redo``."""
    service, opened, name = await _found(request)
    await anyio.to_thread.run_sync(opened.editor.redo)
    return await _answer(request, service, opened, name)


async def preview(request: Request) -> Response:
    """Answer ``GET /editors/{id}/preview`` with the corrected picture."""
    service, opened, name = await _found(request)
    wanted = request.query_params.get("format", "png")
    return await _preview(request, service, opened, name, wanted, 200)


async def result(request: Request) -> Response:
    """Answer ``GET /editors/{id}/result``: at full size; it is paid for once."""
    service, opened, _ = await _found(request)
    wanted = request.query_params.get("format", "")
    if wanted and (wanted not in ("pam", "pgm") or not service.settings.local):
        raise OptionError("format", wanted, "pam or pgm, of a worker; others when it is opened")
    output: Output = opened.output if not wanted else "pam" if wanted == "pam" else "pgm"

    def work() -> Result:
        with at_most(service.engine.threads):
            cutout = opened.editor.result().require_found()
            return _encoded(cutout, opened.options, output)

    if opened.paid:
        return picture_answer(await _work(service, request, work), 0, {}, as_json=False)
    async with charged(service, await caller_of(request)) as charge:
        source = Source("image_file", b"")
        full = Params(source, None, Options(size="full"))
        await anyio.to_thread.run_sync(charge.take, full, opened.editor.photo.size)
        made = await _work(service, request, work)
    opened.paid = True
    return picture_answer(made, charge.credits, {}, as_json=False)


# -- steps of several ----------------------------------------------------------------------------


async def _found(request: Request) -> tuple[Service, OpenEditor, str]:
    service, caller = service_of(request), await caller_of(request)
    name = request.path_params["id"]
    return service, service.editors.find(name, caller.identity), name


async def _answer(
    request: Request, service: Service, opened: OpenEditor, name: str, status: int = 200
) -> Response:
    """Answer with the state, or, where the request asks for it, with a preview at once."""
    wanted = request.query_params.get("preview", "")
    if not wanted:
        return json_answer(await _state(name, opened), status)
    return await _preview(request, service, opened, name, wanted, status)


async def _preview(
    request: Request, service: Service, opened: OpenEditor, name: str, wanted: str, status: int
) -> Response:
    offered = ("png", "pam", "pgm") if service.settings.local else ("png",)
    if wanted not in offered:
        raise OptionError("format", wanted, " or ".join(offered))
    output: Output = "" if wanted == "png" else "pam" if wanted == "pam" else "pgm"

    def work() -> Result:
        with at_most(service.engine.threads):
            return _encoded(opened.editor.preview(), _SHOWN, output)

    answer = picture_answer(await _work(service, request, work), 0, {}, as_json=False)
    answer.status_code = status
    answer.headers["X-Editor"] = json.dumps(await _state(name, opened), separators=(",", ":"))
    return answer


async def _work(service: Service, request: Request, function: Callable[[], T]) -> T:
    deadline = time.monotonic() + service.settings.deadline
    return await service.pool.run(function, deadline=deadline, gone=request.is_disconnected)


def _encoded(cutout: Cutout, options: Options, output: Output) -> Result:
    data, media_type = encode(cutout, options, output)
    size = cutout.size
    kind = cutout.type_name(options.type_level)
    return Result(
        data, media_type, size, cutout.max_size or size, cutout.box, kind, cutout.confidence
    )


def _marks_of(fields: Fields, size: Size, engine: Engine) -> list[tuple[Purpose, object]]:
    """Return what was marked: a list of marks as JSON, and what the options keep and remove take.

    A file as large as the picture, or, with `left` and `top`, of a part of it.
    """
    listed = fields.get("marks", [])
    if isinstance(listed, str):
        try:
            listed = json.loads(listed)
        except (ValueError, RecursionError) as error:
            raise invalid_request("marks is not valid JSON.") from error
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


async def _state(name: str, opened: OpenEditor) -> dict[str, Any]:
    """Return what a client should know of an editor."""
    editor = opened.editor
    marks = await anyio.to_thread.run_sync(lambda: editor.marks)  # may wait for a correction
    return {
        "id": name,
        **_sides(editor.photo.size),
        "preview": _sides(editor.preview_size),
        "marks": len(marks),
        "undo": editor.can_undo,
        "redo": editor.can_redo,
    }


def _sides(size: Size) -> dict[str, int]:
    return {"width": size.width, "height": size.height}
