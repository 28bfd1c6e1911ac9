"""The version of gimpfu."""

__version__ = "0.1.0"
