"""Where networks lie, and what is said where they do not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mattekit.errors import (
    ModelError,
    ModelFetchError,
    ModelNotPresent,
    OfflineError,
    OutputError,
    UnknownModel,
)
from mattekit.models import ModelCard, Store
from support.model_server import (
    DATA,
    SHA256,
    Server,
    card,
    cut_after,
    files,
    first,
    good,
    store_for,
)


def test_folders(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("MATTEKIT_MODEL_DIR", str(tmp_path))
    assert Store().folder == tmp_path.resolve()
    assert Store(tmp_path / "other").folder == (tmp_path / "other").resolve()
    monkeypatch.setenv("MATTEKIT_MODEL_DIR", " ")
    assert Store().folder.name == "models"
    assert "mattekit" in str(Store().folder)


@pytest.mark.parametrize(
    ("value", "off"),
    [
        ("1", True),
        ("true", True),
        ("YES", True),
        ("2", True),
        ("0", False),
        ("", False),
        ("No", False),
    ],
)
def test_offline(tmp_path: Path, monkeypatch, value, off):
    monkeypatch.setenv("MATTEKIT_OFFLINE", value)
    store = Store(tmp_path, cards=[card("http://127.0.0.1:9/a")], timeout=0.1, retries=0)
    assert store.offline is off
    with pytest.raises(OfflineError if off else ModelFetchError):
        store.fetch("mine")
    (tmp_path / "mine.onnx").write_bytes(DATA)
    assert store.fetch("mine").read_bytes() == DATA  # it is there: nothing is asked for


def test_what_is_not_there(tmp_path: Path):
    store = store_for(tmp_path, "https://example.org/a")
    with pytest.raises(UnknownModel, match="Did you mean 'u2netp'"):
        store.path("u2nepp")
    with pytest.raises(ModelNotPresent) as caught:
        store.verify("mine")
    message = str(caught.value)
    for fact in ("mattekit models fetch mine", "https://example.org/a", str(tmp_path), SHA256):
        assert fact in message
    with pytest.raises(ModelFetchError, match="names no mirror"):
        store_for(tmp_path).fetch("mine")


def test_removing(server: Server, tmp_path: Path):
    store = store_for(tmp_path, server.on("/a", first(cut_after(100_000), cut_after(0))))
    assert not store.remove("mine")
    with pytest.raises(ModelFetchError):
        store.fetch("mine")
    assert store.remove("mine")
    assert files(tmp_path) == []
    server.on("/a", good)
    store.fetch("mine")
    assert store.remove("mine")
    assert not store.present("mine")
    (tmp_path / "mine.onnx").mkdir()
    with pytest.raises(OutputError, match="cannot be deleted"):
        store.remove("mine")


def test_the_builtin_model_is_part_of_the_package(tmp_path: Path):
    store = Store(tmp_path, offline=True)
    assert store.present("builtin")
    assert store.fetch("builtin") == store.verify("builtin") == store.path("builtin")
    with pytest.raises(ModelError, match="stays"):
        store.remove("builtin")
    assert store.present("builtin")


def test_names_are_taken_once(tmp_path: Path):
    with pytest.raises(ModelError, match="two models have this name"):
        Store(tmp_path, cards=[ModelCard("u2net")])


def test_fetching_is_imported_by_those_who_fetch():
    program = (
        "import sys, mattekit.models; mattekit.models.Store('.').present('u2net'); "
        "print(*{'httpx', 'onnxruntime', 'platformdirs'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert answer.stdout.split() == []
