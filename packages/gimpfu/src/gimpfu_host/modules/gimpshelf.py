"""Keeps any picklable value for the rest of GIMP's session: `shelf[key] = value`."""

from _gimpfu.shelf import shelf

__all__ = ["shelf"]
