"""``POST /v1.0/improve``: pictures given for training, kept only where the operator consents.

A picture is written under a name of our own making and never read, run or served again by the
server. What the client calls it is kept as text beside it. Only the server's user can read either.
"""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path

import anyio
from starlette.requests import Request
from starlette.responses import Response

from mattekit.codecs.signatures import HEAD, sniff
from mattekit.files import make_folder, write_atomically
from mattekit_server import problems
from mattekit_server.parameters import IMPROVE_FIELDS
from mattekit_server.problems import Problem
from mattekit_server.requests import caller_of, received, service_of
from mattekit_server.responses import json_response
from mattekit_server.service import Caller, Service

__all__ = ["improve"]

_TEXT = 200


async def improve(request: Request) -> Response:
    """Answer ``POST /v1.0/improve``."""
    service = service_of(request)
    caller = await caller_of(request)
    folder = service.settings.improve_folder
    if folder is None or service.improvements is None:
        raise Problem(
            403,
            "The improvement programme is switched off on this server",
            "improvement_disabled",
            "Its operator can switch it on with --improve-folder.",
        )
    async with received(request, caller, IMPROVE_FIELDS) as body:
        source = body.source()
        data = bytes(await body.fetched(source))
        notes = {
            "image_filename": str(body.fields.get("image_filename", source.filename))[:_TEXT],
            "tag": str(body.fields.get("tag", ""))[:_TEXT],
        }
        number = await anyio.to_thread.run_sync(_keep, service, caller, folder, data, notes)
    return json_response({"id": number})


def _keep(
    service: Service, caller: Caller, folder: Path, data: bytes, notes: dict[str, str]
) -> str:
    service.engine.probe(data)
    assert service.improvements is not None
    window = service.improvements.hit(caller.identity, 1)
    if not window.allowed:
        raise problems.rate_limited({}, window.retry_after)
    number = str(uuid.uuid4())
    facts = {"id": number, "caller": caller.identity, "at": int(time.time()), **notes}
    make_folder(folder, private=True)
    write_atomically(folder / f"{number}.{sniff(data[:HEAD])}", data, private=True)
    notes_file = folder / f"{number}.json"
    write_atomically(notes_file, json.dumps(facts, indent=1).encode(), private=True)
    return number
