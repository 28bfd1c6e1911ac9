"""The application: routes, errors, what every answer has in common."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import time
from collections.abc import AsyncIterator
from typing import Final

import anyio
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mattekit import __version__
from mattekit.errors import MattekitError
from mattekit.runtime import Runtime
from mattekit_server import accounts, improvement, login, openapi, problems, removal, sessions
from mattekit_server.access import ENTRY, entry_of
from mattekit_server.editors import editor_routes
from mattekit_server.metrics import CONTENT_TYPE
from mattekit_server.page.endpoints import Page, page_routes
from mattekit_server.page.files import HEADERS as PAGE_HEADERS
from mattekit_server.page.guard import is_loopback, is_page
from mattekit_server.pool import ClientGone
from mattekit_server.problems import Problem, problem_of
from mattekit_server.requests import caller_of, service_of
from mattekit_server.responses import CORS, json_response, problem_response
from mattekit_server.service import Service
from mattekit_server.settings import Settings
from mattekit_server.sharing import SharedMemoryMiddleware

__all__ = ["create_app"]

_log = logging.getLogger(__name__)

_PATHS: Final = frozenset(
    {"/v1.0/removebg", "/v1.0/account", "/v1.0/improve", "/health", "/ready", "/metrics", "/docs"}
)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: What no other origin may use: pages of this server, and what they ask.
_OWN: Final = re.compile(r"/(account|login|logout)(/|$)")
_SWEEP: Final = 30.0
_EDITORS: Final = re.compile(r"/editors(/|$)")
_EXPOSED: Final = (
    "X-Type, X-Confidence, X-Width, X-Height, X-Max-Width, X-Max-Height, X-Credits-Charged, "
    "X-Foreground-Top, X-Foreground-Left, X-Foreground-Width, X-Foreground-Height, X-Editor, "
    "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, WWW-Authenticate"
)


def create_app(settings: Settings, runtime: Runtime | None = None) -> Starlette:
    """Return the ASGI application.

    Parameters
    ----------
    settings : Settings
        How the server behaves.
    runtime : Runtime, optional
        Where networks run; by default one of its own.
    """
    service = Service(settings, runtime)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Service]]:
        # The first request must not wait for the network, and a server without one must not start.
        service.model = await anyio.to_thread.run_sync(service.engine.warm_up)
        _log.info("ready: model %s, %d at once", service.model, service.pool.count)
        sweeping = asyncio.create_task(_sweep(service, page))
        try:
            yield {"service": service}  # what `PublicProtocol` knows of the application
        finally:
            sweeping.cancel()
            await service.pool.drain()
            service.close()

    routes = [
        Route("/v1.0/removebg", removal.remove_background, methods=["POST"]),
        Route("/v1.0/account", account, methods=["GET"]),
        Route("/v1.0/improve", improvement.improve, methods=["POST"]),
        Route("/health", health, methods=["GET"]),
        Route("/ready", ready, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
        Route("/openapi.json", document, methods=["GET"]),
        Route("/docs", documentation, methods=["GET"]),
    ]
    if settings.local:
        routes += [
            Route("/worker/stop", stop_worker, methods=["POST"]),
            Route("/worker/session", sessions.show_session, methods=["POST"]),
            Route("/worker/run", sessions.run_session, methods=["POST"]),
        ]
    if settings.has_editors:
        routes += editor_routes()
    if settings.oidc is not None:
        routes.append(Route("/.well-known/oauth-protected-resource", resource, methods=["GET"]))
        if settings.oidc.client_id:
            routes += [*login.login_routes(), *accounts.account_routes()]
    page = Page(service) if settings.has_page else None
    if page is not None:
        routes += page_routes(page)
    middleware = [Middleware(CommonMiddleware, service=service)]
    if settings.local and settings.token:
        middleware.append(Middleware(SharedMemoryMiddleware, token=settings.token))
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=middleware,
        exception_handlers={
            MattekitError: on_error,
            HTTPException: on_http_error,
            ClientDisconnect: on_gone,
            ClientGone: on_gone,
            Exception: on_defect,
        },
    )
    app.router.redirect_slashes = False  # `CommonMiddleware` answers both spellings
    app.state.service = service
    app.state.page = page
    return app


async def _sweep(service: Service, page: Page | None) -> None:
    """Let go of what is not asked for any more, also where nobody asks for anything."""
    while True:
        await asyncio.sleep(_SWEEP)
        service.editors.sweep()
        if page is not None:
            page.sweep()


# -- what every answer has in common -------------------------------------------------------------


class CommonMiddleware:
    """Preflight requests, headers of every answer, measuring, and the worker's guard."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, as ASGI says."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope = {**scope, "path": _one_spelling(scope["path"]), ENTRY: {}}
        started, status = time.perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(MutableHeaders(scope=message), scope["path"])
            await send(message)

        self._notice()
        try:
            await self._answering(scope)(scope, receive, answer)
        finally:
            self._notice()
            self._count(scope, status, time.perf_counter() - started)

    def _notice(self) -> None:
        """Take note that somebody is here."""
        self.service.last_request = time.monotonic()
        self.service.gauge()

    def _answering(self, scope: Scope) -> ASGIApp:
        """Return what answers a request: a refusal, a preflight, or the application."""
        refusal = self._refusal(scope)
        if refusal is not None:
            return problem_response(refusal)
        if scope["method"] == "OPTIONS" and not is_page(scope["path"]):
            return self._preflight(scope)
        return self.app

    def _add_headers(self, headers: MutableHeaders, path: str) -> None:
        """Add what every answer has in common."""
        headers["X-Content-Type-Options"] = "nosniff"
        if self.service.draining:
            headers["Connection"] = "close"
        if is_page(path):
            headers.update(PAGE_HEADERS)
        elif not (
            self.service.settings.local or _OWN.match(path) or "Content-Security-Policy" in headers
        ):
            headers.update(CORS)
            headers["Access-Control-Expose-Headers"] = _EXPOSED

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        """Count an answer, and log it."""
        path = _label(scope["path"])
        self.service.metrics.requests.labels(path, str(status)).inc()
        self.service.metrics.seconds.labels(path).observe(seconds)
        self.service.access_log.write(
            {
                "method": scope["method"] if scope["method"] in _METHODS else "other",
                "path": path,
                "status": status,
                "seconds": round(seconds, 4),
                "client": (scope.get("client") or ("unknown",))[0],
                **scope[ENTRY],
            }
        )

    def _refusal(self, scope: Scope) -> Problem | None:
        if not self.service.settings.local:
            return None
        headers = dict(scope["headers"])
        # A page in a browser has an origin, and may have been led here by its own name server.
        if b"origin" in headers or not is_loopback(headers.get(b"host", b"").decode("latin-1")):
            return Problem(403, "Only programs of this machine are served", "auth_failed")
        return None

    def _preflight(self, scope: Scope) -> Response:
        if self.service.settings.local or _OWN.match(scope["path"]):
            return problem_response(Problem(405, "Method Not Allowed", "method_not_allowed"))
        asked = dict(scope["headers"]).get(b"access-control-request-headers", b"")
        headers = {
            "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
            "Access-Control-Allow-Headers": asked.decode("latin-1")
            or "X-API-Key, Authorization, Accept, Content-Type",
            "Access-Control-Max-Age": "86400",
            "Vary": "Access-Control-Request-Headers",
        }
        return Response(status_code=204, headers=headers)


