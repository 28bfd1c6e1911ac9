"""Put the subject of a photo into a white frame.

An example of a program that uses mattekit as a library. It asks for a cut-out with the options that
it wants, gets a `Cutout` back, and handles one family of errors. Plug-ins that are installed take
part without a line here.
"""

from __future__ import annotations

import sys

from PIL import Image, ImageOps

import mattekit


def polaroid(path: str) -> Image.Image:
    """Return the picture at `path` as a framed square, its background replaced by a soft grey."""
    cutout = mattekit.remove_background(
        path, crop=True, crop_margin="8%", bg_color="e8e8e4"
    ).require_found()
    square = ImageOps.pad(cutout.to_pil().convert("RGB"), (480, 480), color="#e8e8e4")
    card = Image.new("RGB", (528, 616), "white")
    card.paste(square, (24, 24))
    return card


def main() -> int:
    """Run the command; the exit status is 0 when a picture was written."""
    if len(sys.argv) != 3:
        sys.stderr.write("usage: polaroid PHOTO RESULT\n")
        return 2
    try:
        polaroid(sys.argv[1]).save(sys.argv[2])
    except mattekit.MattekitError as error:
        sys.stderr.write(f"polaroid: {error}\n")
        return 1
    return 0
