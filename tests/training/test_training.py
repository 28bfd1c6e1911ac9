from __future__ import annotations

import argparse
import copy
import dataclasses
import io
import json
import tarfile

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="training needs the packages of the `train` extra")
pytest.importorskip("onnx", reason="training needs the packages of the `train` extra")

import torch.nn.functional as F  # noqa: E402, N812
from training.kinds import KINDS, UNKNOWN, kind_of, label_of  # noqa: E402
from training.network import BACKBONES, MatteNet, multiply_accumulates  # noqa: E402

from mattekit.runtime.ort import load_onnxruntime  # noqa: E402
from training import (  # noqa: E402
    augment,
    card,
    checkpoint,
    data,
    evaluate,
    export,
    graft,
    losses,
    subset,
    synthesize,
    train,
)

# PyTorch's own deprecations are not ours to fix.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return MatteNet()


def _tar(path, names):
    rng = np.random.default_rng(0)
    with tarfile.open(path, "w") as tar:
        for name in names:
            rgb = rng.integers(0, 255, (90, 120, 3), dtype=np.uint8)
            matte = np.zeros((90, 120), np.uint8)
            matte[20:70, 30:80] = 255
            for array, ext, form in ((rgb, "webp", "WEBP"), (matte, "png", "PNG")):
                buffer = io.BytesIO()
                Image.fromarray(array).save(buffer, form)
                info = tarfile.TarInfo(f"{name}.{ext}")
                info.size = len(buffer.getvalue())
                tar.addfile(info, io.BytesIO(buffer.getvalue()))
    return str(path)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    held = data.held_back()[0]
    names = [f"duts_n02123045_{i}" for i in range(7)] + [held, "ccp_0001"]
    data.decode([_tar(folder / "a.tar", names)], folder / "s", processes=1)
    return data.Store(folder / "s")


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pool")
    synthesize.build(folder, 2, 5)
    return data.Store(folder)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ccp_0001", "person"),
        ("people_12", "person"),
        ("duts_n02123045_123", "animal"),
        ("duts_n02958343_1", "car"),
        ("duts_n02691156_1", "transportation"),
        ("duts_n07749582_1", "other"),
        ("duts_n04023962_1", None),
        ("duts_sun_abc", None),
    ],
)
def test_the_kind_follows_from_the_name(name, kind):
    assert kind_of(name) == kind
    assert label_of(name) == (-1 if kind is None else KINDS.index(kind))


def test_the_validation_list_is_whole_and_without_repetitions():
    names = data.held_back()
    assert len(names) == len(set(names)) == 1000


def test_a_store_gives_back_what_the_tar_held(store):
    assert len(store) == 9
    rgb, matte = store.picture(0)
    assert rgb.shape == (90, 120, 3)
    assert matte.max() == 255
    assert store.entries[0].box == pytest.approx((30 / 120, 20 / 90, 80 / 120, 70 / 90))


def test_held_back_pictures_are_not_trained_on(store):
    training, valid = store.split()
    assert [store.entries[i].name for i in valid] == [data.held_back()[0]]
    assert len(training) == 8
    assert not set(training) & set(valid)


def test_drawn_pictures_are_the_same_for_the_same_seed(pool, tmp_path):
    synthesize.build(tmp_path, 2, 5)
    again = data.Store(tmp_path)
    assert np.array_equal(pool.pixels, again.pixels)


def test_drawn_families_have_the_mattes_they_promise(pool):
    for i, e in enumerate(pool.entries):
        matte = pool.picture(i)[1]
        assert matte.any() != e.name.startswith("nothing")
        assert bool(e.flags & data.COMPOSITE) != e.name.startswith("nothing")


def test_settling_shows_more_whole_pictures(store):
    entries = [store.entries[i % len(store)] for i in range(400)]
    pasted = np.zeros(len(entries), bool)

    def whole(recipe):
        extent, center, boxed = augment.views(entries, pasted, recipe, np.random.default_rng(4))
        return float(((extent.min(1) == 1) & (center == 0.5).all(1) & ~boxed).mean())

    usual, settled = whole(augment.Augmentation()), whole(augment.SETTLING)
    assert usual == pytest.approx(0.45 * 0.4, abs=0.08)
    assert settled == pytest.approx(0.75 * 0.6, abs=0.08)


