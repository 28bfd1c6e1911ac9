"""`mattekit zip2png`: the ZIP form of a result made into one PNG."""

from __future__ import annotations

from pathlib import Path

import click

from mattekit_cli.console import Console
from mattekit_cli.flags import Command, FileName

__all__ = ["command"]


@click.command(
    cls=Command,
    examples="""
    mattekit zip2png cutout.zip               makes cutout.png
    mattekit zip2png cutout.zip result.png
    """,
)
@click.argument("archive", metavar="INPUT.zip", type=FileName())
@click.argument("output", required=False, metavar="[OUTPUT.png]", type=FileName())
@click.pass_obj
def command(console: Console, archive: str, output: str | None) -> None:
    """Join color.jpg and alpha.png of a ZIP to one PNG.

    A ZIP is the smallest form in which results travel; mattekit and remove.bg make it with
    --format zip.
    """
    from mattekit import codecs
    from mattekit.errors import OptionError
    from mattekit.files import write_atomically
    from mattekit.formats import format_of

    target = output or str(Path(archive).with_suffix(".png"))
    if format_of(target) != "png":
        raise OptionError("output", target, "a name that ends in .png")
    write_atomically(target, codecs.zip_to_png(archive))
    console.out(f"{archive} -> {target}")
