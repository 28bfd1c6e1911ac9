"""The page's routes: itself, its files, and what it asks for."""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
import urllib.parse
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, TypeVar

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from mattekit import __version__
from mattekit.editable import EditablePhoto
from mattekit.editing import EditorStore
from mattekit.formats import FORMATS, suffixes_of
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit_server import prices
from mattekit_server.access import entry_of
from mattekit_server.bodies import Limits, MemoryLease, read_object
from mattekit_server.charging import Charge, charged, charged_once
from mattekit_server.execution import admitted, execute
from mattekit_server.marks import MARK_VALUES
from mattekit_server.page import guard
from mattekit_server.page.edits import Edit, has_marks, page_options, read_edit
from mattekit_server.page.files import HEADERS, page_files
from mattekit_server.page.rendering import Renderer, Rendition
from mattekit_server.page.visitors import Cache, Reservation, StoredPicture, Visitor, Visitors
from mattekit_server.page.windows import Windows
from mattekit_server.prices import Purchase
from mattekit_server.problems import Problem, invalid_request
from mattekit_server.requests import Received, caller_of, content_length, received, service_of
from mattekit_server.responses import accept_of, json_response, wants_html
from mattekit_server.service import Caller, Service

__all__ = ["Page", "page_routes"]

T = TypeVar("T")

_COOKIE: Final = "mattekit_visitor"
_JSON_LIMIT: Final = 9 * 2**20
#: As long as marks of as many numbers as there may be, and their history.
_STATE_LIMIT: Final = 8 * 2**20
_NAME: Final = 120
_LEVELS: Final = 8
#: Pictures that are kept opened.
_OPENED: Final = 256
#: Seconds after which an open window is told that the server lives.
_HEARTBEAT: Final = 10.0
_PLAIN: Final = re.compile(r"[^\w .,()+=@~-]", re.ASCII)

#: Previews are the API's, results are complete.
_PREVIEW: Final = Options(size="preview")
_RESULT: Final = Options(size="full")
#: Where nothing is paid for.
_FREE: Final = Purchase(paid=True)
_SOURCE_FIELDS: Final = frozenset({"image_file", "image_url"})


