"""`mattekit refine`: a picture and somebody's mask of it in, a cut-out with a true edge out."""

from __future__ import annotations

from typing import Any, Final

import click

from mattekit_cli.console import EXIT_CODES
from mattekit_cli.flags import Command, FileName, option_flags
from mattekit_cli.remove import output_flags, remove_pictures

__all__ = ["command"]

EXAMPLES: Final = """
mattekit refine photo.jpg mask.png                    makes photo-removebg.png
mattekit refine photo.jpg trimap.png -o subject.webp
mattekit refine photo.jpg rough.png --channels alpha -o mask.png
mattekit refine photo.jpg layer.png --keep "40% 55%"  and this belongs to it as well
"""


@click.command(
    cls=Command,
    examples=EXAMPLES,
    epilog="Flags may also be given as environment variables, as in MATTEKIT_MODEL=auto. "
    + EXIT_CODES,
)
@click.argument("photo", type=FileName())
@click.argument("given", metavar="MASK", required=False, type=FileName())
@output_flags
@option_flags
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    photo: str,
    given: str | None,
    output: str | None,
    output_directory: str | None,
    reprocess_existing: bool,
    server: str | None,
    api_key: str | None,
    as_json: bool,
    quiet: bool,
    **values: Any,
) -> None:
    """Cut a subject out whose mask is there already, and find its true edge.

    MASK is a picture as large as PHOTO: black is background, white subject, grey soft; where it has
    transparency, that is the mask. Its edge is looked for in the photo, near the mask's own. If all
    its grey is one middle grey, it is a trimap, and only what is grey is estimated. No network
    runs. PHOTO is a file, or - for standard input, whose result goes to standard output.
    """
    masks = [each for each in (given, values["mask"]) if each is not None]
    if not masks:
        wanted = next(each for each in ctx.command.params if each.name == "given")
        raise click.MissingParameter(ctx=ctx, param=wanted)
    if len(masks) > 1:
        raise click.UsageError("The mask is given as MASK already: leave --mask out.", ctx)
    remove_pictures(
        ctx,
        (photo,),
        {**values, "mask": masks[0]},
        output=output,
        output_directory=output_directory,
        reprocess_existing=reprocess_existing,
        server=server,
        api_key=api_key,
        as_json=as_json,
        quiet=quiet,
    )
