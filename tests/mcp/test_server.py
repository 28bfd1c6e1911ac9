"""The protocol, with the SDK's own client."""

from __future__ import annotations

import base64
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest

import mattekit
from mattekit import Options, codecs
from mattekit.errors import Canceled, MattekitError
from mattekit.tasks import checkpoint
from mattekit_mcp.tools import Tools
from support.inspector import TOOLS, inspected

if TYPE_CHECKING:
    from mcp import Client


def create_server(folders: list[Path]) -> Any:
    # Imported with the first test: the toolkit takes longer than all others together.
    from mattekit_mcp.server import create_server

    return create_server(folders)


def talk(server: Any, what: Any) -> Any:
    from mcp import Client

    async def main() -> Any:
        async with Client(server) as client:
            return await what(client)

    return anyio.run(main)


def test_tools_and_resources(folder: Path) -> None:
    photo = base64.b64encode((folder / "photo.png").read_bytes()).decode()

    async def what(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == TOOLS
        assert "picture" in tools["composite"].input_schema["required"]
        assert "context" not in str(tools["composite"].input_schema)
        steps: list[float] = []

        async def progress(done: float, total: float | None, message: str | None) -> None:
            steps.append(done)

        made = await client.call_tool(
            "remove_background",
            {"picture": photo, "options": {"refine": "fast"}},
            progress_callback=progress,
        )
        assert not made.is_error, made
        assert made.structured_content is not None
        address = made.structured_content["resource"]
        assert (steps[0], steps[-1]) == (0, 1)
        (listed,) = (await client.list_resources()).resources
        assert (str(listed.uri), listed.mime_type) == (address, "image/png")
        (content,) = (await client.read_resource(address)).contents
        cutout = mattekit.remove_background(folder / "photo.png", refine="fast")
        expected = codecs.encode(cutout, Options(format="png")).data
        assert base64.b64decode(content.blob) == expected
        models = await client.call_tool("list_models", {})
        assert models.structured_content["result"]

    talk(create_server([folder]), what)


def test_what_goes_wrong_is_told_in_words(folder: Path) -> None:
    async def what(client: Client) -> None:
        for arguments, words in (
            ({"picture": "/etc/passwd"}, "no file that may be read"),
            ({"picture": "photo.png", "output": "photo.png"}, "is there already"),
            ({"picture": "photo.png", "options": {"crop": "perhaps"}}, "crop='perhaps'"),
        ):
            made = await client.call_tool("remove_background", arguments)
            assert made.is_error
            assert words in made.content[0].text

    talk(create_server([folder]), what)


def test_progress_goes_on_while_a_picture_takes_its_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = threading.Event()
    steps: list[float] = []

    def wait(self: Tools, picture: str, output: str | None, options: Any) -> Any:
        assert told.wait(60)
        raise MattekitError("It took its time.")

    async def progress(done: float, total: float | None, message: str | None) -> None:
        steps.append(done)
        if len(steps) == 3:
            told.set()

    async def what(client: Client) -> None:
        made = await client.call_tool(
            "remove_background", {"picture": "photo.png"}, progress_callback=progress
        )
        assert made.is_error
        assert "It took its time." in made.content[0].text

    monkeypatch.setattr(Tools, "remove_background", wait)
    talk(create_server([folder]), what)
    assert steps == sorted(set(steps))
    assert steps[-1] < 1


def test_cancel_ends_the_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(self: Tools, picture: str, output: str | None, options: Any) -> Any:
        begun.set()
        try:
            for _ in range(6000):
                checkpoint()
                time.sleep(0.01)
        except Canceled:
            ended.set()
            raise

    async def what(client: Client) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "remove_background", {"picture": "photo.png"})
            assert await anyio.to_thread.run_sync(begun.wait, 60)
            group.cancel_scope.cancel()
        assert await anyio.to_thread.run_sync(ended.wait, 60)
        assert not (await client.list_resources()).resources

    monkeypatch.setattr(Tools, "remove_background", work)
    talk(create_server([folder]), what)


@pytest.mark.slow
def test_over_standard_input_and_output(folder: Path) -> None:
    from mcp import StdioServerParameters

    async def what(client: Client) -> None:
        made = await client.call_tool(
            "crop_to_subject", {"picture": "photo.png", "margin": "5%", "output": "crop.jpg"}
        )
        assert not made.is_error, made

    server = StdioServerParameters(
        command=sys.executable, args=["-m", "mattekit_cli", "mcp", "--folder", str(folder)]
    )
    talk(server, what)
    cutout = mattekit.Runtime()  # the process above ran the built-in network
    made = mattekit.remove_background(
        folder / "photo.png", crop=True, crop_margin="5%", format="jpg", runtime=cutout
    )
    assert codecs.decode(folder / "crop.jpg").size == made.size


@pytest.mark.install
def test_the_protocols_inspector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MATTEKIT_PLUGINS_OFF")
    assert inspected(Path(sys.executable).with_name("mattekit"), "mcp") == TOOLS
