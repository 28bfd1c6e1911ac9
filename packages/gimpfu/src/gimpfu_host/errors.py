"""What can go wrong outside GIMP."""

from __future__ import annotations


class GimpfuError(Exception):
    """Something cannot be done; the message says what to do about it."""