@pytest.mark.parametrize("side", [64, 96])
def test_batches_are_in_range_and_repeatable(store, pool, side):
    def make():
        rng = np.random.default_rng(3)
        torch.manual_seed(3)
        pixels = np.concatenate((store.pixels[:8], pool.pixels))
        entries = [*store.entries[:8], *pool.entries]
        return augment.batch(torch.from_numpy(pixels), entries, side, augment.Augmentation(), rng)

    x, mask, kinds = make()
    assert x.shape == (8 + len(pool), 3, side, side)
    assert mask.shape == (8 + len(pool), 1, side, side)
    assert x.min() >= -1
    assert x.max() <= 1
    assert mask.min() >= 0
    assert mask.max() <= 1
    for matte, entry in zip(mask[8:], pool.entries, strict=True):
        assert entry.name.startswith("nothing") == (not matte.any()), entry.name
    assert set(kinds.tolist()) <= {-1, *range(len(KINDS))}
    again = make()
    assert torch.equal(x, again[0])
    assert torch.equal(mask, again[1])


def test_the_second_look_shows_the_subject_with_context(store):
    entries = [store.entries[0]] * 300
    recipe = dataclasses.replace(augment.LOOKS, whole=0, near=0, again=1)
    extent, center, boxed = augment.views(
        entries, np.zeros(300, bool), recipe, np.random.default_rng(0)
    )
    x0, y0, x1, y1 = store.entries[0].box
    low, high = center - extent / 2, center + extent / 2
    assert (low <= (x0, y0)).all()
    assert (high >= (x1, y1)).all()
    assert (low >= 0).all()
    assert (high <= 1).all()
    fills = (x1 - x0) / extent[:, 0]
    assert fills.min() > 0.5
    assert fills.max() > 0.9
    assert not boxed.any()


@pytest.mark.parametrize("what", ["cast", "mirrored"])
def test_shadows_and_reflections_are_no_subject(what):
    subject = torch.full((4, 3, 64, 64), 200.0)
    ground = torch.full((4, 3, 64, 64), 100.0)
    mask = torch.zeros(4, 1, 64, 64)
    mask[:, :, 10:40, 24:40] = 1
    recipe = dataclasses.replace(augment.Augmentation(), **{what: 1.0})
    got = augment.thrown(ground, subject, mask, recipe, np.random.default_rng(2))
    changed = (got - ground)[:, 0] * (1 - mask[:, 0])
    if what == "cast":  # thrown upwards from the foot, never brighter
        assert changed.max() == 0
        assert (changed.amin((1, 2)) < -10).all()
        assert (changed[:, 46:] == 0).all()
    else:  # below the foot only, and there in the subject's columns
        assert changed.min() == 0
        assert (changed[:, 40:].amax((1, 2)) > 5).all()
        assert (changed[:, :40] == 0).all()
        assert (changed[:, :, :22] == 0).all()


def test_without_shadows_or_reflections_the_ground_stays():
    ground = torch.rand(2, 3, 32, 32)
    mask = torch.ones(2, 1, 32, 32)
    rng = np.random.default_rng(0)
    assert augment.thrown(ground, ground, mask, augment.Augmentation(), rng) is ground


def test_filling_keeps_what_is_known_and_spreads_it():
    rgb = torch.zeros(1, 3, 32, 32)
    rgb[:, 0, :, :16] = 200
    weight = torch.zeros(1, 1, 32, 32)
    weight[..., :16] = 1
    out = augment.fill(rgb, weight)
    assert torch.equal(out[..., :16], rgb[..., :16])
    assert (out[:, 0, :, 16:] > 150).all()


def test_jpeg_of_high_quality_changes_little():
    x = torch.full((1, 3, 32, 32), 100.0)
    assert (augment.jpeg(x, np.array([95.0])) - x).abs().max() < 4


