"""Each benchmark runs, on sizes at which it says nothing."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from support.helpers import ROOT, disc, require_data

pytestmark = pytest.mark.slow


def run(tmp_path: Path, script: str, *arguments: str) -> tuple[str, dict[str, object]]:
    """Run a script and return what it printed and what it measured."""
    target = tmp_path / "measured.json"
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / script), "--json", str(target), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(target.read_text("utf-8"))["results"]


def test_import_time(tmp_path: Path) -> None:
    text, results = run(tmp_path, "import_time.py", "--rounds", "1", "--heaviest", "2")
    assert "| `import mattekit` |" in text
    assert all(len(values) == 1 for values in results["seconds"].values())
    assert len(results["heaviest"]["`import mattekit`"]) == 2


@pytest.mark.data
def test_end_to_end(tmp_path: Path) -> None:
    model = require_data("models", "u2netp-fp32.onnx")
    picture = require_data("images", "dev", "rembg_girl-3.jpg")
    sizes = ["0.05", "0.1", "0.2"]
    text, results = run(
        tmp_path,
        "end_to_end.py",
        *("--sizes", *sizes, "--rounds", "1", "--memory-rounds", "1", "--refine", "fast"),
        *("--model", str(model), "--picture", str(picture)),
    )
    times, memory = results["times"], results["memory"]
    assert list(times) == sizes == list(memory)
    stages = times["0.2"]["stages"]["fast"][-1]
    assert set(stages) >= {"decode", "segment", "refine", "encode"}
    assert sum(stages.values()) <= times["0.2"]["seconds"]["fast"][0]
    assert memory["0.2"]["fast"]["resident"] > 20e6
    assert "Growth: time" in text
    if importlib.util.find_spec("simplejpeg") and importlib.util.find_spec("isal"):
        assert times["0.2"]["bytes"]["floor"] > 1000


@pytest.mark.data
def test_end_to_end_with_the_built_in_network(tmp_path: Path) -> None:
    picture = require_data("images", "dev", "rembg_girl-3.jpg")
    options = ("--rounds", "1", "--refine", "fast", "--picture", str(picture))
    text, results = run(tmp_path, "end_to_end.py", "--built-in", "--sizes", "0.05", *options)
    (counted,) = results["0.05"]["fast"]
    assert {"decode", "run", "refine", "remove_uncertain_objects", "encode"} <= set(counted)
    assert sum(counted.values()) <= 2 * counted["total"] + 1e-3  # the stages are parts of it
    assert "÷ floor" in text


@pytest.mark.data
def test_batch(tmp_path: Path) -> None:
    model = require_data("models", "u2netp-fp32.onnx")
    text, results = run(
        tmp_path,
        "batch.py",
        *("--pictures", "4", "--megapixels", "0.05", "--rounds", "1", "--no-dask"),
        *("--memory-pictures", "8", "--books", "50", "--model", str(model)),
    )
    assert "pictures per second" in text
    assert set(results["rates"]) == {"loop", "1 process", "2 processes", "this process"}
    assert all(value > 0 for value in results["commands"]["mattekit batch"])
    assert len(results["memory"]) == 8
    assert results["books"]["scan"] > 0


@pytest.mark.data
def test_server(tmp_path: Path) -> None:
    require_data("models", "u2netp-fp32.onnx")
    text, results = run(
        tmp_path,
        "server.py",
        *("--clients", "1", "2", "--seconds", "0.5", "--sustained", "8", "--refine", "fast"),
    )
    several = f"mattekit, built-in, --workers {os.cpu_count()} --concurrency 1"
    assert set(results["load"]) == {"mattekit, built-in", several, "mattekit, u2netp"}
    for loads in results["load"].values():
        assert set(loads) == {"1", "2"}
        assert all(each["ok"] and not each["failed"] for each in loads.values())
        assert all(0.01 < each["cpu"] < 10 for each in loads.values())
    assert list(results["memory"]) == ["50", "66"]
    assert results["sustained"]["failed"] == results["overload"]["failed"] == 0
    assert "**Four times too much**" in text


@pytest.mark.data
def test_page(tmp_path: Path) -> None:
    require_data("images", "dev", "manifest.json")
    sizes = ("--sizes", "0.2", "--rounds", "2", "--strokes", "2")
    text, results = run(tmp_path, "page.py", *sizes)
    assert len(results["0.2"]["first"]) == 2
    assert len(results["0.2"]["stroke"]) == 4
    assert "a stroke, median s" in text


@pytest.mark.data
def test_matting(tmp_path: Path) -> None:
    require_data("images", "dev", "manifest.json")
    text, results = run(
        tmp_path,
        "matting.py",
        *("--parts", "disc", "growth", "--discs", "2", "--sizes", "0.1", "0.2", "0.3"),
        *("--rounds", "1"),
    )
    parts = results["parts"]
    assert all(disc["error"] <= 0.01 for disc in parts["disc"].values())
    assert all(disc["recomposed"] <= 3 for disc in parts["disc"].values())
    assert set(parts["growth"]["times"]["0.2"]) == {"fast", "balanced", "best", "foreground"}
    assert "per megapixel" in text


@pytest.mark.data
def test_matting_from_a_trimap(tmp_path: Path) -> None:
    require_data("images", "dev", "manifest.json")
    text, results = run(
        tmp_path, "matting.py", "--parts", "trimaps", "--only", "lemur", "--rounds", "1"
    )
    trimaps = results["parts"]["trimaps"]
    assert trimaps["errors"]["best"]["lemur"][0] < 0.02
    assert trimaps["memory"]["best"][0] > 1
    assert "| lemur |" in text


def test_quality(tmp_path: Path) -> None:
    folder = tmp_path / "images" / "pictures"
    folder.mkdir(parents=True)
    picture = disc(160, 200)
    Image.fromarray(picture.image).save(folder / "disc.png")
    Image.fromarray((picture.alpha * 255 + 0.5).astype(np.uint8)).save(folder / "disc.gt.png")
    entry = {"id": "disc", "file": "disc.png", "gt_file": "disc.gt.png", "gt_kind": "alpha"}
    (folder / "manifest.json").write_text(json.dumps({"images": [entry]}), "utf-8")
    text, results = run(
        tmp_path, "quality.py", "--data", str(folder), "--qualities", "fast", "balanced"
    )
    (name,) = results
    assert set(results[name]) == {"plain resize", "fast", "balanced"}
    assert 0 <= results[name]["balanced"]["disc"]["iou"] <= 1
    assert "| built-in, balanced |" in text


@pytest.mark.data
def test_edge_pictures(tmp_path: Path) -> None:
    model = require_data("models", "u2netp-fp32.onnx")
    target = tmp_path / "edges.png"
    script = str(ROOT / "benchmarks" / "edge_pictures.py")
    subprocess.run(
        [sys.executable, script, "--model", str(model), "--target", str(target)],
        check=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with Image.open(target) as page:
        colors = page.convert("RGB").getcolors(1 << 20)
        # Four rows: the picture, two qualities, and what a trimap gives.
        assert page.size == (4 * 246 - 6, 4 * 246 - 6)
    # Magenta shows wherever background was removed; white only between rows and where no trimap is.
    shares = {color: count / (page.width * page.height) for count, color in colors}
    assert shares[255, 0, 255] > 0.1


def test_correcting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people, dev = tmp_path / "images" / "instances", tmp_path / "images" / "dev"
    people.mkdir(parents=True)
    dev.mkdir()
    picture = disc(160, 200)
    alpha = Image.fromarray((picture.alpha * 255 + 0.5).astype(np.uint8))
    Image.fromarray(picture.image).save(people / "disc.webp", lossless=True)
    Image.fromarray((picture.alpha > 0.5).astype(np.uint8)).save(people / "disc.instances.png")
    # Of two, one is wanted: there is something to click.
    half = disc(160, 100)
    Image.fromarray(np.hstack([half.image] * 2)).save(people / "a.webp", lossless=True)
    labels = np.hstack([half.alpha > 0.5, 2 * (half.alpha > 0.5)]).astype(np.uint8)
    Image.fromarray(labels).save(people / "a.instances.png")
    Image.fromarray(picture.image).save(dev / "disc.png")
    alpha.save(dev / "disc.gt.png")
    entry = {"id": "disc", "file": "disc.png", "gt_file": "disc.gt.png", "gt_kind": "alpha"}
    (dev / "manifest.json").write_text(json.dumps({"images": [entry]}), "utf-8")
    monkeypatch.setenv("MATTEKIT_TEST_DATA", str(tmp_path))
    text, results = run(
        tmp_path,
        "correcting.py",
        *("--parts", "clicks", "masks", "latency", "--sets", "people, from nothing", "dev"),
        *("--classical", "--sizes", "0.2", "--rounds", "2"),
    )
    clicks = results["clicks"]
    assert set(clicks) == {
        f"{name}, {way}"
        for name in ("people, from nothing", "dev")
        for way in ("network", "colours alone")
    }
    nothing = clicks["people, from nothing, network"]["disc-1"]
    assert nothing[0] == 0
    assert nothing[-1] >= 0.9
    assert len(nothing) <= 4
    assert set(results["masks"]) == {"eroded", "dilated", "blocky", "noisy"}
    assert results["latency"]["0.2"]
    assert "| people, from nothing (3), network |" in text


@pytest.mark.data
def test_edges(tmp_path: Path) -> None:
    require_data("training", "train-000.tar")
    kinds = ["--kinds", "hard", "hair"]
    text, results = run(tmp_path, "edges.py", "--count", "1", *kinds)
    again, _ = run(
        tmp_path, "edges.py", "--count", "1", *kinds, "--against", str(tmp_path / "measured.json")
    )
    assert {name.split()[0] for name in results} == {"hard", "hair"}
    for result in results.values():
        assert result["balanced"]["iou"] > 0.8
        assert result["balanced"]["color_worst"] >= result["balanced"]["color"] > 0
        assert "color" not in result["plain resize"]
    assert "| hard, 1 | band MSE |" in text
    assert "| 1.00 |" in again


def test_edge_sheet(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("pictures", "before", "after")]
    for folder, radius in zip(folders, (1.0, 0.3, 0.34), strict=True):
        folder.mkdir()
        alpha = 255 * disc(120, 120, radius).alpha
        cut = np.dstack([np.full((120, 120, 3), 90), alpha]).astype(np.uint8)
        Image.fromarray(cut).save(folder / "thing.png")
    sheet = tmp_path / "sheet.png"
    script = ROOT / "benchmarks" / "edge_sheet.py"
    arguments = [*map(str, folders), "--out", str(sheet), "--side", "40", "--crops", "1"]
    subprocess.run([sys.executable, str(script), *arguments], check=True)
    with Image.open(sheet) as image:
        assert image.width == 7 * 40
        colors = {color for _, color in image.getcolors(1 << 16)}
    assert {(255, 255, 255), (0, 0, 0), (255, 0, 255), (90, 90, 90)} <= colors
