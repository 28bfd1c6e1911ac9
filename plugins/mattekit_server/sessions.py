"""``/worker/session`` and ``/worker/run``: the worker's networks for other programs of its user.

See `mattekit_client.remote`, the other side.
"""

from __future__ import annotations

import math

import anyio
import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from mattekit_client.remote import WIRE, card_to_json, read_shape, shape_text
from mattekit_server import problems
from mattekit_server.bodies import read_json
from mattekit_server.execution import execute
from mattekit_server.requests import caller_of, service_of
from mattekit_server.responses import json_response

__all__ = ["run_session", "show_session"]

#: Values of one batch: 64 pictures of 1024 × 1024.
_LIMIT = 64 * 3 * 1024 * 1024


async def show_session(request: Request) -> Response:
    """Answer ``POST /worker/session``: load a network and tell what is known of it."""
    service = service_of(request)
    await caller_of(request)
    try:
        params = read_json(await request.body())
        model, device, kind = (str(params[name]) for name in ("model", "device", "kind"))
    except (KeyError, TypeError) as error:
        raise problems.invalid_request("Expected model, device and kind as JSON.") from error
    session = await anyio.to_thread.run_sync(
        lambda: service.runtime.session(model, device=device, kind=kind)
    )
    return json_response(
        {
            "card": card_to_json(session.card),
            "providers": list(session.providers),
            "device": session.device,
        }
    )


async def run_session(request: Request) -> Response:
    """Answer ``POST /worker/run``: run a network on a batch."""
    service, caller = service_of(request), await caller_of(request)
    query = request.query_params
    try:
        shape = read_shape(request.headers.get("x-shape", ""))
    except ValueError as error:
        raise problems.invalid_request("X-Shape is no shape.") from error
    if len(shape) != 4 or min(shape) < 1 or math.prod(shape) > _LIMIT:
        raise problems.invalid_request("X-Shape is no shape of a batch.")
    data = await request.body()
    if len(data) != 4 * math.prod(shape):
        raise problems.invalid_request("The body is not as long as X-Shape says.")
    batch = np.frombuffer(data, WIRE).astype(np.float32).reshape(shape)

    def work() -> Response:
        session = service.runtime.session(
            query.get("model", "auto"),
            device=query.get("device", "auto"),
            kind=query.get("kind", "auto"),
        )
        alpha, kinds = session.run(batch)
        headers = {"X-Shape": shape_text(alpha.shape)}
        parts = [np.ascontiguousarray(alpha, WIRE).tobytes()]
        if kinds is not None:
            headers["X-Kinds-Shape"] = shape_text(kinds.shape)
            parts.append(np.ascontiguousarray(kinds, WIRE).tobytes())
        return Response(b"".join(parts), headers=headers, media_type="application/octet-stream")

    return await execute(request, work, deadline=service.answer_by(caller))