def test_the_loss_prefers_the_truth():
    mask = torch.zeros(2, 1, 64, 64)
    mask[:, :, 16:48, 16:48] = 1
    weight = losses.edge_weight(mask)
    right = losses.structure_loss((mask - 0.5) * 20, mask, weight)
    wrong = losses.structure_loss((0.5 - mask) * 20, mask, weight)
    assert right < 0.1 < wrong


def test_the_outline_s_weight_lies_on_the_outline():
    mask = torch.zeros(1, 1, 64, 64)
    mask[:, :, 16:48, 16:48] = 1
    more = losses.edge_weight(mask, 4) - losses.edge_weight(mask)
    assert more[0, 0, 32, 16] > 1.5
    assert more[0, 0, 32, 20] == 0
    assert more[0, 0, 32, 11] == 0


def test_the_loss_of_an_empty_picture_rewards_silence():
    mask = torch.zeros(1, 1, 64, 64)
    weight = losses.edge_weight(mask)
    silent = losses.structure_loss(torch.full_like(mask, -10), mask, weight)
    loud = losses.structure_loss(torch.full_like(mask, 10), mask, weight)
    assert silent < 0.05
    assert loud > 1


def test_frozen_blocks_get_no_gradient():
    model = MatteNet()
    model.encoder.freeze(4)
    logit, kind, coarse = model.train()(torch.randn(2, 3, 64, 64))
    (logit.mean() + kind.mean() + sum(c.mean() for c in coarse)).backward()
    assert all(p.grad is None for p in model.encoder.blocks[:4].parameters())
    assert model.encoder.blocks[4].project.weight.grad is not None


def _unfolded(conv, norm):
    torch.nn.init.uniform_(norm.running_mean)
    torch.nn.init.uniform_(norm.running_var, 0.5, 2)
    torch.nn.init.uniform_(norm.weight)
    torch.nn.init.uniform_(norm.bias)
    return torch.nn.Sequential(conv, norm).eval()


def test_folding_the_pilots_batch_norm_keeps_its_values(tmp_path):
    layer = _unfolded(torch.nn.Conv2d(16, 24, 1, bias=False), torch.nn.BatchNorm2d(24))
    state = MatteNet("mobilenet_v2").encoder.state_dict(prefix="encoder.")
    state |= layer.state_dict(prefix="lateral.0.")
    torch.save(state, tmp_path / "pilot.pt")
    model = checkpoint.open_checkpoint(tmp_path / "pilot.pt")
    x = torch.randn(1, 16, 8, 8)
    assert torch.allclose(model.lateral[0](x), layer(x), atol=1e-5)


def test_the_lite_encoder_loads_as_its_package_names_it(tmp_path):
    reference = MatteNet("efficientnet_lite2").encoder
    state, layers = {}, {}
    for name, (there, norm) in {
        "stem": ("_conv_stem", "_bn0"),
        "blocks.0.project": ("_blocks.0._project_conv", "_blocks.0._bn2"),
        "blocks.1.expand": ("_blocks.1._expand_conv", "_blocks.1._bn0"),
        "blocks.20.depthwise": ("_blocks.20._depthwise_conv", "_blocks.20._bn1"),
    }.items():
        mine = reference.get_submodule(name)
        conv = torch.nn.Conv2d(
            mine.in_channels,
            mine.out_channels,
            mine.kernel_size,
            mine.stride,
            mine.padding,
            groups=mine.groups,
            bias=False,
        )
        layers[name] = _unfolded(conv, torch.nn.BatchNorm2d(mine.out_channels, eps=1e-3))
        state |= conv.state_dict(prefix=f"{there}.")
        state |= layers[name][1].state_dict(prefix=f"{norm}.")
    for i, block in enumerate(reference.blocks):
        for j, part in enumerate(("expand", "depthwise", "project")):
            conv = getattr(block, part)
            if conv is None or f"_blocks.{i}._{part}_conv.weight" in state:
                continue
            state[f"_blocks.{i}._{part}_conv.weight"] = conv.weight
            norm = torch.nn.BatchNorm2d(conv.out_channels)
            state |= norm.state_dict(prefix=f"_blocks.{i}._bn{j}.")
    torch.save(state, tmp_path / "lite.pth")
    encoder = checkpoint.open_checkpoint(tmp_path / "lite.pth").encoder
    for name, layer in layers.items():
        x = torch.randn(1, layer[0].in_channels, 8, 8)
        assert torch.allclose(encoder.get_submodule(name)(x), layer(x), atol=1e-5), name


