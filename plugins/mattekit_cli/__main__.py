"""``python -m mattekit_cli`` is the `mattekit` command."""

from __future__ import annotations

from mattekit_cli import main

if __name__ == "__main__":
    main()
