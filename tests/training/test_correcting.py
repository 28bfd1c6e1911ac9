from __future__ import annotations

import argparse
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the packages of the `train` extra")
pytest.importorskip("onnx", reason="training needs the packages of the `train` extra")

from training.clicks import Click  # noqa: E402
from training.network import Block, MatteNet  # noqa: E402
from training.prompts import KEEP, LAST, REMOVE  # noqa: E402

from training import checkpoint, correcting, evaluate_correcting, export, export_correcting  # noqa: E402

# PyTorch's own deprecations are not ours to fix.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def builtin(tmp_path_factory):
    torch.manual_seed(0)
    network = MatteNet().eval()
    for name, weight in network.named_parameters():
        if name.startswith("extra.") and "project" in name:  # zero at first: stored once for all
            torch.nn.init.normal_(weight, 0, 0.02)
    path = tmp_path_factory.mktemp("builtin") / "small.onnx"
    full = path.with_name("full.onnx")
    export.export_onnx(network, 64, full)
    export.compress_weights(full, path)
    return network, path


def test_a_fixed_depthwise_convolution_has_the_gradients_of_a_trained_one():
    torch.manual_seed(0)
    for kernel, stride in ((3, 1), (5, 1), (3, 2), (5, 2)):
        block = Block(8, 8, kernel, stride, 4)
        x = torch.randn(2, 8, 16, 16, requires_grad=True)
        block(x).square().sum().backward()
        expected = x.grad, block.depthwise.bias.grad, block.expand.weight.grad
        again = x.detach().clone().requires_grad_()
        block.zero_grad()
        block.depthwise.weight.requires_grad_(False)

        block(again).square().sum().backward()

        got = again.grad, block.depthwise.bias.grad, block.expand.weight.grad
        for a, b in zip(expected, got, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)
        assert block.depthwise.weight.grad is None


def test_the_built_in_network_s_weights_come_back_out_of_its_file(builtin):
    network, path = builtin
    weights = checkpoint.builtin_weights(path)
    own = network.state_dict()

    assert set(own) - set(weights) == {k for k in own if k.startswith("coarse.")}
    for key, value in weights.items():
        scale = float(own[key].abs().max())
        torch.testing.assert_close(value, own[key], rtol=0, atol=max(scale / 127, 1e-6))


def test_before_training_hints_change_nothing_and_four_samples_are_one_place(builtin):
    torch.manual_seed(0)
    model = correcting.from_builtin(checkpoint.builtin_weights(builtin[1])).eval()
    image = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        plain = model(image, torch.zeros(1, 3, 64, 64))
        hinted = model(image, torch.rand(1, 3, 64, 64))

    assert plain.shape == (1, 1, 64, 64)
    torch.testing.assert_close(plain, hinted)
    torch.testing.assert_close(plain[..., ::2, ::2], plain[..., 1::2, 1::2])


def test_the_fitted_top_answers_nearly_what_the_built_in_network_s_does(builtin):
    network, path = builtin
    torch.manual_seed(0)
    weights = checkpoint.builtin_weights(path)
    model = correcting.from_builtin(weights)
    images = [torch.randn(2, 3, 256, 256) for _ in range(3)]
    before = model.lateral[4][0].weight.clone()

    correcting.fit_top(model, weights, images)

    assert not torch.equal(before, model.lateral[4][0].weight)
    with torch.no_grad():
        x = torch.nn.functional.relu6(model.encoder.stem(images[0]))
        for block in model.encoder.blocks:
            x = block(x)
        got = model.lateral[4](x)
        expected = network.lateral[4](network.encoder(images[0])[4])
    spread = (expected - expected.mean((0, 2, 3), keepdim=True)).square().mean()
    assert (got - expected).square().mean() < 0.9 * spread


def test_the_exported_file_answers_what_the_network_does(builtin, tmp_path):
    torch.manual_seed(0)
    model = correcting.from_builtin(checkpoint.builtin_weights(builtin[1])).eval()
    torch.nn.init.normal_(model.inject.weight, 0, 0.1)
    torch.save({"ema": model.state_dict()}, tmp_path / "ema.pt")
    export_correcting.export_onnx(
        export_correcting.read(tmp_path / "ema.pt"), 64, tmp_path / "full.onnx"
    )
    network = evaluate_correcting.Network(tmp_path / "full.onnx")
    rgb = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    last = np.zeros((64, 64), np.float32)
    last[10:30, 10:30] = 1
    hints = np.zeros((1, 3, 64, 64), np.float32)
    hints[0, LAST] = last
    hints[0, KEEP, 40, 40] = hints[0, REMOVE, 50, 20] = 1
    image = torch.from_numpy(rgb).permute(2, 0, 1)[None].float() / 127.5 - 1

    got = network.answer(rgb, (0, 0, 64, 64), last, [Click(40, 40, True), Click(50, 20, False)])

    assert network.side == 64
    # A point is one sample at this side, and its neighbours.
    from training.clicks import add_disk

    add_disk(hints[0, KEEP], 40, 40)
    add_disk(hints[0, REMOVE], 50, 20)
    with torch.no_grad():
        expected = model(image, torch.from_numpy(hints)).sigmoid()[0, 0].numpy()
    np.testing.assert_allclose(got, expected, atol=2e-3)


