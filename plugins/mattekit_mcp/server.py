"""The tools as the SDK of the Model Context Protocol wants them."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import anyio
import anyio.to_thread
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resources import FunctionResource

from mattekit._version import __version__
from mattekit.errors import MattekitError
from mattekit.formats import FORMATS
from mattekit.tasks import Task
from mattekit_mcp.tools import Made, Model, Tools

if TYPE_CHECKING:
    from mattekit.runtime import Runtime

__all__ = ["create_server"]

T = TypeVar("T")
Options = Mapping[str, str]

_INSTRUCTIONS: Final = (
    "mattekit cuts subjects out of pictures, offline. A picture is a path in one of the folders "
    "that were allowed at the start, a data: address, base64, or the address of an earlier result. "
    "With `output` the result becomes a new file there, whose suffix is its format; without, it is "
    "a resource to be read. `options` are those of `mattekit options` by name, as text: "
    '{"crop": "true", "shadow_type": "drop"}.'
)
_TYPES: Final = {suffix: each.media_type for each in FORMATS.values() for suffix in each.suffixes}
#: Seconds after which half is said to be done; how long a picture takes is not known.
_HALFWAY: Final = 3


def create_server(folders: Sequence[Path], runtime: Runtime | None = None) -> MCPServer:
    """Return a server with all tools.

    Parameters
    ----------
    folders : sequence of pathlib.Path
        Where the agent may name files.
    runtime : Runtime, optional
        Where networks run; by default the one that the whole process shares.
    """
    tools = Tools(folders, runtime)
    server = MCPServer(
        "mattekit", version=__version__, instructions=_INSTRUCTIONS, log_level="WARNING"
    )

    async def make(context: Context, work: Callable[[], Made]) -> Made:
        made = await _with_progress(context, work)
        if made["resource"] is not None:
            _offer(server, tools, made["resource"])
        await context.report_progress(1, 1)
        return made

    @server.tool(title="Remove the background")
    async def remove_background(
        context: Context, picture: str, output: str | None = None, options: Options | None = None
    ) -> Made:
        """Cut the subject out of a picture; the rest becomes transparent."""
        return await make(context, lambda: tools.remove_background(picture, output, options or {}))

    @server.tool(title="Refine a mask")
    async def refine_mask(
        context: Context,
        picture: str,
        mask: str,
        output: str | None = None,
        options: Options | None = None,
    ) -> Made:
        """Cut out along a rough mask as large as the picture: white is subject, black is not."""
        return await make(context, lambda: tools.refine_mask(picture, mask, output, options or {}))

    @server.tool(title="Crop to the subject")
    async def crop_to_subject(
        context: Context,
        picture: str,
        margin: str = "0",
        output: str | None = None,
        options: Options | None = None,
    ) -> Made:
        """Cut the subject out and crop to it, with a margin such as "10px" or "5%"."""
        return await make(
            context, lambda: tools.crop_to_subject(picture, margin, output, options or {})
        )

    @server.tool(title="Composite")
    async def composite(
        context: Context,
        picture: str,
        background: str,
        output: str | None = None,
        options: Options | None = None,
    ) -> Made:
        """Put the subject on a colour ("white", "81d4fa") or on another picture."""
        return await make(
            context, lambda: tools.composite(picture, background, output, options or {})
        )

    @server.tool(title="List the models")
    async def list_models() -> list[Model]:
        """Return the networks that the option `model` takes, and which of them are here."""
        return await _in_thread(tools.list_models)

    return server


async def _with_progress(context: Context, work: Callable[[], T]) -> T:
    """Do work, and tell every second that it goes on: programs give up on what is silent."""
    failure: ToolError | None = None

    async def tell() -> None:
        for seconds in itertools.count():
            await context.report_progress(seconds / (seconds + _HALFWAY), 1)
            await anyio.sleep(1)

    async with anyio.create_task_group() as group:
        group.start_soon(tell)
        try:
            result = await _in_thread(work)
        except ToolError as error:  # alone, not as one of a group
            failure = error
        group.cancel_scope.cancel()
    if failure is not None:
        raise failure
    return result


async def _in_thread(work: Callable[[], T]) -> T:
    """Do work beside the conversation; where the agent cancels it, it ends at a checkpoint."""
    task = Task()
    try:
        return await anyio.to_thread.run_sync(
            functools.partial(task.run, work), abandon_on_cancel=True
        )
    except MattekitError as error:
        raise ToolError(str(error)) from error
    except anyio.get_cancelled_exc_class():
        task.cancel()
        raise


def _offer(server: MCPServer, tools: Tools, address: str) -> None:
    """List a result among the resources."""
    suffix = address[address.rindex(".") :]
    server.add_resource(
        FunctionResource(
            uri=address,
            name=address.rpartition("/")[2],
            mime_type=_TYPES.get(suffix, "application/octet-stream"),
            fn=functools.partial(tools.results.read, address),
        )
    )
