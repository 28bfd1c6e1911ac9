"""Folders of the user's own, and a user who has none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import platformdirs
import pytest

import mattekit
import mattekit_bridge
from mattekit.errors import NoHomeFolder
from mattekit.folders import data_folder, expand_user, home_folder
from mattekit.models import Store
from mattekit.runtime import Runtime
from mattekit_batch.engine import _state_of
from mattekit_batch.storage import open_storage
from mattekit_cli import doctor
from mattekit_server.settings import default_database
from support.privacy import write_photo

VARIABLES = (
    *("HOME", "USERPROFILE", "HOMEPATH", "LOCALAPPDATA", "APPDATA"),
    *("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"),
    *("MATTEKIT_MODEL_DIR", "MATTEKIT_KEYS", "MATTEKIT_WORKER_DIR", "MATTEKIT_SERVER"),
)


@pytest.fixture
def nobody(monkeypatch) -> None:
    """Be a user whom the system does not know: no variable is set, no entry is found."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def unknown(path: str) -> str:
        return path

    monkeypatch.setattr(os.path, "expanduser", unknown)


@pytest.mark.usefixtures("nobody")
class TestNobody:
    def test_the_built_in_model_needs_no_folder(self) -> None:
        store = Store()
        assert store.present("builtin")
        assert store.require("builtin").is_file()
        assert not store.present("u2net")
        image = np.full((64, 64, 3), 255, np.uint8)
        image[16:48, 16:48] = (200, 0, 0)
        assert mattekit.remove_background(image).found

    def test_other_models_do(self) -> None:
        store = Store()
        for need in (store.path, store.require, store.fetch):
            with pytest.raises(NoHomeFolder, match="Set MATTEKIT_MODEL_DIR to"):
                need("u2net")

    @pytest.mark.parametrize("path", ["~", "~/models"])
    def test_a_variable_that_needs_a_home_itself(self, monkeypatch, path: str) -> None:
        monkeypatch.setenv("MATTEKIT_MODEL_DIR", path)
        with pytest.raises(NoHomeFolder, match="MATTEKIT_MODEL_DIR"):
            Store()

    def test_what_else_is_kept(self) -> None:
        with pytest.raises(NoHomeFolder, match="MATTEKIT_KEYS"):
            default_database()
        with pytest.raises(NoHomeFolder, match="--state"):
            _state_of(open_storage("memory://results"))
        with pytest.raises(NoHomeFolder, match="HOME"):
            home_folder()

    def test_the_worker(self) -> None:
        assert mattekit_bridge.find() is None
        with pytest.raises(mattekit_bridge.NoFolder, match="MATTEKIT_WORKER_DIR"):
            mattekit_bridge.start(sys.executable)

    @pytest.mark.slow
    def test_doctor_finds_nothing_broken(self, monkeypatch) -> None:
        monkeypatch.setattr(doctor, "_runtime", Runtime)
        findings = list(doctor.examine())
        assert not [each for each in findings if each.status == "broken"]
        assert any("MATTEKIT_MODEL_DIR" in each.advice for each in findings)

    @pytest.mark.parametrize("answer", ["~/.local/share/mattekit", RuntimeError("no home")])
    def test_old_and_new_platformdirs(self, monkeypatch, answer: str | Exception) -> None:
        def user_data_dir(*_: object, **__: object) -> str:
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(platformdirs, "user_data_dir", user_data_dir)
        with pytest.raises(NoHomeFolder, match="Set X to a path"):
            data_folder("X")


def test_where_a_variable_names_a_place(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MATTEKIT_MODEL_DIR", str(tmp_path))
    assert Store().path("u2net") == tmp_path / "u2net.onnx"


def test_names_that_begin_with_a_tilde(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert Path(expand_user("~/x.jpg")) == tmp_path / "x.jpg"
    assert expand_user("~nobody-of-that-name.jpg") == "~nobody-of-that-name.jpg"
    assert expand_user("plain.jpg") == "plain.jpg"


def namespaces() -> bool:
    unshare = shutil.which("unshare")
    return (
        unshare is not None
        and not subprocess.run(
            [unshare, "--user", "--map-user=12345", "true"], capture_output=True, check=False
        ).returncode
    )


@pytest.mark.slow
@pytest.mark.skipif(not namespaces(), reason="unshare cannot make users here")
def test_a_real_one(tmp_path: Path) -> None:
    """A uid without an entry, and an environment without anything."""
    write_photo(tmp_path / "photo.jpg")
    result = subprocess.run(
        [
            *("unshare", "--user", "--map-user=12345", "--map-group=12345", "env", "-i"),
            *(f"PATH={os.environ['PATH']}", sys.executable, "-m", "mattekit_cli"),
            *("remove", "photo.jpg", "-o", "cut.png"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.png", "photo.jpg"]
