"""What version 0.1.0 left on a machine: an upgrade from it must go well.

``version_0_1_0.json`` was taken from its state of 28 November 2026: the files that it put into the
folders of GIMP and Krita, its options with their words, and what its worker announced.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

VERSION: Final = "0.1.0"
LEFT: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "version_0_1_0.json").read_text("utf-8")
)


def put_former(folder: Path, names: Iterable[str]) -> None:
    """Put files of 0.1.0 into a host's folder, with the list beside them that it kept."""
    digests = {}
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = f"# {name} of {VERSION}\n".encode()
        path.write_bytes(data)
        digests[name] = [hashlib.sha256(data).hexdigest()]
    listed = {"version": VERSION, "files": digests}
    (folder / "mattekit-files.json").write_text(json.dumps(listed), "utf-8")


def left_over(folder: Path) -> list[str]:
    """Return what of 0.1.0 is still in a folder, and what was moved aside."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
        and (".yours-" in path.name or path.read_bytes().endswith(f" of {VERSION}\n".encode()))
    )
