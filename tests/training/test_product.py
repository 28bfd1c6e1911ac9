from __future__ import annotations

import argparse
import json

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="training needs the packages of the `train` extra")
pytest.importorskip("onnx", reason="training needs the packages of the `train` extra")

from training.network import MatteNet  # noqa: E402

from training import data, export, product  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


def _row(**values):
    usual = {"set": "pairs", "network": "net", "name": "a", "at": 0, "iou": 0.9, "mae": 0.02}
    return product.Row(**usual | {"found": True} | values)


@pytest.fixture
def store(tmp_path):
    folder = tmp_path / "store"
    folder.mkdir()
    names = [data.held_back()[1], data.held_back()[0], "people_1", "people_10", "duts_x"]
    writer = data.Writer(folder / "pixels.u8", len(names))
    for name in names:
        matte = np.zeros((90, 120), np.uint8)
        matte[20:70, 10:40] = 255
        writer.add(name, np.full((90, 120, 3), 90, np.uint8), matte, -1)
    writer.flush()
    data.save_meta(writer.entries, folder)
    return folder


def _given(**values):
    usual = {"store": None, "images": None, "pool": None, "skip": 0, "take": 0, "u2netp": None}
    return argparse.Namespace(**usual | values)


def _names(of, **values):
    return [each.name for each in product.examples(of, _given(**values))]


def test_sets_are_held_back_and_in_the_list_s_order(store):
    assert _names("pairs", store=store) == data.held_back()[:2]
    assert _names("people", store=store) == ["people_1"]
    parts = list(product.examples("parts", _given(store=store)))
    assert len(parts) == 3
    assert not any(part.truth.any() for part in parts)


def test_all_people_of_a_picture_are_the_truth(tmp_path):
    folder = tmp_path / "instances"
    folder.mkdir()
    Image.new("RGB", (8, 4)).save(folder / "street.webp")
    people = np.zeros((4, 8), np.uint8)
    people[1, 1:3], people[2, 5] = 1, 2
    Image.fromarray(people).save(folder / "street.instances.png")
    (example,) = product.examples("instances", _given(images=tmp_path))
    assert example.name == "street"
    assert np.array_equal(example.truth, people > 0)


def test_a_network_is_measured_once_and_in_pieces(store, tmp_path):
    torch.manual_seed(0)
    export.export_onnx(MatteNet(), 64, tmp_path / "net.onnx")
    rows = tmp_path / "rows.jsonl"
    given = _given(store=store, networks=[tmp_path / "net.onnx"], set="pairs", rows=rows, take=1)
    product.measure(given)
    product.measure(given)
    (row,) = product.read(rows)
    assert (row.network, row.name, row.at) == ("net", data.held_back()[0], 0)
    assert 0 <= row.mae <= 1
    assert (row.odds is None) == (not row.found)
    assert sum(row.kinds.values()) == pytest.approx(1, abs=1e-3)
    given.take = 0
    product.measure(given)
    assert [each.at for each in product.read(rows)] == [0, 1]
    assert len(rows.read_text().splitlines()) == 2
    assert json.loads(rows.read_text().splitlines()[0])["set"] == "pairs"


def test_the_table_has_a_column_for_each_network_and_says_what_is_missing():
    kinds = dict.fromkeys(product.KINDS, 0.02) | {"animal": 0.9}
    rows = [
        _row(label=1, kinds=kinds),
        _row(at=400, name="b", iou=0.7, found=False, label=0, kinds=kinds),
        _row(network="other", iou=0.5),
        _row(set="parts", found=False),
        _row(set="parts", name="b", found=True),
    ]
    lines = product.table(rows).splitlines()
    assert lines[0] == "| what | target | net | other |"
    said = {line.split(" | ")[0][2:]: line.rstrip(" |").split(" | ")[2:] for line in lines[2:11]}
    assert said["never-seen 400 of DUTS-TR"] == ["0.9000 / 0.0200 (1)", "0.5000 / 0.0200 (1)"]
    assert said["held-back pairs, 1,000"] == ["0.8000 / 0.0200 (2)", "0.5000 / 0.0200 (1)"]
    assert said["parts of photographs: found nothing"] == ["50.0% (2)", "–"]
    assert said["real subjects missed"] == ["50.0% (2)", "0.0% (1)"]
    assert said["kind, balanced"] == ["0.500", "–"]
    assert said["people, every tenth"] == ["–", "–"]
