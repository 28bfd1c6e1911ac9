"""``POST /v1.0/removebg``: from a request to its answer, one step after the other."""

from __future__ import annotations

import anyio
from starlette.requests import Request
from starlette.responses import Response

from mattekit_server.access import entry_of
from mattekit_server.charging import Charge, charged
from mattekit_server.engine import Result
from mattekit_server.execution import admitted
from mattekit_server.parameters import REMOVE_FIELDS
from mattekit_server.requests import Received, caller_of, received, service_of
from mattekit_server.responses import accept_of, picture_response, wants_json

__all__ = ["remove_background"]

#: Bytes from which on base64 takes long enough to be no business of the event loop.
_LARGE = 2**20


async def remove_background(request: Request) -> Response:
    """Answer ``POST /v1.0/removebg``."""
    caller = await caller_of(request)
    async with (
        charged(request, caller) as charge,
        received(request, caller, REMOVE_FIELDS) as body,
    ):
        result = await _result(request, charge, body)
    as_json = wants_json(accept_of(request), result.media_type)

    def answer() -> Response:
        return picture_response(result, charge.credits, charge.headers, as_json=as_json)

    if as_json and len(result.data) > _LARGE:
        return await anyio.to_thread.run_sync(answer)
    return answer()


async def _result(request: Request, charge: Charge, body: Received) -> Result:
    engine = service_of(request).engine
    params = await body.params()
    picture, background = await body.pictures(params)
    result = await admitted(
        request,
        charge,
        params.options,
        lambda: engine.probe_request(picture, background, params.options),
        lambda options: engine.remove_background(picture, background, options, params.output),
        deadline=body.deadline,
    )
    entry_of(request)["type"] = result.kind
    return result