@pytest.mark.parametrize("backbone", BACKBONES)
def test_a_checkpoint_says_which_backbone_it_is_of(backbone, tmp_path):
    model = MatteNet(backbone)
    checkpoint.save(model, tmp_path / "a.pt")
    again = checkpoint.open_checkpoint(tmp_path / "a.pt")
    assert again.backbone == backbone
    assert torch.equal(again.encoder.stem.weight, model.encoder.stem.weight)


def test_a_foreign_checkpoint_is_refused(tmp_path):
    torch.save({"encoder.blocks.0.weight": torch.zeros(1)}, tmp_path / "a.pt")
    with pytest.raises(ValueError, match="an encoder of 1 blocks; expected one of mobilenet_v2"):
        checkpoint.open_checkpoint(tmp_path / "a.pt")


def test_training_begins_with_what_ships(network, tmp_path):
    path = tmp_path / "builtin.onnx"
    export.export_onnx(network, 64, path)
    again = checkpoint.open_checkpoint(path)
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.allclose(again.eval()(x)[0], network.eval()(x)[0], atol=1e-5)
        coarse = again.train()(x)[2]
    assert all((c == 0).all() for c in coarse)


def test_fixed_depthwise_weights_get_no_gradient_and_all_others_do():
    model = MatteNet()
    model.encoder.freeze(4)
    model.encoder.fix_depthwise()
    model.train()(torch.randn(1, 3, 64, 64))[0].mean().backward()
    block = model.encoder.blocks[6]
    assert block.depthwise.weight.grad is None
    assert block.depthwise.bias.grad is not None
    assert block.expand.weight.grad is not None


def test_who_learns_people_sees_nobody_else_and_learns_no_kind(tmp_path):
    green, red = (0, 255, 0), (255, 0, 0)
    named = {"duts_n02123045_1": green}
    named |= {f"people_{i}": red for i in range(20)} | {f"ccp_{i}": red for i in range(20)}
    writer = data.Writer(tmp_path / "pixels.u8", len(named))
    for name, color in named.items():
        rgb, matte = np.full((240, 320, 3), 90, np.uint8), np.zeros((240, 320), np.uint8)
        rgb[40:200, 60:140], matte[40:200, 60:140] = color, 255
        writer.add(name, rgb, matte, label_of(name))
    writer.flush()
    data.save_meta(writer.entries, tmp_path)
    source = train.PeopleSource(data.Store(tmp_path), torch.device("cpu"), 1)
    plain = augment.Augmentation(whole=1, letterbox=0, composite=0, blur=0, noise=0, jpeg=0, gray=0)
    group = train.Group(0, 1, torch.device("cpu"))
    several = False
    for step in range(4):
        rng = np.random.default_rng(step)
        x, mask, kinds = source.batch(train.BatchRequest(step, group, 8, 0, 64, plain, rng))
        assert x.shape == (8, 3, 64, 64)
        assert mask.shape == (8, 1, 64, 64)
        assert (kinds == UNKNOWN).all()
        red_over_green = x[:, :1] - x[:, 1:2]
        assert red_over_green[mask > 0.9].min() > 0
        several |= bool((mask.mean((1, 2, 3)) > 0.22).any())
    assert several


@pytest.mark.parametrize(
    ("progress", "draw", "side"),
    [(0.2, 0.9, 224), (0.6, 0.1, 256), (0.6, 0.5, 320), (1.0, 0.999, 320)],
)
def test_sides_follow_progress_and_several_take_turns(progress, draw, side):
    assert train.side_at(progress, "224:0.5,256+320:1", draw) == side


def test_a_grafted_decoder_gets_what_it_is_used_to(store):
    torch.manual_seed(0)
    old = MatteNet("mobilenet_v2")
    new = MatteNet("mobilenet_v2")
    new.encoder.load_state_dict(old.encoder.state_dict())
    grafted = graft.graft_encoder(new, old, store, 8, 0)
    x = graft.pictures(store, store.split()[0][:2])
    with torch.no_grad():
        wanted, got = old.eval()(x)[0], grafted.eval()(x)[0]
    assert (got - wanted).abs().mean() < 0.1 * wanted.std()


