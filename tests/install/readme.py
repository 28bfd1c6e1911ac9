"""The commands of README.md, so that tests and `.ci/run` execute what a newcomer types."""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"


def commands(heading: str) -> str:
    """Return the first shell block below the heading that contains `heading`."""
    text = README.read_text(encoding="utf-8")
    section = re.search(rf"^#+ [^\n]*{re.escape(heading)}.*?(?=^#+ |\Z)", text, re.M | re.S)
    block = section and re.search(r"^```sh\n(.*?)^```", section[0], re.M | re.S)
    if not block:
        raise LookupError(f"README.md has no shell block below a heading with {heading!r}")
    return block[1]


if __name__ == "__main__":
    sys.stdout.write(commands(sys.argv[1]))
