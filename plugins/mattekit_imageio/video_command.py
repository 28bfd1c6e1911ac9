"""The command `video`; nothing heavier than click until it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mattekit_cli.console import EXIT_CODES
from mattekit_cli.flags import Command, FileName, given_options, option_flags

if TYPE_CHECKING:
    from mattekit_cli.console import Console

__all__ = ["video"]


@click.command(
    cls=Command,
    examples="""
    mattekit video clip.mp4 clip.webm                          with transparency, for the web
    mattekit video clip.mp4 clip.mov                           ProRes 4444, for editors
    mattekit video clip.mp4 out.mp4 --bg-color "#00b140"
    mattekit video clip.mp4 out.mp4 --bg-video beach.mp4
    mattekit video clip.mp4 clip.gif
    """,
    epilog="An interrupted call is resumed by calling it again. A video that was cut short has "
    "failed. " + EXIT_CODES,
)
@click.argument("source", metavar="INPUT", type=FileName())
@click.argument("target", metavar="OUTPUT", type=FileName())
@click.option(
    "--bg-video",
    metavar="FILE",
    type=FileName(),
    help="Put the subject on a video, repeated if shorter.",
)
@click.option(
    "--temporal",
    type=click.FloatRange(0, 1),
    default=0.8,
    show_default=True,
    metavar="0..1",
    help="How steady the matte is kept from frame to frame; 0 takes every frame for itself.",
)
@click.option("--audio/--no-audio", default=True, show_default=True, help="Keep the sound.")
@click.option(
    "--chunk",
    type=click.IntRange(min=1),
    default=250,
    show_default=True,
    metavar="N",
    help="Frames that an interruption costs at most.",
)
@click.option("--json", "as_json", is_flag=True, help="Show the result as a JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="Show failures only.")
@option_flags
@click.pass_obj
def video(
    console: Console,
    /,
    *,
    source: str,
    target: str,
    bg_video: str | None,
    temporal: float,
    audio: bool,
    chunk: int,
    as_json: bool,
    quiet: bool,
    **values: Any,
) -> None:
    """Remove the background of a video.

    The suffix of OUTPUT is the format: .webm and .mkv (VP9) and .mov (ProRes 4444) have
    transparency, as have .webp, .png and .gif, which are animated pictures; .mp4 (H.264) needs a
    background.

    The transparency of INPUT is honoured. Frames keep their times, sound and subtitles theirs;
    what OUTPUT cannot hold is said before the work begins. Pixels that are not square stay so in
    .mov and .mp4. HDR stays HDR in a transparent .mov and becomes SDR elsewhere.
    """
    from mattekit.options import Options
    from mattekit_imageio.convert import convert_video
    from mattekit_imageio.source import probe

    options = Options.parse(given_options(values))
    clip = probe(source)
    quiet_bar = quiet or as_json
    bar = _no_bar() if quiet_bar else console.counting(max(clip.frame_count, 1), "frames")
    with bar as advance:
        shown = 0

        def progress(done: int, _total: int) -> None:
            nonlocal shown
            for _ in range(done - shown):
                advance()
            shown = done

        report = convert_video(
            clip,
            target,
            options,
            background=bg_video,
            temporal=temporal,
            audio=audio,
            chunk=chunk,
            progress=progress,
        )
    if as_json:
        console.json(report._asdict() | {"size": list(report.size), "output": target})
    elif not quiet:
        resumed = f", {report.resumed} from an earlier call" if report.resumed else ""
        sound = "" if report.audio == "none" else f"  sound {report.audio}"
        console.out(
            f"{source} -> {target}  {report.frames} frames{resumed}  "
            f"{report.size.width}×{report.size.height}  {report.rate:g} fps{sound}  "
            f"{report.seconds:.1f} s"
        )


def _no_bar() -> Any:
    import contextlib

    return contextlib.nullcontext(lambda: None)
