"""Real `s3://`: the S3 of moto, a server on this machine, through s3fs."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from support.batch import call, free_port, kill, start, tree, wait_for, write_pictures

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server():
    pytest.importorskip("s3fs")
    pytest.importorskip("moto.server")
    address = f"http://127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-p", address.rpartition(":")[2]],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def answers():
        try:
            with urllib.request.urlopen(address, timeout=1):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    try:
        wait_for(answers)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def s3(server, monkeypatch):
    """A bucket; programs that are started reach it too."""
    import s3fs

    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "FSSPEC_S3_ENDPOINT_URL": server,
        "PYTHONWARNINGS": "ignore",
    }.items():
        monkeypatch.setenv(name, value)
    system = s3fs.S3FileSystem(
        key="key", secret="secret", endpoint_url=server, use_listings_cache=False
    )
    for name in ("raw", "cut"):
        if system.exists(name):
            system.rm(name, recursive=True)
        system.mkdir(name)
    return system


@pytest.fixture
def pictures(s3, tmp_path):
    expected = write_pictures(tmp_path / "src", 150)
    s3.put(str(tmp_path / "src"), "raw/shop", recursive=True)
    return expected


def results(out):
    lines = [json.loads(line) for line in out.splitlines()]
    assert max(Counter(line["input"] for line in lines).values()) == 1
    return {line["input"]: line["error"]["type"] if line["error"] else "" for line in lines}


def stored(s3):
    return {path.removeprefix("cut/shop/") for path in s3.find("cut")}


def test_from_bucket_to_bucket(s3, pictures, model, tmp_path):
    arguments = ["batch", "s3://raw/shop", "s3://cut/shop", "--model", model, "--json"]
    code, out, err = call(*arguments)
    assert (code, results(out)) == (1, pictures), err
    call("batch", tmp_path / "src", tmp_path / "alone", "--model", model, "-q")
    alone = tree(tmp_path / "alone")
    assert stored(s3) == alone.keys()
    name = sorted(alone)[5]
    assert s3.cat(f"cut/shop/{name}") == (tmp_path / "alone" / name).read_bytes()
    again = call(*arguments)[1]
    assert results(again) == pictures
    assert '"done"' not in again
    # A new picture, a changed one, a result that somebody has removed.
    data = (tmp_path / "src/00/00003.jpg").read_bytes()
    s3.pipe({"raw/shop/new.jpg": data, "raw/shop/00/00001.jpg": data})
    s3.rm("cut/shop/00/00002.png")
    lines = [json.loads(line) for line in call(*arguments)[1].splitlines()]
    made = {line["input"] for line in lines if line["status"] == "done"}
    assert made == {"new.jpg", "00/00001.jpg", "00/00002.jpg"}
    assert s3.cat("cut/shop/00/00001.png") == s3.cat("cut/shop/new.png")


def test_killed_and_gone_on_with(s3, pictures, model):
    arguments = ["batch", "s3://raw/shop", "s3://cut/shop", "--model", model, "--json"]
    for number in range(2):
        process = start(*arguments, "--workers", number + 1)
        wait_for(lambda: len(stored(s3)) > 30 * (number + 1))  # noqa: B023
        kill(process)
        process.communicate()
    code, out, err = call(*arguments)
    assert (code, results(out)) == (1, pictures), err
    assert '"skipped"' in out
    assert len(stored(s3)) == sum(not error for error in pictures.values())


def test_a_bucket_that_is_not_there(s3, model):
    code, _, err = call("batch", "s3://none/at-all", "s3://cut/shop", "--model", model)
    assert code == 1
    assert err.count("\n") == 1
    assert "s3://none/at-all" in err
    assert not Path("s3:").exists()
