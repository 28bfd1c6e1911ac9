"""Folders, hot folders and object stores full of pictures, on one machine or on many."""

from __future__ import annotations
