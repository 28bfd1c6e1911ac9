"""What servers, containers and sandboxes impose; the script prints the documentation's table."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location(
    "environments", Path(__file__).with_name("environments.py")
)
assert _SPEC is not None
assert _SPEC.loader is not None
environments = importlib.util.module_from_spec(_SPEC)
sys.modules["environments"] = environments
_SPEC.loader.exec_module(environments)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's"),
]


@pytest.mark.parametrize("name", environments.CONDITIONS)
def test_a_picture_is_cut_out(name: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    found = environments.run(environments.CONDITIONS[name], sys.executable, tmp_path)
    if found.startswith("not tried"):
        pytest.skip(found)