def test_clicks_are_counted_until_the_iou_is_reached():
    wanted = np.zeros((40, 40), np.float32)
    wanted[5:35, 5:35] = 1

    def better(rgb, last, clicks):
        out = np.zeros_like(last)
        out[5:35, 5 : 5 + 10 * len(clicks)] = 1
        return out

    found = evaluate_correcting.ious(better, np.zeros((40, 40, 3), np.uint8), wanted)

    assert found == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert evaluate_correcting.clicks_to(found, 0.6) == 2
    assert evaluate_correcting.clicks_to(found[:2], 0.6) == evaluate_correcting.MOST


def test_a_view_holds_the_subject_and_the_clicks_to_keep():
    matte = np.zeros((100, 200), np.float32)
    matte[40:60, 80:120] = 1

    assert evaluate_correcting.view_of(matte, [], 0.25) == (70, 35, 130, 65)
    assert evaluate_correcting.view_of(matte, [Click(50, 159, True)], 0.25) == (60, 35, 180, 65)
    assert evaluate_correcting.view_of(matte, [Click(5, 5, False)], 0.25) == (70, 35, 130, 65)
    assert evaluate_correcting.view_of(matte * 0, []) == (0, 0, 200, 100)


def test_of_a_clicked_subject_only_parts_with_a_click_are_kept():
    matte = np.zeros((60, 60), np.float32)
    matte[10:20, 10:20] = matte[40:50, 40:50] = 1
    matte[20, 10:20] = 0.4  # its soft edge

    out = evaluate_correcting.attached(matte, [Click(15, 15, True), Click(2, 2, False)])

    assert (out[:30, :30] == matte[:30, :30]).all()
    assert not out[30:].any()
    assert (evaluate_correcting.attached(matte, []) == matte).all()
    assert (evaluate_correcting.attached(matte, [Click(30, 30, True)]) == matte).all()


def test_spoilt_masks_differ_near_the_edge_only():
    truth = np.zeros((200, 200), np.float32)
    truth[50:150, 40:160] = 1
    band = evaluate_correcting.edge_band(truth)

    for mask in evaluate_correcting.spoilings(truth, np.random.default_rng(0)).values():
        wrong = np.abs(mask - truth) > 0.5
        assert wrong.any()
        assert (wrong & band).sum() > 0.95 * wrong.sum()


def test_a_short_training_runs_resumes_and_ends(builtin, tmp_path):
    from training.data import Writer, save_meta

    from training import train_correcting

    rng = np.random.default_rng(0)
    folder = tmp_path / "store"
    folder.mkdir()
    names = [f"people_{n:02d}" for n in range(12)]
    writer = Writer(folder / "pixels.u8", len(names))
    for name in names:
        rgb = rng.integers(0, 255, (120, 90, 3), dtype=np.uint8)
        matte = np.zeros((120, 90), np.uint8)
        matte[20:110, 20:70] = 255
        writer.add(name, rgb, matte, -1)
    writer.flush()
    save_meta(writer.entries, folder)
    args = argparse.Namespace(
        store=folder, pool=None, out=tmp_path / "run", init=builtin[1], fit=4, pictures=4, batch=2,
        lr=5e-4, encoder_lr=2e-4, warm=2, decay_from=0.5, ema=0.9, sides="64:1", bf16=False, seed=1,
        save_minutes=9, check_every=2, check_scenes=1, start=None, detail=0,
    )  # fmt: skip

    train_correcting.run_training(args)
    args.pictures = 6
    train_correcting.run_training(args)

    lines = [json.loads(x) for x in (tmp_path / "run" / "curve.jsonl").read_text().splitlines()]
    assert [line["seen"] for line in lines] == [0, 2, 4, 6]
    assert {"iou1", "refined", "loss"} <= set(lines[-1])
    assert "detail" not in lines[-1]

    args.start, args.out, args.detail = tmp_path / "run" / "ema.pt", tmp_path / "detail", 0.6
    train_correcting.run_training(args)

    lines = [json.loads(x) for x in (args.out / "curve.jsonl").read_text().splitlines()]
    assert lines[-1]["detail"] > 0
    trained = export_correcting.read(tmp_path / "run" / "ema.pt")
    start = correcting.from_builtin(checkpoint.builtin_weights(builtin[1]))
    assert not torch.equal(trained.inject.weight, start.inject.weight)
    assert torch.equal(
        trained.encoder.blocks[3].expand.weight, start.encoder.blocks[3].expand.weight
    )
