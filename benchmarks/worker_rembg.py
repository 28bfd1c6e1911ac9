"""Worker: rembg 2.x as its users call it. Runs in rembg's own interpreter."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from common import serve, versions

state: dict[str, Any] = {}


def load(model: str) -> dict[str, str]:
    """Load a u2net-like network through rembg's session for custom models."""
    # rembg takes files only from its own folder.
    os.environ["U2NET_HOME"] = str(Path(model).resolve().parent)
    from rembg import new_session, remove

    state["session"] = new_session("u2net_custom", model_path=str(Path(model).resolve()))
    state["remove"] = remove
    return versions(("rembg", "onnxruntime", "pillow", "numpy"))


def cut(path: str, target: str | None = None, matting: bool = False) -> dict[str, Any]:
    """Cut out one file, plainly (no clean-up) or with alpha matting at its default values."""
    data = Path(path).read_bytes()
    result = state["remove"](data, session=state["session"], alpha_matting=matting)
    if target:
        Path(target).write_bytes(result)
    return {"bytes": len(result)}


serve({"load": load, "cut": cut})
