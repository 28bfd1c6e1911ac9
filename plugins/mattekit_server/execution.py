"""Work for a request in a thread of the pool: counted, timed, and ended, whatever it is."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import TypeVar

import anyio
from starlette.requests import Request

from mattekit.geometry import Size
from mattekit.options import Options
from mattekit.tasks import Task
from mattekit_server.access import entry_of
from mattekit_server.charging import Charge
from mattekit_server.requests import service_of

__all__ = ["admitted", "execute"]

T = TypeVar("T")


async def admitted(
    request: Request,
    charge: Charge,
    options: Options,
    probe: Callable[[], Size],
    function: Callable[[Options], T],
    *,
    deadline: float,
) -> T:
    """Let a picture in, work on it for the first time, and return what `function` returns.

    Parameters
    ----------
    request : Request
        Who waits for it.
    charge : Charge
        Who pays for it.
    options : Options
        Their `size` says what it costs.
    probe : callable
        Returns the picture's size, before anything is decoded.
    function : callable
        The work; given the options as they can be paid for.
    deadline : float
        Of `time.monotonic`; the work ends by then.

    Raises
    ------
    MattekitError
        What `Charge.admit` and `execute` raise.
    """
    payable, size = await anyio.to_thread.run_sync(lambda: charge.admit(options, probe))
    return await execute(
        request, lambda: function(payable), deadline=deadline, charge=charge, size=size
    )


async def execute(
    request: Request,
    function: Callable[[], T],
    *,
    deadline: float,
    charge: Charge | None = None,
    size: Size | None = None,
) -> T:
    """Run `function` in a thread of the pool and return what it returns.

    Parameters
    ----------
    request : Request
        Who waits for it.
    function : callable
        The work.
    deadline : float
        Of `time.monotonic`; the work ends by then.
    charge : Charge, optional
        Who pays for the time, should it fail.
    size : Size, optional
        Of the picture that is worked on for the first time.

    Raises
    ------
    Problem
        503: the queue is full, or the deadline has passed.
    ClientGone
        Nobody waits any more.
    """
    service, entry = service_of(request), entry_of(request)
    if size is not None:
        entry.update(width=size.width, height=size.height)
    task, asked = Task(), time.perf_counter()

    def work() -> T:
        service.metrics.wait.observe(time.perf_counter() - asked)
        spending = charge.spending() if charge is not None else contextlib.nullcontext()
        with spending, service.metrics.picture(task, size):
            return function()

    try:
        return await service.pool.run(
            work, deadline=deadline, gone=request.is_disconnected, task=task
        )
    finally:
        stages = entry.setdefault("stages", {})
        for name, seconds in task.stages.items():
            stages[name] = round(stages.get(name, 0) + seconds, 4)
