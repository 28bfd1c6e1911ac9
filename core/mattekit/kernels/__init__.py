"""Compiled loops: what numpy would need a dozen passes over memory for, in one.

The sources are C without any interface of Python, so that one library serves every version of it.
It is built when the package is (`hatch_build.py`) and lies beside this file. Threads run side by
side in it, for Python's lock is not held.
"""

from mattekit.kernels.library import STRIP, call, give_back, in_rows, room, rows

__all__ = ["STRIP", "call", "give_back", "in_rows", "room", "rows"]
