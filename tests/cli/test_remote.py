"""`mattekit remove --server` against a real server that takes red for subject."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from support.command import lines

pytest.importorskip("starlette", reason="the extra `server` is not installed")

from mattekit.errors import OptionError, ServerError
from mattekit.options import OPTIONS
from mattekit_cli import remote
from mattekit_server.keys import KeyStore
from support.server.pictures import blank, opened, picture
from support.server.program import running


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    database = tmp_path_factory.mktemp("server") / "keys.sqlite3"
    keys = KeyStore(database)
    key = keys.create("cli", credits=50, free_calls=0)
    with running(auth=True, database=database, file_limit=2**20) as program:
        program.key, program.keys = key, keys
        yield program
    keys.close()


@pytest.fixture
def remove(mattekit, server, monkeypatch, runtime):
    """Call ``mattekit remove … --server``; nothing may run here."""
    monkeypatch.setattr(runtime, "session", lambda *_, **__: pytest.fail("a network was loaded"))
    monkeypatch.setenv("MATTEKIT_API_KEY", server.key)
    return lambda *arguments: mattekit("remove", *arguments, "--server", server.url)


def test_files_are_made_as_ever(remove, tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.png").write_bytes(picture(800, 600))
    (tmp_path / "c.png").write_bytes(blank())
    (tmp_path / "d.png").write_bytes(b"no picture")
    names = [str(tmp_path / f"{name}.png") for name in "abcde"]
    result = remove(*names, "--output-directory", "out", "--json")
    assert result.exit_code == 1
    a, b, c, d, e = lines(result)
    assert (a["status"], a["width"], a["height"], a["found"], a["kind"]) == (
        *("done", 800, 600, True, "other"),
    )
    left, _, right, _ = a["box"]
    assert 150 < left < 250
    assert 550 < right < 650
    assert opened(Path("out/b.png").read_bytes()).size == (800, 600)
    assert b["output"] == "out/b.png"
    assert [each["error"]["code"] for each in (c, d, e)] == [
        *("unknown_foreground", "invalid_file_type", "missing_source"),
    ]
    assert f"{names[2]}: no subject was found" in c["error"]["message"]
    assert "Expected jpg/png, received text" in d["error"]["message"]
    again = remove(*names[:2], "--output-directory", "out")
    assert again.stdout.count("skipped") == 2


def test_every_option_is_sent(remove, tmp_path, server):
    (tmp_path / "a.png").write_bytes(picture(1000, 800))
    (tmp_path / "b.png").write_bytes(blank(300, 200))
    result = remove(
        *(tmp_path / "a.png", "-o", "x.jpg", "--size", "preview", "--bg-image", tmp_path / "b.png"),
        *("--crop", "--crop-margin", "10%", "--shadow-type", "drop,car=car", "--refine", "fast"),
    )
    assert result.exit_code == 0, result.stderr
    image = opened(Path("x.jpg").read_bytes())
    assert image.format == "JPEG"
    assert image.width == pytest.approx(500, abs=30)  # cropped, and at most 0.25 megapixels
    assert np.asarray(image)[2, 2] == pytest.approx([20, 40, 200], abs=6)


def test_fields_are_those_of_the_api(tmp_path):
    texts = {
        "roi": ("10% 0 90% 100px", "10% 0% 90% 100px"),
        "crop": (True, "true"),
        "crop_margin": ("10px 5%", None),
        "scale": ("50", "50%"),
        "type": ("graphics", "graphic"),
        "bg_color": ("red", "ff0000"),
        "shadow_opacity": ("30", "30"),
        "size": ("4K", "4k"),
    }
    for name, (given, sent) in texts.items():
        fields = remote.fields_of({name: given})
        if sent is not None:
            assert fields[name] in {sent, OPTIONS[name].grammar.format(OPTIONS[name].parse(given))}
        assert OPTIONS[name].parse(fields[name]) == OPTIONS[name].parse(given)
    assert remote.fields_of({}) == {"size": "auto"}
    shadows = remote.fields_of({"shadow_type": "car=car,person=3D", "size": "hd"})
    assert shadows == {"size": "hd", "shadow_type[car]": "car", "shadow_type[person]": "3D"}
    shadows = remote.fields_of({"shadow_type": "drop,car=none"})
    assert shadows == {"size": "auto", "shadow_type": "drop", "shadow_type[car]": "none"}


@pytest.mark.parametrize(
    ("name", "value"), [("size", "original"), ("format", "psd"), ("device", "cuda")]
)
def test_what_servers_do_not_offer_is_refused_before_anything_is_sent(
    remove, tmp_path, name, value
):
    (tmp_path / "a.png").write_bytes(picture())
    result = remove(tmp_path / "a.png", f"--{name}", value)
    assert result.exit_code == 2
    assert f"{name}={value!r} is not valid" in result.stderr
    assert result.stderr.count("\n") == 1


def test_refusals_are_said_as_if_it_had_run_here(remove, tmp_path, server):
    (tmp_path / "a.png").write_bytes(picture())
    (tmp_path / "large.png").write_bytes(picture() + bytes(2**20))
    result = remove(tmp_path / "a.png", "--roi", "0px 0px 5000px 50px", "--json")
    assert result.exit_code == 1
    assert lines(result)[0]["error"]["code"] == "roi_exceeds_bounds"
    result = remove(tmp_path / "a.png", "--model", "nosuch", "--json")
    assert result.exit_code == 2
    assert lines(result)[0]["error"]["code"] == "invalid_model"
    result = remove(tmp_path / "large.png")
    assert result.exit_code == 1
    assert "large.png: 400 File too large (File exceeds limit of 1MB)" in result.stderr


def test_a_wrong_key_is_said_once(mattekit, tmp_path, server, monkeypatch):
    monkeypatch.setenv("REMOVE_BG_API_KEY", "wrong")
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(picture())
    files = (tmp_path / "a.png", tmp_path / "b.png")
    result = mattekit("remove", *files, "--server", server.url)
    assert result.exit_code == 1
    assert result.stderr.count("API Key invalid") == 1
    assert "--api-key" in result.stderr
    result = mattekit("remove", *files, "--server", server.url, "--api-key", server.key)
    assert result.exit_code == 0, result.stderr


def test_an_address_that_is_none(mattekit, tmp_path, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda _: None)
    (tmp_path / "a.png").write_bytes(picture())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for url, code, words in (
        (f"http://127.0.0.1:{port}", 1, "no answer"),
        ("matte.example", 2, "an http or https URL"),
    ):
        result = mattekit("remove", tmp_path / "a.png", "--server", url)
        assert (result.exit_code, words in result.stderr) == (code, True), result.stderr


def test_a_filter(remove, mattekit, server):
    result = mattekit("remove", "-", "--server", server.url, input=picture())
    assert result.exit_code == 0, result.stderr
    assert opened(result.stdout_bytes).size == (128, 96)
    result = mattekit("remove", "-", "--server", server.url, input=blank())
    assert (result.exit_code, result.stdout_bytes) == (1, b"")
    assert "standard input: no subject was found" in result.stderr


class Moody(http.server.BaseHTTPRequestHandler):
    """Another server of the API: without /account, busy at first, and of few words."""

    calls = 0

    def do_GET(self):
        self.answer(404, b"<html>")

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).calls += 1
        if self.calls <= 2:
            self.answer(503, b"<html>")
        else:
            kind = "image/png" if self.path.endswith("/v1.0/removebg") else "text/html"
            self.answer(200, picture(), kind)

    def answer(self, status, body, kind="text/html"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_a_server_of_somebody_else(tmp_path):
    waits = []
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Moody)
    threading.Thread(
        target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    ).start()
    (tmp_path / "a.png").write_bytes(picture())
    try:
        with remote.connect(f"http://127.0.0.1:{httpd.server_port}/v1.0", "k") as client:
            client._sleep = waits.append
            cut = remote.ServerCutter(client, remote.fields_of({}))(str(tmp_path / "a.png"))
    finally:
        httpd.shutdown()
        httpd.server_close()
    assert len(waits) == 2
    assert (cut.format, opened(cut.data).size) == ("png", (128, 96))
    assert set(cut.facts.values()) == {None, True}


@pytest.mark.slow
def test_what_is_no_picture_is_an_error():
    error = ServerError("http://x", 400, "invalid_crop", "Invalid crop parameter given")
    assert isinstance(remote.error_of(error, "a.png"), OptionError)
    assert remote.error_of(ServerError("http://x", 402, "insufficient_credits", "No"), "a").status
