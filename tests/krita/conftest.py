"""Real Kritas with the script installed, shared by the tests of a module."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import mattekit_bridge as bridge
from hosts.krita import KRITAS, Krita
from mattekit_hosts.files import put
from mattekit_krita import kritarc
from mattekit_krita.installing import NAME, plug_in_files
from mattekit_krita.profiles import Profile

CASES = Path(__file__).parent / "cases.py"
SRGB = "sRGB-elle-V2-srgbtrc.icc"


@dataclass(frozen=True)
class Installed:
    """A Krita with the script in it, and a worker of its own."""

    krita: Krita
    folder: Path

    @property
    def env(self) -> dict[str, str]:
        return {
            "MATTEKIT_WORKER_DIR": str(self.folder / "worker"),
            "MATTEKIT_PLUGINS_OFF": "*",
        }

    def run(self, cases: Sequence[Mapping[str, Any]], folder: Path) -> dict[str, Any]:
        """Let kritarunner do the cases; return what it said of each, errors included."""
        (folder / "cases.json").write_text(json.dumps(cases))
        path = f"{CASES.parent}:{self.krita.resources / 'pykrita'}"
        said = self.krita.runner(
            CASES, str(folder), env={**self.env, "PYTHONPATH": path}, timeout=600
        )
        answers = {}
        for case in cases:
            answer = folder / f"{case['name']}.json"
            assert answer.exists(), f"{case['name']}: no answer\n{said.stdout}\n{said.stderr}"
            answers[case["name"]] = json.loads(answer.read_text())
        return answers


class Answers:
    """What kritarunner said of some cases; one that failed raises when it is asked for.

    Attributes
    ----------
    folder : pathlib.Path
        With the pictures that were given and those that were made.
    version : str
        Krita's.
    """

    def __init__(
        self,
        installed: Installed,
        folder: Path,
        pictures: Mapping[str, bytes],
        cases: Mapping[str, Mapping[str, Any]],
    ) -> None:
        for name, data in pictures.items():
            (folder / name).write_bytes(data)
        self.folder = folder
        self.version = installed.krita.version
        self._facts = installed.run([{"name": n, **c} for n, c in cases.items()], folder)

    def __getitem__(self, name: str) -> dict[str, Any]:
        facts: dict[str, Any] = self._facts[name]
        assert "error" not in facts, facts["error"]
        return facts

    def error(self, name: str) -> str:
        """Return why a case failed."""
        return str(self._facts[name]["error"])

    def raw(self, name: str, kind: Any = np.uint8, what: str = "after") -> NDArray[Any]:
        """Return the samples of a picture that a case has made."""
        return np.frombuffer((self.folder / f"{name}-{what}.raw").read_bytes(), kind)


@pytest.fixture(scope="session", params=KRITAS, ids=lambda krita: krita.__name__)
def installed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installed]:
    folder = tmp_path_factory.mktemp(request.param.__name__)
    home = folder / "home"
    home.mkdir()
    krita: Krita = request.param(home)
    profile = Profile(krita.resources, krita.settings, "plain")
    python = krita.place.python(folder)
    with pytest.MonkeyPatch.context() as patch:
        # GIMP's tests in the same session may still name their worker's folder, and an
        # installation takes that down.
        patch.delenv("MATTEKIT_WORKER_DIR", raising=False)
        put(profile.resources, plug_in_files(profile, str(python)))
    kritarc.put(profile.settings, "python", f"enable_{NAME}", "true")
    result = Installed(krita, folder)
    yield result
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MATTEKIT_WORKER_DIR", result.env["MATTEKIT_WORKER_DIR"])
        bridge.stop()


def bgra(color: np.ndarray) -> bytes:
    """Return an opaque RGB array as Krita keeps it."""
    full = np.iinfo(color.dtype).max
    alpha = np.full((*color.shape[:2], 1), full, color.dtype)
    return np.concatenate([color[..., ::-1], alpha], -1).tobytes()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("MATTEKIT_WORKER_DIR", raising=False)
    return tmp_path