class Page:
    """What the page's endpoints share.

    Parameters
    ----------
    service : Service
        Of the process.
    """

    def __init__(self, service: Service) -> None:
        settings = service.settings
        self.service = service
        self.files = page_files()
        # A quarter for what was sent, a half for what is opened, a quarter for results.
        quarter = max(1, settings.page_memory // 4)
        public = settings.auth and not settings.app
        opened: EditorStore[EditablePhoto] = EditorStore(
            _OPENED, 2 * quarter, settings.page_seconds
        )
        self.renderer = Renderer(service.engine, Cache(quarter), opened, public=public)
        self.visitors = Visitors(quarter, settings.page_seconds, forgotten=self.renderer.forget)
        self.priced = public
        self.windows = Windows()
        self._tickets: set[str] = set()

    def sweep(self) -> None:
        """Forget whoever has not come back in time."""
        self.visitors.sweep()
        self.renderer.opened.sweep()

    def issue_ticket(self) -> str:
        """Return what opens the page of `mattekit app` once: others may see it on its way."""
        ticket = secrets.token_urlsafe(32)
        self._tickets.add(ticket)
        return ticket

    def accept_ticket(self, ticket: str) -> bool:
        """Return whether a ticket was issued and is used for the first time."""
        if ticket not in self._tickets:
            return False
        self._tickets.remove(ticket)
        return True


def page_routes(page: Page) -> list[Route]:
    """Return the routes of the page."""
    calls: list[tuple[str, str, Endpoint]] = [
        ("GET", "/page/session", session),
        ("GET", "/page/account", account),
        ("GET", "/page/queue", queue),
        ("GET", "/page/window", window),
        ("POST", "/page/pictures", add_picture),
        ("POST", "/page/backgrounds", add_background),
        ("DELETE", "/page/pictures/{id}", remove_picture),
        ("GET", "/page/pictures/{id}/original", original),
        ("GET", "/page/pictures/{id}/state", state),
        ("PUT", "/page/pictures/{id}/state", set_state),
        ("POST", "/page/pictures/{id}/preview", preview),
        ("POST", "/page/pictures/{id}/result", result),
        ("GET", "/page/pictures/{id}/results/{edit:number}", result_summary),
        (
            "GET",
            "/page/pictures/{id}/tiles/{edit:number}/{level:number}/{column:number}/{row:number}",
            tile,
        ),
    ]
    return [
        Route("/", _index(page), methods=["GET"]),
        Route("/page/files/{version}/{name:path}", _file(page), methods=["GET"]),
        *(Route(path, _checked(page, call), methods=[method]) for method, path, call in calls),
    ]


Endpoint = Callable[[Page, Request], Awaitable[Response]]
Handler = Callable[[Request], Awaitable[Response]]


def _checked(page: Page, call: Endpoint) -> Handler:
    """Return an endpoint that only the page reaches, and whose answers nothing keeps."""

    async def endpoint(request: Request) -> Response:
        guard.check(request, page.service.settings)
        answer = await call(page, request)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    return endpoint


# -- the page itself -----------------------------------------------------------------------------


def _index(page: Page) -> Handler:
    async def index(request: Request) -> Response:
        settings = page.service.settings
        if not wants_html(accept_of(request)):
            raise HTTPException(404)  # as ever, for programs
        try:
            guard.check_host(request, settings)
        except Problem as problem:
            return Response(f"{problem.title}. {problem.detail}\n", 403, HEADERS, "text/plain")
        if settings.app:
            if page.accept_ticket(request.query_params.get("ticket", "")):
                # Out of the address, which people copy and browsers keep.
                moved = RedirectResponse("/", 303, headers=HEADERS)
                _set_cookie(moved, request, guard.APP_COOKIE, settings.token)
                return moved
            if not guard.opens_app(request.cookies.get(guard.APP_COOKIE, ""), settings):
                text = (
                    "This window does not belong to the running app. Start `mattekit app` again.\n"
                )
                return Response(text, 403, HEADERS, "text/plain")
        return page.files.index(request)

    return index


def _file(page: Page) -> Handler:
    async def file(request: Request) -> Response:
        found = page.files.file(
            request, request.path_params["version"], request.path_params["name"]
        )
        if found is None:
            raise HTTPException(404)
        return found

    return file


def _set_cookie(answer: Response, request: Request, name: str, value: str) -> None:
    secure = request.url.scheme == "https"
    answer.set_cookie(name, value, path="/", secure=secure, httponly=True, samesite="strict")


# -- who it is -----------------------------------------------------------------------------------


def _visitor(page: Page, request: Request) -> Visitor:
    visitor = page.visitors.find(request.cookies.get(_COOKIE, ""))
    if visitor is None:
        raise Problem(
            404, "Your pictures are no longer here", "visitor_unknown", "They are kept for an hour."
        )
    return visitor


def _picture(page: Page, request: Request) -> StoredPicture:
    picture = _visitor(page, request).pictures.get(request.path_params["id"])
    if picture is None:
        raise Problem(404, "This picture is no longer here", "picture_unknown")
    return picture


async def _caller(page: Page, request: Request) -> Caller:
    if page.service.settings.app:  # the window's cookie was checked
        return Caller("app")
    return await caller_of(request)


async def session(page: Page, request: Request) -> Response:
    """Answer with what the page must know of the server and of its visitor, who may be new."""
    settings = page.service.settings
    visitor = page.visitors.find(request.cookies.get(_COOKIE, ""))
    token = ""
    if visitor is None:
        token, visitor = page.visitors.add()
    formats = sorted(page.renderer.accepted & FORMATS.keys())
    answer = json_response(
        {
            "version": __version__,
            "app": settings.app,
            "keys": page.priced,
            "prices": {"preview": prices.PREVIEW_PRICE, "full": prices.FULL_PRICE},
            "file_limit": settings.file_limit,
            "pixel_limit": settings.pixel_limit,
            "minutes": round(settings.page_seconds / 60),
            "options": page_options(),
            "marks": has_marks(),
            "suffixes": [suffix for name in formats for suffix in suffixes_of(name)],
            "improve": settings.improve_folder is not None,
            **await _login(request),
            "new": bool(token),
            "pictures": [_summary(each) for each in visitor.pictures.values()],
        }
    )
    if token:
        _set_cookie(answer, request, _COOKIE, token)
    return answer


async def _login(request: Request) -> dict[str, Any]:
    """Return whether one can log in, and who has."""
    authenticator = service_of(request).authenticator
    if authenticator is None or not authenticator.settings.client_id:
        return {"login": False, "user": None}
    session = await authenticator.session(request, changing=False)
    user = session and {"name": session.user.name, "csrf_token": session.csrf}
    return {"login": True, "user": user}


async def account(page: Page, request: Request) -> Response:
    """Answer with what a key can spend."""
    caller = await _caller(page, request)
    if caller.account is None:
        return json_response({"credits": None, "free": None})
    return json_response({"credits": caller.account.credits, "free": caller.account.free_left})


async def queue(page: Page, request: Request) -> Response:
    """Answer with how many pictures wait."""
    pool = page.service.pool
    return json_response({"running": pool.running, "waiting": pool.waiting})


async def window(page: Page, request: Request) -> Response:
    """Answer for as long as a window of `mattekit app` is open."""
    if not page.service.settings.app:
        raise HTTPException(404)

    async def beats() -> AsyncIterator[bytes]:
        page.windows.opened()
        try:
            while True:
                yield b"\n"
                await anyio.sleep(_HEARTBEAT)
        finally:
            page.windows.closed()

    return StreamingResponse(beats(), media_type="text/plain")


# -- pictures ------------------------------------------------------------------------------------


async def add_picture(page: Page, request: Request) -> Response:
    """Take a picture and find its subject."""
    visitor, caller = _visitor(page, request), await _caller(page, request)
    with page.visitors.reserved(visitor, _announced(page, request), pictures=1) as room:
        async with (
            charged(request, caller) as charge,
            received(request, caller, _SOURCE_FIELDS) as body,
        ):
            picture = await _opened(page, request, room, charge, body)
    visitor.pictures[picture.id] = picture
    return json_response(_summary(picture), 201)


async def _opened(
    page: Page, request: Request, room: Reservation, charge: Charge, body: Received
) -> StoredPicture:
    """Return a picture that there is room for, paid for as a preview."""
    name, data = await _upload(body, room)
    return await admitted(
        request,
        charge,
        _PREVIEW,
        lambda: page.renderer.probe(data),
        lambda _: page.renderer.open(data, name),
        deadline=body.deadline,
    )


async def add_background(page: Page, request: Request) -> Response:
    """Take a picture to put behind others."""
    visitor, caller = _visitor(page, request), await _caller(page, request)
    with page.visitors.reserved(visitor, _announced(page, request)) as room:
        async with received(request, caller, _SOURCE_FIELDS) as body:
            name, data = await _upload(body, room)
            photo = await execute(
                request, lambda: page.renderer.background(data), deadline=body.deadline
            )
        room.resize(photo.color.nbytes)
    number = str(len(visitor.backgrounds) + 1)
    visitor.backgrounds[number] = photo
    return json_response({"id": number, "name": name}, 201)


async def remove_picture(page: Page, request: Request) -> Response:
    """Forget a picture."""
    picture = _picture(page, request)
    del _visitor(page, request).pictures[picture.id]
    page.renderer.forget(picture)
    return Response(status_code=204)


async def original(page: Page, request: Request) -> Response:
    """Answer with the picture as a screen shows it."""
    picture = _picture(page, request)
    return _shown(await _work(page, request, lambda: page.renderer.original(picture)))


async def preview(page: Page, request: Request) -> Response:
    """Answer with the result of an edit as a screen shows it."""
    picture = _picture(page, request)
    edit, background = await _edit(page, request)
    view = await _work(page, request, lambda: page.renderer.preview(picture, edit, background))
    view.summary["edit"] = picture.number_of(edit)
    return _shown(view)


async def result(page: Page, request: Request) -> Response:
    """Answer with a file of an edit at full size; it is paid for once, in however many parts."""
    picture = _picture(page, request)
    part = request.query_params.get("part", "0")
    if not re.fullmatch(r"\d{1,3}", part, re.ASCII):
        raise invalid_request("part is a number.")
    edit, background = await _edit(page, request)
    caller = await _caller(page, request)
    purchase = picture.purchase if page.priced else _FREE
    deadline = page.service.answer_by(caller)
    async with charged_once(
        request, caller, purchase, _RESULT, picture.size, deadline=deadline
    ) as charge:
        file = await execute(
            request,
            lambda: page.renderer.file(picture, edit, background, int(part)),
            deadline=deadline,
            charge=charge,
        )
    entry_of(request)["type"] = file.kind
    number = f"-{file.part + 1}" if file.parts > 1 else ""
    name = _result_name(picture.name, file.encoded.format, number)
    headers = {
        "Content-Disposition": _disposition(name),
        "X-View": json.dumps({"width": file.size.width, "height": file.size.height}),
        "X-Parts": str(file.parts),
    }
    return Response(file.encoded.data, headers=headers, media_type=file.encoded.media_type)


async def result_summary(page: Page, request: Request) -> Response:
    """Answer with where the picture's pixels lie in a result at full size."""
    picture = _picture(page, request)
    edit = _full_edit(page, picture, request.path_params["edit"])
    background = _background(_visitor(page, request), edit)
    summary = await _work(
        page, request, lambda: page.renderer.result_summary(picture, edit, background)
    )
    return json_response(summary)


async def tile(page: Page, request: Request) -> Response:
    """Answer with a piece of a result, or, as edit 0, of the picture, at full size."""
    picture, place = _picture(page, request), request.path_params
    level, column, row = place["level"], place["column"], place["row"]
    if level > _LEVELS:
        raise Problem(404, "There is no such piece", "tile_unknown")
    edit = _full_edit(page, picture, place["edit"]) if place["edit"] else None
    if page.priced and not picture.purchase.paid:
        raise Problem(402, "The full size is shown once it is paid for", "not_paid")
    background = _background(_visitor(page, request), edit)

    def work() -> bytes:
        if edit is None:
            return page.renderer.photo_tile(picture, level, column, row)
        return page.renderer.tile(
            page.renderer.result(picture, edit, background), level, column, row
        )

    data = await _work(page, request, work)
    if not data:
        raise Problem(404, "There is no such piece", "tile_unknown")
    return Response(
        data, headers={"Cache-Control": "private, max-age=3600"}, media_type="image/png"
    )


def _full_edit(page: Page, picture: StoredPicture, number: int) -> Edit:
    """Return an edit whose result may be seen at full size."""
    if page.priced and not picture.purchase.paid:
        raise Problem(402, "The full size is shown once it is paid for", "not_paid")
    edit = picture.edits.get(number)
    if edit is None:
        raise Problem(404, "There is no such result", "edit_unknown")
    return edit


async def state(page: Page, request: Request) -> Response:
    """Answer with what the page has remembered about its work on a picture."""
    picture = _picture(page, request)
    return json_response({"version": picture.version, "state": picture.state.decode()})


async def set_state(page: Page, request: Request) -> Response:
    """Remember what the page says, unless another window has said something newer."""
    picture = _picture(page, request)
    body = await _json(page, request, _JSON_LIMIT)  # its one text has many commas
    text, version = body.get("state"), body.get("version")
    data = text.encode() if isinstance(text, str) else None
    if data is None or len(data) > _STATE_LIMIT:
        raise invalid_request(f"Expected a state of at most {_STATE_LIMIT} bytes.")
    if version != picture.version:
        raise Problem(409, "Another window has changed this picture", "state_changed")
    page.visitors.require_room(_visitor(page, request), len(data) - len(picture.state))
    picture.state, picture.version = data, picture.version + 1
    return json_response({"version": picture.version})


# -- steps of several ----------------------------------------------------------------------------


async def _work(page: Page, request: Request, function: Callable[[], T]) -> T:
    """Work on a picture that is there already: it is its visitor's, and costs nothing."""
    return await execute(request, function, deadline=page.service.answer_by())


def _announced(page: Page, request: Request) -> int:
    """Return how many bytes of a picture a body announces; one of too many is refused later."""
    return min(content_length(request) or 0, page.service.limits.file)


async def _upload(body: Received, room: Reservation) -> tuple[str, bytes]:
    """Return the name and the bytes of the one picture that a body brings or names.

    Those behind a URL count as the body's while they arrive, and need room once they are there.
    """
    source = body.source()
    data = bytes(await body.fetched(source))
    room.resize(len(data))
    return _clean_name(source.filename or _name_in(source.url)), data


async def _edit(page: Page, request: Request) -> tuple[Edit, Photo | None]:
    body = await _json(page, request)
    edit = read_edit(body, {"refine": page.service.settings.refine})
    return edit, _background(_visitor(page, request), edit)


def _background(visitor: Visitor, edit: Edit | None) -> Photo | None:
    if edit is None or not edit.background:
        return None
    if edit.background not in visitor.backgrounds:
        raise Problem(404, "This background is no longer here", "background_unknown")
    return visitor.backgrounds[edit.background]


async def _json(page: Page, request: Request, values: int = MARK_VALUES) -> dict[str, Any]:
    lease = MemoryLease(page.service.memory)
    limits = Limits(_JSON_LIMIT, _JSON_LIMIT, page.service.limits.seconds)
    try:
        return await read_object(request.stream(), limits=limits, lease=lease, values=values)
    finally:
        lease.release()


def _shown(view: Rendition) -> Response:
    return Response(view.data, headers={"X-View": view.summary_text}, media_type="image/png")


def _summary(picture: StoredPicture) -> dict[str, Any]:
    return {
        "id": picture.id,
        "name": picture.name,
        "width": picture.size.width,
        "height": picture.size.height,
        "found": picture.found,
        "kind": picture.kind,
        "paid": picture.purchase.paid,
        "version": picture.version,
    }


# -- names ---------------------------------------------------------------------------------------


def _name_in(url: str) -> str:
    return urllib.parse.unquote(urllib.parse.urlsplit(url).path.rpartition("/")[2])


def _clean_name(name: str) -> str:
    """Return a file name without folders and without what cannot be seen."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(each for each in last if unicodedata.category(each)[0] != "C").strip(" .")
    return shown[:_NAME] or "picture"


def _result_name(name: str, format: str, number: str = "") -> str:
    stem, dot, suffix = name.rpartition(".")
    stem = stem if dot and len(suffix) <= 5 else name
    return f"{stem}-removebg{number}{suffixes_of(format)[0]}"


def _disposition(name: str) -> str:
    plain = _PLAIN.sub("_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{urllib.parse.quote(name, safe='')}"
