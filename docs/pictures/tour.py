"""Record the tour: commands typed at a terminal of 96 columns, and what they answered, as one SVG.

Run it from the root of the repository, where `mattekit` is on the path, with
``pip install -e '.[batch]' pyte rich``: ``python docs/pictures/tour.py``. Nothing is typed by hand:
each command runs in a pseudo-terminal, and a terminal emulator tells what is then to be seen.
"""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import tempfile
from pathlib import Path

import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parents[2]
WIDTH = 96
#: What is said, and what is typed.
STEPS = (
    ("One picture: the result lies beside it, or where you say.",
     "mattekit remove large/otter.jpg -o otter.png"),
    ("On a colour, cropped, as a JPEG for a shop.",
     "mattekit remove large/fig.jpg --bg-color ffe0b2 --crop --crop-margin 8% -o fig.jpg"),
    ("Several at once; what is there already is skipped.",
     'mattekit remove "large/[bdo]*.jpg" --size hd --output-directory shop'),
    ("Wrong? A point says what belongs to the subject, another what does not.",
     'mattekit remove large/dogs.jpg --remove "37% 41%" --keep "33% 29%, 56% 47%" -o dogs.png'),
    ("For programs: one line of JSON for each picture.",
     "mattekit remove large/bee.jpg -o bee.webp --json | cut -c -90"),
    ("A typing mistake is answered in a sentence.",
     "mattekit remove large/bee.jpg --bg-colour white"),
    ("A whole folder, to be resumed at any moment, with a report.",
     "mattekit batch large catalogue --bg-color white --format jpg --size hd"),
)  # fmt: skip


def typed(command: str, folder: Path) -> list[Text]:
    """Return the lines that a terminal shows after a command has run in it."""
    screen = pyte.Screen(WIDTH, 60)
    stream = pyte.ByteStream(screen)
    leader, follower = pty.openpty()
    environment = os.environ | {"COLUMNS": str(WIDTH), "LINES": "60", "TERM": "xterm-256color"}
    environment["HOME"] = str(folder)
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        ["sh", "-c", command],
        cwd=folder, env=environment, stdin=follower, stdout=follower, stderr=follower,
    )  # fmt: skip
    os.close(follower)
    while True:
        try:
            data = os.read(leader, 65536)
        except OSError:  # the last writer has gone
            break
        if not data:
            break
        stream.feed(data)
    process.wait()
    os.close(leader)
    shown = [line_of(screen, row) for row in range(screen.lines)]
    while shown and not shown[-1].plain.strip():
        shown.pop()
    return shown


def line_of(screen: pyte.Screen, row: int) -> Text:
    text = Text()
    for column in range(WIDTH):
        cell = screen.buffer[row][column]
        color = None if cell.fg == "default" else COLORS.get(cell.fg, f"#{cell.fg}")
        text.append(cell.data, Style(color=color, bold=cell.bold, italic=cell.italics))
    text.rstrip()
    return text


#: Names of colours that rich calls otherwise than pyte.
PLAIN = ("black", "red", "green", "blue", "magenta", "cyan", "white")
COLORS = {
    **{name: name for name in PLAIN},
    **{f"bright{name}": f"bright_{name}" for name in PLAIN},
    "brown": "yellow",
    "brightbrown": "bright_yellow",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as nowhere:
        shutil.copytree(ROOT / "sample_images" / "large", Path(folder) / "large")
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True)
        for said, command in STEPS:
            console.print(Text(f"# {said}", "#9a9a8a"))
            console.print(Text.assemble(("$ ", "bold green"), command))
            for line in typed(command, Path(folder)):
                console.print(line)
            console.print()
        svg = console.export_svg(title="mattekit", theme=MONOKAI, unique_id="tour")
    # No font is fetched by whoever looks at it.
    begin, end = svg.index("    @font-face"), svg.rindex("    .tour-matrix")
    Path(__file__).with_name("tour.svg").write_text(svg[:begin] + svg[end:], encoding="utf-8")


if __name__ == "__main__":
    main()
