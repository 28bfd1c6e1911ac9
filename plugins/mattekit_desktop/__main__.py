"""What a file manager runs: cut out the selected pictures, and say what became of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from mattekit_bridge.window import progress_window
from mattekit_desktop.actions import ACTIONS
from mattekit_hosts.desktop import notify
from mattekit_hosts.pictures import beside, connect, remove_backgrounds, summary

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """Do an action; return the exit status: 0 all done, 1 some failed, 2 a wrong call."""
    action = next((each for each in ACTIONS if each.name in arguments[:1]), None)
    sources = [Path(name).absolute() for name in arguments[1:]]
    if action is None or not sources:
        names = ", ".join(each.name for each in ACTIONS)
        sys.stderr.write(f"usage: python -m mattekit_desktop ACTION FILE...; actions: {names}\n")
        return 2
    with progress_window(action.title) as progress:
        outcomes = list(
            remove_backgrounds(
                sources,
                lambda source: beside(source, action.suffix),
                action.options,
                worker=lambda: connect("file manager"),
                progress=progress,
            )
        )
    title, text = summary(outcomes)
    if not notify(f"{action.title}: {title}", text):
        sys.stderr.write(f"{title}\n{text}\n")
    return int(len(outcomes) < len(sources) or any(each.problem for each in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
