"""Krita's menu entry and docker, and what puts them into Krita.

Inside Krita this package has `remove_background`, for scripts.

=============  =====================================================================================
module         what it does
=============  =====================================================================================
`plugin`       what runs inside Krita: standard library, PyQt and the bridge only, Python 3.8
`resources`    files that Krita wants as they are: plug-in, action, manual
`profiles`     where Krita keeps its resources and settings, by system and packaging
`kritarc`      one line of Krita's settings
`versions`     which Krita a program is, and what to know of it
`installing`   what is written, checked and taken out
`host`         announces Krita to `mattekit hosts`
=============  =====================================================================================
"""

from __future__ import annotations

from typing import Any

__all__ = ["Failed", "correct_mask", "remove_background", "separate_subjects"]


def __getattr__(name: str) -> Any:
    # Outside Krita there is no module of that name to import.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mattekit_krita.plugin import scripting

    return getattr(scripting, name)