def test_regression_finds_a_linear_map():
    x = torch.randn(500, 3)
    y = x @ torch.tensor([[1.0, 2.0], [0.0, -1.0], [3.0, 0.0]]) + torch.tensor([0.5, -4.0])
    fit = graft.Regression(1e-9)
    fit.add(x[:200], y[:200])
    fit.add(x[200:], y[200:])
    weight, bias = fit.solve()
    assert torch.allclose(x @ weight.T + bias, y, atol=1e-4)


def test_more_pixels_cost_more(network):
    assert multiply_accumulates(network, 64) < multiply_accumulates(network, 96)


def deployed(network, mirrored, image):
    """Alpha and kind of a picture, averaged with those of its mirror image."""
    looks = [image, image.flip(3)] if mirrored else [image]
    with torch.no_grad():
        answers = [network.eval()(each) for each in looks]
        logits = [answers[0][0], *(each[0].flip(3) for each in answers[1:])]
        alpha = F.interpolate(
            torch.stack(logits).mean(0), scale_factor=2, mode="bilinear", align_corners=False
        ).sigmoid()
        kind = torch.stack([each[1] for each in answers]).mean(0).softmax(1)
    return alpha.numpy(), kind.numpy()


def session_of(path):
    return load_onnxruntime().InferenceSession(str(path), providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_exported_file_answers_like_the_network(network, tmp_path, mirrored):
    full, small = tmp_path / "full.onnx", tmp_path / "small.onnx"
    export.export_onnx(network, 64, full, mirrored)
    export.compress_weights(full, small)
    assert small.stat().st_size < 0.32 * full.stat().st_size
    x = np.random.default_rng(0).uniform(-1, 1, (1, 3, 64, 64)).astype(np.float32)
    wanted = deployed(network, mirrored, torch.from_numpy(x))
    for path, close in ((full, 1e-5), (small, 2e-2)):
        alpha, kind = session_of(path).run(None, {"image": x})
        assert alpha.shape == (1, 1, 64, 64)
        assert kind.shape == (1, len(KINDS))
        assert kind.sum() == pytest.approx(1, abs=1e-5)
        assert np.abs(alpha - wanted[0]).max() < close


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("is_portrait", [False, True])
def test_portraits_have_a_decoder_of_their_own(network, tmp_path, mirrored, is_portrait):
    torch.manual_seed(1)
    portraits = copy.deepcopy(network)
    with torch.no_grad():
        portraits.kind.bias[KINDS.index("person")] = 9 if is_portrait else -9
        for part in (portraits.mask, portraits.encoder.blocks[-1].project):
            part.weight.add_(0.1 * torch.randn_like(part.weight))
    full, small = tmp_path / "full.onnx", tmp_path / "small.onnx"
    export.export_onnx(network, 64, full, mirrored, portraits)
    export.compress_weights(full, small)
    x = np.random.default_rng(0).uniform(-1, 1, (1, 3, 64, 64)).astype(np.float32)
    first, second = (deployed(net, mirrored, torch.from_numpy(x)) for net in (network, portraits))
    assert np.abs(first[0] - second[0]).max() > 0.05
    for path, close in ((full, 1e-5), (small, 2e-2)):
        alpha, kind = session_of(path).run(None, {"image": x})
        assert np.abs(alpha - (second if is_portrait else first)[0]).max() < close
        assert np.abs(kind - first[1]).max() < close
    for which, net in ((False, network), (True, portraits)):
        weights = checkpoint.builtin_weights(full, portraits=which)
        for name in ("encoder.blocks.20.project.weight", "mask.weight", "encoder.stem.weight"):
            assert torch.equal(weights[name], net.state_dict()[name])


def test_a_file_without_a_decoder_for_portraits_is_refused(network, tmp_path):
    export.export_onnx(network, 64, tmp_path / "one.onnx")
    with pytest.raises(ValueError, match=r"one\.onnx has no decoder for portraits"):
        checkpoint.builtin_weights(tmp_path / "one.onnx", portraits=True)


def test_scores():
    a, b = np.zeros((4, 4), np.float32), np.zeros((4, 4), np.float32)
    assert evaluate.score(a, b) == (1.0, 0.0)
    a[:2], b[:, :2] = 1, 1
    assert evaluate.score(a, b) == (pytest.approx(1 / 3), 0.5)
    assert evaluate.found_score(b) == 1
    assert evaluate.found_score(np.zeros((40, 40), np.float32)) == 0


def test_the_kind_report_counts_what_it_should():
    p = np.full((4, len(KINDS)), 0.02, np.float32)
    p[[0, 1, 2, 3], [0, 1, 1, 0]] = 0.9
    report = evaluate.kind_report([0, 1, 0, -1], list(p))
    assert report["n"] == 3
    assert report["accuracy"] == pytest.approx(2 / 3)
    assert report["balanced"] == pytest.approx(0.75)


def test_the_subset_keeps_held_back_pairs_and_its_limit(tmp_path):
    held = data.held_back()[0]
    source = _tar(tmp_path / "a.tar", [f"duts_n07749582_{i}" for i in range(6)] + [held])
    pairs, size = subset.write([source], tmp_path / "out.tar.gz", 64, 50, 6_000)
    assert 1 <= pairs < 7
    assert size <= 6_000
    names = [name for name, *_ in data.read_tar(tmp_path / "out.tar.gz")]
    assert held in names


def test_training_resumes_where_it_stopped(store, pool, tmp_path):
    start = tmp_path / "start.pt"
    torch.manual_seed(1)
    checkpoint.save(MatteNet(), start)
    root = store.pixels.filename.parent
    common = ["--store", str(root), "--pool", str(pool.pixels.filename.parent), "--batch", "2"]
    common += ["--init", str(start), "--sides", "64:1", "--check-side", "64", "--warm", "2"]
    common += ["--check-every", "1000", "--check-pictures", "1", "--decay-from", "1"]
    group = train.Group(0, 1, torch.device("cpu"))

    def run(out, pictures):
        arguments = [*common, "--out", str(out), "--pictures", str(pictures)]
        train.run_training(train._parser().parse_args(arguments), group)
        return torch.load(out / "ema.pt", weights_only=True)["ema"]

    whole = run(tmp_path / "a", 6)
    run(tmp_path / "b", 4)
    resumed = run(tmp_path / "b", 6)
    for key, value in whole.items():
        assert torch.allclose(value, resumed[key], atol=1e-6), key
    curve = (tmp_path / "b" / "curve.jsonl").read_text().splitlines()
    assert [json.loads(line)["seen"] for line in curve] == [4, 6]
    checkpoint.open_checkpoint(tmp_path / "b" / "ema.pt")


def test_the_schedule():
    args = argparse.Namespace(sides="224:0.5,320:1")
    assert train.side_at(0.2, args.sides) == 224
    assert train.side_at(0.7, args.sides) == 320
    assert train.learning_rate(0.1, 0, 100, 0.5) == pytest.approx(0.01)
    assert train.learning_rate(0.3, 500, 100, 0.5) == 1
    assert train.learning_rate(1.0, 500, 100, 0.5) == pytest.approx(0.01)


def test_the_manifest_entry_is_toml():
    tomllib = pytest.importorskip("tomllib")
    f = {"bytes": 1, "sha256": "ab", "side": 320, "fit": "stretch", "found_at": 0.5}
    entry = tomllib.loads(card.manifest_entry({**f, "kinds": list(KINDS)}))["model"][0]
    assert entry["output"]["kind_names"] == list(KINDS)


def test_every_tenth_of_the_people_is_held_back(tmp_path):
    writer = data.Writer(tmp_path / "pixels.u8", 21)
    matte = np.full((12, 12), 255, np.uint8)
    for n in range(21):
        writer.add(f"people_{n:02d}", np.zeros((12, 12, 3), np.uint8), matte, -1)
    writer.flush()
    data.save_meta(writer.entries, tmp_path)

    train, valid = data.Store(tmp_path).split()

    assert valid.tolist() == [0, 10, 20]
    assert len(train) == 18
