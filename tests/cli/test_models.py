"""`mattekit models`: a store of its own and mirrors on this machine."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from pathlib import Path

import pytest

from mattekit.models import ModelCard, Store
from mattekit.runtime import Runtime

DATA = b"a network" * 1000


@pytest.fixture
def mirror():
    """A server on this machine; yields its address and the paths that were asked of it."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            body = DATA if self.path == "/good.onnx" else DATA[::-1]
            self.send_response(404 if self.path == "/gone.onnx" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    )
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def store(mirror, tmp_path, monkeypatch):
    """A store that knows three more models, of which one can be fetched."""
    address, _ = mirror
    facts = {"bytes": len(DATA), "sha256": hashlib.sha256(DATA).hexdigest()}
    cards = [
        ModelCard(name, "For tests", f"{name}.onnx", (f"{address}/{name}.onnx",), **facts,
                  license="Test licence 1.0", commercial="no", source="https://example.org")
        for name in ("good", "bad", "gone")
    ]  # fmt: skip
    store = Store(tmp_path / "models", cards=cards, retries=0, timeout=5)
    monkeypatch.setattr(Runtime, "_shared", Runtime(store))
    return store


@pytest.fixture
def mattekit(store, mattekit, monkeypatch):
    monkeypatch.setattr(Runtime, "_shared", Runtime(store))
    return mattekit


def test_the_list(mattekit):
    rows = {line.split()[0]: line for line in mattekit("models", "list").stdout.splitlines()}
    assert "built in" in rows["builtin"]
    assert " - " in rows["good"]
    assert " no " in rows["good"]
    assert "Test licence 1.0" in rows["good"]
    found = {each["name"]: each for each in json.loads(mattekit("models", "list", "--json").stdout)}
    assert found["builtin"]["present"] is True
    assert found["good"]["present"] is False
    assert found["good"]["commercial"] == "no"


def test_fetching_shows_the_terms_first_and_then_the_file(mattekit, store, mirror):
    result = mattekit("models", "fetch", "good")
    assert result.exit_code == 0, result.output
    assert "Test licence 1.0; commercial use is NOT allowed" in result.stderr
    assert Path(result.stdout.strip()) == store.path("good")
    assert store.path("good").read_bytes() == DATA
    assert mattekit("models", "verify").stdout.count("intact") == 3
    assert mattekit("models", "fetch", "good").exit_code == 0
    assert mirror[1] == ["/good.onnx"]
    assert mattekit("models", "fetch", "good", "--force").exit_code == 0
    assert mirror[1] == ["/good.onnx"] * 2


def test_one_model_that_fails_does_not_stop_the_others(mattekit, store):
    result = mattekit("models", "fetch", "bad", "gone", "nope", "good")
    assert result.exit_code == 1
    errors = [line for line in result.stderr.splitlines() if line.startswith("mattekit: ")]
    assert [line.split(":")[1] for line in errors] == [" model bad", " model gone", " model nope"]
    assert "404" in errors[1]
    assert store.present("good")
    assert not store.present("bad")


def test_fetching_forbidden(mattekit, mirror, monkeypatch):
    monkeypatch.setenv("MATTEKIT_OFFLINE", "1")
    result = mattekit("models", "fetch", "good")
    assert result.exit_code == 1
    assert "MATTEKIT_OFFLINE" in result.stderr
    assert mirror[1] == []


def test_a_changed_file_is_found(mattekit, store):
    store.folder.mkdir()
    store.path("good").write_bytes(DATA[::-1])
    result = mattekit("models", "verify")
    assert result.exit_code == 1
    assert "builtin: intact" in result.stdout
    assert "sha256" in result.stderr
    assert mattekit("models", "verify", "bad").exit_code == 1


def test_the_exit_code_is_that_of_all_commands(mattekit):
    assert mattekit("models", "verify", "nope", "builtin").exit_code == 1
    assert mattekit("models", "verify", "nope").exit_code == 2


def test_paths(mattekit, store):
    assert mattekit("models", "path").stdout.strip() == str(store.folder)
    assert Path(mattekit("models", "path", "builtin").stdout.strip()).is_file()
    absent = mattekit("models", "path", "good")
    assert absent.exit_code == 1
    assert absent.stdout == ""
    assert "mattekit models fetch good" in absent.stderr


def test_facts(mattekit):
    text = mattekit("models", "info", "good").stdout
    assert "license:             Test licence 1.0" in text
    assert "input.layout:        NCHW" in text
    facts = json.loads(mattekit("models", "info", "auto", "--json").stdout)
    assert facts["name"] == "builtin"
    assert facts["present"] is True
    unknown = mattekit("models", "info", "godo")
    assert unknown.exit_code == 2
    assert "Did you mean 'good'" in unknown.stderr


def test_a_network_without_a_card_comes_with_a_template_to_save(mattekit, monkeypatch):
    from mattekit.errors import ModelCardError

    def refuse(path):
        raise ModelCardError(path.name, "there is no own.toml. Save:\n\n[input]\nsize = [1, 1]")

    monkeypatch.setattr("mattekit.runtime.read_card", refuse)
    result = mattekit("models", "info", "own.onnx")
    assert result.exit_code == 1
    assert result.stderr.endswith("Save:\n\n[input]\nsize = [1, 1]\n")


def test_facts_of_a_network_by_path(mattekit):
    Path("own.onnx").touch()
    card = "[input]\nsize = [32, 32]\ndivide = 255\nmean = [0, 0, 0]\nstd = [1, 1, 1]\n"
    Path("own.toml").write_text(card + '[output]\nactivation = "none"\n')
    facts = json.loads(mattekit("models", "info", "own.onnx", "--json").stdout)
    assert facts["name"] == "own"
    assert facts["input"]["size"] == [32, 32]
    assert facts["path"] == str(Path("own.onnx").resolve())


def test_removing(mattekit, store):
    store.folder.mkdir()
    store.path("good").write_bytes(DATA)
    assert mattekit("models", "remove", "good").stdout == "good: deleted\n"
    assert not store.path("good").exists()
    assert mattekit("models", "remove", "good").stdout == "good: was not here\n"
    result = mattekit("models", "remove", "builtin")
    assert result.exit_code == 1
    assert "stays" in result.stderr
