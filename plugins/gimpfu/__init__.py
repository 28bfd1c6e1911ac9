"""The shim's folder, not the shim: inside GIMP, `modules` is on the path and this file is not met.

It exists because a checkout has `plugins/` on its path, where a folder without this file would be
imported as an empty `gimpfu`.
"""

raise ImportError(
    "gimpfu works only inside GIMP, which starts a plug-in with the shim's modules on its path: "
    "install it there with `mattekit hosts install gimpfu`"
)
