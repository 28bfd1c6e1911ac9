from __future__ import annotations

from hosts import install

#: At will, as torch takes minutes to install: scripts/test tools
collect_ignore = (
    [] if (install.hosts_folder() / "comfyui" / "complete").exists() else ["test_in_comfyui.py"]
)
