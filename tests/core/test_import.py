"""Importing costs nothing: looked at in fresh interpreters."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from support.tiers import tiered

#: Slow to import; only for those who use what needs them.
HEAVY = {"onnxruntime", "skimage", "scipy", "imageio", "imagecodecs", "tifffile", "httpx", "isal"}
#: Of the command line, the server and other tools; never of the library.
FOREIGN = {"click", "rich", "fastapi", "starlette", "uvicorn", "numba", "cv2", "torch", "pymatting"}

REPORT = """
import json, sys
before = set(sys.modules)
{code}
print(json.dumps(sorted({{name.partition(".")[0] for name in set(sys.modules) - before}})))
"""


def loaded(code: str) -> set[str]:
    """Return the top-level names that a fresh interpreter loads; warnings are errors in it."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", REPORT.format(code=code)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return set(json.loads(done.stdout))


def test_importing_loads_at_most_numpy() -> None:
    others = loaded("import mattekit") - set(sys.stdlib_module_names) - {"mattekit", "numpy"}
    assert others == set()


def test_importing_starts_no_thread_and_opens_no_logging() -> None:
    code = "import mattekit, logging, threading\nassert threading.active_count() == 1"
    loaded(code + "\nassert not logging.getLogger().handlers")


@pytest.mark.parametrize(
    "name",
    tiered(
        ["remove_background", "Cutout", "Options", "Runtime", "hookimpl"], {"remove_background"}
    ),
)
def test_names_load_nothing_heavy(name: str) -> None:
    heavy = loaded(f"import mattekit; mattekit.{name}") & (HEAVY | FOREIGN)
    assert heavy == set()


def test_the_command_line_starts_light() -> None:
    pytest.importorskip("mattekit_cli")
    heavy = loaded("import mattekit_cli.app") & (HEAVY - {"httpx"} | FOREIGN - {"click", "rich"})
    assert heavy == set()
