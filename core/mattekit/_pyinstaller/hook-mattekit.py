"""PyInstaller: the built-in model, the list of models, and what is imported by name or on use."""

import importlib.metadata

from PyInstaller.utils.hooks import (
    collect_data_files,
    collect_dynamic_libs,
    collect_submodules,
    copy_metadata,
)

# The model, and the pages of the server.
datas = collect_data_files("mattekit") + collect_data_files("mattekit_server")
# The compiled kernels.
binaries = collect_dynamic_libs("mattekit")
# Plug-ins are found by the entry points in here, and `mattekit doctor` asks for versions.
datas += copy_metadata("mattekit")
for name in ("onnxruntime", "imagecodecs", "tifffile"):
    datas += copy_metadata(name)

hiddenimports = collect_submodules("mattekit")
# imagecodecs imports each codec when it is first used; isal's compiled modules import each other.
hiddenimports += collect_submodules("imagecodecs") + collect_submodules("isal")
# Their modules; what these import, on use too, PyInstaller sees by itself.
hiddenimports += [entry.module for entry in importlib.metadata.entry_points(group="mattekit")]
