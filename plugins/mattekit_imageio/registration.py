"""Making the plug-in known to imageio, which has no entry points for that."""

from __future__ import annotations

from typing import Final

__all__ = ["NAME", "register"]

#: What ``plugin=`` takes after `register`.
NAME: Final = "mattekit"


def register() -> None:
    """Let imageio find the plug-in by name; doing so again changes nothing.

    Notes
    -----
    A call of imageio that names no plug-in tries, as its last resort, every registered one: a
    picture that nothing else can read or write would then come back cut out. Pass the class,
    ``plugin=mattekit_imageio.MattekitPlugin``, where that must never happen.

    Examples
    --------
    >>> import imageio.v3 as iio
    >>> register()
    >>> subject = iio.imread("photo.jpg", plugin="mattekit", crop=True)  # doctest: +SKIP
    """
    try:
        from imageio.config import known_plugins
        from imageio.config.plugins import PluginConfig
    except ImportError as error:
        raise ImportError("imageio is missing: pip install 'mattekit[imageio]'") from error

    known_plugins.setdefault(
        NAME,
        PluginConfig(name=NAME, class_name="MattekitPlugin", module_name="mattekit_imageio.plugin"),
    )
