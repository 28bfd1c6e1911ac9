"""The `mattekit` command: translation between a terminal and the core, nothing else.

========================  ==================================================================
module                    what it does
========================  ==================================================================
`app`                     the command, its errors and exit codes, commands of plug-ins
`console`                 every line that is shown
`flags`                   flags out of the declarations in `mattekit.options`
`text`                    times and sizes for people
`plan`                    which file becomes which, decided before anything is started
`parallel`                pictures in parallel, in order, interruptible
`remote`                  the same where a server cuts them out
`remove`, `models`, …     one command each
========================  ==================================================================

`console`, `flags` and `text` are public: the commands of plug-ins are made with them, as those of
`mattekit_batch` are.

Nothing heavy is imported before a command needs it, so that ``--help`` answers at once.
"""

from __future__ import annotations

from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command, as a program of its own."""
    try:
        from mattekit_cli.garbage_collection import without_garbage_collection

        with without_garbage_collection():
            from mattekit_cli.app import main as run
    except KeyboardInterrupt:
        # Too early for anything to have begun.
        raise SystemExit(130) from None
    run()
