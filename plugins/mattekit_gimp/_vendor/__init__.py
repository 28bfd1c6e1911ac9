"""gimpfu's own distribution, as mattekit carries it until there is a release of it to depend on.

mattekit's wheel has a copy of the package in this folder, where it is in nobody's way: gimpfu may
be installed beside it. A checkout has the source. Import it from here, never by its own name.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

__all__ = ["gimpfu_host"]

if TYPE_CHECKING:
    import gimpfu_host as gimpfu_host
else:
    _source = Path(__file__).parents[3] / "packages" / "gimpfu" / "src"
    if _source.is_dir():
        __path__.append(str(_source))
    from mattekit_gimp._vendor import gimpfu_host
