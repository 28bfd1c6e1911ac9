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
    """Return the subject of the picture at `path` on blue grey, framed like an instant photo."""
    cutout = mattekit.remove_background(path, crop=True, crop_margin="8%").require_found()
    subject = ImageOps.contain(cutout.to_pil(), (480, 480))
    card = Image.new("RGB", (528, 616), "white")
    card.paste("#8fa3ad", (24, 24, 504, 504))
    left, top = 24 + (480 - subject.width) // 2, 24 + (480 - subject.height) // 2
    card.paste(subject, (left, top), mask=subject)
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
