"""What raw developers run.

``python -m mattekit_raw darktable --folder MASKS [--answer FILE] -- PHOTO...``
``python -m mattekit_raw art PHOTO...``
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from mattekit.errors import MattekitError
from mattekit_bridge.calls import Progress
from mattekit_bridge.window import progress_window
from mattekit_bridge.worker import Worker
from mattekit_hosts.desktop import notify
from mattekit_hosts.pictures import connect, each_of, summary
from mattekit_raw.installing import cli_of
from mattekit_raw.masks import darktable_mask, rendered_mask

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """Make masks; return the exit status: 0 all made, 1 some failed, 2 a wrong call."""
    parser = argparse.ArgumentParser(prog="python -m mattekit_raw", allow_abbrev=False)
    parser.add_argument("host", choices=("darktable", "art"))
    parser.add_argument("--folder", type=Path, help="where darktable looks for raster masks")
    parser.add_argument("--answer", type=Path, help="a file for what went wrong")
    parser.add_argument("photos", nargs="+", type=Path)
    given = parser.parse_args(arguments)
    if given.host == "darktable" and given.folder is None:
        parser.error("darktable needs --folder")
    photos = [photo.absolute() for photo in given.photos]
    one = _maker(given.host, given.folder)
    if given.host == "darktable":  # which has a progress bar of its own
        outcomes = list(each_of(photos, one))
    else:
        with progress_window("Mask of the subject") as progress:
            outcomes = list(each_of(photos, one, progress))
    title, text = summary(outcomes)
    problems = "; ".join(each.problem for each in outcomes if each.problem)
    if given.answer is not None:
        given.answer.write_text(problems, encoding="utf-8")
    elif not notify(f"Masks: {title}", text):
        sys.stderr.write(f"{title}\n{text}\n")
    return int(bool(problems) or len(outcomes) < len(photos))


def _maker(host: str, folder: Path | None) -> Callable[[Path, Progress], Path]:
    cli = cli_of(host)

    def worker() -> Worker:
        return connect(host)

    def one(photo: Path, progress: Progress) -> Path:
        if folder is None:
            return rendered_mask(photo, cli, worker, progress)
        if cli is None:
            raise MattekitError("darktable-cli, which comes with darktable, was not found.")
        return darktable_mask(photo, folder, cli, worker, progress)

    return one


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
