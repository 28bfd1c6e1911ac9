"""Training of mattekit's built-in network (not part of the installed package; see README.md)."""
