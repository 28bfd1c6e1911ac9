"""imageio learns of the plug-in."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.slow
def test_registering_is_idempotent_and_imports_nothing(jpeg):
    code = (
        "import sys, mattekit_imageio\n"
        "print('imageio' in sys.modules)\n"
        "mattekit_imageio.register(); mattekit_imageio.register()\n"
        "print('mattekit_imageio.plugin' in sys.modules, 'onnxruntime' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "False"]