def _one_spelling(path: str) -> str:
    """Return a path without a slash at its end, so that both spellings are answered.

    A redirect would be followed by few clients with their body, and behind a proxy it would lead
    from https to http.
    """
    return path if path == "/" else path.removesuffix("/")


def _label(path: str) -> str:
    """Return how a path is counted: anyone could make up a million of them."""
    if is_page(path):
        return "/page"
    if _EDITORS.match(path):
        return "/editors"
    return path if path in _PATHS else "other"


# -- errors --------------------------------------------------------------------------------------


async def on_error(request: Request, error: Exception) -> Response:
    """Answer an error that was raised on purpose."""
    assert isinstance(error, MattekitError)
    problem = problem_of(error, local=service_of(request).settings.local)
    entry_of(request)["error"] = problem.code
    service_of(request).metrics.errors.labels(problem.code).inc()
    if problem.status >= 500 and problem.code != "server_busy":
        _log.error("%s %s failed: %s", request.method, request.url.path, error, exc_info=error)
    return problem_response(problem)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer a path or method that does not exist."""
    assert isinstance(error, HTTPException)
    code = error.detail.lower().replace(" ", "_")
    return problem_response(
        Problem(error.status_code, error.detail, code, headers=error.headers or {})
    )


async def on_gone(request: Request, error: Exception) -> Response:
    """End a request whose client has gone; nobody reads this."""
    return problem_response(Problem(499, "Client closed request"))


async def on_defect(request: Request, error: Exception) -> Response:
    """Answer what should not happen; Starlette has it logged."""
    answer = problem_response(problems.internal())
    answer.headers.update(CORS)  # this one does not pass through `CommonMiddleware`
    return answer


# -- small answers -------------------------------------------------------------------------------


async def account(request: Request) -> Response:
    """Answer ``GET /v1.0/account``."""
    caller = await caller_of(request)
    # Without keys nothing is counted; clients that look before they call must find enough.
    credits = caller.account.credits if caller.account else 1_000_000.0
    free = caller.account.free_left if caller.account else 0
    total = int(credits) if credits == int(credits) else credits
    attributes = {
        "credits": {"subscription": 0, "payg": total, "enterprise": 0, "total": total},
        "api": {"free_calls": free, "sizes": "all"},
    }
    return json_response({"data": {"attributes": attributes}})


async def health(request: Request) -> Response:
    """Answer ``GET /health``."""
    service = service_of(request)
    pool = service.pool
    return json_response(
        {
            "status": "ok",
            "pid": os.getpid(),
            "version": __version__,
            "model": service.model,
            "concurrency": pool.count,
            "running": pool.running,
            "waiting": pool.waiting,
        }
    )


async def ready(request: Request) -> Response:
    """Answer ``GET /ready``: whether requests should be sent here now.

    ``/health`` says that the process lives, which a restart would not mend; this one, that it has
    its network, its keys and its counters, and does not end.
    """
    service = service_of(request)
    reasons = await anyio.to_thread.run_sync(service.not_ready)
    status = "ready" if not reasons else "not ready"
    headers = {"Retry-After": "5"} if reasons else {}
    return json_response({"status": status, "reasons": reasons}, 503 if reasons else 200, headers)


async def stop_worker(request: Request) -> Response:
    """Answer ``POST /worker/stop``: end once everything is finished."""
    await caller_of(request)
    service_of(request).stop_asked = True
    return json_response({"status": "stopping"})


async def metrics(request: Request) -> Response:
    """Answer ``GET /metrics``."""
    service = service_of(request)
    text = await anyio.to_thread.run_sync(service.metrics.text)
    return Response(text, headers={"Content-Type": CONTENT_TYPE})


async def document(request: Request) -> Response:
    """Answer ``GET /openapi.json``."""
    return json_response(openapi.document())


async def documentation(request: Request) -> Response:
    """Answer ``GET /docs``."""
    return HTMLResponse(openapi.page())


async def resource(request: Request) -> Response:
    """Answer ``GET /.well-known/oauth-protected-resource`` (RFC 9728)."""
    settings = service_of(request).settings.oidc
    assert settings is not None  # the route is there only with it
    return json_response(
        {
            "resource": settings.public_url,
            "authorization_servers": [settings.issuer],
            "bearer_methods_supported": ["header"],
            **({"scopes_supported": settings.scope.split()} if settings.scope else {}),
            # Our own: what `mattekit login` calls itself at the issuer.
            **(
                {"mattekit_device_client_id": settings.device_client_id}
                if settings.device_client_id
                else {}
            ),
        }
    )
