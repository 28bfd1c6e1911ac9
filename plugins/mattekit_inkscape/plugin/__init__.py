"""What runs in Inkscape's own Python: the standard library, inkex and mattekit_bridge."""
